"""Remakes the README's pictures: `python tests/browser/screenshots.py ADDRESS [FOLDER] [PHOTO]`, the app running there.

Without PHOTO the synthetic example is shown; no real photo may be committed.
"""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent / "screenshots"


def settle(page: Page) -> None:
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=120_000)
    page.wait_for_timeout(2500)  # charts are drawn after the script has ended


def shoot(page: Page, address: str, folder: Path, photo: Path | None) -> None:
    page.goto(address)
    settle(page)
    if photo:
        page.locator("input[type=file]").set_input_files(photo)
    else:
        page.get_by_text("Drawn specimen", exact=True).click()
    page.get_by_text("operating point this photo scores").wait_for()
    settle(page)
    save(page, folder / "analyze.png")
    for name in ("Explain", "Performance", "Dataset", "Model card"):
        link = page.get_by_role("link", name=name)
        if link.count():
            link.first.click()
            settle(page)
            save(page, folder / f"{name.lower().replace(' ', '-')}.png")
    page.goto(f"{address}/performance?tab=Test+results")
    settle(page)
    save(page, folder / "results.png")


def save(page: Page, path: Path) -> None:
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": min(max(height, 700), 5000)})
    page.wait_for_timeout(1500)
    page.screenshot(path=path)
    page.set_viewport_size({"width": page.viewport_size["width"], "height": 900})


def main() -> None:
    address = sys.argv[1]
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else HERE
    photo = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="light")
        shoot(page, address, folder, photo)
        browser.close()


if __name__ == "__main__":
    main()
