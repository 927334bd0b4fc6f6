import json

import pytest

from melanoma.run import folder as runs
from melanoma.run import history as histories


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    facts = {"state": "finished", "classes": ["MEL"], "input": {"size": 8}, "arguments": {}}
    runs.write_json(folder / "run.json", facts)
    (folder / "history.csv").write_text("epoch,loss\n1,0.5\n")
    runs.seal(folder)
    return folder


def test_sealed_run_opens_with_what_it_has(folder):
    run = runs.open_run(folder)
    assert run.name == "small"
    assert run.history["loss"].tolist() == [0.5]
    assert run.predictions is None
    assert run.evaluation is None
    assert run.network_path is None


def test_changed_file_is_refused_by_name(folder):
    (folder / "history.csv").write_text("epoch,loss\n1,0.1\n")
    with pytest.raises(runs.RunError, match=r"small/history.csv was changed"):
        runs.open_run(folder)


def test_missing_file_is_refused_by_name(folder):
    (folder / "history.csv").unlink()
    with pytest.raises(runs.RunError, match=r"history.csv is missing"):
        runs.open_run(folder)


def test_network_slipped_in_after_sealing_is_refused(folder):
    (folder / "model.keras").write_bytes(b"another network")
    with pytest.raises(runs.RunError, match=r"model.keras is not among the run's checksums"):
        runs.open_run(folder)


def test_unsealed_run_is_refused_unless_it_is_training(folder):
    (folder / runs.SUMS).unlink()
    with pytest.raises(runs.RunError, match="no checksums"):
        runs.open_run(folder)
    facts = json.loads((folder / "run.json").read_text())
    runs.write_json(folder / "run.json", facts | {"state": "training"})
    assert runs.open_run(folder).state == "training"


def test_broken_facts_are_plain_words(folder):
    (folder / "run.json").write_text("{")
    with pytest.raises(runs.RunError, match=r"run.json cannot be read"):
        runs.open_run(folder)


def test_list_runs_keeps_what_opens_and_says_why_the_rest_does_not(folder, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "run.json").write_text("[]")
    (tmp_path / "not-a-run").mkdir()
    opened, refused = runs.list_runs(tmp_path)
    assert [run.name for run in opened] == ["small"]
    assert list(refused) == ["broken"]


def test_checksums_are_in_the_format_of_sha256sum(folder):
    first = (folder / runs.SUMS).read_text().splitlines()[0]
    digest, name = first.split("  ")
    assert (len(digest), name) == (64, "history.csv")


def test_a_run_says_whether_its_maps_were_taught_where_to_lie():
    assert runs.find_run(runs.DEFAULT_RUN).taught_places
    assert not runs.find_run("baseline-cnn").taught_places


def test_the_shipped_run_is_listed_as_not_trained_and_shown_beside_its_parts():
    shipped = [runs.open_run(folder) for folder in sorted(runs.MODELS.iterdir()) if folder.is_dir()]
    default = runs.find_run(runs.DEFAULT_RUN)
    assert histories.shown_first(shipped) == [default.name, *histories.made_of(default.facts)]
    row = histories.catalogue([default]).iloc[0]
    assert (row["epochs"], row["best epoch"]) == (0, 0)
    assert any("not trained itself" in sentence for sentence in histories.lacks(default))


def test_a_taught_run_names_its_teachers():
    (said,) = (s for s in histories.lacks(runs.find_run("efficientnet-lite2-taught")) if "taught by" in s)
    assert said == "taught by efficientnet-lite2-192 and efficientnet-lite0: their answers are 70 % of each label"
