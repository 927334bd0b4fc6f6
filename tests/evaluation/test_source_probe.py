"""What a probe for the source finds, and what it must not."""

import numpy as np

from melanoma.evaluation.source_probe import fit_probe, probe_sources


def test_probe_finds_a_planted_source_and_nothing_else():
    rng = np.random.default_rng(0)
    positive = rng.random(300) < 0.4
    noise = rng.normal(size=(300, 20))
    blind = fit_probe(noise, positive, np.arange(300))
    assert blind.auc.low < 0.5 < blind.auc.high
    noise[:, 0] += 3 * positive
    assert fit_probe(noise, positive, np.arange(300)).auc.low > 0.9


def test_probe_does_not_learn_lesions_by_heart():
    """Photos of one lesion are near copies: were they on both sides, noise would tell the source."""
    rng = np.random.default_rng(1)
    positive, lesions = np.repeat(rng.random(60) < 0.5, 6), np.repeat(np.arange(60), 6)
    features = np.repeat(rng.normal(size=(60, 100)), 6, axis=0)
    assert fit_probe(features, positive, lesions).auc.value < 0.7


def test_source_probe_stays_within_one_diagnosis():
    rng = np.random.default_rng(2)
    labels = np.repeat([3, 4], 100)
    sources = np.where(np.arange(200) % 2, "ham10000", "isic2017")
    sources[100:] = "ham10000"  # nevi of one source: no probe
    images = rng.integers(0, 255, (200, 8, 8, 3)).astype(np.uint8)
    logits = rng.normal(size=(200, 9))
    logits[:, 7] += 3 * (sources == "isic2017")
    result = probe_sources(rng.normal(size=(200, 5)), logits, images, labels, sources, np.arange(200))
    assert result.diagnoses["NV"] is None
    assert result.diagnoses["MEL"].photos == {"ham10000": 50, "isic2017": 50}
    assert 0.3 < result.diagnoses["MEL"].auc.value < 0.7
    assert result.diagnoses["MEL"].answer.auc.value > 0.9  # what the features hide, the answer may tell
