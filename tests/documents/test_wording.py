"""What a clinician reads says what the prediction, its threshold and its test results are."""

from dataclasses import replace

import pytest
from predictions import MELANOMA_POINT, POINT, SET, TEST, make_prediction

from melanoma.documents.decision import advise
from melanoma.documents.wording import (
    describe_coverage,
    describe_decision,
    describe_diagnoses,
    describe_network,
    describe_threshold,
    escape_markdown,
    tabulate_predictive_values,
    write_headline,
    write_option,
    write_share,
)
from melanoma.estimates import UNDEFINED, Estimate
from melanoma.photo import DOUBTFUL, GOOD, UNUSABLE, Assessment
from melanoma.run import MODELS, TestRates, open_run
from melanoma.serving import UNDECIDED

REFERRED = make_prediction(NV=0.7, MEL=0.14, PBK=0.1)
ROUTINE = make_prediction(NV=0.95, MEL=0.018, SK=0.03)
DARK = make_prediction(POINT, "high-sensitivity", "The photo is dark.", quality=UNUSABLE, NV=0.95, MEL=0.018, SK=0.03)


def test_headlines_name_decision_score_and_threshold():
    assert write_headline(REFERRED) == "**Refer.** Malignancy probability 17 %, threshold 7 %"
    assert write_headline(make_prediction(MELANOMA_POINT, "melanoma-95", NV=0.9, MEL=0.05)) == (
        "**Refer.** Probability of melanoma 5 %, threshold 4 %"
    )
    routine = "**Routine.** Malignancy probability 2 %, threshold 7 %. This does not rule out melanoma."
    assert write_headline(ROUTINE) == routine


def test_a_photo_that_is_not_good_is_referred_and_the_probability_comes_after_the_reason():
    assert write_headline(DARK) == "**Refer.** The photo is not good enough to call it routine."
    assert describe_decision(DARK) == (
        "The photo is dark. At the high sensitivity operating point, the malignancy probability of 2 % is below the "
        "threshold of 7 %."
    )


def test_a_doubtful_photo_that_the_score_refers_says_both():
    both = make_prediction(POINT, "balanced", "The photo is dark.", quality=DOUBTFUL, NV=0.7, MEL=0.14, PBK=0.1)
    assert write_headline(both).startswith("**Refer.** Malignancy probability")
    assert describe_decision(both).startswith("The photo is dark. At the balanced operating point")


def test_the_side_of_the_threshold_is_that_of_the_score():
    assert "is at or above the threshold of 7 %" in describe_decision(REFERRED)
    assert "is below the threshold of 7 %" in describe_decision(ROUTINE)


def test_a_score_exactly_at_the_threshold_is_refer():
    exact = make_prediction(replace(POINT, threshold=REFERRED.score), NV=0.7, MEL=0.14, PBK=0.1)
    assert write_headline(exact).startswith("**Refer.** Malignancy")
    assert "at or above" in describe_decision(exact)


def test_score_and_threshold_that_differ_never_look_the_same():
    near = make_prediction(replace(POINT, threshold=ROUTINE.score + 0.0004), NV=0.95, MEL=0.018, SK=0.03)
    score, threshold = write_headline(near).split("probability ")[1].split(". ")[0].split(", threshold ")
    assert score != threshold


def test_a_threshold_carries_its_test_results():
    assert "sensitivity 97 % (95–98 %) and specificity 64 % (61–67 %) for malignant lesions" in describe_threshold(
        POINT
    )
    assert "for melanoma" in describe_threshold(MELANOMA_POINT)
    unmeasured = replace(POINT, test=TestRates(UNDEFINED, None))
    assert "sensitivity not measured and specificity not measured" in describe_threshold(unmeasured)


def test_predictive_values_stand_in_their_own_columns():
    rows = tabulate_predictive_values(POINT).set_index("prevalence")
    assert rows.loc["20 %", "positive predictive value"] == "40 % (38–42 %)"
    assert rows.loc["20 %", "negative predictive value"] == "99 % (98–99 %)"
    assert rows.loc["1 %", "negative predictive value"] == "99.95 % (99.92–99.97 %)"
    assert tabulate_predictive_values(replace(POINT, test=TestRates())).empty


def test_the_prediction_set_names_the_faint_ones_last():
    text = describe_diagnoses(make_prediction(MEL=0.75, NV=0.235, SCC=0.008), SET)
    assert text == (
        "**Most likely melanoma ◆, 75 %.** Prediction set (90 %): melanoma ◆, nevus ◇; "
        "below 1 %: squamous cell carcinoma ◆."
    )
    assert describe_diagnoses(make_prediction(NV=0.999), SET).endswith("Prediction set (90 %): nevus ◇.")


def test_coverage_names_the_diagnosis_covered_worst():
    text = describe_coverage(SET)
    assert "coverage was lowest for dermatofibroma: 79 % (58–93 %)" in text
    assert "names 3.2 (3.1–3.3) of the 9 diagnoses" in text


@pytest.mark.parametrize("coverage", [{}, {"MEL": None}, {"MEL": UNDEFINED}])
def test_coverage_that_nobody_measured_is_said_to_be_so(coverage):
    text = describe_coverage(replace(SET, test_coverage=coverage, mean_size=None))
    assert "Coverage on test photos: not measured." in text
    assert "Diagnoses named on average: not measured." in text


def test_a_network_is_named_with_its_results_or_without(run):
    headline = run.evaluation.headline
    assert describe_network(run) == (
        f"Network {run.name}. On test photos: balanced accuracy {headline.balanced_accuracy_9.percent()}, "
        f"melanoma AUC {headline.melanoma_auc.text()}."
    )
    bare = open_run(MODELS / "baseline-cnn-leaky")
    assert describe_network(bare) == "Network baseline-cnn-leaky. Results on test photos: not measured."


def test_sentences_for_clinicians_are_short():
    texts = [describe_decision(REFERRED), describe_decision(DARK), describe_threshold(POINT), describe_coverage(SET)]
    sentences = [sentence for text in texts for sentence in text.split(". ")]
    assert max(len(sentence.replace(" %", "%").split()) for sentence in sentences) <= 25


def test_shares_close_to_all_keep_the_decimals_that_tell_them_from_all():
    assert write_share(Estimate(0.94, 0.91, 0.96)) == "94 % (91–96 %)"
    assert write_share(Estimate(0.997, 0.991, 0.9984)) == "99.7 % (99.1–99.8 %)"
    assert write_share(TEST.npv["0.01"]) == "99.95 % (99.92–99.97 %)"
    assert write_share(None) == write_share(UNDEFINED) == "not measured"


def test_a_file_name_is_not_read_as_markdown():
    assert escape_markdown("a*b*[c](d) $x$") == r"a\*b\*\[c\]\(d\) \$x\$"


def test_an_option_has_its_probability():
    assert write_option("MEL", REFERRED) == "melanoma, 14 %"


def test_a_suspicion_is_why_a_photo_is_undecided_and_says_what_to_do():
    suspect = Assessment(GOOD, suspicions=("Ink may lie over the lesion.",))
    undecided = replace(ROUTINE, decision=UNDECIDED, assessment=suspect)
    assert write_headline(undecided) == "**Undecided: have it seen.** Something may lie over the lesion."
    assert describe_decision(undecided).endswith("Ink may lie over the lesion. Such a photo is not called routine.")
    assert advise(undecided) == "Photograph the lesion without what lies over it, or have it seen."
    referred = replace(REFERRED, assessment=suspect)
    assert write_headline(referred) == write_headline(REFERRED)
    assert "Ink" not in describe_decision(referred)
