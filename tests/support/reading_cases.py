"""The Cases page without a browser: who reads, cases, visits, readings."""

from reading_pages import open_page, session_of
from streamlit.testing.v1 import AppTest

from melanoma.photo import example_bytes


def open_cases(who: str = "AB", **query: str) -> AppTest:
    """The page, for one who has said who they are."""
    page = open_page("cases", **query)
    write(page, "Your id", who)
    return page


def find(page: AppTest, kind: str, label: str):
    """The last widget of a kind with a label."""
    return [widget for widget in getattr(page, kind) if widget.label == label][-1]


def run(page: AppTest) -> None:
    page.run()
    assert not page.exception


def write(page: AppTest, label: str, text: str) -> None:
    find(page, "text_input", label).set_value(text).run()
    assert not page.exception


def choose(page: AppTest, label: str, value) -> None:
    find(page, "selectbox", label).set_value(value).run()
    assert not page.exception


def press(page: AppTest, label: str) -> None:
    find(page, "button", label).click().run()
    assert not page.exception


def has(page: AppTest, label: str) -> bool:
    """Whether there is a button with this label."""
    return label in [button.label for button in page.button]


def go_to_tab(page: AppTest, name: str) -> None:
    page.query_params["tab"] = name
    run(page)


def add_lesion(page: AppTest, reference: str = "A-17", label: str = "1", site: str = "upper-arm") -> str:
    """A lesion by its form, from the list; its id."""
    if not has(page, "Add the lesion"):
        page.session_state["new-lesion"] = True  # the form is unfolded
        run(page)
    write(page, "Patient's reference", reference)
    write(page, "Lesion's label", label)
    choose(page, "Body site", site)
    press(page, "Add the lesion")
    return session_of(page).cases.lesion_id


def add_visit(page: AppTest, *, photo: bool = True, seed: int = 0) -> None:
    """A visit today, with a synthetic photo opened for it."""
    press(page, "Add the visit")
    if photo:
        open_photo(page, seed)


def open_photo(page: AppTest, seed: int = 0) -> None:
    page.file_uploader[0].set_value([("lesion.png", example_bytes(seed=seed), "image/png")]).run()
    assert not page.exception


def read_first(page: AppTest, diagnosis: str = "NV", management: str = "follow-up") -> None:
    """The own reading, before any probability is shown."""
    choose(page, "Diagnosis", diagnosis)
    choose(page, "What next", management)
    press(page, "Save my reading, show the probabilities")


def settle(page: AppTest, diagnosis: str = "MEL") -> None:
    choose(page, "What it was", diagnosis)
    press(page, "Save the outcome")
