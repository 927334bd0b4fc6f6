"""What a server installs is what the tests install, and the list of licences names all of it."""

import csv
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNLISTED = {"colorama", "setuptools", "wheel"}  # Windows alone; what pip-licenses takes for tools


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(path: str) -> dict[tuple[str, str], frozenset[str]]:
    """Hashes of each package, by name and version."""
    entries = re.findall(r"^([\w.-]+)(?:\[\S+\])?==(\S+)((?:.*\\\n)*.*)$", (ROOT / path).read_text(), re.MULTILINE)
    return {(normal(name), version): frozenset(re.findall(r"sha256:\w+", more)) for name, version, more in entries}


def read_licences() -> dict[tuple[str, str], str]:
    with (ROOT / "deploy/licences.csv").open() as file:
        return {(normal(row["Name"]), row["Version"]): row["License"] for row in csv.DictReader(file)}


def test_the_servers_lock_is_a_part_of_the_tests_lock():
    server = read_lock("deploy/requirements.lock")
    assert all(server.values())
    assert server.items() <= read_lock("requirements.lock").items()
    names = {name for name, _ in server}
    assert {"streamlit", "onnxruntime", "authlib", "httpx", "psycopg-binary"} <= names
    assert not {"pytest", "playwright", "oidc-provider-mock", "ray"} & names


def test_the_licences_are_those_of_the_lock():
    listed, locked = read_licences(), read_lock("requirements.lock")
    assert listed.keys() <= locked.keys()
    assert {name for name, _ in locked} - {name for name, _ in listed} <= UNLISTED


def test_a_server_gets_nothing_under_the_gpl():
    server, licences = read_lock("deploy/requirements.lock"), read_licences()
    assert [name for name, licence in licences.items() if name in server and re.search(r"(?<!L)GPL", licence)] == []
