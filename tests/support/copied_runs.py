"""Copies of a run that ships, changed as commands change a run."""

import shutil
from dataclasses import replace
from pathlib import Path

from melanoma.run import Run, open_run, write_checksums, write_part


def copy_run(run: Run, path: Path) -> Run:
    """A run under another name; its large files are links."""
    path.mkdir()
    for file in run.folder.iterdir():
        if file.suffix in (".keras", ".onnx"):
            (path / file.name).symlink_to(file)
        else:
            shutil.copy(file, path)
    return open_run(path)


def recalibrate(run: Run, **parts) -> None:
    """Write another calibration into a run, and its checksums, as `evaluate` does."""
    write_part(run.folder / "calibration.json", replace(Run(run.folder).calibration, **parts))
    write_checksums(run.folder)
