"""Training curves on complete, moving, partial and broken runs, with imported logs beside them."""

import base64
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from event_files import events
from reading_pages import go_to, open_app, open_page, read
from streamlit.testing.v1 import AppTest

from melanoma.run import folder, write_checksums
from melanoma.run.history import trace_lineage
from pages.parts.open_runs import open_all_runs, open_ready_runs


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
    return runs_table(page).value


def runs_table(page: AppTest):
    return next(table for table in page.dataframe if "best epoch" in table.value)


def tick(page: AppTest, *names: str) -> None:
    """Tick these rows of the table and no others."""
    rows = [row for row, name in enumerate(listed(page)["run"]) if name in names]
    page.session_state[runs_table(page).key] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    page.run()
    assert not page.exception


@pytest.fixture
def imported(models, tmp_path, monkeypatch) -> Path:
    """The folder of runs with imported logs: each of the three kinds, and a table that is no log."""
    copy = shutil.copytree(models, tmp_path / "models")
    for name in ("from-csv", "from-json", "from-board", "patients"):
        (copy / name).mkdir()
    (copy / "from-csv" / "training.csv").write_text("epoch,acc,val_acc\n0,0.1,0.2\n1,0.3,0.4\n")
    (copy / "from-json" / "history.json").write_text('{"accuracy": [0.1, 0.3], "val_accuracy": [0.2, 0.4]}')
    (copy / "from-board" / "validation").mkdir()
    board = events((0, "epoch_accuracy", 0.25), (1, "epoch_accuracy", 0.5))
    (copy / "from-board" / "validation" / "events.out.tfevents.1").write_bytes(board)
    (copy / "patients" / "patients.csv").write_text("name,age\nA,3\n")
    monkeypatch.setattr(folder, "MODELS", copy)
    return copy


def at(**query: str | list[str]) -> AppTest:
    """The tab, as a link opens it."""
    return open_page("performance", tab="Training", **query)


def test_broken_folders_are_named_and_the_rest_is_shown(models):
    page = at()
    warnings = " ".join(w.value for w in page.warning)
    assert "stray is not a run" in warnings
    assert "changed/history.csv was changed" in warnings
    assert {"whole", "moving"} <= set(listed(page)["run"])
    assert curves_of(page, "baseline-cnn")


def test_a_link_picks_its_runs_and_says_which_are_gone(models):
    page = at(runs=["whole", "moving", "deleted"])
    assert curves_of(page, "whole")
    assert curves_of(page, "moving")
    assert not curves_of(page, "baseline-cnn")
    assert "not here: deleted" in read(page)


def test_ticking_rows_picks_runs_and_the_url_keeps_them(models):
    page = at(runs="whole")
    tick(page, "moving", "baseline-cnn")
    assert not curves_of(page, "whole")
    assert curves_of(page, "moving")
    assert set(page.query_params["runs"]) == {"moving", "baseline-cnn"}


def test_a_run_in_progress_says_how_far_it_is(models):
    assert "still training: 2 of 9 epochs are done" in read(at(runs="moving"))


def test_metrics_that_were_logged_can_be_chosen(models):
    page = at(runs="whole")
    assert page.selectbox(key="metric").options == ["accuracy", "loss"]
    page.selectbox(key="metric").select("loss").run()
    assert not page.exception


def test_smoothing_keeps_the_raw_curve(models):
    page = at(runs="whole")
    page.slider(key="smoothing").set_value(0.6).run()
    drawn = traces(page)
    assert drawn["whole, validation, raw"] == pytest.approx([0.52, 0.58, 0.6, 0.58, 0.52])
    assert drawn["whole, validation"] != pytest.approx(drawn["whole, validation, raw"])


def test_no_chosen_run_is_asked_for(models):
    page = at(runs="whole")
    tick(page)
    assert "Choose one or more runs" in read(page)


def test_imported_logs_are_listed_and_overlaid_with_ours(imported):
    page = at(runs=["whole", "from-csv", "from-json", "from-board"])
    names = ("whole", "from-csv", "from-json", "from-board")
    assert all(curves_of(page, name) for name in names)
    words = read(page)
    for name in names[1:]:
        assert f"**{name}**: an imported log: no network, no split, so nothing is known about leakage" in words
    assert "from-csv is not a run" not in words


def test_a_folder_with_another_table_gets_one_sentence(imported):
    assert "patients/patients.csv is no training log" in read(at())


def test_an_imported_log_is_never_offered_for_analysis_or_tests(imported):
    offered = {run.name for run in open_all_runs()[0]} | {run.name for run in open_ready_runs()[0]}
    assert offered
    assert not offered & {"from-csv", "from-json", "from-board"}
    assert "from-csv" not in open_page("performance", tab="Test results").selectbox(key="run").options


def test_logs_that_a_visitor_opens_join_the_chart(models):
    page = at(runs="whole")
    page.file_uploader(key="imported-logs-0").set_value(
        [("mine.csv", b"epoch,acc,val_acc\n0,0.1,0.2\n1,0.3,0.4\n", "text/csv"), ("x.json", b"{}", "application/json")]
    ).run()
    assert not page.exception
    assert curves_of(page, "mine.csv")
    assert curves_of(page, "whole")
    assert [error.value for error in page.error] == [
        "x.json is no History.history: it should map each metric to its list of values."
    ]


def test_imported_logs_stay_while_other_tabs_and_pages_are_read_until_they_are_removed(models):
    app = open_app()
    go_to(app, "performance")
    app.file_uploader(key="imported-logs-0").set_value([("mine.csv", b"epoch,acc\n0,0.1\n1,0.3\n", "text/csv")]).run()
    go_to(app, "model_card")
    go_to(app, "performance")
    assert "mine.csv, training" in traces(app)
    next(button for button in app.button if button.label == "Remove imported logs").click().run()
    assert not app.exception
    assert "mine.csv, training" not in traces(app)


def test_partial_and_corrupt_runs_say_what_is_wrong(models, tmp_path, monkeypatch):
    for name in ("untested", "cut", "unsummed", "lost"):
        shutil.copytree(models / "baseline-cnn", tmp_path / name)
    (tmp_path / "untested" / "model.keras").write_bytes(b"network")
    write_checksums(tmp_path / "untested")
    (tmp_path / "cut" / "run.json").write_bytes(b'{"state": "fin\xff')
    (tmp_path / "unsummed" / folder.CHECKSUMS).write_text("nonsense\n")
    (tmp_path / "lost" / "run.json").unlink()
    monkeypatch.setattr(folder, "MODELS", tmp_path)
    words = read(at(runs="untested"))
    assert "**untested**: no test predictions yet" in words
    assert "cut/run.json cannot be read" in words
    assert "unsummed/SHA256SUMS cannot be read" in words
    assert "lost is not a run" in words


def test_the_default_comes_first_with_what_it_goes_back_to_and_the_others_on_request(run):
    page = at()
    names = list(listed(page)["run"])
    assert names[0] == run.name
    assert curves_of(page, run.name)
    facts = {one.name: one.facts for one in open_all_runs()[0]}
    assert names == [ancestor.name for ancestor in trace_lineage(facts, run.name)]
    assert f"**{run.name}**, the network that answers" in read(page)
    page.toggle(key="all-runs").set_value(True).run()
    assert len(listed(page)) == len(open_all_runs()[0])
    assert listed(page)["run"].iloc[0] == run.name


def test_a_link_to_another_run_lists_it(run):
    assert "baseline-cnn" in set(listed(at(runs="baseline-cnn"))["run"])
