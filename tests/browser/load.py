"""How many people one server holds: python tests/browser/load.py --table

Each person has a browser window of their own, analyses a photo, looks at it for some seconds, and takes the next, until
the time is over. Server, nginx and browsers share this machine, so the browsers' own work is in every time.

--table: one, two and four processes, one after the other, in six minutes at most; a table for melanoma/bench/README.md.
--leave: so many people come one after another, analyse a photo each, and leave; the server's memory as a table.
"""

import argparse
import asyncio
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path += [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parents[1] / "support")]

import numpy as np
from nginx import serve_nginx
from playwright.async_api import TimeoutError, async_playwright
from visiting import CHROMIUM, QUIET, RUNNING, STILL, STILL_MS, start_server

from melanoma.photo.synthetic import example_bytes

PATIENCE_MS = 120_000


def read_memory(pid: int) -> dict[str, int]:
    """Megabytes of a server's process, and of all that it has started."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    own = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    children = [int(one) for task in Path(f"/proc/{pid}/task").glob("*/children") for one in task.read_text().split()]
    return {"own_mb": own // 1024, "with_children_mb": own // 1024 + sum(read_memory(c)["own_mb"] for c in children)}


def read_work(pid: int) -> float:
    """Seconds of processor time of a server's process, and of all that it has started, ended ones too."""
    own = sum(map(int, Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:15]))
    children = [int(one) for task in Path(f"/proc/{pid}/task").glob("*/children") for one in task.read_text().split()]
    return own / os.sysconf("SC_CLK_TCK") + sum(map(read_work, children))


async def open_page(chromium, url: str):
    context = await chromium.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 844})
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    await page.goto(url)
    await page.locator("input[type=file]").first.wait_for(state="attached")
    return page


async def analyse(page, name: str, seed: int) -> float:
    """Seconds from choosing a photo to its answer with the heatmap, or to the words that there is none."""
    await page.wait_for_function(STILL, arg=[RUNNING, STILL_MS], polling=50)
    photo = {"name": name, "mimeType": "image/png", "buffer": example_bytes(seed=seed)}
    start = time.perf_counter()
    field = page.locator("input[type=file]").first
    await field.set_input_files(photo)
    await page.locator("strong", has_text=name).wait_for()
    answered = page.get_by_text("The dashed square is what the network saw")
    await answered.or_(page.get_by_text("No answer is given for this photo")).wait_for()
    return time.perf_counter() - start


async def work(chromium, url: str, person: int, until: float, look: float) -> list[float]:
    """One person's waits; infinite where no answer came, and they gave up. until: by the monotonic clock."""
    chance = random.Random(person)
    page = await open_page(chromium, url)
    await asyncio.sleep(chance.uniform(0, look))
    waits: list[float] = []
    while time.monotonic() < until or not waits:
        try:
            waits.append(await analyse(page, f"person-{person}-photo-{len(waits)}.png", 100 * person + len(waits)))
            await page.get_by_role("button", name="Close photo").click()
            await page.get_by_text("Photo files").first.wait_for()
        except TimeoutError:
            waits.append(float("inf"))
            break
        await asyncio.sleep(chance.uniform(0.5 * look, 1.5 * look))
    await page.context.close()
    return waits


async def work_together(url: str, people: int, seconds: float, look: float) -> list[float]:
    """All people's waits, within so many seconds and what the last answers take."""
    async with async_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", *QUIET]
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        until = time.monotonic() + seconds
        waits = await asyncio.gather(*(work(chromium, url, person, until, look) for person in range(people)))
        await chromium.close()
    return [wait for own in waits for wait in own]


async def come_and_leave(url: str, pid: int, people: int) -> list[dict]:
    """Memory before, after every tenth person, and when all are forgotten."""
    async with async_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", *QUIET]
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        memory = [{"people": 0, **read_memory(pid)}]
        for person in range(people):
            page = await open_page(chromium, url)
            await analyse(page, f"person-{person}.png", person)
            await page.context.close()
            if person % 10 == 9:
                memory.append({"people": person + 1, **read_memory(pid)})
                print(memory[-1], file=sys.stderr, flush=True)
        await chromium.close()
    await asyncio.sleep(45)  # the server forgets, as it is set below, after five seconds; it looks each half minute
    return [*memory, {"people": "all forgotten", **read_memory(pid)}]


def measure_load(people: int, processes: int, seconds: float, look: float) -> dict:
    """Waits for answers, and memory, with so many processes behind nginx."""
    with contextlib.ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        servers = [stack.enter_context(start_server(stdout=subprocess.DEVNULL)) for _ in range(processes)]
        ports = [int(url.rsplit(":", 1)[1]) for url, _ in servers]
        https, _ = stack.enter_context(serve_nginx(Path(folder), ports))
        before = sum(read_work(server.pid) for _, server in servers)
        waits = asyncio.run(work_together(f"https://localhost:{https}", people, seconds, look))
        answered = [wait for wait in waits if wait < float("inf")]
        work = sum(read_work(server.pid) for _, server in servers) - before
        memory = sum(read_memory(server.pid)["with_children_mb"] for _, server in servers)
    p50, p95 = (round(float(np.percentile(answered or [np.nan], share)), 1) for share in (50, 95))
    return {
        "processes": processes,
        "people": people,
        "photos": len(answered),
        "who gave up": len(waits) - len(answered),
        "p50, s": p50,
        "p95, s": p95,
        "processor time of the servers, s a photo": round(work / max(len(answered), 1), 2),
        "memory of all, MB": memory,
    }


def measure_leaving(people: int) -> list[dict]:
    """The server's memory while people come and go."""
    options = ["--server.disconnectedSessionTTL", "5"]
    with start_server(options=options, stdout=subprocess.DEVNULL) as (url, server):
        return asyncio.run(come_and_leave(url, server.pid, people))


def write_table(rows: list[dict]) -> str:
    """In Markdown, a row a measurement."""
    names = list(rows[0])
    lines = [names, ["---"] * len(names), *([str(row[name]) for name in names] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60.0, help="until nobody takes another photo")
    parser.add_argument("--look", type=float, default=8.0, help="seconds, on average, between two photos")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--leave", action="store_true")
    choices = parser.parse_args()
    load = os.getloadavg()[0]
    if choices.leave:
        rows = measure_leaving(choices.people)
    else:
        counts = (1, 2, 4) if choices.table else (choices.processes,)
        rows = []
        for processes in counts:
            rows.append(measure_load(choices.people, processes, choices.seconds, choices.look))
            print(rows[-1], file=sys.stderr, flush=True)
    print(write_table(rows))
    print(f"\n{os.cpu_count()} cores; load of the machine before: {load:.1f}.")


if __name__ == "__main__":
    main()
