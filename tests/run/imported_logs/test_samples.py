"""Logs that went wrong once, where the folder of such cases is present."""

from pathlib import Path

import pytest

from melanoma.run.imported_logs import ImportedLog, read_log

LOSSES = [1.9, 1.712, 1.5461, 1.3997, 1.2704]


@pytest.fixture
def read_sample(data: Path):
    folder = data.parent / "cases" / "logs"
    if not folder.is_dir():
        pytest.skip(f"no sample logs at {folder}")

    def read(name: str) -> ImportedLog:
        return read_log(name, {name: (folder / name).read_bytes()})

    return read


@pytest.mark.parametrize(
    ("name", "column", "values"),
    [
        ("k_semicolon_decimalcomma.csv", "loss", LOSSES),
        ("k_utf16_excel.csv", "loss", LOSSES),
        ("being_written.csv", "loss", LOSSES[:3]),
        ("yolo11_results.csv", "seconds", [12.1, 11.9]),
        ("yolo11_results.csv", "val_accuracy", [0.41, 0.51]),
        ("tensorboard_csv_export.csv", "value", [1.3, 1.1]),
        ("timm_summary.csv", "val_loss", [1.9, 1.6]),
        ("timm_summary.csv", "val_accuracy", [0.412, 0.513]),
        ("hf_trainer_state.json", "val_accuracy", [0.4, 0.5]),
        ("hf_trainer_state.json", "loss", [1.9, 1.2]),
    ],
)
def test_a_sample_is_read(read_sample, name, column, values):
    assert list(read_sample(name).history[column]) == pytest.approx(values)
