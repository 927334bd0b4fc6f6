"""Names of a log's columns as our own logs have them: `Loss/val` -> val_loss, `epoch_lr` -> learning_rate."""

from __future__ import annotations

import re

from melanoma.run.imported_logs.numbers import UNITS

VALIDATION_WORDS = {"val", "valid", "validation", "eval", "evaluation", "dev"}
TRAINING_WORDS = {"train", "training", "trn"}
TEST_WORDS = {"test", "testing"}
SYNONYMS = {
    "acc": "accuracy",
    "binary_accuracy": "accuracy",
    "categorical_accuracy": "accuracy",
    "sparse_categorical_accuracy": "accuracy",
    "acc1": "accuracy",
    "top1": "accuracy",
    "accuracy_top1": "accuracy",
    "acc_top1": "accuracy",
    "top1_accuracy": "accuracy",
    "top1_acc": "accuracy",
    "acc5": "top5_accuracy",
    "top5": "top5_accuracy",
    "accuracy_top5": "top5_accuracy",
    "acc_top5": "top5_accuracy",
    "top5_acc": "top5_accuracy",
    "bal_acc": "balanced_accuracy",
    "balanced_acc": "balanced_accuracy",
    "epochs": "epoch",
    "current_epoch": "epoch",
    "epoch_number": "epoch",
    "trainer_epoch": "epoch",
    "steps": "step",
    "global_step": "step",
    "trainer_global_step": "step",
    "iteration": "step",
    "iterations": "step",
    "iter": "step",
}
# No metrics: when, how far, how fast, how large.
COUNTERS = {
    "step",
    "wall_time",
    "timestamp",
    "date",
    "datetime",
    "samples_per_second",
    "steps_per_second",
    "tokens_per_second",
    "total_flos",
    "num_input_tokens_seen",
    "n_parameters",
    "val_seconds",
    "test_seconds",
}
TIME_WORDS = {"time", "duration", "runtime", "elapsed", "seconds", "secs", "sec"}
SINCE_START_WORDS = {"elapsed", "cumulative"}
EPOCH_TIME_WORDS = {"epoch", "per", "seconds", "duration"}
# valLoss, trainloss, ValAcc, lossVal
JOINED_BEFORE = re.compile(r"^((?i:train|trn|valid|val|eval|dev|test))(?=[A-Z][a-z]|loss|acc)")
JOINED_AFTER = re.compile(r"(?<=[a-z0-9])(Train|Training|Val|Valid|Validation|Eval|Test)$")
UNIT_IN_BRACKETS = re.compile(rf"\s*[(\[]\s*(?:in\s+)?({'|'.join(UNITS)})\s*[)\]]\s*$", re.IGNORECASE)


def canonical(column: str) -> str:
    """A metric's name as our own logs have it, `val_` before it on validation photos and `test_` on test photos."""
    words = _words(column)
    parts = VALIDATION_WORDS | TRAINING_WORDS | TEST_WORDS
    bare = [word for word in words if word not in parts]
    bare = [word for word in bare if word not in ("epoch", "percent", "pct")] or bare
    name = "_".join(bare)
    if "lr" in bare or name.startswith("learning_rate"):
        return "learning_rate"
    name = "seconds" if _is_time(bare) else SYNONYMS.get(name, name)
    if name == "epoch" or name in COUNTERS or not name:
        return name
    if VALIDATION_WORDS & set(words):
        return f"val_{name}"
    return f"test_{name}" if TEST_WORDS & set(words) else name


def names_part(column: str) -> bool:
    """Whether a column's name says on which photos it was measured."""
    return bool((VALIDATION_WORDS | TRAINING_WORDS | TEST_WORDS) & set(_words(column)))


def unit_factor(column: str) -> float:
    """What a column's values are to be multiplied by for the unit in its name: 0.01 for %, 60 for min, else 1."""
    if match := UNIT_IN_BRACKETS.search(column):
        return UNITS[match[1].lower()]
    words = _words(column)
    if words and (words[-1] in ("percent", "pct") or (words[-1] in UNITS and _is_time(words))):
        return UNITS[words[-1]]
    return 0.01 if column.rstrip().endswith("%") else 1.0


def says_since_start(column: str) -> bool | None:
    """Whether a column of times counts from the start of training; None where its name leaves that open."""
    words = set(_words(column))
    if words & SINCE_START_WORDS:
        return True
    return False if words & EPOCH_TIME_WORDS else None


def is_by_batch(column: str) -> bool:
    """Lightning's `train_loss_step`, beside its `train_loss_epoch`."""
    words = _words(column)
    return len(words) > 1 and words[-1] == "step" and not set(words) & {"global", "trainer"}


def _words(column: str) -> list[str]:
    column = UNIT_IN_BRACKETS.sub("", column.strip())
    column = JOINED_AFTER.sub(r" \1", JOINED_BEFORE.sub(r"\1 ", column)).lower()
    column = re.sub(r"\btop\W?(\d)(?!\d)", r"top\1", column.replace("_", " "))
    return [word for word in re.split(r"[\W_]+", column) if word]


def _is_time(words: list[str]) -> bool:
    allowed = TIME_WORDS | SINCE_START_WORDS | EPOCH_TIME_WORDS | {"total"} | set(UNITS)
    return bool(TIME_WORDS & set(words)) and set(words) <= allowed
