"""The performance page on complete, moving, partial and broken runs."""

import base64
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from event_files import events
from streamlit.testing.v1 import AppTest

from melanoma.run import folder as runs
from pages.parts import session as opened

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "pages" / "performance.py"


def words(page: AppTest) -> str:
    elements = [*page.markdown, *page.caption, *page.info, *page.warning, *page.error]
    return "\n".join(element.value for element in elements)


def traces(page: AppTest) -> dict[str, list[float]]:
    """Curve -> its values, of the main chart."""
    figure = json.loads(page.get("plotly_chart")[0].proto.spec)
    return {trace["name"]: values(trace["y"]) for trace in figure["data"]}


def values(drawn: list[float] | dict) -> list[float]:
    """Numbers of a trace, which Plotly packs."""
    packed = isinstance(drawn, dict)
    return np.frombuffer(base64.b64decode(drawn["bdata"]), drawn["dtype"]).tolist() if packed else drawn


def curves_of(page: AppTest, run: str) -> bool:
    return f"{run}, validation" in traces(page)


def listed(page: AppTest):
    """The table to pick runs from."""
    return page.dataframe[0].value


def tick(page: AppTest, *names: str) -> None:
    """Tick these rows of the table and no others."""
    rows = [row for row, name in enumerate(listed(page)["run"]) if name in names]
    page.session_state[page.dataframe[0].key] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    page.run()
    assert not page.exception


@pytest.fixture
def foreign(shown, tmp_path, monkeypatch) -> Path:
    """The folder of runs with logs from elsewhere: each of the three kinds, and a table that is no log."""
    folder = shutil.copytree(shown, tmp_path / "models")
    for name in ("from-csv", "from-json", "from-board", "patients"):
        (folder / name).mkdir()
    (folder / "from-csv" / "training.csv").write_text("epoch,acc,val_acc\n0,0.1,0.2\n1,0.3,0.4\n")
    (folder / "from-json" / "history.json").write_text('{"accuracy": [0.1, 0.3], "val_accuracy": [0.2, 0.4]}')
    (folder / "from-board" / "validation").mkdir()
    board = events((0, "epoch_accuracy", 0.25), (1, "epoch_accuracy", 0.5))
    (folder / "from-board" / "validation" / "events.out.tfevents.1").write_bytes(board)
    (folder / "patients" / "patients.csv").write_text("name,age\nA,3\n")
    monkeypatch.setattr(runs, "MODELS", folder)
    return folder


@pytest.fixture
def at(shown):
    """Opens the page at a tab, as a link with a URL query does."""

    def open_(tab: str | None = None, **query: str) -> AppTest:
        page = AppTest.from_file(PAGE, default_timeout=60)
        for key, value in (({"tab": tab} if tab else {}) | query).items():
            page.query_params[key] = value
        page.run()
        assert not page.exception
        return page

    return open_


def test_broken_folders_are_named_and_the_rest_is_shown(at):
    page = at()
    warnings = " ".join(w.value for w in page.warning)
    assert "stray is not a run" in warnings
    assert "changed/history.csv was changed" in warnings
    assert {"whole", "moving"} <= set(listed(page)["run"])
    assert curves_of(page, "baseline-cnn")


def test_a_link_picks_its_runs_and_says_which_are_gone(at):
    page = at(runs=["whole", "moving", "deleted"])
    assert curves_of(page, "whole")
    assert curves_of(page, "moving")
    assert not curves_of(page, "baseline-cnn")
    assert "not here: deleted" in words(page)


def test_ticking_rows_picks_runs_and_the_url_keeps_them(at):
    page = at(runs="whole")
    tick(page, "moving", "baseline-cnn")
    assert not curves_of(page, "whole")
    assert curves_of(page, "moving")
    assert set(page.query_params["runs"]) == {"moving", "baseline-cnn"}


def test_a_run_in_progress_says_how_far_it_is(at):
    assert "still training: 2 of 9 epochs are done" in words(at(runs="moving"))


def test_metrics_that_were_logged_can_be_chosen(at):
    page = at(runs="whole")
    assert page.selectbox(key="metric").options == ["accuracy", "loss"]
    page.selectbox(key="metric").select("loss").run()
    assert not page.exception


def test_smoothing_keeps_the_raw_curve(at):
    page = at(runs="whole")
    page.slider(key="smoothing").set_value(0.6).run()
    drawn = traces(page)
    assert drawn["whole, validation, raw"] == pytest.approx([0.52, 0.58, 0.6, 0.58, 0.52])
    assert drawn["whole, validation"] != pytest.approx(drawn["whole, validation, raw"])


def test_no_chosen_run_is_asked_for(at):
    page = at(runs="whole")
    tick(page)
    assert "Choose one or more runs" in words(page)


def test_logs_from_elsewhere_are_listed_and_overlaid_with_ours(at, foreign):
    page = at(runs=["whole", "from-csv", "from-json", "from-board"])
    names = ("whole", "from-csv", "from-json", "from-board")
    assert all(curves_of(page, name) for name in names)
    told = words(page)
    for name in names[1:]:
        assert f"**{name}**: a foreign log: no network, no split, so nothing is known about leakage" in told
    assert "from-csv is not a run" not in told


def test_a_folder_with_another_table_gets_one_sentence(at, foreign):
    assert "patients/patients.csv is no training log" in words(at())


def test_a_log_from_elsewhere_is_never_offered_for_analysis_or_tests(at, foreign):
    offered = {run.name for run in opened.all_runs()[0]} | {run.name for run in opened.usable_runs()[0]}
    assert offered
    assert not offered & {"from-csv", "from-json", "from-board"}
    assert "from-csv" not in at("Test results").selectbox(key="run").options


def test_logs_that_a_visitor_opens_join_the_chart(at):
    page = at(runs="whole")
    page.file_uploader(key="foreign-logs").set_value(
        [("mine.csv", b"epoch,acc,val_acc\n0,0.1,0.2\n1,0.3,0.4\n", "text/csv"), ("x.json", b"{}", "application/json")]
    ).run()
    assert not page.exception
    assert curves_of(page, "mine.csv")
    assert curves_of(page, "whole")
    assert [error.value for error in page.error] == [
        "x.json is no History.history: it should map each metric to its list of values."
    ]


def test_partial_and_corrupt_runs_say_what_is_wrong(at, shown, tmp_path, monkeypatch):
    for name in ("untested", "cut", "unsummed", "lost"):
        shutil.copytree(shown / "baseline-cnn", tmp_path / name)
    (tmp_path / "untested" / "model.keras").write_bytes(b"network")
    runs.seal(tmp_path / "untested")
    (tmp_path / "cut" / "run.json").write_bytes(b'{"state": "fin\xff')
    (tmp_path / "unsummed" / runs.SUMS).write_text("nonsense\n")
    (tmp_path / "lost" / "run.json").unlink()
    monkeypatch.setattr(runs, "MODELS", tmp_path)
    told = words(at(runs="untested"))
    assert "**untested**: no test predictions yet" in told
    assert "cut/run.json cannot be read" in told
    assert "unsummed/SHA256SUMS cannot be read" in told
    assert "lost is not a run" in told


def test_test_results_show_headline_figures_with_their_command(at, shown):
    page = at("Test results")
    figures = runs.Run(shown / "whole").evaluation["figures"]
    shown_figures = {metric.label: metric.value for metric in page.metric}
    assert shown_figures["Melanoma AUC"] == f"{figures['melanoma_auc']['value']:.2f}"
    assert page.code[0].value == "python -m melanoma evaluate models/whole"


def test_explorer_counts_a_thousand_patients(at):
    page = at("Operating point")
    page.slider(key="prevalence").set_value(10).run()
    assert "Of 1,000 such patients, 100 have a malignant lesion (10%)" in words(page)


def test_explorer_meets_an_asked_sensitivity_on_validation(at):
    page = at("Operating point")
    page.segmented_control(key="way").set_value("sensitivity").run()
    low = page.metric[1].value
    page.slider(key="asked").set_value(60).run()
    assert page.metric[1].value != low


def test_cautionary_tale_sets_the_two_protocols_side_by_side(at):
    told = words(at("A cautionary tale"))
    assert "88% were copies" in told
    assert "Mostly copies." in told


def test_an_empty_models_folder_says_how_to_fill_it(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "MODELS", tmp_path)
    page = AppTest.from_file(PAGE, default_timeout=60).run()
    assert not page.exception
    assert "python -m melanoma train" in words(page)
