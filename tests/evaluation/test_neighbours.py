"""Similar cases: the nearest by hand, libraries from folders, and what neighbours are worth."""

import numpy as np
import pytest

from melanoma.diagnoses import CODES
from melanoma.documents.neighbours import describe_agreement
from melanoma.evaluation.libraries import LibraryError, read_library, read_table
from melanoma.evaluation.neighbours import compare_neighbours, find_nearest, measure_agreement, vote
from melanoma.evaluation.saved_predictions import SavedPredictions
from melanoma.photo import read_photo
from melanoma.photo.synthetic import example_bytes
from melanoma.run import DEFAULT_RUN, find_run
from melanoma.serving import Classifier
from melanoma.serving.reading import Reader


def answers(*tops: int, sure: float = 0.8) -> np.ndarray:
    """Rows of probabilities with their top at these places."""
    return np.stack([np.where(np.arange(9) == top, sure, (1 - sure) / 8) for top in tops])


def predictions(truth: list[int], tops: list[int], prefix: str) -> SavedPredictions:
    names = np.array([f"{prefix}{i}" for i in range(len(truth))])
    codes = np.array([CODES[k] for k in truth])
    return SavedPredictions(names, codes, np.full(len(truth), "x"), names, answers(*tops))


def test_the_nearest_come_first_and_the_same_answer_is_as_alike_as_can_be():
    library = np.concatenate([answers(1), answers(0, sure=0.7), answers(0), answers(2)])
    nearest = find_nearest(answers(0), library, 3)
    assert nearest.places[0, :2].tolist() == [2, 1]
    assert nearest.likeness[0, 0] == pytest.approx(1)
    shares = np.sqrt(0.8 * 0.7) + 8 * np.sqrt(0.2 / 8 * 0.3 / 8)  # Bhattacharyya coefficient by hand
    assert nearest.likeness[0, 1] == pytest.approx(shares)


def test_a_library_may_be_smaller_than_what_is_asked_for():
    assert find_nearest(answers(0), answers(0, 1)).places.tolist() == [[0, 1]]


def test_of_equally_frequent_diagnoses_the_nearest_counts():
    found = np.array([["MEL", "NV", "NV", "MEL", "SK"], ["SK", "NV", "NV", "MEL", "NV"]])
    assert vote(found).tolist() == ["MEL", "NV"]


def test_agreement_by_hand():
    """The network says AK to all that is BCC; the library knows better."""
    library = predictions([1] * 5 + [3] * 5, [0] * 5 + [3] * 5, "v")
    test = predictions([1] * 20 + [3] * 20, [0] * 20 + [3] * 20, "t")
    agreement = compare_neighbours(test, library)
    assert (agreement.photos, agreement.library) == (40, 10)
    assert agreement.shared.value == agreement.neighbours.value == 1
    assert agreement.chance.value == agreement.network.value == agreement.gain.value == 0.5
    assert agreement.balanced_gain.value == 0.5
    assert "right more often" in describe_agreement(agreement, "a-run", "dermoscopic")


def test_the_screen_says_that_neighbours_of_the_shipped_network_do_not_beat_it():
    run = find_run(DEFAULT_RUN)
    for kind in ("dermoscopic", "clinical"):
        agreement = measure_agreement(run, kind)
        assert agreement.chance.high < agreement.shared.low  # but they do tell more than chance
        words = describe_agreement(agreement, run.name, kind)
        assert "They tell no more than" in words or "They do not beat" in words


def test_a_folder_becomes_a_library_of_its_readable_photos(tmp_path):
    classifier = Classifier.open(find_run(DEFAULT_RUN))
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(example_bytes(seed=ord(name[0])))
    (tmp_path / "c.png").write_bytes(b"no photo")
    table = tmp_path / "table.csv"
    table.write_text("file,diagnosis\na.png,melanoma\nb.png,NV\nc.png,NV\n")
    library = read_library(tmp_path, table, classifier, "dermoscopic", Reader())
    assert [lesion.diagnosis for lesion in library.lesions] == ["MEL", "NV"]
    assert library.left_out == 1
    own = classifier.predict(read_photo(example_bytes(seed=ord("b")))).probabilities
    assert find_nearest(own[None], library.probabilities).places[0, 0] == 1
    with pytest.raises(LibraryError, match="None of the 3 photos"):
        read_library(tmp_path / "elsewhere", table, classifier, "dermoscopic", Reader())


@pytest.mark.parametrize("line", ["../secret.png,NV", "/etc/passwd,NV", ",NV", "a.png,psoriasis"])
def test_a_table_that_names_other_files_or_diagnoses_is_refused(tmp_path, line):
    (tmp_path / "t.csv").write_text(f"file,diagnosis\n{line}\n")
    with pytest.raises(LibraryError, match="Line 2"):
        read_table(tmp_path / "t.csv")
