"""Performance, Dataset, Model card: on the runs that ship, and on a folder that also holds broken runs and a log."""

import io
import re
import shutil
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote_plus

import pandas as pd
import pytest
from copied_runs import copy_run, recalibrate
from playwright.sync_api import expect
from visiting import (
    EXAMPLE,
    WINDOWS,
    choose,
    download,
    expect_no_crash,
    expect_words,
    go_to_page,
    go_to_tab,
    open_list,
    open_window,
    read,
    serve_app,
    unfold,
    upload,
    wait_until_still,
)

from melanoma.run import DEFAULT_RUN, Run, find_run, folder, write_checksums, write_part
from melanoma.run.history import ingredients

pytestmark = pytest.mark.browser
LOGGED = "baseline-cnn"  # a run that ships, with a history of many epochs


def write_partial_run(path: Path, network: Path, origin: Run) -> None:
    """A run that was stopped: a network, a history that breaks off within a row, no calibration, no predictions."""
    path.mkdir()
    (path / "model.keras").symlink_to(network)
    write_part(path / "run.json", replace(origin.facts, name=path.name, state="interrupted", export=None))
    rows = (origin.folder / "history.csv").read_text().splitlines()
    (path / "history.csv").write_text("\n".join([*rows[:4], rows[4][:20]]))
    write_checksums(path)


def write_changed_run(path: Path, origin: Run) -> None:
    """A run whose network is no longer the one of its checksums."""
    shutil.copytree(origin.folder, path)
    with (path / "model.keras").open("ab") as file:
        file.write(b"x")


def write_unreadable_run(path: Path) -> None:
    """A run whose facts break off."""
    path.mkdir()
    (path / "run.json").write_text('{"state": "finished", "classes": ["AK", ')


def write_imported_log(path: Path) -> None:
    """What Keras' CSVLogger writes, alone in a folder."""
    path.mkdir()
    epochs = range(12)
    rows = [f"{e},{0.4 + 0.02 * e:.4f},{1.6 - 0.1 * e:.4f},{0.35 + 0.02 * e:.4f},{1.7 - 0.08 * e:.4f}" for e in epochs]
    (path / "training.csv").write_text("\n".join(["epoch,accuracy,loss,val_accuracy,val_loss", *rows]) + "\n")


@pytest.fixture(scope="session")
def mixed(run, tmp_path_factory) -> Path:
    """The runs that ship, a second network, a run broken off, a changed one, an unreadable one, a colleague's log."""
    models = tmp_path_factory.mktemp("mixed")
    for shipped in run.folder.parent.iterdir():
        if (shipped / "run.json").exists() or shipped.name == folder.SPLITS:
            (models / shipped.name).symlink_to(shipped)
    recalibrate(copy_run(run, models / "second"), temperature=8.0)
    write_partial_run(models / "broken-off", run.network_path, find_run(LOGGED))
    write_changed_run(models / "changed", run)
    write_unreadable_run(models / "unreadable")
    write_imported_log(models / "colleague")
    return models


@pytest.fixture(scope="session")
def mixed_address(mixed):
    with serve_app(mixed) as url:
        yield url


@pytest.fixture(params=WINDOWS)
def window(browser, request):
    with open_window(browser, request.param) as page:
        yield page


def at(page, url: str, path: str, **query: str) -> None:
    """Open a page, as a link does, and wait until it stands still."""
    words = "&".join(f"{key}={quote_plus(value)}" for key, value in query.items())
    page.goto(f"{url}/{path}?{words}")
    page.get_by_text("Research use only").first.wait_for()
    wait_until_still(page)


def check_training(page) -> None:
    page.get_by_role("heading", name="Learning rate").wait_for()
    curve = page.get_by_role("figure", name="accuracy").first
    curve.locator(".scatterlayer .trace").first.wait_for(state="attached")
    for heading in ("Generalisation gap", "Seconds per epoch", "Last logged epoch"):
        expect(page.get_by_role("heading", name=heading)).to_have_count(1)


def check_test_results(page, shipped: Run) -> None:
    headline = shipped.evaluation.headline
    metrics = page.get_by_test_id("stMetric").filter(has_text="Melanoma AUC")
    expect(metrics.first).to_contain_text(f"{headline.melanoma_auc.value:.2f}")
    unfold(page, "All headline estimates, and how to make them again")
    page.get_by_text("python -m melanoma evaluate").first.wait_for()
    page.get_by_role("button", name="Open all").click()
    for chart in ("Confusion matrix", "Area under the ROC", "Largest gap after calibration", "by diagnosis, with"):
        page.get_by_role("figure", name=chart).first.wait_for()
    for words in ("Thresholds were chosen on validation photos", "Artefacts are real cut-outs"):
        page.get_by_text(words).wait_for()


def check_patients(page) -> None:
    page.get_by_role("heading", name="1,000 such patients").wait_for()
    page.get_by_text("50 have a malignant lesion").first.wait_for()
    malignant = page.get_by_role("spinbutton", name="Malignant, of 100 lesions here")
    malignant.fill("8")
    malignant.press("Enter")
    page.get_by_text("80 have a malignant lesion").first.wait_for()
    page.get_by_role("heading", name="Beside published readers").wait_for()


def check_comparison(page) -> None:
    page.get_by_role("heading", name="Top diagnosis").wait_for()
    page.get_by_role("heading", name=re.compile(f"^[a-z0-9-]+ minus {re.escape(DEFAULT_RUN)}$")).wait_for()
    expect_words(page, "McNemar", "Specificity: ")


def check_data_leakage(page) -> None:
    page.get_by_role("heading", name="One network, two protocols").wait_for()
    expect_words(page, "It measures memory")
    expect(page.get_by_role("figure", name="accuracy")).to_have_count(2)


def check_every_tab(page, shipped: Run) -> None:
    """Each tab in turn, as a reader clicks through them."""
    for tab, check in {
        "Training": check_training,
        "Test results": lambda page: check_test_results(page, shipped),
        "Operating point": check_patients,
        "Compare": check_comparison,
        "Data leakage example": check_data_leakage,
    }.items():
        go_to_tab(page, tab)
        wait_until_still(page)
        check(page)
        wait_until_still(page)
        expect_no_crash(page)


def test_each_tab_on_the_runs_that_ship(window, address, run):
    at(window, address, "performance")
    assert window.get_by_test_id("stAlert").count() == 0
    check_every_tab(window, run)


def test_each_tab_beside_partial_and_corrupted_runs_and_an_imported_log(desktop, mixed_address, run):
    at(desktop, mixed_address, "performance")
    check_every_tab(desktop, run)


def test_corrupted_runs_are_named_in_a_plain_sentence(desktop, mixed_address):
    for path in ("performance", "model_card"):
        at(desktop, mixed_address, path)
        for start in ("changed/model.keras was changed after it was written.", "unreadable/run.json cannot be read"):
            named = desktop.get_by_role("alert").filter(has_text=start)
            expect(named).to_have_count(1)
            expect(named).to_contain_text("Restore it or remove the run.")
        expect_no_crash(desktop)


def test_a_partial_run_says_what_it_lacks(desktop, mixed_address):
    at(desktop, mixed_address, "performance", tab="Training", runs="broken-off")
    desktop.get_by_text(f"training was stopped after 3 of {find_run(LOGGED).facts.settings.epochs} epochs").wait_for()
    check_training(desktop)
    for tab in ("Test results", "Compare"):  # it has nothing to show there, and is not offered
        at(desktop, mixed_address, "performance", tab=tab, run="broken-off")
        expect_no_crash(desktop)
    at(desktop, mixed_address, "model_card", run="broken-off")
    desktop.get_by_role("heading", name="Intended use").first.wait_for()
    expect_words(desktop, "broken-off")
    expect_no_crash(desktop)


def test_only_networks_that_are_ready_are_offered_and_the_chosen_one_answers_on_both_pages(desktop, mixed_address):
    at(desktop, mixed_address, "")
    upload(desktop, EXAMPLE)
    desktop.get_by_text("In brackets: 95 % intervals").wait_for()
    wait_until_still(desktop)
    usual = decision(desktop)
    desktop.get_by_test_id("stExpandSidebarButton").click()
    offered = open_list(desktop, desktop.get_by_role("combobox", name="Network"))
    assert offered == [DEFAULT_RUN, "second"]
    desktop.keyboard.press("Escape")
    choose(desktop, "Network", "second")
    desktop.get_by_text("second answers, not the usual network.").wait_for()
    wait_until_still(desktop)
    second = decision(desktop)
    assert second != usual
    go_to_page(desktop, "Explain")
    assert decision(desktop) == second
    expect_no_crash(desktop)


def decision(page) -> str:
    """The headline of the answer."""
    return page.get_by_role("heading", name="Malignancy probability").inner_text()


def test_an_imported_log_is_listed_and_its_curves_are_drawn(desktop, mixed_address):
    at(desktop, mixed_address, "performance", tab="Training", runs="colleague")
    listed = desktop.locator("canvas[aria-label='Runs to choose from'], canvas").first
    listed.locator("[role=gridcell]", has_text="colleague").first.wait_for(state="attached")
    desktop.get_by_text("an imported log: no network, no split").first.wait_for()
    curve = desktop.get_by_role("figure", name="colleague").first
    curve.locator(".scatterlayer .trace").first.wait_for(state="attached")
    expect_no_crash(desktop)
    at(desktop, mixed_address, "performance", tab="Test results")
    desktop.get_by_text("Confusion matrix").wait_for()
    assert "colleague" not in read(desktop)


def test_a_link_names_the_tab_and_the_run(desktop, address):
    at(desktop, address, "performance", tab="Test results", run="baseline-cnn")
    desktop.get_by_text("Confusion matrix").wait_for()
    expect(desktop.get_by_role("combobox", name="Run")).to_have_value("baseline-cnn")


def test_chart_data_is_download(desktop, address):
    at(desktop, address, "performance", tab="Training")
    check_training(desktop)
    name, data = download(desktop, "Data", desktop.locator("[class*=st-key-below-training]"))
    assert name.endswith(".csv")
    table = pd.read_csv(io.BytesIO(data))
    assert {"run", "part", "epoch", "value"} <= set(table.columns)
    default = find_run(DEFAULT_RUN)
    assert set(table["run"]) == {default.name, *ingredients(default.facts)}


def test_the_dataset_page_has_counts_and_findings(window, address, run):
    at(window, address, "dataset")
    expect(window.get_by_test_id("stMetric").first).to_contain_text(f"{len(run.split):,}")
    window.get_by_role("heading", name="Photos per diagnosis").wait_for()
    go_to_tab(window, "Data quality")
    window.get_by_role("heading", name="All findings").wait_for()
    wait_until_still(window)
    name, data = download(window, "All photos concerned")
    assert name.endswith(".csv")
    assert len(pd.read_csv(io.BytesIO(data))) > 100
    expect_no_crash(window)


def test_a_folder_of_ones_own_that_is_not_there_gets_one_sentence(desktop, address):
    at(desktop, address, "dataset", tab="Audit a folder")
    desktop.get_by_role("textbox", name="Folder on this computer").fill("/no/such/folder")
    desktop.get_by_role("button", name="Audit this folder").click()
    desktop.get_by_role("alert").filter(has_text="/no/such/folder").wait_for()
    expect_no_crash(desktop)


def test_model_card_is_read_and_taken_away(window, address, run):
    at(window, address, "model_card")
    for heading in ("Intended use", "Training data"):
        window.get_by_role("heading", name=heading).first.wait_for()
    name, card = download(window, "Markdown")
    assert name == f"model-card-{run.name}.md"
    assert card.decode().startswith("# ")
    assert run.sha256[:12] in card.decode()
    name, card = download(window, "PDF")
    assert name == f"model-card-{run.name}.pdf"
    assert card.startswith(b"%PDF-")
    assert card.rstrip().endswith(b"%%EOF")
    expect_no_crash(window)
