"""A run's training in words: what it lacks, how it was made, and the data leakage example."""

from __future__ import annotations

from melanoma.estimates import percent
from melanoma.run import Run
from melanoma.run.history import Log, read_history
from melanoma.run.imported_logs import NO_LEAKAGE_KNOWN, ImportedLog


def describe_missing_parts(log: Log) -> list[str]:
    """What a log is without and how it was made, each in one plain sentence; empty when it is complete."""
    if isinstance(log, ImportedLog):
        return [NO_LEAKAGE_KNOWN, f"read from {log.origin}", *log.notes]
    return [*_describe_progress(log), *_describe_making(log), *_describe_absent_files(log)]


def _describe_progress(run: Run) -> list[str]:
    epochs = run.facts.settings.epochs
    done = len(read_history(run))
    if run.state == "training":
        return [f"still training: {done} of {epochs} epochs are done"]
    if run.state == "interrupted":
        return [f"training was stopped after {done} of {epochs} epochs; its best epoch is kept"]
    return []


def _describe_making(run: Run) -> list[str]:
    facts, sentences = run.facts, []
    if facts.averaged:
        sentences.append(f"not trained itself: its weights are the mean of those of {' and '.join(facts.averaged)}")
    if facts.concept_erasure:
        sentences.append(f"not trained itself: concept erasure of the source, applied to {facts.concept_erasure.run}")
    elif facts.ensemble:
        members = " and ".join(f"{member.run} (at {member.input_size} px)" for member in facts.ensemble)
        sentences.append(f"not trained itself: an ensemble of {members}, which gives their mean answer")
    if facts.teachers:
        share = percent(facts.settings.distillation_weight)
        sentences.append(
            f"knowledge distillation from {' and '.join(facts.teachers)}: their answers are {share} of each label"
        )
    return sentences


def _describe_absent_files(run: Run) -> list[str]:
    sentences = []
    if not len(read_history(run)):
        sentences.append("no epoch has been logged yet")
    if run.state == "training":
        return sentences
    if run.network_path is None:
        sentences.append("it keeps its history and results, no network, so it cannot answer")
    elif run.predictions is None:
        sentences.append("no test predictions yet; `evaluate` makes them")
    if run.predictions is not None and run.evaluation is None:
        sentences.append("its test results have not been made yet; `evaluate` makes them")
    return sentences


def describe_data_leakage(leaky: Run, honest: Run) -> str:
    """The data leakage example in Markdown, from what the two runs logged and measured."""
    leaky_accuracy = read_history(leaky)["val_accuracy"].max()
    honest_accuracy = read_history(honest)["val_accuracy"].max()
    share = leaky.facts.leaked_share
    copies = f" Of its validation rows, {percent(share)} were copies of a photo in training." if share else ""
    accuracy = honest.evaluation.headline.accuracy if honest.evaluation else None
    on_test = f", and {accuracy.percent()} on test photos" if accuracy else ""
    return (
        f"The same small network reaches **{percent(leaky_accuracy)}** validation accuracy under one protocol and "
        f"**{percent(honest_accuracy)}** under the other{on_test}. The leaky protocol makes augmented copies of each "
        f"photo first, and draws a random 20 % for validation afterwards.{copies} It measures memory. The honest "
        "protocol keeps all photos of a lesion on one side of the split, before anything is augmented. It measures "
        "what the network knows about new lesions."
    )
