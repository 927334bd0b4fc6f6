"""What is said of where photos go holds for how this server is set up."""

from melanoma.documents.privacy import write_places


def test_alone_it_says_nowhere():
    words = " ".join(write_places(has_casebook=False, asks_a_server=False))
    assert "from there nowhere" in words
    assert "opens no connection to another computer" in words
    assert "casebook" not in words


def test_a_casebook_keeps_what_is_saved_and_may_lie_elsewhere():
    words = " ".join(write_places(has_casebook=True, asks_a_server=False))
    assert "is kept until you delete it" in words
    assert "opens no connection" not in words


def test_a_server_that_runs_the_network_is_named():
    words = " ".join(write_places(has_casebook=False, asks_a_server=True))
    assert "goes on to a server that runs the network" in words
    assert "from there nowhere" not in words
    assert "opens no connection" not in words
