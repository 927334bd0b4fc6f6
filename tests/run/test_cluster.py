"""What TF_CONFIG says of the processes that train together; what it says wrongly is one sentence, before TensorFlow."""

import json
import socket
import sys

import pytest
from command_line import call

from melanoma.run import RunError
from melanoma.run.cluster import check_port, read_cluster

TWO = {"cluster": {"worker": ["127.0.0.1:9001", "127.0.0.1:9002"]}}


def test_those_that_train_together(monkeypatch):
    for number in (0, 1, "1"):
        monkeypatch.setenv("TF_CONFIG", json.dumps(TWO | {"task": {"type": "worker", "index": number}}))
        cluster = read_cluster()
        assert (cluster.count, cluster.number) == (2, int(number))


@pytest.mark.parametrize("config", [None, "", " ", "{}", '{"cluster": {"worker": ["a:1"]}}', '{"task": {"index": 7}}'])
def test_one_process_alone_needs_no_task(monkeypatch, config):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if config is not None:
        monkeypatch.setenv("TF_CONFIG", config)
    assert (read_cluster().count, read_cluster().number) == (1, 0)


def two_workers(first: str, second: str = "b:2") -> dict:
    return {"cluster": {"worker": [first, second]}, "task": {"type": "worker", "index": 0}}


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("{", "is no JSON"),
        ("9001", "not laid out"),
        ("[]", "not laid out"),
        ("null", "not laid out"),
        ({"cluster": ["a:1", "b:2"]}, "not laid out"),
        ({"cluster": {"worker": "a:1"}}, "not laid out"),
        ({"cluster": {"worker": [1, 2]}}, "not laid out"),
        (TWO | {"task": 1}, "not laid out"),
        (TWO | {"task": {"type": "worker", "index": "first"}}, "not laid out"),
        ({"cluster": {"worker": ["a:1"], "ps": ["b:1"]}}, "nothing else"),
        (TWO, 'Add "task"'),
        (TWO | {"task": {"index": 0}}, '"type": "worker"'),
        (TWO | {"task": {"type": "chief", "index": 0}}, '"type": "worker"'),
        (TWO | {"task": {"type": "worker"}}, "indices 0 to 1"),
        (TWO | {"task": {"type": "worker", "index": 2}}, "no worker of index 2. Its 2 workers have the indices 0 to 1"),
        (TWO | {"task": {"type": "worker", "index": -1}}, "indices 0 to 1"),
        (two_workers("a"), "HOST:PORT"),
        (two_workers("a:"), "HOST:PORT"),
        (two_workers(":1"), "HOST:PORT"),
        (two_workers("a:0"), "HOST:PORT"),
        (two_workers("a:65536"), "HOST:PORT"),
        (two_workers("a:1", "a:1"), "a:1 twice"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_plain_words(monkeypatch, config, sentence):
    monkeypatch.setenv("TF_CONFIG", config if isinstance(config, str) else json.dumps(config))
    with pytest.raises(RunError) as caught:
        read_cluster()
    assert sentence in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("words", [["train", "--name", "a"], ["remake", "a"]], ids=lambda words: words[0])
def test_the_command_says_it_and_loads_nothing(monkeypatch, tmp_path, words):
    for name in [name for name in sys.modules if name.split(".")[0] == "melanoma" and "training" in name]:
        monkeypatch.delitem(sys.modules, name)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        for config, sentence in ((TWO, "Add"), (two_workers(taken), f"cannot listen at {taken}")):
            monkeypatch.setenv("TF_CONFIG", json.dumps(config))
            result = call(words[0], tmp_path, *words[1:])
            assert (result.exit_code, sentence in result.stderr) == (2, True), result.stderr
            assert "melanoma.training" not in sys.modules
    check_port(read_cluster())  # it is free again
