"""Made-up photos and tiny networks: what trains in seconds, with no real photo at hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageFilter

from melanoma.dataset.splitting import split_by_group
from melanoma.diagnoses import CODES
from melanoma.photo.synthetic import draw_example
from melanoma.run import Run, TrainingSettings, open_run

if TYPE_CHECKING:
    import keras

    from melanoma.training.photo_set import PhotoSet

HAM10000_COLUMNS = ["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"]
ISIC2017_COLUMNS = ["image_id", "melanoma", "seborrheic_keratosis"]


@pytest.fixture(scope="session")
def settings() -> TrainingSettings:
    """Of a training that takes two seconds."""
    return TrainingSettings(
        "baseline-cnn",
        input_size=32,
        epochs=3,
        samples_per_epoch=144,
        batch_size=16,
        learning_rate=3e-3,
        dropout=0.0,
        label_smoothing=0.0,
        augmentation_strength=None,
        ema_decay=0.5,
        monitor="val_balanced_accuracy",
    )


@pytest.fixture(scope="session")
def photos() -> PhotoSet:
    """Nine flat colours with noise: what a network can learn in seconds."""
    from melanoma.training.photo_set import PhotoSet

    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(9), 24)
    colours = rng.integers(20, 235, (9, 3))
    noise = rng.normal(0, 8, (len(labels), 32, 32, 3))
    images = np.clip(colours[labels][:, None, None, :] + noise, 0, 255).astype(np.uint8)
    return PhotoSet(images, labels)


@pytest.fixture(scope="session")
def table(photos) -> pd.DataFrame:
    """The table of `photos`."""
    ids = [f"photo{i:03d}" for i in range(len(photos.labels))]
    table = pd.DataFrame({"image_id": ids, "group": ids, "source": "synthetic"})
    table["diagnosis"] = [CODES[i] for i in photos.labels]
    table["split"] = split_by_group(table, seed=1)
    return table


@dataclass(frozen=True)
class RunMaker:
    """Makes finished runs of untrained networks below `models`."""

    models: Path
    settings: TrainingSettings
    table: pd.DataFrame

    def __call__(self, name: str, network: keras.Model, **more) -> Run:
        """`more` are fields of RunFacts."""
        from melanoma.training.fitting import keep_untrained
        from melanoma.training.photo_set import PhotoSet
        from melanoma.training.run_files import start_run

        size = network.input_shape[1]
        settings = TrainingSettings(network.name, size, 0, 0, monitor="val_balanced_accuracy")
        start_run(self.models / name, settings, self.table, **more)
        images = np.random.default_rng(2).integers(0, 255, (9, size, size, 3)).astype(np.uint8)
        keep_untrained(self.models / name, network, PhotoSet(images, np.arange(9)))
        return open_run(self.models / name)


@pytest.fixture
def make_run(tmp_path, settings, table) -> RunMaker:
    return RunMaker(tmp_path / "models", settings, table)


@pytest.fixture(scope="session")
def two_sources(tmp_path_factory) -> Path:
    """Synthetic nevi and melanomas in the layouts of two sources; the second one's are bluish and soft."""
    data = tmp_path_factory.mktemp("data")
    ham, isic = data / "ham10000" / "images", data / "isic2017" / "ISIC-2017_Training_Data"
    ham.mkdir(parents=True)
    isic.mkdir(parents=True)
    rows, truth = [], []
    for seed in range(160):
        name, melanoma = f"ISIC_{9_000_000 + seed}", seed % 2 == 0
        image = Image.fromarray(draw_example(seed, 96, 72))
        if seed < 80:
            image.save(ham / f"{name}.jpg")
            rows.append((f"HAM_{seed:07d}", name, "mel" if melanoma else "nv", "histo", 50, "male", "back"))
        else:
            soft = image.filter(ImageFilter.GaussianBlur(1))
            Image.blend(soft, Image.new("RGB", image.size, "#2040ff"), 0.2).save(isic / f"{name}.jpg")
            truth.append((name, float(melanoma), 0.0))
    pd.DataFrame(rows, columns=HAM10000_COLUMNS).to_csv(data / "ham10000" / "HAM10000_metadata.csv", index=False)
    truth_path = data / "isic2017" / "ISIC-2017_Training_Part3_GroundTruth.csv"
    pd.DataFrame(truth, columns=ISIC2017_COLUMNS).to_csv(truth_path, index=False)
    return data
