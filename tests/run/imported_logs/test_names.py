"""Names of columns become ours."""

import pytest

from melanoma.run.imported_logs.names import canonical, unit_factor


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("acc", "accuracy"),
        ("val_acc", "val_accuracy"),
        ("val_categorical_accuracy", "val_accuracy"),
        ("lr", "learning_rate"),
        ("epoch_learning_rate", "learning_rate"),
        ("lr/pg0", "learning_rate"),
        ("lr-Adam", "learning_rate"),
        ("Loss/train", "loss"),
        ("Loss/val", "val_loss"),
        ("validation loss", "val_loss"),
        ("eval_loss", "val_loss"),
        ("valid_loss", "val_loss"),
        ("valLoss", "val_loss"),
        ("trainloss", "loss"),
        ("value", "value"),
        ("evaluate", "evaluate"),
        ("eval_top1", "val_accuracy"),
        ("accuracy_top-1", "accuracy"),
        ("test_acc1", "test_accuracy"),
        ("Val Acc (%)", "val_accuracy"),
        ("mAP50", "map50"),
        ("précision", "précision"),
        ("melanoma_auc", "melanoma_auc"),
        ("epoch time (min)", "seconds"),
        ("latency (ms)", "latency"),
        ("Epochs", "epoch"),
        ("trainer/global_step", "step"),
    ],
)
def test_common_names_are_ours(theirs, ours):
    assert canonical(theirs) == ours


@pytest.mark.parametrize(
    ("column", "factor"),
    [("acc (%)", 0.01), ("acc %", 0.01), ("acc_pct", 0.01), ("time (min)", 60), ("duration_ms", 0.001), ("loss", 1)],
)
def test_a_unit_in_a_name_is_a_factor(column, factor):
    assert unit_factor(column) == factor
