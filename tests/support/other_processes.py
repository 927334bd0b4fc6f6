"""What the processes below another do, by /proc of Linux."""

import socket
import struct
from pathlib import Path

LISTENS = "0A"


def list_children(pid: int) -> dict[int, str]:
    """Process id -> command line of all below a process."""
    parents, names = {}, {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(path.name)] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            names[int(path.name)] = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue  # it has ended
    below = {pid}
    while found := {child for child, parent in parents.items() if parent in below} - below:
        below |= found
    return {child: names[child] for child in below - {pid}}


def list_open_addresses(pid: int) -> set[str]:
    """Addresses at which a process and all below it accept connections: `127.0.0.1`, `0.0.0.0`, `::` or others."""
    sockets = {number for one in (pid, *list_children(pid)) for number in list_sockets(one)}
    found = set()
    for family, file in ((socket.AF_INET, "tcp"), (socket.AF_INET6, "tcp6")):
        for line in Path(f"/proc/net/{file}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENS and fields[9] in sockets:
                words = bytes.fromhex(fields[1].partition(":")[0])
                packed = b"".join(
                    struct.pack(">I", *struct.unpack("=I", words[i : i + 4])) for i in range(0, len(words), 4)
                )
                found.add(socket.inet_ntop(family, packed).removeprefix("::ffff:"))
    return found


def list_sockets(pid: int) -> set[str]:
    """Inode numbers of the sockets that a process holds."""
    found = set()
    for file in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            target = str(file.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            found.add(target[8:-1])
    return found
