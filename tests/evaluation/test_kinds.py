"""How well kinds of photo are told apart."""

import numpy as np

from melanoma.evaluation.kinds import measure_kinds


def test_each_kind_has_its_share_and_what_it_was_taken_for():
    kinds = np.array(["dermoscopic"] * 4 + ["clinical"] * 2 + ["other"] * 2)
    logits = np.eye(3)[[0, 0, 0, 2, 1, 0, 2, 2]]
    result = measure_kinds(kinds, logits, np.arange(8))
    assert {kind: share.value for kind, share in result.recognised.items()} == {
        "dermoscopic": 0.75,
        "clinical": 0.5,
        "other": 1.0,
    }
    assert {kind: share.value for kind, share in result.refused.items()} == {"dermoscopic": 0.25, "clinical": 0.0}
    assert result.counts["dermoscopic"] == {"dermoscopic": 3, "clinical": 0, "other": 1}
    assert result.counts["clinical"] == {"dermoscopic": 1, "clinical": 1, "other": 0}
