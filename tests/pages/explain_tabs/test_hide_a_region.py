"""What the network answers when a region is hidden."""

from reading_pages import read


def changes(page) -> str:
    return next(caption.value for caption in page.caption if "Malignancy probability" in caption.value)


def test_another_region_gives_another_answer(at):
    page = at("Hide a region")
    before = changes(page)
    page.slider(key="region-across").set_range(20, 80).run()
    assert not page.exception
    assert changes(page) != before


def test_a_region_outside_the_crop_is_said_to_change_nothing(at):
    page = at("Hide a region")
    page.slider(key="region-across").set_range(0, 10).run()
    assert "outside what the network sees" in read(page)


def test_an_empty_region_gets_one_sentence(at):
    page = at("Hide a region")
    page.slider(key="region-across").set_range(100, 100).run()
    assert not page.exception
    assert "Choose another region" in page.warning[0].value
