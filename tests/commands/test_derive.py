"""`ensemble`, `average` and `erase`: runs made of the trained one, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from command_line import call

from melanoma.diagnoses import CODES
from melanoma.run import open_run, write_checksums, write_part

pytestmark = pytest.mark.slow

PROBABILITIES = [f"p_{code}" for code in CODES]


def test_the_average_of_a_run_with_itself_answers_as_that_run(trained, made_up_data):
    options = ("--input-size", 32, "--of", trained.name, "--of", trained.name, "--models", trained.parent)
    result = call("average", made_up_data, "--name", "twice", *options)
    assert result.exit_code == 0, result.output
    one, two = open_run(trained), open_run(trained.parent / "twice")
    assert two.facts.averaged == (trained.name, trained.name)
    np.testing.assert_allclose(two.predictions[PROBABILITIES], one.predictions[PROBABILITIES], atol=1e-4)


@pytest.fixture(scope="module")
def lite(trained):
    """An EfficientNet-Lite without training, on the trained run's split."""
    from melanoma.training.architectures import build_network

    facts = open_run(trained).facts
    settings = replace(facts.settings, architecture="efficientnet-lite0")
    folder = trained.parent / "lite [b]"
    folder.mkdir()
    build_network("efficientnet-lite0", input_size=32, classes=9, imagenet=False).save(folder / "model.keras")
    write_part(
        folder / "run.json", replace(facts, name=folder.name, architecture="efficientnet-lite0", settings=settings)
    )
    write_checksums(folder)
    return folder


def test_an_ensemble_holds_its_members_at_their_sizes(lite, made_up_data):
    options = ("--of", lite.name, "--of", f"{lite.name}@32", "--models", lite.parent)
    result = call("ensemble", made_up_data, "--name", "pair", *options)
    assert result.exit_code == 0, result.output
    run = open_run(lite.parent / "pair")
    assert [(member.run, member.input_size) for member in run.facts.ensemble] == [(lite.name, 32)] * 2
    assert run.evaluation
    assert run.facts.export.network_sha256 == run.sha256
    for words in (("train", "--from", "pair"), ("average", "--input-size", 64, "--of", "pair", "--of", "pair")):
        refused = call(words[0], made_up_data, "--name", "never", "--models", lite.parent, *words[1:])
        assert refused.exit_code == 2
        assert f"Take one of its members, {lite.name} or {lite.name}" in refused.stderr


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        (["lite [b]"], "at least two members"),
        (["lite [b]", "lite [b]@huge"], "lite [b]@huge: give a size from 32 to 1024 pixels, as in lite [b]@224"),
        (["lite [b]", "lite [b]@8"], "from 32 to 1024"),
        (["lite [b]", "nobody [c]"], "nobody [c] is not a run"),
        (["lite [b]", "small [a]"], "small [a] is baseline-cnn"),
    ],
)
def test_members_that_fit_no_ensemble_are_one_sentence(lite, made_up_data, members, sentence):
    options = [word for member in members for word in ("--of", member)]
    result = call("ensemble", made_up_data, "--name", "never", "--models", lite.parent, *options)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert not (lite.parent / "never").exists()


def test_sources_that_cannot_be_told_apart_are_not_erased(lite, made_up_data):
    result = call("erase", made_up_data, "--name", "never", "--of", lite.name, "--models", lite.parent)
    assert result.exit_code == 2
    assert f"Nothing to erase in {lite.name}" in result.stderr
    assert not (lite.parent / "never").exists()
