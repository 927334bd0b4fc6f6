"""Two runs compared photo by photo."""

from math import comb

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, log_loss, recall_score, roc_auc_score
from typer.testing import CliRunner

from melanoma import cli
from melanoma.diagnoses import CODES
from melanoma.evaluation import comparison
from melanoma.evaluation.tables import Answers

NAMES = ("one", "other")


def answers(strength: float, seed: int, photos_a_class: int = 40) -> Answers:
    """Made-up answers, right the more often the greater `strength`; lesions of two photos."""
    random = np.random.default_rng(seed)
    codes = np.repeat(CODES, photos_a_class)
    logits = random.normal(size=(len(codes), len(CODES)))
    logits[np.arange(len(codes)), [CODES.index(c) for c in codes]] += strength
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    ids = np.array([f"P{i:04d}" for i in range(len(codes))])
    lesions = np.array([f"L{i // 2}" for i in range(len(codes))])
    return Answers(ids, codes, np.full(len(codes), "north"), lesions, probabilities)


def spelled(*tops: str, true: tuple[str, ...]) -> Answers:
    """Answers whose top diagnosis is as given."""
    probabilities = np.full((len(tops), 9), 0.05)
    probabilities[np.arange(len(tops)), [CODES.index(t) for t in tops]] = 0.6
    ids = np.array([f"P{i}" for i in range(len(tops))])
    return Answers(ids, np.array(true), np.full(len(tops), "north"), ids, probabilities)


def test_values_are_those_of_scikit_learn():
    first, second = answers(0.5, 1), answers(2.0, 2)
    found = {d.name: d for d in comparison.differences(comparison.pair(first, second))}
    for given, key in ((first, "first"), (second, "second")):
        assert getattr(found["Balanced accuracy"], key) == pytest.approx(
            balanced_accuracy_score(given.diagnoses, given.top())
        )
        for score, name in (("MEL", "Melanoma AUC"), ("malignant", "Malignant AUC")):
            expected = roc_auc_score(given.positive(score), given.score(score))
            assert getattr(found[name], key) == pytest.approx(expected)


def test_a_better_second_run_is_told_apart():
    for difference in comparison.differences(comparison.pair(answers(0.3, 1), answers(2.5, 2))):
        assert difference.difference.low > 0
        assert "higher for other" in comparison.difference_words(difference, NAMES)


def test_a_run_beside_itself_differs_nowhere():
    pair = comparison.pair(answers(1, 1), answers(1, 1))
    for difference in comparison.differences(pair):
        assert (difference.difference.low, difference.difference.high) == (0, 0)
        assert "do not tell the runs apart" in comparison.difference_words(difference, NAMES)
    assert comparison.mcnemar(pair) == comparison.McNemar(0, 0, 1.0)
    assert comparison.disagreements(pair, NAMES).empty


def test_pairing_narrows_the_interval():
    first = answers(1, 1)
    nearly = first.probabilities + 0.02 * answers(1, 5).probabilities
    second = Answers(first.image_ids, first.diagnoses, first.sources, first.lesions, nearly)
    paired = comparison.differences(comparison.pair(first, second))[1].difference
    apart = comparison.differences(comparison.pair(first, answers(1, 9)))[1].difference
    assert paired.high - paired.low < (apart.high - apart.low) / 3


def test_only_photos_that_both_tested_count_whatever_their_order():
    first, second = answers(1, 1), answers(1, 2)
    turned = comparison.chosen(second, np.arange(len(second.image_ids))[::-1][:-25])
    pair = comparison.pair(first, turned)
    assert pair.alone == (25, 0)
    assert (pair.first.image_ids == pair.second.image_ids).all()
    row = np.flatnonzero(second.image_ids == pair.second.image_ids[7])[0]
    assert (pair.second.probabilities[7] == second.probabilities[row]).all()


def test_photos_with_two_true_diagnoses_are_left_out():
    first = spelled("MEL", "NV", true=("MEL", "NV"))
    pair = comparison.pair(first, spelled("MEL", "NV", true=("MEL", "MEL")))
    assert (pair.relabelled, list(pair.first.image_ids)) == (1, ["P0"])


def test_runs_without_a_shared_photo_are_refused():
    first, second = answers(1, 1), answers(1, 2)
    with pytest.raises(comparison.ComparisonError, match="no such photo in common"):
        comparison.pair(comparison.chosen(first, np.arange(10)), comparison.chosen(second, np.arange(10, 20)))


def test_mcnemar_is_the_binomial_test_on_photos_that_one_run_alone_has_right():
    true = ("MEL",) * 12
    first = spelled(*["MEL"] * 9, "NV", "NV", "NV", true=true)
    second = spelled("MEL", *["NV"] * 8, "MEL", "NV", "NV", true=true)
    test = comparison.mcnemar(comparison.pair(first, second))
    assert (test.first_alone, test.second_alone) == (8, 1)
    assert test.p == pytest.approx(2 * (comb(9, 0) + comb(9, 1)) / 2**9)


def test_disagreements_say_who_is_right():
    first = spelled("MEL", "NV", "BCC", "NV", true=("MEL", "NV", "SK", "MEL"))
    second = spelled("NV", "NV", "DF", "MEL", true=("MEL", "NV", "SK", "MEL"))
    table = comparison.disagreements(comparison.pair(first, second), NAMES).set_index("image_id")
    assert table["right"].to_dict() == {"P0": "one", "P2": "neither", "P3": "other"}
    assert table.loc["P2", ["one", "other"]].tolist() == ["BCC", "DF"]


def test_a_figure_that_the_photos_leave_undefined_is_left_out():
    given = spelled("NV", "SK", "NV", true=("NV", "SK", "DF"))
    assert [d.name for d in comparison.differences(comparison.pair(given, given))] == ["Balanced accuracy"]


def test_cross_entropy_and_decisions_are_those_of_scikit_learn():
    first, second = answers(0.5, 1), answers(2.0, 2)
    pair = comparison.pair(first, second)
    [loss] = comparison.differences(pair, comparison.LOSSES)
    assert loss.first == pytest.approx(log_loss(first.diagnoses, first.probabilities, labels=CODES))
    assert loss.difference.high < 0
    at = 0.3, 0.6
    sensitivity, specificity = comparison.decisions(pair, *at)
    assert comparison.decisions(pair, 0.3, None) == []
    for given, threshold, key in ((first, at[0], "first"), (second, at[1], "second")):
        flagged, malignant = given.score("malignant") >= threshold, given.positive("malignant")
        assert getattr(sensitivity, key) == pytest.approx(recall_score(malignant, flagged))
        assert getattr(specificity, key) == pytest.approx(recall_score(~malignant, ~flagged))


def test_command_compares_the_default_with_the_run_it_was_made_from(run):
    parent = run.facts["parent"]
    told = CliRunner().invoke(cli.app, ["compare", parent, run.name, "--split", "validation", "--source", "isic2017"])
    assert told.exit_code == 0, told.output
    photos = ((run.predictions["split"] == "validation") & (run.predictions["source"] == "isic2017")).sum()
    assert f"{photos} validation photos of isic2017" in told.output
    assert "Specificity" in told.output
    assert "McNemar" in told.output
    for words, said in (
        (["--split", "training"], "no training photos"),
        (["--source", "mars"], "no test photos of mars"),
    ):
        refused = CliRunner().invoke(cli.app, ["compare", parent, run.name, *words])
        assert refused.exit_code == 2
        assert said in refused.output
        assert "Traceback" not in refused.output
