"""What a visitor sees of the line in front of the network."""

from threading import Event, Thread

import pytest
from reading_pages import open_page, read

from melanoma.photo.safe_reading import WORKERS
from melanoma.serving import turns as module
from melanoma.serving.reading import READERS
from melanoma.serving.turns import CORES, FULL, TURNS


@pytest.fixture(params=[(TURNS, CORES), (READERS, WORKERS)], ids=["network", "reading"])
def everybody_works(request):
    """All turns of a line are taken until the event is set; the line, and the event."""
    turns, at_once = request.param
    free, begun = Event(), []

    def work() -> None:
        with turns.take(always=True):
            begun[-1].set()
            free.wait(120)

    threads = []
    for _ in range(at_once):
        begun.append(Event())
        threads.append(Thread(target=work, daemon=True))
        threads[-1].start()
        assert begun[-1].wait(60)
    yield turns, free
    free.set()
    for thread in threads:
        thread.join(60)


def test_a_full_line_is_a_sentence_and_the_next_click_is_answered(run, monkeypatch):
    page = open_page("analyze")
    with monkeypatch.context() as patch:
        patch.setattr(TURNS, "_most_waiting", 0)
        page.button(key="example").click().run()
        assert not page.exception
        assert [error.value for error in page.error] == [FULL]
    page.run()
    assert "Malignancy probability" in read(page)
    assert not page.error


def test_who_waits_is_answered_when_it_is_their_turn(run, monkeypatch, everybody_works):
    monkeypatch.setattr(module, "POLL", 0.01)
    turns, free = everybody_works
    page, before = open_page("analyze"), turns.waiting
    visitor = Thread(target=lambda: page.button(key="example").click().run(), daemon=True)
    visitor.start()
    while turns.waiting == before:
        assert visitor.is_alive(), "it did not wait"
    free.set()
    visitor.join(120)
    assert "Malignancy probability" in read(page)
    assert "before yours" not in read(page), "the line is gone from the page"
