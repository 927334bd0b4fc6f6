"""Saves cases without end in one process after another, and kills each in the middle: `PLACE KILLS`.

Prints the reference of each case that was reported as saved.
"""

import os
import random
import select
import signal
import sys

from casebook_samples import add_case

from melanoma.casebook import open_casebook


def save_without_end(place: str, name: str, report: int) -> None:
    """Save a case, report it, and again."""
    book = open_casebook(place)
    number = 0
    while True:
        reference = f"{name}-{number}"
        with book.write("dr-a") as writer:
            add_case(writer, reference, f"photo of {reference}".encode() * 2000)
        os.write(report, f"{reference}\n".encode())
        number += 1


def kill_while_saving(place: str, name: str, chance: random.Random) -> str:
    """Kill a process that saves, some time after its first or a later save; what it reported."""
    reading, report = os.pipe()
    process = os.fork()
    if process == 0:
        save_without_end(place, name, report)
    os.close(report)
    with os.fdopen(reading, "rb", buffering=0) as file:
        reported = b""
        for _ in range(chance.randint(1, 3)):
            reported += file.read(4096)
        select.select([file], [], [], chance.uniform(0, 0.02))  # a moment, or until it has saved another
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        while more := file.read(4096):
            reported += more
    return reported.decode()


if __name__ == "__main__":
    place, kills = sys.argv[1], int(sys.argv[2])
    open_casebook(place).close()  # all that it needs is loaded once, before the processes part
    chance = random.Random(20)
    for kill in range(kills):
        print(kill_while_saving(place, f"case-{kill}", chance), end="", flush=True)
