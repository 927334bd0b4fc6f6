"""What a reader takes from the figures, and the tables behind them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from melanoma.charts import answer as charts
from melanoma.charts import reports as charts_reports
from melanoma.charts import results as charts_results
from melanoma.charts import training as charts_training
from melanoma.diagnoses import CODES, MALIGNANT, NAMES
from melanoma.estimates import Interval
from melanoma.evaluation import outcomes
from melanoma.evaluation import tables as results
from melanoma.run import history as histories

PROBABILITIES = np.array([0.02, 0.05, 0.01, 0.3, 0.55, 0.04, 0.01, 0.015, 0.005])


@pytest.fixture(scope="module")
def answers() -> results.Answers:
    random = np.random.default_rng(3)
    codes = random.choice(CODES, 400)
    logits = random.normal(size=(400, 9))
    logits[np.arange(400), [CODES.index(c) for c in codes]] += 1.2
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    names = np.array([f"P{i}" for i in range(400)])
    return results.Answers(names, codes, np.full(400, "here"), names, probabilities)


def test_bars_are_sorted_with_their_numbers_and_pale_outside_the_differential():
    bars = charts.probability_bars(PROBABILITIES, ("NV", "MEL")).data[0]
    assert list(bars.x) == sorted(bars.x)
    assert bars.y[-1].startswith("nevus")
    assert bars.text[-1] == "55.0 %"
    solid = [name for name, opacity in zip(bars.y, bars.marker.opacity, strict=True) if opacity == 1]
    assert solid == ["melanoma ◆", "nevus ◇"]
    assert charts.probability_words(PROBABILITIES).startswith("Probabilities: nevus 55.0 %, melanoma 30.0 %")


def test_shares_referred_are_sorted_with_their_intervals_and_a_missing_diagnosis_is_left_out():
    share = {"value": 0.9, "low": 0.8, "high": 0.95}
    per_class = {
        "NV": {"support": 500, "referred": {"value": 0.3, "low": 0.25, "high": 0.4}},
        "MEL": {"support": 80, "referred": share},
        "DF": {"support": 0, "referred": None},
    }
    dots = charts.referred(per_class).data[0]
    assert list(dots.y) == ["nevus ◇", "melanoma ◆"]  # from the bottom
    assert dots.x[1] + dots.error_x.array[1] == pytest.approx(0.95)
    assert dots.x[1] - dots.error_x.arrayminus[1] == pytest.approx(0.8)
    assert charts.referred_words(per_class) == "Referred, of test photos: melanoma 90 % of 80, nevus 30 % of 500."


def test_next_to_nothing_is_not_called_nothing():
    assert charts.percent(0.0002) == "< 0.1 %"
    assert charts.percent(0.9999) == "> 99.9 %"


def test_the_raw_curve_stays_behind_the_smoothed_one():
    values = [1.0, 0.2, 0.9, 0.1, 0.8]
    log = pd.DataFrame({"run": "a", "part": "validation", "epoch": range(1, 6), "value": values})
    log["smoothed"] = histories.smooth(np.array(values), 0.7)
    figure = charts_training.curves(log, "loss", {"a": 4})
    drawn = {trace.name: list(trace.y) for trace in figure.data}
    assert drawn["a, validation, raw"] == values
    assert np.ptp(drawn["a, validation"]) < np.ptp(values)
    assert drawn["a, best epoch"] == [0.1]


def test_smoothing_of_zero_changes_nothing_and_a_constant_stays():
    assert histories.smooth(np.array([1.0, 5, 2]), 0) == pytest.approx([1, 5, 2])
    assert histories.smooth(np.full(6, 0.4), 0.9) == pytest.approx(np.full(6, 0.4))


def test_roc_area_is_scikit_learns(answers):
    _, area = results.roc(answers, "malignant")
    malignant = answers.probabilities[:, [CODES.index(c) for c in MALIGNANT]].sum(axis=1)
    assert area == pytest.approx(roc_auc_score(np.isin(answers.diagnoses, MALIGNANT), malignant))


def test_rates_lie_on_the_roc_and_inside_their_intervals(answers):
    points, _ = results.roc(answers, "MEL")
    point = points.iloc[len(points) // 2]
    sensitivity, specificity = results.rates(answers, "MEL", point["threshold"])
    assert sensitivity.value == pytest.approx(point["sensitivity"], abs=1e-5)
    assert specificity.value == pytest.approx(point["specificity"], abs=1e-5)
    assert sensitivity.low <= sensitivity.value <= sensitivity.high


@pytest.mark.parametrize("asked", [0.5, 0.8, 0.95, 0.99])
def test_threshold_for_a_sensitivity_reaches_it_and_no_higher_one_does(answers, asked):
    threshold = results.threshold_for(answers, "malignant", asked)
    assert results.rates(answers, "malignant", threshold)[0].value >= asked - 1e-6
    assert results.rates(answers, "malignant", threshold + 1e-9)[0].value < asked


@pytest.mark.parametrize("merged", [False, True])
def test_confusion_counts_every_photo_once_and_cells_list_them(answers, merged):
    counts = results.confusion(answers, merged)
    assert counts.to_numpy().sum() == 400
    assert results.row_shares(counts).sum(axis=1).to_numpy() == pytest.approx(np.ones(len(counts)))
    true, top = counts.index[-1], counts.columns[1]
    assert len(results.photos_in_cell(answers, true, top, merged)) == counts.loc[true, top]


@given(*[st.floats(0, 1)] * 3)
def test_a_thousand_patients_are_a_thousand(sensitivity, specificity, prevalence):
    exact = [Interval(v, v, v) for v in (sensitivity, specificity)]
    groups = outcomes.whole_people(outcomes.per_thousand(*exact, prevalence))
    assert sum(groups.values()) == 1000
    assert min(groups.values()) >= 0
    assert groups["found"] == pytest.approx(1000 * prevalence * sensitivity, abs=1)


def test_people_are_drawn_once_each_and_told_in_words():
    groups = {"found": 47, "missed": 3, "referred": 535, "spared": 415}
    figure = charts_results.people(groups)
    places = {(x, y) for trace in figure.data for x, y in zip(trace.x, trace.y, strict=True)}
    assert len(places) == 1000
    assert "47 would be referred and 3 missed" in charts_results.people_words(groups, 0.05)


def test_an_empty_group_of_people_draws_nobody():
    figure = charts_results.people({"found": 10, "missed": 0, "referred": 90, "spared": 900})
    assert list(figure.data[1].x) == [None]


def test_small_groups_are_grey_and_say_their_number():
    table = pd.DataFrame({"diagnosis": list(NAMES)[:2], "support": [12, 400], "auc": [0.8, 0.9]})
    table["auc low"], table["auc high"] = table["auc"] - 0.05, table["auc"] + 0.05
    dots = charts_results.forest(table, "diagnosis", "auc", "support").data[0]
    assert dots.y == ("BCC  (n 400)", "AK  (n 12)")
    assert dots.marker.color[1] == charts_results.GREY != dots.marker.color[0]


def test_readers_are_labelled_points_on_the_roc(answers):
    figure = charts_results.roc({"MEL": results.roc(answers, "MEL")}, outcomes.READERS)
    labels = {text for trace in figure.data for text in trace.text or ()}
    assert labels == {reader.name for reader in outcomes.READERS}


@pytest.mark.parametrize("merged", [False, True])
def test_every_cell_of_the_confusion_matrix_can_be_clicked(answers, merged):
    counts = results.confusion(answers, merged)
    codes = list(counts.index)
    chosen = (codes[2], codes[3])
    figure = charts_results.confusion(counts, results.row_shares(counts), as_shares=False, chosen=chosen)
    points = {
        (y, x): n for y, x, (n, _) in zip(figure.data[1].y, figure.data[1].x, figure.data[1].customdata, strict=True)
    }
    assert points == {(true, top): counts.loc[true, top] for true in codes for top in codes}
    outline = figure.layout.shapes[-1]
    assert (outline.y0 + outline.y1, outline.x0 + outline.x1) == (4, 6)


def test_dots_lie_on_the_line_that_names_them_with_their_intervals():
    rows = [("A", "one", "own", 0.5), ("A", "one", "chance", 0.2), ("B", "one", "own", 0.7), ("B", "two", "own", 0.1)]
    table = pd.DataFrame(rows, columns=["group", "line", "series", "value"])
    table["low"], table["high"] = table["value"] - 0.1, table["value"] + 0.2
    figure = charts_reports.dots(table, "share")
    ticks = figure.layout.yaxis
    named = {
        (trace.name, ticks.ticktext[int(np.abs(np.array(ticks.tickvals) - y).argmin())], x)
        for trace in figure.data
        for x, y in zip(trace.x, trace.y, strict=True)
    }
    assert named == {("own", "one", 0.5), ("chance", "one", 0.2), ("own", "one", 0.7), ("own", "two", 0.1)}
    assert figure.data[0].error_x.array == pytest.approx([0.2] * 3)
    assert [note.text for note in figure.layout.annotations] == ["<b>A</b>", "<b>B</b>"]
    assert figure.layout.xaxis.range[0] <= 0 <= figure.layout.xaxis.range[1]


def test_small_groups_of_patients_are_grey_and_say_their_number():
    table = pd.DataFrame({"by": "Age", "group": ["under 30", "30 to 44", "45 to 59"], "photos": [12, 400, 90]})
    table["accuracy"], table["accuracy low"], table["accuracy high"] = (
        [0.8, 0.9, None],
        [0.7, 0.8, None],
        [0.9, 1, None],
    )
    figure = charts_reports.groups(table, "accuracy", 0.85)
    assert figure.layout.yaxis.ticktext == ("under 30 (n 12)", "30 to 44 (n 400)")
    assert [colour == charts_results.GREY for colour in figure.data[0].marker.color] == [True, False]
