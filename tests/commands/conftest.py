"""Made-up photos in two layouts, and one run trained on them by the command."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import call
from PIL import Image

from melanoma.diagnoses import DIAGNOSES
from melanoma.photo import draw_example, example_bytes

SIZE = (60, 45)  # pixels, width and height of a made-up photo
HAM10000 = 200  # photos: enough for eight or more in each split


@pytest.fixture
def photo(tmp_path) -> Path:
    """A synthetic example in a folder of its own, with square brackets in both names."""
    folder = tmp_path / "photos [old]"
    folder.mkdir()
    path = folder / "lesion [1].png"
    path.write_bytes(example_bytes())
    return path


@pytest.fixture(scope="session")
def made_up_data(tmp_path_factory) -> Path:
    """Twenty pictures a diagnosis, each of its own colour, in the layout of the nine-class set; and more of HAM10000.

    Those of HAM10000 are synthetic examples of nevus and melanoma, each with a mask round its middle.
    """
    data = tmp_path_factory.mktemp("downloads [2]")
    rng = np.random.default_rng(3)
    number = 0
    for diagnosis in DIAGNOSES:
        folder = data / "isic9" / "Train" / diagnosis.name
        folder.mkdir(parents=True)
        colour = rng.integers(40, 220, 3)
        for _ in range(20):
            coarse = np.clip(colour + rng.normal(0, 25, (9, 12, 3)), 0, 255).astype(np.uint8)
            number += 1
            Image.fromarray(coarse).resize(SIZE, Image.Resampling.BICUBIC).save(folder / f"ISIC_{9000000 + number}.jpg")
    add_ham10000(data / "ham10000")
    return data


def add_ham10000(folder: Path) -> None:
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    width, height = SIZE
    y, x = np.mgrid[:height, :width]
    mask = Image.fromarray(((x - width / 2) ** 2 + (y - height / 2) ** 2 < 12**2).astype(np.uint8) * 255)
    rows = []
    for seed in range(HAM10000):
        name = f"ISIC_{seed:07d}"
        Image.fromarray(draw_example(seed, *SIZE)).save(folder / "images" / f"{name}.jpg")
        mask.save(folder / "masks" / f"{name}_segmentation.png")
        rows.append((f"HAM_{seed:07d}", name, ("nv", "mel")[seed % 2], "histo", 30 + seed % 50, "female", "back"))
    columns = ["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "HAM10000_metadata.csv", index=False)


@pytest.fixture(scope="session")
def trained(made_up_data, tmp_path_factory) -> Path:
    """Folder of a run trained, evaluated and exported by the command; square brackets in its name and above."""
    models = tmp_path_factory.mktemp("models [3]")
    options = "--architecture baseline-cnn --input-size 32 --epochs 1 --samples-per-epoch 64 --frozen-share 0"
    more = "--no-augmentation --mixup-alpha 0 --ema-decay 0 --seed 4 --dropout 0.25"
    result = call("train", made_up_data, "--name", "small [a]", "--models", models, *options.split(), *more.split())
    assert result.exit_code == 0, result.output
    return models / "small [a]"
