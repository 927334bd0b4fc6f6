"""Performance, dataset, model card: on the runs that ship, and on a folder that also holds broken and foreign ones."""

import io
import json
import shutil
from pathlib import Path
from urllib.parse import quote_plus

import pandas as pd
import pytest
from playwright.sync_api import expect
from visiting import (
    SPECIMEN,
    WINDOWS,
    no_crash,
    opened,
    opened_window,
    said,
    says,
    served,
    settled,
    to_tab,
    upload,
)

from melanoma.run import folder as runs
from melanoma.run import history as histories

pytestmark = pytest.mark.browser
TABS = ("Training", "Test results", "Operating point", "Compare", "A cautionary tale")
TRAINED = "baseline-cnn"  # the shipped run that has a network and a log of many epochs


def partial_run(folder: Path, origin: Path) -> None:
    """A run that was stopped: a network, a history that breaks off within a row, no calibration, no predictions."""
    folder.mkdir()
    shutil.copy(origin / "model.keras", folder)
    facts = json.loads((origin / "run.json").read_text())
    facts |= {"name": folder.name, "state": "interrupted"}
    runs.write_json(folder / "run.json", facts)
    rows = (origin / "history.csv").read_text().splitlines()
    (folder / "history.csv").write_text("\n".join([*rows[:4], rows[4][:20]]))
    runs.seal(folder)


def changed_run(folder: Path, origin: Path) -> None:
    """A run whose network is no longer the one that was sealed."""
    shutil.copytree(origin, folder)
    with (folder / "model.keras").open("ab") as file:
        file.write(b"x")


def unreadable_run(folder: Path) -> None:
    """A run whose facts break off."""
    folder.mkdir()
    (folder / "run.json").write_text('{"state": "finished", "classes": ["AK", ')


def foreign_log(folder: Path) -> None:
    """What Keras' CSVLogger writes, alone in a folder."""
    folder.mkdir()
    epochs = range(12)
    rows = [f"{e},{0.4 + 0.02 * e:.4f},{1.6 - 0.1 * e:.4f},{0.35 + 0.02 * e:.4f},{1.7 - 0.08 * e:.4f}" for e in epochs]
    (folder / "training.csv").write_text("\n".join(["epoch,accuracy,loss,val_accuracy,val_loss", *rows]) + "\n")


@pytest.fixture(scope="session")
def mixed(run, tmp_path_factory) -> Path:
    """The runs that ship, a run broken off, a changed one, an unreadable one, and a colleague's log."""
    folder = tmp_path_factory.mktemp("mixed")
    for shipped in run.folder.parent.iterdir():
        if (shipped / "run.json").exists():
            (folder / shipped.name).symlink_to(shipped)
    partial_run(folder / "broken-off", run.folder.parent / TRAINED)
    changed_run(folder / "changed", run.folder)
    unreadable_run(folder / "unreadable")
    foreign_log(folder / "colleague")
    return folder


@pytest.fixture(scope="session")
def mixed_address(mixed):
    with served(mixed) as url:
        yield url


@pytest.fixture(params=WINDOWS)
def window(browser, request):
    with opened_window(browser, request.param) as page:
        yield page


def at(page, url: str, path: str, **query: str) -> None:
    """Open a page, as a link does, and wait until it stands still."""
    words = "&".join(f"{key}={quote_plus(value)}" for key, value in query.items())
    page.goto(f"{url}/{path}?{words}")
    page.get_by_text("Research use only").first.wait_for()
    settled(page)


def training_is_shown(page) -> None:
    page.get_by_role("heading", name="Learning rate").wait_for()
    curve = page.get_by_role("figure", name="accuracy").first
    curve.locator(".scatterlayer .trace").first.wait_for(state="attached")
    for heading in ("Generalisation gap", "Seconds per epoch", "Last logged epoch"):
        expect(page.get_by_role("heading", name=heading)).to_have_count(1)


def results_are_shown(page, shipped: runs.Run) -> None:
    figures = shipped.evaluation["figures"]
    page.get_by_role("heading", name="Confusion matrix").wait_for()
    metrics = page.get_by_test_id("stMetric").filter(has_text="Melanoma AUC")
    expect(metrics.first).to_contain_text(f"{figures['melanoma_auc']['value']:.2f}")
    for heading in ("ROC and precision-recall", "Calibration", "By diagnosis", "Operating points", "Robustness"):
        page.get_by_role("heading", name=heading, exact=True).wait_for()
    page.get_by_text("All headline figures, and how to make them again").click()
    page.get_by_text("python -m melanoma evaluate").first.wait_for()


def patients_are_counted(page) -> None:
    page.get_by_role("heading", name="1,000 such patients").wait_for()
    page.get_by_text("50 have a malignant lesion").first.wait_for()
    slider = page.get_by_role("slider", name="Of 100 photographed lesions, malignant")
    for _ in range(3):
        slider.press("ArrowRight")
    page.get_by_text("80 have a malignant lesion").first.wait_for()
    page.get_by_role("heading", name="Beside published readers").wait_for()


def two_runs_are_compared(page) -> None:
    page.get_by_role("heading", name="Top diagnosis").wait_for()
    made_of = histories.made_of(runs.find_run(runs.DEFAULT_RUN).facts)[0]
    page.get_by_role("heading", name=f"{made_of} minus {runs.DEFAULT_RUN}").wait_for()
    says(page, "McNemar", "Specificity: ")


def the_tale_is_told(page) -> None:
    page.get_by_role("heading", name="One network, two protocols").wait_for()
    says(page, "It measures memory")
    charts = page.get_by_role("figure", name="accuracy")
    expect(charts).to_have_count(2)


def walk(page, shipped: runs.Run) -> None:
    """Each tab in turn, as a reader clicks through them."""
    for tab, shown in {
        "Training": training_is_shown,
        "Test results": lambda page: results_are_shown(page, shipped),
        "Operating point": patients_are_counted,
        "Compare": two_runs_are_compared,
        "A cautionary tale": the_tale_is_told,
    }.items():
        to_tab(page, tab)
        settled(page)
        shown(page)
        settled(page)
        no_crash(page)


def test_each_tab_on_the_runs_that_ship(window, address, run):
    at(window, address, "performance")
    assert window.get_by_test_id("stAlert").count() == 0
    walk(window, run)


def test_each_tab_beside_partial_foreign_and_corrupted_runs(desktop, mixed_address, run):
    at(desktop, mixed_address, "performance")
    walk(desktop, run)


def test_corrupted_runs_are_named_in_a_plain_sentence(desktop, mixed_address):
    for path in ("performance", "model_card"):
        at(desktop, mixed_address, path)
        for start in ("changed/model.keras was changed after it was written.", "unreadable/run.json cannot be read"):
            named = desktop.get_by_role("alert").filter(has_text=start)
            expect(named).to_have_count(1)
            expect(named).to_contain_text("Restore it or remove the run.")
        no_crash(desktop)


def test_a_partial_run_says_what_it_lacks(desktop, mixed_address):
    at(desktop, mixed_address, "performance", tab="Training", runs="broken-off")
    desktop.get_by_text(
        f"training was stopped after 4 of {runs.find_run(TRAINED).facts['arguments']['epochs']} epochs"
    ).wait_for()
    training_is_shown(desktop)
    for tab in ("Test results", "Compare"):  # it has nothing to show there, and is not offered
        at(desktop, mixed_address, "performance", tab=tab, run="broken-off")
        no_crash(desktop)
    at(desktop, mixed_address, "model_card", run="broken-off")
    desktop.get_by_role("heading", name="Intended use").first.wait_for()
    says(desktop, "broken-off")
    no_crash(desktop)


def test_a_partial_or_corrupted_run_is_not_asked(desktop, mixed_address):
    at(desktop, mixed_address, "")
    upload(desktop, SPECIMEN)
    desktop.get_by_text("operating point this photo scores").wait_for()
    settled(desktop)
    desktop.get_by_test_id("stExpandSidebarButton").click()
    offered = opened(desktop, desktop.get_by_role("combobox", name="Network"))
    assert runs.DEFAULT_RUN in offered
    assert not {"broken-off", "changed", "unreadable", "colleague"} & set(offered)
    no_crash(desktop)


def test_a_foreign_log_is_listed_and_its_curves_are_drawn(desktop, mixed_address):
    at(desktop, mixed_address, "performance", tab="Training", runs="colleague")
    listed = desktop.locator("canvas[aria-label='Runs to choose from'], canvas").first
    listed.locator("[role=gridcell]", has_text="colleague").first.wait_for(state="attached")
    desktop.get_by_text("a foreign log: no network, no split").first.wait_for()
    curve = desktop.get_by_role("figure", name="colleague").first
    curve.locator(".scatterlayer .trace").first.wait_for(state="attached")
    no_crash(desktop)
    at(desktop, mixed_address, "performance", tab="Test results")
    desktop.get_by_role("heading", name="Confusion matrix").wait_for()
    assert "colleague" not in said(desktop)


def test_a_link_names_the_tab_and_the_run(desktop, address):
    at(desktop, address, "performance", tab="Test results", run="baseline-cnn")
    desktop.get_by_role("heading", name="Confusion matrix").wait_for()
    expect(desktop.get_by_role("combobox", name="Run")).to_have_value("baseline-cnn")


def downloaded(page, name: str, at_place=None) -> tuple[str, bytes]:
    with page.expect_download() as download:
        (at_place or page).get_by_role("button", name=name, exact=True).first.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_chart_data_is_downloaded(desktop, address):
    at(desktop, address, "performance", tab="Training")
    training_is_shown(desktop)
    name, data = downloaded(desktop, "Data", desktop.locator("[class*=st-key-below-training]"))
    assert name.endswith(".csv")
    table = pd.read_csv(io.BytesIO(data))
    assert {"run", "part", "epoch", "value"} <= set(table.columns)
    default = runs.find_run(runs.DEFAULT_RUN)
    assert set(table["run"]) == {default.name, *histories.made_of(default.facts)}


def test_dataset_page_shows_counts_and_findings(window, address, run):
    at(window, address, "dataset")
    expect(window.get_by_test_id("stMetric").first).to_contain_text(f"{len(run.split):,}")
    window.get_by_role("heading", name="Photos per diagnosis").wait_for()
    to_tab(window, "What is wrong with them")
    window.get_by_role("heading", name="All findings").wait_for()
    settled(window)
    name, data = downloaded(window, "All photos concerned")
    assert name.endswith(".csv")
    assert len(pd.read_csv(io.BytesIO(data))) > 100
    no_crash(window)


def test_a_folder_of_ones_own_that_is_not_there_gets_one_sentence(desktop, address):
    at(desktop, address, "dataset", tab="Audit a folder")
    desktop.get_by_role("textbox", name="Folder on this computer").fill("/no/such/folder")
    desktop.get_by_role("button", name="Audit this folder").click()
    desktop.get_by_role("alert").filter(has_text="/no/such/folder").wait_for()
    no_crash(desktop)


def test_model_card_is_read_and_taken_away(window, address, run):
    at(window, address, "model_card")
    for heading in ("Intended use", "Training data"):
        window.get_by_role("heading", name=heading).first.wait_for()
    name, card = downloaded(window, "Markdown")
    assert name == f"model-card-{run.name}.md"
    assert card.decode().startswith("# ")
    assert run.sha256[:12] in card.decode()
    name, card = downloaded(window, "PDF")
    assert name == f"model-card-{run.name}.pdf"
    assert card.startswith(b"%PDF-")
    assert card.rstrip().endswith(b"%%EOF")
    no_crash(window)


def test_first_visitor_by_a_link_to_a_page_finds_the_navigation(browser):
    with served() as fresh, opened_window(browser, "desktop") as page:
        page.goto(f"{fresh}/performance?tab=Training")
        page.get_by_role("heading", name="Performance", exact=True).wait_for()
        page.get_by_role("link", name="Model card").click()
        page.get_by_role("heading", name="Model card", exact=True).wait_for()
        assert page.get_by_role("link").filter(has_text="opened").count() == 0
