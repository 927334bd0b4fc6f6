"""How many people one server holds: python tests/browser/load.py --people 8 --processes 2

Each person has a browser window of their own, analyses a photo, looks at it for some seconds, and takes the next.
Server, nginx and browsers share this machine, so the browsers' own work is in every time. Prints one JSON object.

--leave: instead, so many people come one after another, analyse a photo each, and leave; prints the server's memory.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
import time
import urllib.request
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


async def open_page(chromium, url: str):
    context = await chromium.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 844})
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    await page.goto(url)
    await page.locator("input[type=file]").first.wait_for(state="attached")
    return page


async def analyse(page, name: str, seed: int) -> float:
    """Seconds from choosing a photo to its answer with the heatmap."""
    await page.wait_for_function(STILL, arg=[RUNNING, STILL_MS], polling=50)
    photo = {"name": name, "mimeType": "image/png", "buffer": example_bytes(seed=seed)}
    start = time.perf_counter()
    field = page.locator("input[type=file]").first
    await field.set_input_files(photo)
    await page.locator("strong", has_text=name).wait_for()
    await page.get_by_text("The dashed square is what the network saw").wait_for()
    return time.perf_counter() - start


async def work(chromium, url: str, person: int, rounds: int, look: float) -> list[float]:
    """One person's waits; infinite where no answer came, and they gave up."""
    chance = random.Random(person)
    page = await open_page(chromium, url)
    await asyncio.sleep(chance.uniform(0, look))
    waits = []
    for number in range(rounds):
        try:
            waits.append(await analyse(page, f"person-{person}-photo-{number}.png", 100 * person + number))
        except TimeoutError:
            waits.append(float("inf"))
            break
        await page.get_by_role("button", name="Close photo").click()
        await page.get_by_text("Photo files").first.wait_for()
        await asyncio.sleep(chance.uniform(0.5 * look, 1.5 * look))
    await page.context.close()
    return waits


async def work_together(url: str, people: int, rounds: int, look: float) -> list[float]:
    """All people's waits."""
    async with async_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", *QUIET]
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        waits = await asyncio.gather(*(work(chromium, url, person, rounds, look) for person in range(people)))
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--look", type=float, default=8.0, help="seconds, on average, between two photos")
    parser.add_argument("--leave", action="store_true")
    choices = parser.parse_args()
    load = os.getloadavg()[0]
    with contextlib.ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        options = ["--server.disconnectedSessionTTL", "5"] if choices.leave else []
        servers = [stack.enter_context(start_server(options=options)) for _ in range(choices.processes)]
        for url, _ in servers:
            urllib.request.urlopen(f"{url}/health/live").close()
        if choices.leave:
            url, server = servers[0]
            result = {"memory": asyncio.run(come_and_leave(url, server.pid, choices.people))}
        else:
            ports = [int(url.rsplit(":", 1)[1]) for url, _ in servers]
            https, _ = stack.enter_context(serve_nginx(Path(folder), ports))
            url = f"https://localhost:{https}"
            waits = asyncio.run(work_together(url, choices.people, choices.rounds, choices.look))
            unanswered = sum(wait == float("inf") for wait in waits)
            result = {
                "photos": len(waits),
                "unanswered": unanswered,
                "memory": [read_memory(server.pid) for _, server in servers],
            }
            result |= {f"p{share}_s": round(float(np.percentile(waits, share)), 2) for share in (50, 95)}
    facts = {"people": choices.people, "processes": choices.processes, "cores": os.cpu_count(), "load_before": load}
    print(json.dumps(facts | result))


if __name__ == "__main__":
    main()
