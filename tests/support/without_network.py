"""Run by itself in a network namespace that has no route: loopback up, the app started, a photo answered.

`unshare -rn python tests/support/without_network.py CHROMIUM`
"""

import fcntl
import socket
import struct
import sys
from pathlib import Path

sys.path += [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parent)]

from playwright.sync_api import sync_playwright
from visiting import EXAMPLE, start_server, upload

GET_FLAGS, SET_FLAGS, UP = 0x8913, 0x8914, 1  # of Linux's netdevice(7)


def raise_loopback() -> None:
    """As `ip link set lo up` does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh", b"lo", 0)
        _, flags = struct.unpack("16sh", fcntl.ioctl(any_socket, GET_FLAGS, request))
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh", b"lo", flags | UP))


def main() -> None:
    """Prints what the page decides."""
    raise_loopback()
    routes = Path("/proc/net/route").read_text().splitlines()[1:]
    assert routes == [], "there is a way out"
    with start_server() as (url, _), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=sys.argv[1], args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page()
        page.set_default_timeout(90_000)
        page.goto(url)
        upload(page, EXAMPLE)
        heading = page.get_by_role("heading", name="Malignancy probability")
        heading.wait_for()
        print(heading.inner_text())
        chromium.close()


main()
