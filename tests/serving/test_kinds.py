"""Which kind a photo is read as, and when that makes it doubtful."""

import numpy as np
import pytest

from melanoma.photo.quality import DOUBTFUL, GOOD, UNUSABLE, Assessment
from melanoma.serving.kinds import LOOKS_LIKE, NO_LESION, UNSURE, add_kind, recognise_kind, see_kinds

FINE = Assessment(GOOD)
DARK = Assessment(DOUBTFUL, ("The photo is dark.",))


def kind_of(*probabilities: float, said: str | None = None):
    return recognise_kind(np.array(probabilities), said)


def test_a_network_that_does_not_say_the_kind_reads_every_photo_as_dermoscopic():
    kind = recognise_kind(None)
    assert (kind.kind, kind.seen, kind.name, kind.reason) == ("dermoscopic", None, "dermoscopic", "")
    assert recognise_kind(None, "clinical").kind == "clinical"


@pytest.mark.parametrize(
    ("probabilities", "read_as", "name"),
    [
        ((0.97, 0.02, 0.01), "dermoscopic", "dermoscopic"),
        ((0.02, 0.97, 0.01), "clinical", "clinical"),
        ((0.04, 0.01, 0.95), "dermoscopic", "other"),
        ((0.01, 0.04, 0.95), "clinical", "other"),
    ],
)
def test_a_photo_is_read_as_the_likelier_kind_and_named_other_where_it_shows_no_lesion(probabilities, read_as, name):
    kind = kind_of(*probabilities)
    assert (kind.kind, kind.name) == (read_as, name)


def test_a_photo_that_may_show_no_lesion_is_unusable_whatever_the_user_says():
    for said in (None, "dermoscopic", "clinical"):
        assessment = add_kind(FINE, kind_of(0.05, 0.05, 0.9, said=said))
        assert assessment == Assessment(UNUSABLE, (NO_LESION,))


def test_a_photo_is_taken_for_one_without_a_lesion_well_before_that_is_the_likeliest():
    assert kind_of(0.46, 0.39, 0.15).seen == "other"
    assert kind_of(0.84, 0.02, 0.14).seen == "dermoscopic"
    assert see_kinds(np.array([[0.5, 0.4, 0.1], [0.4, 0.5, 0.1], [0.4, 0.25, 0.35]])) == [
        "dermoscopic",
        "clinical",
        "other",
    ]


def test_a_suspicion_that_there_is_no_lesion_makes_a_photo_doubtful():
    assert add_kind(FINE, kind_of(0.9, 0.0, 0.1)) == Assessment(DOUBTFUL, (NO_LESION,))


def test_a_kind_that_is_not_clear_makes_a_photo_doubtful_unless_the_user_settles_it():
    assert add_kind(FINE, kind_of(0.55, 0.44, 0.01)) == Assessment(DOUBTFUL, (UNSURE,))
    assert add_kind(FINE, kind_of(0.65, 0.34, 0.01)) == FINE
    assert add_kind(FINE, kind_of(0.55, 0.44, 0.01, said="dermoscopic")) == FINE


def test_a_kind_that_the_user_states_against_what_is_seen_is_used_and_doubted():
    kind = kind_of(0.02, 0.97, 0.01, said="dermoscopic")
    assert (kind.kind, kind.name) == ("dermoscopic", "dermoscopic")
    assert add_kind(FINE, kind) == Assessment(DOUBTFUL, (LOOKS_LIKE["clinical"],))


def test_what_was_wrong_already_stays_and_the_worst_counts():
    assert add_kind(DARK, kind_of(0.97, 0.02, 0.01)) == DARK
    assert add_kind(DARK, kind_of(0, 0, 1)) == Assessment(UNUSABLE, (NO_LESION, "The photo is dark."))
    unusable = Assessment(UNUSABLE, ("The photo is dark.",))
    assert add_kind(unusable, kind_of(0.55, 0.44, 0.01)).quality == UNUSABLE
