"""A PostgreSQL server of the tests' own: in a temporary folder, on a socket there, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")  # a disk in memory, on Linux
ENOUGH = 2**30  # bytes; tests drop what they made, 8 MB each
OPTIONS = "-c listen_addresses='' -c unix_socket_directories={folder} -c fsync={fsync} -c max_connections=40"


def find_programs() -> Path | None:
    """The folder of the newest installed server's programs."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    return folders[-1] if folders and (folders[-1] / "initdb").exists() else None


def require_programs() -> Path:
    """The same; without, the test is skipped, or fails where MELANOMA_REQUIRE_SERVERS says so."""
    programs = find_programs()
    if programs is None:
        reason = "PostgreSQL's server is not installed: apt-get install postgresql"
        (pytest.fail if os.environ.get("MELANOMA_REQUIRE_SERVERS") else pytest.skip)(reason)
    return programs


class Server:
    """One server. `url(name)` is that of a database, which `create` makes."""

    def __init__(self, programs: Path, folder: Path, *, fsync: bool) -> None:
        self.programs, self.folder = programs, folder
        self.options = OPTIONS.format(folder=folder, fsync="on" if fsync else "off")

    def call(self, program: str, *words: str) -> None:
        """Run one of PostgreSQL's programs; root may not run them, and does it as `postgres`."""
        become = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            become = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        command = [str(self.programs / program), *words]
        settings = {"cwd": self.folder, "env": os.environ | {"LC_ALL": "C"}, **become}
        result = subprocess.run(command, capture_output=True, text=True, check=False, **settings)
        assert result.returncode == 0, f"{command}: {result.stdout} {result.stderr}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        log = f"--log={self.folder / 'log'}"
        self.call("pg_ctl", "start", "--wait", f"--pgdata={self.folder / 'data'}", log, f"--options={self.options}")

    def kill(self) -> None:
        """End it as a power cut would: no connection is finished, nothing is written any more."""
        self.call("pg_ctl", "stop", "--mode=immediate", "--wait", f"--pgdata={self.folder / 'data'}")

    def create(self, name: str, template: str = "template1") -> str:
        """Make a database; its URL."""
        self.call("createdb", f"--host={self.folder}", "--username=melanoma", f"--template={template}", name)
        return self.url(name)

    def run(self, command: str, name: str = "postgres") -> None:
        """A command of SQL in a database."""
        self.call("psql", f"--host={self.folder}", "--username=melanoma", f"--dbname={name}", f"--command={command}")

    def drop(self, name: str) -> None:
        """Remove a database, also one that somebody is still connected to."""
        self.call("dropdb", f"--host={self.folder}", "--username=melanoma", "--force", name)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://melanoma@/{name}?host={self.folder}"


@contextmanager
def run_server(*, fsync: bool = False) -> Iterator[Server]:
    """A server of one's own. fsync: whether it writes through to the disk, as all do outside of tests."""
    programs = require_programs()
    in_memory = not fsync and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH
    folder = Path(tempfile.mkdtemp(prefix="melanoma-postgres-", dir=MEMORY if in_memory else None))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    server = Server(programs, folder, fsync=fsync)
    try:
        data = f"--pgdata={folder / 'data'}"
        server.call("initdb", data, "--auth=trust", "--username=melanoma", "--encoding=UTF8", "--no-sync")
        server.start()
        yield server
        server.kill()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for all tests."""
    with run_server() as server:
        yield server
