"""What the report on heatmaps says: the default, what is better than it, what it is better than."""

from dataclasses import replace

from reports_as_stored import around, make_heatmap

from melanoma.documents.findings_faithfulness import (
    CHANCE,
    MAP,
    SPOT,
    describe_faithfulness,
    find_default_method,
    name_method,
    tabulate_answers,
    tabulate_methods,
)
from melanoma.run.faithfulness import Faithfulness, Perturbation


def make_report(**methods) -> Faithfulness:
    spot = {SPOT: methods.pop("spot")} if "spot" in methods else {}
    return Faithfulness("", "", "", "", 40, methods | spot)


DELETION = Perturbation(auc=around(0.2, 0.01), auc_random_map=around(0.4, 0.01))
GRADCAM = replace(make_heatmap(0.6, 0.9), deletion=DELETION)
REPORT = make_report(gradcam=GRADCAM, scorecam=make_heatmap(0.7, 0.5), spot=make_heatmap(0.6, 0.4))


def test_the_default_is_named_with_what_does_better():
    sentences = describe_faithfulness(REPORT)
    assert sentences[0].startswith("Grad-CAM is the default.")
    assert sentences[1] == "Others have the better value: Score-CAM (evidence inside the lesion)."


def test_lower_is_better_in_deletion():
    assert "is better in evidence inside the lesion, pointing game and deletion" in describe_faithfulness(REPORT)[2]
    worse = replace(DELETION, auc=around(0.6, 0.01))
    sentences = describe_faithfulness(make_report(gradcam=replace(GRADCAM, deletion=worse)))
    assert sentences[1] == "Only Grad-CAM was measured."
    assert sentences[2].endswith("worse in deletion.")


def test_the_centre_spot_is_a_comparison_and_no_method():
    sentences = describe_faithfulness(REPORT)
    assert sentences[3] == (
        "Compared with a round spot in the middle of every photo, it is better in pointing game; "
        "no better in evidence inside the lesion."
    )
    assert SPOT not in set(tabulate_methods(REPORT)["line"])


def test_every_measure_stands_beside_its_own_chance():
    rows = tabulate_methods(REPORT)
    own = rows[(rows["line"] == "Grad-CAM") & (rows["group"] == "Deletion ↓")].set_index("series")["value"]
    assert own.to_dict() == {MAP: 0.2, CHANCE: 0.4}


def test_answers_are_parted_into_right_and_wrong():
    table = tabulate_answers(REPORT, "gradcam")
    assert "wrong answers (40)" in set(table["line"])
    assert set(table["series"]) == {MAP, CHANCE, SPOT}


def test_a_method_of_a_stored_report_that_is_gone_is_shown_by_its_name():
    assert name_method("gradcam++") == "gradcam++"
    report = make_report(**{"gradcam++": make_heatmap(0.6, 0.9)})
    assert find_default_method(report) == "gradcam++"
    assert describe_faithfulness(report)[0] == "Only gradcam++ was measured."
    assert find_default_method(make_report()) is None
    assert describe_faithfulness(make_report()) == []


def test_stored_reports_are_read(run):
    assert describe_faithfulness(run.evaluation.faithfulness)[0].startswith("Grad-CAM is the default.")
