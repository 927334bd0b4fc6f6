"""What the page "Where your photos go" says: every sentence is held by a test that it names, or stands as a limit."""

from __future__ import annotations

import pandas as pd

NOWHERE = "A photo goes from your browser to the computer that runs this program, and from there nowhere."
TO_A_SERVER = (
    "A photo goes from your browser to the computer that runs this program. The square that the network looks at goes "
    "on to a server that runs the network, which whoever runs this program has named. It goes nowhere else."
)
KEPT = (
    "It stays in that computer's memory: while it is open, and up to three minutes after you close the page.",
    "Nothing is written to a disk unless you save it: no photo, file name, answer or text of a report.",
)
WITH_CASEBOOK = (
    "This server has a casebook. What you save there is kept until you delete it: readings, answers and reports, and "
    "photos only where you ask for it. The page “Cases” says where it lies."
)
ALONE = "The program opens no connection to another computer, and counts nothing about you for anybody."
NOT_COUNTED = "The program counts nothing about you for anybody."
OWN = "Nobody else's page shows your photo or your answer."
TESTED = pd.DataFrame(
    [
        ("The server writes to no file while photos, ZIPs and reports go through it", "tests/browser/test_privacy.py"),
        ("Its log holds no photo, name, probability or typed text", "tests/browser/test_privacy.py"),
        ("It works on a computer without any network", "tests/browser/test_privacy.py"),
        ("A fault's message, which may hold a name, is not logged", "tests/operations/test_logs.py"),
        ("The browser fetches nothing from elsewhere", "tests/browser/test_app.py"),
        ("Several people at once each see their own photo and answer", "tests/browser/test_many_people.py"),
        ("Behind nginx, an upload is not written to a disk either", "tests/browser/test_nginx.py"),
    ],
    columns=["what", "test"],
)


def write_places(*, has_casebook: bool, asks_a_server: bool) -> list[str]:
    """Where photos go; has_casebook: one is turned on; asks_a_server: the network runs elsewhere."""
    connects = has_casebook or asks_a_server  # a casebook may lie in a database elsewhere
    return [
        TO_A_SERVER if asks_a_server else NOWHERE,
        *KEPT,
        *([WITH_CASEBOOK] if has_casebook else []),
        NOT_COUNTED if connects else ALONE,
        OWN,
    ]


def write_limits(*, is_open: bool) -> list[str]:
    """is_open: whether anyone on the network can use this server."""
    limits = [
        "Your browser keeps what you download, and may keep the name of a file that you chose.",
        "The operating system may move memory to its swap file. Whoever runs the server can turn that off.",
        "Whoever runs the server could change the program.",
    ]
    if is_open:
        limits.insert(0, "This server does not ask who comes in, and its connection may not be encrypted.")
    return limits
