"""How soon a worklist answers: `PYTHONPATH=.:tests/support python tests/browser/measure_worklist.py --data DATA`."""

import argparse
import io
import os
import time
import zipfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from melanoma.bench.server import CHROMIUM, serve_streamlit
from melanoma.operations import give_memory_back
from melanoma.run import DEFAULT_RUN, find_run, folder
from melanoma.serving import Classifier
from melanoma.serving.judging import Worklist

PATIENCE_MS = 600_000


def measure(page: Page, address: str, files: list[dict]) -> dict[str, float]:
    """Seconds from the drop to: the list begun (all files have arrived), its first row, and all rows."""
    page.goto(f"{address}/worklist")
    field = page.locator("input[type=file]").first
    field.wait_for(state="attached")
    page.get_by_text("Drop the photos of a morning").wait_for()
    start = time.perf_counter()
    field.set_input_files(files)
    page.get_by_text("More photos").or_(page.locator("[data-testid=stDataFrame]")).first.wait_for()
    arrived = time.perf_counter() - start
    page.locator("[data-testid=stDataFrame]").first.wait_for()  # for a moment there may be two
    first = time.perf_counter() - start
    page.get_by_text(f"Take away all {count_photos(files)} shown").wait_for()
    return {"arrived": arrived, "first row": first, "all rows": time.perf_counter() - start}


def count_photos(files: list[dict]) -> int:
    """Also of those in ZIPs."""
    if not files[0]["name"].endswith(".zip"):
        return len(files)
    return len(zipfile.ZipFile(io.BytesIO(files[0]["buffer"])).namelist())


def zip_all(files: list[dict]) -> list[dict]:
    """One ZIP of these files."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        for file in files:
            target.writestr(file["name"], file["buffer"])
    return [{"name": "all.zip", "mimeType": "application/zip", "buffer": archive.getvalue()}]


def measure_memory(photos: list[bytes], step: int = 300) -> None:
    """Print what the process holds as a worklist grows, without a browser."""
    worklist = Worklist(Classifier.open(find_run(DEFAULT_RUN), many=True))
    for start in range(0, len(photos), step):
        worklist.add([(f"{start + n}.jpg", photo) for n, photo in enumerate(photos[start : start + step])])
        worklist.wait()
        give_memory_back()
        thumbnails = sum(len(photo.thumbnail) for photo in worklist.photos) / 2**20
        held = f"{read_memory(os.getpid()):.1f} MB held, {worklist.kept_bytes / 2**20:.1f} of files"
        print(f"{worklist.progress.judged} photos: {held}, {thumbnails:.1f} of thumbnails", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public downloads")
    parser.add_argument("--counts", type=int, nargs="*", default=[200], help="of photos dropped one by one")
    parser.add_argument("--zipped", type=int, nargs="*", default=[200, 1000, 2000], help="of photos dropped as a ZIP")
    parser.add_argument("--memory", type=int, default=0, help="of photos for memory alone, without a browser")
    asked = parser.parse_args()
    most = asked.memory or max(20, *asked.counts, *asked.zipped)
    photos = [path.read_bytes() for path in sorted(asked.data.glob("ham10000/images/*.jpg"))[:most]]
    if asked.memory:
        measure_memory(photos)
        return
    server = serve_streamlit(["run", "app.py"], folder.MODELS)
    with server as (process, address), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        print("| photos | as | arrived, s | first row, s | all, s | browser, CPU s | server, CPU s | server, MB more |")
        print("|---:|---|---:|---:|---:|---:|---:|---:|")
        for count, way in [(20, "files"), *((n, "files") for n in asked.counts), *((n, "ZIP") for n in asked.zipped)]:
            files = [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": photos[n]} for n in range(count)]
            files = zip_all(files) if way == "ZIP" else files
            page = chromium.new_page()
            page.set_default_timeout(PATIENCE_MS)
            before, memory = sum_cpu(process.pid), read_memory(process.pid)
            browsing = page.context.new_cdp_session(page)
            browsing.send("Performance.enable")
            times = measure(page, address, files)
            metrics = {one["name"]: one["value"] for one in browsing.send("Performance.getMetrics")["metrics"]}
            cells = [f"{value:.1f}" for value in times.values()]
            cells += [f"{metrics['TaskDuration']:.1f}", f"{sum_cpu(process.pid) - before:.1f}"]
            cells += [f"{read_memory(process.pid) - memory:.0f}"]
            print(f"| {count} | {way} | {' | '.join(cells)} |", flush=True)
            page.close()
        chromium.close()


def read_memory(process: int) -> float:
    """MB of memory that a process holds."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def sum_cpu(process: int) -> float:
    """Seconds of processor time of a process and of those that it has started."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        name, _, rest = path.read_text().rpartition(") ")
        fields = rest.split()
        if process in (int(name.split()[0]), int(fields[1])):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
