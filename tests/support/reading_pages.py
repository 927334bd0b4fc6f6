"""Pages run without a browser: opened as a link opens them, and read as a visitor reads them."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from pages.parts.session import KEY, Session

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240  # seconds, for a machine that does other things at the same time


def open_page(name: str, **query: str | list[str]) -> AppTest:
    """A page by its file's name; query: what stands behind the question mark of its address."""
    page = AppTest.from_file(ROOT / "pages" / f"{name}.py", default_timeout=PATIENCE)
    for key, value in query.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


def open_app() -> AppTest:
    """The whole app at its first page."""
    app = AppTest.from_file(ROOT / "app.py", default_timeout=PATIENCE).run()
    assert not app.exception
    return app


def go_to(app: AppTest, name: str) -> None:
    """To another page of the app, as the navigation does."""
    app.switch_page(f"pages/{name}.py").run()
    assert not app.exception


def read(page: AppTest) -> str:
    """All that the page says, in one kind of blank."""
    elements = [*page.title, *page.header, *page.subheader, *page.markdown, *page.caption]
    elements += [*page.info, *page.warning, *page.error]
    return "\n".join(element.value for element in elements).replace("\u00a0", " ")


def session_of(page: AppTest) -> Session:
    """What is kept for the visitor."""
    return page.session_state[KEY]


def upload(page: AppTest, *files: tuple[str, bytes]) -> None:
    """Give the page files, each a name and content, as a visitor does who picks them all at once."""
    page.file_uploader[0].set_value([(name, data, "image/png") for name, data in files]).run()
    assert not page.exception


def read_decision(page: AppTest) -> str:
    """The one headline about the open photo: the word of its badge, and what stands behind it."""
    (head,) = [header.value for header in page.header if "-badge[" in header.value]
    badge, reason = head.replace("\u00a0", " ").split("] ", 1)
    return f"{badge.split(': ')[-1]}. {reason}"
