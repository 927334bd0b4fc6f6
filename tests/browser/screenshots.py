"""Remakes the README's pictures from the synthetic example: `python tests/browser/screenshots.py ADDRESS [FOLDER]`.

The app runs at ADDRESS. No real photo may be committed.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent / "support")]

from playwright.sync_api import Page, sync_playwright  # noqa: E402
from visiting import open_example, unfold, wait_until_still  # noqa: E402

DRAWN = ".main-svg, [data-testid=stDataFrame] canvas"
LONGEST = 1500  # pixels of a picture


def save(page: Page, path: Path) -> None:
    """The page as tall as what it holds, up to LONGEST."""
    width = page.viewport_size["width"]
    page.locator(DRAWN).first.wait_for(state="attached")
    height = page.evaluate("document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight")
    page.set_viewport_size({"width": width, "height": min(max(height, 700), LONGEST)})
    wait_until_still(page)
    page.screenshot(path=path)


def main() -> None:
    address = sys.argv[1]
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else HERE / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="light")
        page.goto(address)
        open_example(page)
        page.get_by_text("The dashed square is what the network saw").wait_for()
        wait_until_still(page)
        save(page, folder / "analyze.png")
        page.goto(f"{address}/performance?tab=Test+results")
        unfold(page, "Confusion matrix")
        page.get_by_role("figure", name="Confusion matrix").wait_for()
        wait_until_still(page)
        save(page, folder / "performance.png")
        browser.close()


if __name__ == "__main__":
    main()
