"""How well kinds of photo are told apart."""

import numpy as np

from melanoma.evaluation.kinds import measure_kinds


def test_each_kind_has_its_share_and_what_it_was_taken_for():
    shows = np.array(["dermoscopic"] * 4 + ["clinical"] * 2 + ["bare skin", "everyday photo"])
    logits = 9.0 * np.eye(3)[[0, 0, 0, 2, 1, 0, 2, 0]]
    result = measure_kinds(shows, logits, np.arange(8))
    assert {name: share.value for name, share in result.recognised.items()} == {
        "dermoscopic": 0.75,
        "clinical": 0.5,
        "bare skin": 1.0,
        "everyday photo": 0.0,
    }
    assert {name: share.value for name, share in result.refused.items()} == {"dermoscopic": 0.25, "clinical": 0.0}
    assert result.counts["dermoscopic"] == {"dermoscopic": 3, "clinical": 0, "other": 1}
    assert result.counts["everyday photo"] == {"dermoscopic": 1, "clinical": 0, "other": 0}
