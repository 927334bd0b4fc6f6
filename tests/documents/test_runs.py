"""A run's training in words: what it lacks, how it was made, and the data leakage example."""

import shutil
from dataclasses import replace

import pytest

from melanoma.documents.runs import describe_data_leakage, describe_missing_parts
from melanoma.estimates import percent
from melanoma.run import MODELS, ConceptErasure, Member, Run, open_run, write_part


@pytest.fixture
def make_run(tmp_path):
    def make(*without: str, **facts) -> Run:
        folder = shutil.copytree(MODELS / "baseline-cnn", tmp_path / "a")
        (folder / "model.keras").write_bytes(b"a network")
        for name in without:
            (folder / name).unlink()
        write_part(folder / "run.json", replace(Run(folder).facts, **facts))
        return Run(folder)

    return make


def test_a_whole_run_lacks_nothing(make_run):
    assert describe_missing_parts(make_run()) == []


def test_a_run_that_still_trains_says_how_far_it_is(make_run):
    run = make_run(state="training")
    epochs = run.facts.settings.epochs
    assert describe_missing_parts(run) == [f"still training: {len(run.history)} of {epochs} epochs are done"]


def test_what_a_run_lacks_is_said_with_what_makes_it(make_run):
    (sentence,) = describe_missing_parts(make_run("predictions.csv", "evaluation.json"))
    assert sentence == "no test predictions yet; `evaluate` makes them"


def test_a_run_without_a_network_cannot_answer(make_run):
    sentences = describe_missing_parts(make_run("model.keras"))
    assert sentences == ["it keeps its history and results, no network, so it cannot answer"]


def test_a_run_that_was_not_trained_names_what_it_is_made_of(make_run):
    members = (Member("b", 224, 1.0), Member("c", 288, 1.0))
    (sentence,) = describe_missing_parts(make_run(ensemble=members))
    assert "an ensemble of b (at 224 px) and c (at 288 px)" in sentence


def test_a_run_after_concept_erasure_names_the_run_it_was_applied_to(make_run):
    (sentence,) = describe_missing_parts(make_run(concept_erasure=ConceptErasure("d", 5), teachers=()))
    assert sentence.endswith("applied to d")


def test_a_distilled_run_names_its_teachers_and_their_share(make_run):
    settings = replace(open_run(MODELS / "baseline-cnn").facts.settings, distillation_weight=0.7)
    (sentence,) = describe_missing_parts(make_run(teachers=("b", "c"), settings=settings))
    assert sentence == "knowledge distillation from b and c: their answers are 70 % of each label"


def test_the_data_leakage_example_quotes_both_accuracies_the_leaky_first():
    leaky, honest = open_run(MODELS / "baseline-cnn-leaky"), open_run(MODELS / "baseline-cnn")
    text = describe_data_leakage(leaky, honest)
    first, second = (percent(run.history["val_accuracy"].max()) for run in (leaky, honest))
    assert f"reaches **{first}** validation accuracy under one protocol and **{second}** under the other" in text
