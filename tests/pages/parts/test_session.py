"""What is kept for one visitor: made once for what it depends on, and not without end."""

from pages.parts.session import RESULTS, Session


def test_a_result_is_made_once_for_its_key_and_anew_for_another():
    session, made = Session(), []
    for key in ("a", "a", "b", "a"):
        assert session.keep(key, lambda key=key: made.append(key) or f"result {key}") == f"result {key}"
    assert made == ["a", "b"]


def test_what_was_not_used_for_longest_is_let_go():
    session = Session()
    for number in range(RESULTS):
        session.keep(number, lambda: "first")
    assert session.keep(0, lambda: "again") == "first"
    session.keep("one more", lambda: "first")
    assert len(session.results) == RESULTS
    assert session.keep(0, lambda: "again") == "first"
    assert session.keep(1, lambda: "again") == "again"


def test_an_upload_that_is_reported_twice_is_taken_once():
    session = Session()
    assert session.take_upload("files-0")
    assert not session.take_upload("files-0")
    assert session.take_upload("worklist-files-1")
    assert not session.take_upload("files-1")
