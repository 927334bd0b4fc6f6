"""The API answers what `predict --json` prints, refuses what may not come in with one sentence, and logs no photo."""

import asyncio
import json
import logging
import sys
from threading import Thread

import pytest

pytest.importorskip("fastapi")

import schemathesis
from command_line import call
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient
from unruly_readers import HANG

from melanoma.api.keys import Keys, KeysError, add_key, hash_key, read_keys
from melanoma.api.limits import Limits
from melanoma.api.server import make_api
from melanoma.photo import example_bytes, read_file, safe_reading
from melanoma.serving import Classifier
from melanoma.serving import turns as line
from melanoma.serving.reading import Reader
from melanoma.serving.turns import LATE, Turns

KEY = "a key of the test"
KEYS = Keys({hash_key(KEY): "clinic"})
FORM = {"Content-Type": "multipart/form-data; boundary=x"}
WITH_KEY = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def classifier(run) -> Classifier:
    return Classifier.open(run)


@pytest.fixture(scope="module")
def client(classifier) -> TestClient:
    return TestClient(make_api(classifier, Keys({})), base_url="http://localhost")


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> list:
    folder = tmp_path_factory.mktemp("photos")
    paths = [folder / f"{seed}.png" for seed in range(2)]
    for seed, path in enumerate(paths):
        path.write_bytes(example_bytes(seed=seed))
    return paths


def form(*paths) -> list:
    return [("photos", (str(path), read_file(path))) for path in paths]


def test_the_answer_is_what_predict_prints(client, files):
    for words, fields in (
        ([], {}),
        (["--kind", "clinical", "--operating-point", "balanced"], {"kind": "clinical", "operating_point": "balanced"}),
    ):
        response = client.post("/v1/lesions", files=form(files[0]), data=fields)
        assert response.status_code == 200
        assert response.json() == json.loads(call("predict", files[0], "--json", *words).stdout)


def test_several_photos_get_one_more_answer_for_their_lesion(client, files):
    response = client.post("/v1/lesions", files=form(*files))
    assert response.json() == json.loads(call("predict", *files, "--same-lesion", "--json").stdout)
    assert response.json()[-1]["lesion"] == list(map(str, files))


def test_what_cannot_be_answered_is_one_sentence(client, files, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(example_bytes()[:2000])
    for status, sentence, files_of_form, fields in (
        (422, "This photo is incomplete or damaged", form(broken), {}),
        (422, "Photo 2: This photo is incomplete", form(files[0], broken), {}),
        (422, "There is no photo. Send multipart/form-data", [], {}),
        (422, "There is no photo. Send multipart/form-data", [], {"photos": "text"}),
        (422, "A lesion has 10 photos at most", form(*files * 6), {}),
        (422, "`kind` is dermoscopic or clinical", form(files[0]), {"kind": "histology"}),
        (422, "has no operating point 'strict'", form(files[0]), {"operating_point": "strict"}),
    ):
        response = client.post("/v1/lesions", files=files_of_form, data=fields)
        assert (response.status_code, sentence in response.json()["error"]) == (status, True), response.text
    in_the_address = client.post("/v1/lesions?operating_point=balanced", files=form(files[0]))
    assert in_the_address.status_code == 422
    assert "'operating_point' stands in the address" in in_the_address.json()["error"]
    assert client.get("/elsewhere").json() == {"error": "There is nothing at this address: see /openapi.json."}
    assert client.get("/v1/lesions").status_code == 405


def test_the_model_says_what_its_thresholds_have_meant(client, run):
    model = client.get("/v1/model").json()
    assert (model["run"], model["network_sha256"]) == (run.name, run.sha256)
    assert [one["code"] for one in model["diagnoses"]] == list(run.classes)
    kinds = {one["kind"]: one for one in model["operating_points"]}
    assert set(kinds) == {"dermoscopic", "clinical", "both"}
    points = {one["name"]: one for one in kinds["clinical"]["points"]}
    test = run.calibration.clinical.default.test
    assert points[kinds["clinical"]["default"]]["test"]["sensitivity"]["low"] == test.sensitivity.low
    assert "not a medical device" in model["use"]


def test_a_key_is_asked_for_before_anything_is_read(classifier):
    with_keys = TestClient(make_api(classifier, KEYS), base_url="http://elsewhere")
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": KEY}):
        response = with_keys.get("/v1/model", headers=headers)
        assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
        assert "key" in response.json()["error"]
    unread = with_keys.post("/v1/lesions", content=(pytest.fail("read") for _ in range(1)))
    assert unread.status_code == 401
    assert with_keys.get("/v1/model", headers=WITH_KEY).status_code == 200


def test_without_keys_only_localhost_is_answered(classifier):
    stranger = TestClient(make_api(classifier, Keys({})), base_url="http://rebound.example:8502")
    assert stranger.get("/v1/model").status_code == 403
    for name in ("localhost:8502", "127.0.0.1:8502", "[::1]:8502", "localhost"):
        assert stranger.get("/v1/model", headers={"host": name}).status_code == 200


def test_too_many_requests_wait(classifier):
    few = TestClient(make_api(classifier, KEYS, Limits(a_minute=2)))
    assert [few.get("/v1/model", headers=WITH_KEY).status_code for _ in range(3)] == [200, 200, 429]
    response = few.get("/v1/model", headers=WITH_KEY)
    assert 0 < int(response.headers["retry-after"]) <= 61
    assert "in a minute: wait" in response.json()["error"]


def test_more_bytes_than_allowed_are_refused(classifier):
    small = TestClient(make_api(classifier, Keys({}), Limits(size=2**20)), base_url="http://localhost")
    in_pieces = {"content": (bytes(2**16) for _ in range(17)), "headers": FORM}  # which do not say how many follow
    for sent in ({"files": [("photos", ("a.png", bytes(2**20)))]}, in_pieces):
        response = small.post("/v1/lesions", **sent)
        assert (response.status_code, response.json()["error"]) == (413, Limits(size=2**20).too_large)


def test_a_request_that_dawdles_is_refused(classifier):
    async def receive():
        await asyncio.Event().wait()

    async def ask() -> list:
        sent = []

        async def send(message):
            sent.append(message)

        headers = [(b"host", b"localhost"), (b"content-type", FORM["Content-Type"].encode())]
        scope = {"type": "http", "method": "POST", "path": "/v1/lesions", "headers": headers, "query_string": b""}
        await make_api(classifier, Keys({}), Limits(seconds=0.01))(scope, receive, send)
        return sent

    start, body = asyncio.run(ask())
    assert (start["status"], b"took too long to arrive" in body["body"]) == (408, True)


def test_a_request_that_finds_others_in_work_is_told_when_to_come_again(classifier, files):
    busy = []

    class Busy(Classifier):
        def predict(self, *words):
            busy.append(client.post("/v1/lesions", files=form(files[0])))
            return super().predict(*words)

    asking = make_api(Busy(classifier.run, classifier.calibration, classifier.network), Keys({}), Limits(at_once=1))
    client = TestClient(asking, base_url="http://localhost")
    assert client.post("/v1/lesions", files=form(files[0])).status_code == 200
    (refused,) = busy
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert "are in work already" in refused.json()["error"]
    busy.clear()
    assert client.post("/v1/lesions", files=form(files[0])).status_code == 200  # its place was given back


def test_requests_take_turns_and_one_that_gets_none_is_told_when_to_come_again(classifier, files):
    turns = Turns(1, patience=0)
    client = TestClient(make_api(classifier, Keys({}), turns=turns), base_url="http://localhost")
    assert client.post("/v1/lesions", files=form(*files)).status_code == 200
    assert turns.served == 1
    with turns.take():  # somebody else is at work
        refused = client.post("/v1/lesions", files=form(files[0]))
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "60")
    assert refused.json() == {"error": LATE}
    assert (turns.waiting, turns.in_work, turns.refused) == (0, 0, 1)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there no process is ended by its work")
def test_costly_photos_of_two_keys_do_not_keep_a_third_from_being_answered(classifier, files, monkeypatch):
    monkeypatch.setattr(safe_reading, "LEAST_SECONDS", 10**4)  # which hang until they are ended for others
    monkeypatch.setattr(line, "LONG", 0.2)
    turns, pool = Turns(3), safe_reading.WorkerPool(3, "unruly_readers:read_unruly")
    keys = Keys({hash_key(name): name for name in ("one", "other", "third")})
    api = make_api(classifier, keys, make_reader=lambda: Reader(turns, pool))
    answers = {}

    def ask(who: str, photo: bytes) -> None:
        client = TestClient(api, base_url="http://localhost", headers={"Authorization": f"Bearer {who}"})
        answers.setdefault(who, []).append(client.post("/v1/lesions", files=[("photos", ("a.png", photo))]))

    costly = [Thread(target=ask, args=(who, HANG), daemon=True) for who in ("one", "one", "other", "other")]
    for thread, in_work in zip(costly, (1, 2, 3, 3), strict=True):
        thread.start()
        while turns.in_work < in_work:
            thread.join(0.01)
            assert thread.is_alive()
    while not turns.waiting:  # the last one, as the others of its key and the first key's take all readers
        costly[3].join(0.01)
        assert costly[3].is_alive()
    ask("third", read_file(files[0]))
    assert [(answer.status_code, len(answer.json())) for answer in answers["third"]] == [(200, 1)]
    assert all(thread.is_alive() for thread in costly)
    ask("one", read_file(files[0]))
    assert answers["one"][0].status_code == 503, "who has some in work finds all places taken"
    while any(thread.is_alive() for thread in costly):
        pool.close()
        costly[0].join(0.05)
    pool.close()


def test_the_log_says_who_asked_and_nothing_of_a_photo(client, files, caplog):
    with caplog.at_level(logging.DEBUG):
        client.post("/v1/lesions", files=[("photos", ("Doe.png", read_file(files[0])))])
        client.post("/v1/lesions?patient=Doe", files=[("photos", ("Doe.png", read_file(files[0])))])
        client.post("/v1/lesions", files=[("photos", ("Doe.png", b"no photo"))])
        client.get("/Doe")
    ours = [record.message for record in caplog.records if record.name == "melanoma.api"]
    assert len(ours) == 4
    assert ours[0].startswith("testclient POST /v1/lesions 200 ")
    assert ours[1].startswith("testclient POST /v1/lesions 422 ")
    assert not any("Doe" in record.getMessage() for record in caplog.records if record.name != "httpx")


def test_a_fault_is_one_sentence_and_its_log_quotes_nothing(classifier, files, caplog):
    class Broken(Classifier):
        def predict(self, *_):
            raise ZeroDivisionError("Doe.png")

    broken = Broken(classifier.run, classifier.calibration, classifier.network)
    client = TestClient(make_api(broken, Keys({})), base_url="http://localhost")
    response = client.post("/v1/lesions", files=form(files[0]))
    assert (response.status_code, "a fault in the program" in response.json()["error"]) == (500, True)
    assert "ZeroDivisionError" in caplog.text
    assert "Doe" not in caplog.text


def test_keys_are_stored_as_hashes(tmp_path):
    file = tmp_path / "keys"
    key = add_key(file, "clinic")
    assert key not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    file.write_text("# who may ask\n\n" + file.read_text())
    assert read_keys(file).find(key) == "clinic"
    assert read_keys(file).find(key + "x") is None
    for content, reason in (("clinic secret\n", "line 1: this is no name and hash"), ("", "holds no key")):
        file.write_text(content)
        with pytest.raises(KeysError, match=reason):
            read_keys(file)
    with pytest.raises(KeysError, match="cannot name a key"):
        add_key(file, "two words")


def test_every_refusal_of_the_schema_is_one_sentence(client):
    schema = client.get("/openapi.json").json()
    for path in schema["paths"].values():
        for operation in path.values():
            refusals = {status: one for status, one in operation["responses"].items() if status != "200"}
            assert {"401", "403", "429"} <= set(refusals)
            for one in refusals.values():
                assert one["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Problem"}


# Bytes that are no photo fit the schema, and are refused all the same.
UNFIT = positive_data_acceptance
BYTES = st.sampled_from([example_bytes(seed=3), example_bytes(seed=3)[:900], b"", b"text"])


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", [("/v1/lesions", "POST"), ("/v1/model", "GET")], ids=" ".join)
def test_the_api_keeps_to_its_schema(classifier, operation, mode):
    schemathesis.openapi.media_type("application/octet-stream", BYTES)
    api = make_api(classifier, KEYS, Limits(a_minute=10**6))
    schema = schemathesis.openapi.from_asgi("/openapi.json", api)

    @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(schema[operation[0]][operation[1]].as_strategy(generation_mode=mode))
    def call_and_validate(case):
        case.call_and_validate(headers=WITH_KEY, excluded_checks=[UNFIT])

    call_and_validate()
