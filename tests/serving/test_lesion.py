"""One answer for a lesion from several photos of it."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from predictions import POINT, SET, make_prediction

from melanoma.diagnoses import CODES
from melanoma.photo.quality import DOUBTFUL, UNUSABLE
from melanoma.run import Calibration, KindCalibration, PairCalibration, RunError
from melanoma.serving import Classifier, answer_lesion, calibrate_logits
from melanoma.serving.kinds import KindOfPhoto
from melanoma.serving.rows import prediction_columns

PARTS = {
    "fitted_on": "validation",
    "default_operating_point": "high-sensitivity",
    "operating_points": {"high-sensitivity": POINT},
    "prediction_set": SET,
}
CLINICAL = KindCalibration(temperature=2.0, **PARTS)
PAIR = PairCalibration(
    temperature=1.0,
    weights={"dermoscopic": 0.75, "clinical": 0.5},
    **PARTS | {"operating_points": {"high-sensitivity": replace(POINT, threshold=0.3)}},
)


@dataclass(frozen=True)
class Named:
    name: str = "made-up"


def classifier(**parts) -> Classifier:
    return Classifier(Named(), Calibration(temperature=1.5, **PARTS, **parts), network=None)


BOTH = classifier(clinical=CLINICAL, pair=PAIR)


def photo(kind: str = "dermoscopic", quality: str = "good", *reasons: str, **shares: float):
    return replace(
        make_prediction(POINT, "high-sensitivity", *reasons, quality=quality, **shares), kind=KindOfPhoto(kind)
    )


def test_one_photo_is_answered_as_by_itself():
    alone = photo(NV=0.9)
    assert answer_lesion(BOTH, [alone]) is alone


def test_photos_of_one_kind_count_by_the_mean_of_their_logits():
    first, second = photo(NV=0.9), photo(MEL=0.8)
    answer = answer_lesion(BOTH, [first, second])
    expected = calibrate_logits(((first.logits + second.logits) / 2)[None], 1.5)[0]
    np.testing.assert_allclose(answer.probabilities, expected, rtol=1e-5)
    assert (answer.photos, answer.shows_both_kinds, answer.kind_name) == (2, False, "dermoscopic")
    assert answer.malignancy == pytest.approx(sum(answer.probability(code) for code in ("AK", "BCC", "MEL", "SCC")))


def test_clinical_photos_are_calibrated_as_clinical_ones():
    answer = answer_lesion(BOTH, [photo("clinical", NV=0.9), photo("clinical", NV=0.9)])
    np.testing.assert_allclose(answer.probabilities, calibrate_logits(photo(NV=0.9).logits[None], 2.0)[0], rtol=1e-5)


def test_a_pair_is_joined_with_its_weights_and_decided_at_its_own_threshold():
    first, second = photo(NV=0.7, MEL=0.2), photo("clinical", NV=0.6, BCC=0.3)
    answer = answer_lesion(BOTH, [second, first])
    expected = calibrate_logits((0.75 * first.logits + 0.5 * second.logits)[None], 1.0)[0]
    np.testing.assert_allclose(answer.probabilities, expected, rtol=1e-5)
    assert answer.threshold == 0.3
    assert answer.decision == ("refer" if answer.score >= 0.3 else "undecided")  # the dermoscopic photo is `refer`
    assert (answer.photos, answer.shows_both_kinds, answer.kind_name) == (2, True, "dermoscopic+clinical")


def test_an_unusable_photo_does_not_count_and_is_named():
    good, bad = photo(NV=0.97), photo("dermoscopic", UNUSABLE, "The photo is dark.", MEL=0.9)
    answer = answer_lesion(BOTH, [bad, good])
    np.testing.assert_allclose(answer.probabilities, calibrate_logits(good.logits[None], 1.5)[0], rtol=1e-5)
    assert answer.photos == 1
    assert answer.assessment.reasons == ("Photo 1: The photo is dark.",)


def test_a_caution_of_several_photos_is_said_once():
    one = photo(NV=0.9)
    two = replace(one, assessment=replace(one.assessment, cautions=("Hardly tested.",)))
    assert answer_lesion(BOTH, [one, two, two]).assessment.cautions == ("Hardly tested.",)


def test_only_doubtful_photos_are_never_routine():
    one = photo("dermoscopic", DOUBTFUL, "The photo is blurred.", NV=0.999)
    answer = answer_lesion(BOTH, [one, one])
    assert not answer.reaches_threshold
    assert answer.decision == "refer"


def test_a_run_without_pairs_or_without_the_operating_point_says_so():
    with pytest.raises(RunError, match="pairs"):
        answer_lesion(classifier(clinical=CLINICAL), [photo(NV=0.9), photo("clinical", NV=0.9)])
    with pytest.raises(RunError, match="no operating point 'other'"):
        answer_lesion(BOTH, [photo(NV=0.9), photo(NV=0.8)], "other")


def test_the_probabilities_of_a_lesion_are_in_the_order_of_the_codes():
    answer = answer_lesion(BOTH, [photo(VASC=0.9), photo(VASC=0.9)])
    assert answer.top == "VASC" == CODES[int(answer.probabilities.argmax())]


def test_a_lesion_is_never_routine_where_a_photo_of_it_is_not():
    suspect, calm = photo(NV=0.85, MEL=0.14), photo("clinical", NV=0.999)
    assert suspect.decision == "refer"
    answer = answer_lesion(BOTH, [calm, suspect])
    assert answer.score < answer.point.least_score
    assert answer.decision == "undecided"
    assert answer.undecided_for_a_photo
    assert prediction_columns(answer)["message"] == "A photo of the lesion is not routine by itself."
    assert answer_lesion(BOTH, [calm, photo(NV=0.999)]).decision == "routine"
