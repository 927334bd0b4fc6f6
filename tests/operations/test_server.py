"""The real server: health, metrics, headers, what it listens to, and how it stops."""

import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from visiting import start_server

from melanoma.operations.headers import HEADERS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server():
    with start_server(address=None) as (url, process):
        yield url, process


def get(url: str) -> tuple[int, str, dict[str, str]]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode(), {k.lower(): v for k, v in answer.headers.items()}
    except HTTPError as error:
        return error.code, error.read().decode(), {}


def wait_until_ready(url: str) -> None:
    give_up = time.monotonic() + 120
    while get(f"{url}/health/ready")[0] != 200:
        assert time.monotonic() < give_up, "the server did not become ready"


def children_of(pid: int) -> list[Path]:
    """Folders of what a process has started, which are gone when it has ended."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [Path("/proc", one) for task in tasks for one in task.read_text().split()]


def test_health_and_metrics_are_there_and_tell_of_no_visitor(server):
    url, _ = server
    assert get(f"{url}/health/live")[0] == 200
    wait_until_ready(url)
    status, text, _ = get(f"{url}/metrics")
    assert status == 200
    for name in ("melanoma_waiting", "melanoma_served_total", "melanoma_drawing_process", "process_resident_memory"):
        assert name in text
    labels = {part for line in text.splitlines() if "{" in line for part in line.split("{")[1].split("}")[0].split(",")}
    own = {label for label in labels if label.startswith("line=")}
    assert own == {'line="network"', 'line="reading"', 'line="drawing"'}


def test_every_answer_has_the_headers(server):
    url, _ = server
    for path in ("/", "/health/live", "/_stcore/health"):
        assert HEADERS.items() <= {name: get(url + path)[2].get(name.lower()) for name in HEADERS}.items(), path


def test_a_page_from_elsewhere_can_upload_nothing(server):
    """The browser of somebody who is signed in would send the cookie; what only a page of ours knows is missing."""
    url, _ = server
    place = f"{url}/_stcore/upload_file/{'0' * 8}/{'1' * 8}"
    for headers in ({}, {"Cookie": "_streamlit_xsrf=2|aaaaaaaa|bbbb|1", "X-Xsrftoken": "2|aaaaaaaa|cccc|1"}):
        with pytest.raises(HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(place, b"a photo", headers, method="PUT"), timeout=30)
        assert refused.value.code == 403
        assert "XSRF" in refused.value.read().decode()


def connect(url: str, origin: str, host: str | None = None) -> int:
    """What the server answers to a page of this origin that asks for the connection which draws everything."""
    there = urlsplit(url)
    connection = HTTPConnection(there.hostname, there.port, timeout=30)
    wanted = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Origin": origin}
    wanted |= {"Sec-WebSocket-Key": "c29tZSBzaXh0ZWVuIGJ5dA==", "Sec-WebSocket-Protocol": "streamlit"}
    connection.request("GET", "/_stcore/stream", headers=wanted | {"Host": host or there.netloc})
    with closing(connection):
        return connection.getresponse().status


def test_a_page_from_elsewhere_opens_no_connection(server):
    url, _ = server
    assert connect(url, url) == 101
    assert connect(url, "https://elsewhere.example") == 403
    assert connect(url, "null") == 403
    own_name = "elsewhere.example:8501"  # which its owner leads to this computer
    assert connect(url, f"http://{own_name}", own_name) == 403


def test_it_listens_to_this_computer_alone(server):
    port = int(server[0].rsplit(":", 1)[1])
    listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    places = [
        line.split()[1] for line in listening.splitlines()[1:] if len(line.split()) > 3 and line.split()[3] == "0A"
    ]
    own = {place.split(":")[0] for place in places if int(place.split(":")[1], 16) == port} if places else set()
    assert own <= {"0100007F", "00000000000000000000000001000000"}
    assert own
    with socket.create_connection(("127.0.0.1", port)):
        pass


def test_asked_to_stop_it_ends_by_itself_and_so_does_what_it_started():
    with start_server(stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as (url, process), process.stdout:
        wait_until_ready(url)
        children = children_of(process.pid)
        assert children, "the process that reads photos"
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
        assert process.returncode in (0, -signal.SIGTERM)
        assert b"Traceback" not in output
        assert [child for child in children if child.exists()] == []
