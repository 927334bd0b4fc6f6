"""`compare`: two runs on the photos that both answered."""

import shutil

import pandas as pd
import pytest
from command_line import call

from melanoma.run import open_run, write_checksums

pytestmark = pytest.mark.slow


@pytest.fixture
def other(trained, tmp_path):
    """A run that answers as the trained one, but for melanoma and nevus, which it takes for each other."""
    shutil.copytree(trained.parent / "splits", tmp_path / "splits")
    folder = shutil.copytree(trained, tmp_path / "other [b]")
    table = pd.read_csv(folder / "predictions.csv")
    table[["p_MEL", "p_NV"]] = table[["p_NV", "p_MEL"]].to_numpy()
    table.to_csv(folder / "predictions.csv", index=False)
    write_checksums(folder)
    return folder


def test_two_runs_are_set_side_by_side_second_minus_first(trained, other):
    result = call("compare", trained, other, "--split", "validation")
    assert result.exit_code == 0, result.output
    assert "validation photos" in result.stdout
    heads = next(line for line in result.stdout.splitlines() if "statistic" in line)
    assert heads.index("small [a]") < heads.index("other [b]") < heads.index("difference")
    for words in ("Melanoma AUC", "Sensitivity", "McNemar"):
        assert words in result.stdout


def test_photos_of_one_source_alone(trained, other):
    whole, part = (call("compare", trained, other, *more).stdout for more in ((), ("--source", "ham10000")))
    test = open_run(trained).split.query("split == 'test'")
    ham10000 = test[test["source"] == "ham10000"]
    assert 0 < len(ham10000) < len(test)
    assert f"{len(ham10000)} test photos of ham10000, {ham10000['group'].nunique()} lesions" in part
    assert f"{len(test)} test photos, {test['group'].nunique()} lesions" in whole


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nobody [c]"], "nobody [c] is not a run"),
        (["small [a]", "--source", "moon [d]"], "small [a] has no test photos of moon [d]"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(trained, words, sentence):
    result = call("compare", "small [a]", *words, "--models", trained.parent)
    assert result.exit_code == 2
    assert sentence in result.stderr
