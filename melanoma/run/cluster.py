"""Which processes train one network together: what the variable TF_CONFIG says, before TensorFlow is loaded."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field

import msgspec

from melanoma.run.error import RunError

SETTING = "TF_CONFIG"
WORKER = "worker"
EXAMPLE = "See models/README.md for an example."
HIGHEST_PORT = 65535


@dataclass(frozen=True)
class Task:
    """Which of the processes this one is."""

    type: str = ""
    index: int = -1


@dataclass(frozen=True)
class Cluster:
    """cluster: addresses by what they do; task: None where there is one process alone."""

    cluster: dict[str, tuple[str, ...]] = field(default_factory=dict)
    task: Task | None = None

    @property
    def workers(self) -> tuple[str, ...]:
        """HOST:PORT of each process; empty where there is one alone."""
        return self.cluster.get(WORKER, ())

    @property
    def count(self) -> int:
        """How many processes there are."""
        return max(len(self.workers), 1)

    @property
    def number(self) -> int:
        """Of this process, from 0."""
        return self.task.index if self.task and self.count > 1 else 0


def read_cluster() -> Cluster:
    """Those that TF_CONFIG names; without it this process alone. Raises RunError for what cannot be meant."""
    try:
        cluster = msgspec.json.decode(os.environ.get(SETTING, "").strip() or "{}", type=Cluster, strict=False)
    except msgspec.ValidationError as error:
        raise RunError(f"{SETTING} is not laid out as it should be. {EXAMPLE}") from error
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise RunError(f"{SETTING} is no JSON. {EXAMPLE}") from error
    if set(cluster.cluster) - {WORKER}:
        raise RunError(f"{SETTING} names more than workers. Name under `cluster` a list `worker`, and nothing else.")
    for address in cluster.workers:
        read_port(address)
        if cluster.workers.count(address) > 1:
            raise RunError(f"{SETTING} names {address} twice. Give each process an address of its own.")
    if cluster.count > 1:
        _check_task(cluster)
    return cluster


def read_port(address: str) -> int:
    """The port of HOST:PORT. Raises RunError."""
    host, _, port = address.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and 0 < int(port) <= HIGHEST_PORT):
        raise RunError(f"{SETTING} names the worker {address!r}. Write each as HOST:PORT, such as 127.0.0.1:9001.")
    return int(port)


def check_port(cluster: Cluster) -> None:
    """Raises RunError where another program listens at this process's port already."""
    if cluster.count == 1:
        return
    address = cluster.workers[cluster.number]
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was closed just now is free
        try:
            probe.bind(("", read_port(address)))
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise RunError(
                f"This process cannot listen at {address}, as {SETTING} says: {why}. "
                "Choose another port, in all processes."
            ) from error


def _check_task(cluster: Cluster) -> None:
    """Raises RunError where it is not said which of several processes this one is."""
    if cluster.task is None:
        raise RunError(
            f"{SETTING} names {cluster.count} workers and not which of them this process is. "
            'Add "task": {"type": "worker", "index": 0}, with another index for each process.'
        )
    if cluster.task.type != WORKER:
        raise RunError(f'{SETTING} says that this process is no worker. Write "type": "worker" under `task`.')
    if not 0 <= cluster.task.index < cluster.count:
        raise RunError(
            f"{SETTING} has no worker of index {cluster.task.index}. "
            f"Its {cluster.count} workers have the indices 0 to {cluster.count - 1}."
        )
