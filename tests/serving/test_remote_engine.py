"""An engine behind an address gives the same answers; while its server is gone it says so in one sentence."""

import io

import numpy as np
import pytest
from network_server import NetworkServer

from melanoma.photo import draw_example, network_input
from melanoma.photo.photos import Photo
from melanoma.run import RunError
from melanoma.serving import Classifier, open_engine
from melanoma.serving.classifier import open_local_engine
from melanoma.serving.remote_engine import RemoteEngine, pack, unpack


@pytest.fixture(scope="module")
def local(run):
    return open_local_engine(run)


@pytest.fixture
def server(run, local):
    """Closed and opened again by its tests."""
    opened = NetworkServer(local, run.sha256)
    yield opened
    opened.close()


@pytest.fixture
def address(server) -> str:
    return server.address


CROPS = np.stack([network_input(draw_example(seed), 256) for seed in range(2)])


def test_the_same_numbers_come_back(run, local, address):
    there, here = RemoteEngine(address, run).forward(CROPS), local.forward(CROPS)
    for name in ("logits", "maps", "kind"):
        np.testing.assert_array_equal(getattr(there, name), getattr(here, name))
    many = np.concatenate([CROPS] * 9)
    assert RemoteEngine(address, run).forward(many).maps.shape[0] == 18


def test_one_setting_moves_the_network(run, address, monkeypatch):
    here = Classifier.open(run).predict(Photo(draw_example(), "0" * 64, "PNG"))
    monkeypatch.setenv("MELANOMA_ENGINE", address)
    classifier = Classifier.open(run)
    there = classifier.predict(Photo(draw_example(), "0" * 64, "PNG"))
    assert classifier.engine == f"Network server {address}"
    assert (there.decision, there.malignancy) == (here.decision, here.malignancy)
    monkeypatch.setenv("MELANOMA_ENGINE", "127.0.0.1:8000")
    with pytest.raises(RunError, match="Let it begin with http"):
        open_engine(run)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"status": 503}, "answers 503. Try again"),
        ({"sha256": "another"}, "runs another network"),
        ({"content": b"no arrays"}, "does not answer"),
        ({"content": pack({"logits": np.zeros((1, 9), np.float32)})}, "gave no answer that fits"),
        ({"content": pack({"kind": np.zeros((2, 3), np.float32)})}, "gave no answer that fits"),
        ({"content": pack({"logits": np.zeros((2, 9), np.float32)})}, "gave no answer that fits"),  # without the kind
        ({"content": pack({"logits": np.full((2, 9), np.nan), "kind": np.zeros((2, 3))})}, "gave no answer that fits"),
        ({"content": pack({"logits": np.zeros((2, 9)), "kind": np.zeros((2, 2))})}, "gave no answer that fits"),
    ],
)
def test_what_is_no_answer_of_this_network_is_refused(run, server, address, change, sentence):
    vars(server).update(change)
    with pytest.raises(RunError, match=sentence):
        RemoteEngine(address, run).forward(CROPS)


def test_a_server_that_comes_back_answers_again(run, server, address):
    engine = RemoteEngine(address, run)
    engine.forward(CROPS)
    server.close()
    with pytest.raises(RunError, match=r"Network server http.* does not answer. Try again in a minute\."):
        engine.forward(CROPS)
    server.open()
    assert engine.forward(CROPS).logits.shape == (2, 9)


def test_no_pickle_is_opened():
    with pytest.raises(ValueError, match="pickle"):
        unpack(pickled())


def pickled() -> bytes:
    file = io.BytesIO()
    np.savez(file, logits=np.array([{}], object))
    return file.getvalue()
