"""What the bench makes of its measurements; the measurements themselves are no test."""

import copy
import json
from pathlib import Path

import pytest

import melanoma.bench
from melanoma.bench import report
from melanoma.bench.report import BARS, UNIT, Bar, compare_engines, compute_ratios
from melanoma.photo import example_bytes

pytestmark = pytest.mark.slow  # it imports what it measures, TensorFlow too

ENGINES = {
    "OpenVINO, default": {"p50": 1.0, "p95": 1.0, "probability_difference": 0.05},
    "LiteRT": {"p50": 2.0, "p95": 2.0, "probability_difference": 1e-6},
    "ONNX Runtime, threads 1": {"p50": 5.0, "p95": 6.0, "probability_difference": 1e-6},
    "ONNX Runtime, threads 2": {"p50": 3.0, "p95": 4.0, "probability_difference": 1e-6},
    UNIT: {"p50": 1.5, "p95": 2.0, "probability_difference": None},
}
STAGES = {
    "600x450": {"read": {"p50": 2.0, "p95": 3.0}, "total": {"p50": 8.0, "p95": 10.0}},
    "4000x3000": {"read": {"p50": 90.0, "p95": 95.0}, "total": {"p50": 120.0, "p95": 130.0}},
}
ALONE = {
    "cold": {"process_s": 1.2, "heavy_modules": []},
    "memory": {"rest_mb": 200.0, "after_mb": 206.0},
    "score": {"photos_per_s": 90.0},
    "batch": {"one": 100.0, "two": 120.0},
    "people": {"p95_s": 0.1},
    "server": {"hello_page_s": 1.0, "first_page_s": 1.5, "first_answer_s": 2.5, "tensorflow_loaded": False},
    "training_tab": {"worst_s": 0.8},
}


def test_every_engine_answers_for_the_network_that_ships(run):
    engines, usual = compare_engines(run, [example_bytes()], rounds=1)
    served = engines[report.SERVED]
    assert served["probability_difference"] < 1e-5
    assert engines[UNIT]["probability_difference"] is None  # untrained, so that no answer of it is compared
    assert usual["p50"] > 0


def test_an_engine_that_moves_probabilities_is_not_the_unit(monkeypatch):
    monkeypatch.setattr(report, "SERVED", "ONNX Runtime, threads 2")
    ratios = compute_ratios(STAGES, ENGINES, {"p50": 400.0}, ALONE)
    assert ratios["serving_over_fastest_engine"] == pytest.approx(3 / 2)
    assert ratios["cost_over_lite0_224"] == pytest.approx(3 / 1.5)
    assert ratios["over_floor_p50"] == pytest.approx(8 / (2 + 2))
    assert ratios["over_floor_12_megapixels"] == pytest.approx(120 / (2 + 2))
    assert ratios["against_naive"] == pytest.approx(8 / 400)
    assert ratios["score_over_batch"] == pytest.approx(90 / 120)
    assert ratios["memory_growth_mb"] == pytest.approx(6)
    assert set(ratios) == set(BARS)


def test_without_a_browser_its_ratios_are_left_out():
    alone = copy.deepcopy(ALONE) | {"server": None, "training_tab": None}
    ratios = compute_ratios(STAGES, ENGINES, {"p50": 400.0}, alone)
    assert set(BARS) - set(ratios) == {"page_after_hello_s", "server_first_answer_s", "training_tab_worst_s"}


def test_a_tensorflow_that_the_server_loaded_counts():
    alone = ALONE | {"server": ALONE["server"] | {"tensorflow_loaded": True}}
    assert compute_ratios(STAGES, ENGINES, {"p50": 400.0}, alone)["heavy_modules"] == 1


def test_bars_hold_on_their_own_side():
    assert Bar(1.6, "at most").holds(1.6)
    assert not Bar(1.6, "at most").holds(1.61)
    assert Bar(0.9, "at least", at_least=True).holds(0.95)
    assert not Bar(0.9, "at least", at_least=True).holds(0.5)


def test_the_stored_report_has_every_ratio_that_is_judged():
    stored = json.loads((Path(melanoma.bench.__file__).parent / "measured.json").read_text())
    assert set(stored["ratios"]) == set(BARS)
    assert (
        stored["ratios"].keys()
        == compute_ratios(stored["stages_ms"], stored["engines"], stored["naive_ms"], stored).keys()
    )
