"""What is measured of heatmaps, photo by photo: arrays that `faithfulness_report` makes estimates of.

A map here is (h, w) float32 >= 0 of one photo; `maps` are those of the first k photos, by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from melanoma.evaluation.bootstrap import SEED
from melanoma.evaluation.masked_photos import MaskedPhotos
from melanoma.evaluation.progress import Progress
from melanoma.explain import Method
from melanoma.explain.deletion_test import STEPS, make_random_map, measure_areas
from melanoma.explain.localisation import measure_energy_inside, points_at_lesion
from melanoma.explain.stability import NUDGES, Nudge, measure_stability

if TYPE_CHECKING:
    import keras

    from melanoma.explain.batched_maps import BatchedMaps

SHUFFLES = 3  # randomised networks
RANDOM = "random map"

Maps = Mapping[str, np.ndarray]  # method, or another name -> (k, h, w)
Scores = dict[str, np.ndarray]  # method -> (views or networks, k), NaN where undefined


def score_localisation(maps: Sequence[np.ndarray] | np.ndarray, masks: np.ndarray) -> Scores:
    """Of the first photos: energy over the lesion's share, NaN without evidence, and pointing hits; (1, k) each.

    masks: (n, m, m) bool, n >= k.
    """
    pairs = list(zip(maps, masks[: len(maps)], strict=True))
    energy = [measure_energy_inside(values, mask) / mask.mean() for values, mask in pairs]
    hits = [float(points_at_lesion(values, mask)) for values, mask in pairs]
    return {"energy_to_area": np.array([energy]), "pointing_game": np.array([hits])}


def score_perturbation(
    network: BatchedMaps, maps: Maps, photos: MaskedPhotos, top: np.ndarray, sample: int, progress: Progress
) -> dict[str, np.ndarray]:
    """Name -> (k, 2) deletion and insertion AUC of the first k photos, of each kind of map and of random ones.

    The probability is the calibrated one of the likeliest diagnosis, `top` (n,) int.
    """
    sample = min(sample, len(top))
    counts = {name: min(len(values), sample) for name, values in maps.items()} | {RANDOM: sample}
    noise = [make_random_map(network.grid, seed) for seed in range(sample)]
    every: dict[str, Sequence[np.ndarray]] = {name: list(values) for name, values in maps.items()} | {RANDOM: noise}
    passes = 2 * sample + 2 * (STEPS - 1) * sum(counts.values())
    progress.begin("deletion and insertion", passes)
    areas: dict[str, list] = {name: [] for name in every}
    for i in range(sample):
        names = [name for name in every if i < counts[name]]
        pairs = measure_areas(
            lambda inputs: network.predict(inputs, progress.advance),
            photos.images[i],
            [every[name][i] for name in names],
            int(top[i]),
        )
        for name, pair in zip(names, pairs, strict=True):
            areas[name].append(pair)
    return {name: np.array(pairs) for name, pairs in areas.items()}


def make_maps(
    network: BatchedMaps, images: np.ndarray, maps: Maps, top: np.ndarray, progress: Progress, *, costly: bool
) -> dict[str, np.ndarray]:
    """Method -> as many maps as in `maps`, by another network or of another view; of costly ones if `costly`."""
    from melanoma.explain.batched_maps import SINGLE_PASS

    single = [method for method in maps if method in SINGLE_PASS]
    result = {}
    if single:
        k = len(maps[single[0]])
        every = network.make_single_pass_maps(images[:k], top[:k], progress.advance)[1]
        result = {method: every[Method(method)] for method in single}
    for method in [method for method in maps if costly and method not in SINGLE_PASS]:
        k = len(maps[method])
        result[method] = network.make_costly_maps(Method(method), images[:k], top[:k], progress.advance)
    return result


def count_passes(maps: Maps, all_views: int, costly_views: int) -> int:
    """How many passes `make_maps` takes when it is called `all_views` times, `costly_views` of them with `costly`."""
    from melanoma.explain.batched_maps import SINGLE_PASS

    single = max((len(values) for method, values in maps.items() if method in SINGLE_PASS), default=0)
    rest = sum(
        len(values) * Method(method).facts.passes for method, values in maps.items() if method not in SINGLE_PASS
    )
    return single * all_views + rest * costly_views


def score_stability(
    network: BatchedMaps, maps: Maps, photos: MaskedPhotos, top: np.ndarray, progress: Progress
) -> tuple[Scores, Scores]:
    """Spearman correlations (nudges, k) with the map of each nudged view, and with that of another photo."""
    nudges = list(NUDGES.values())
    progress.begin("small turns and shifts", count_passes(maps, len(nudges), len(nudges[::2])))
    own, other = ({m: np.full((len(nudges), len(values)), np.nan) for m, values in maps.items()} for _ in range(2))
    longest = max(len(values) for values in maps.values())
    for i, nudge in enumerate(nudges):
        images = np.stack([nudge.apply(pixels) for pixels in photos.images[:longest]])
        for method, after in make_maps(network, images, maps, top, progress, costly=i % 2 == 0).items():
            own[method][i] = correlate(maps[method], after, nudge)
            other[method][i] = correlate(maps[method], np.roll(after, -1, axis=0), nudge)
    return own, other


def correlate(before: np.ndarray, after: np.ndarray, nudge: Nudge) -> list[float]:
    """Spearman correlation of each map with the nudged view's, moved back in place."""
    return [measure_stability(*pair, nudge) for pair in zip(before, after, strict=True)]


def score_randomisation(
    network: keras.Model, maps: Maps, photos: MaskedPhotos, top: np.ndarray, progress: Progress
) -> dict[str, Scores]:
    """`all_layers` and `last_layer` -> Spearman correlations (networks, k) with networks of shuffled weights.

    Shuffled within each layer and not drawn anew: each layer keeps its range of values, so that no map is empty only
    because activations have died out. Empty maps there are left out.
    """
    import keras

    from melanoma.explain.batched_maps import BatchedMaps

    progress.begin("randomised networks", count_passes(maps, 2 * SHUFFLES, 2))
    copy = keras.models.clone_model(network)
    shuffled = BatchedMaps(copy, constant=False)
    weights = network.get_weights()
    last = len(weights) - len(network.layers[-1].weights)
    result = {}
    for key, first in (("all_layers", 0), ("last_layer", last)):
        scores = {m: np.full((SHUFFLES, len(values)), np.nan) for m, values in maps.items()}
        for seed in range(SHUFFLES):
            rng = np.random.default_rng((SEED, seed))
            copy.set_weights(weights[:first] + [rng.permuted(w.ravel()).reshape(w.shape) for w in weights[first:]])
            after = make_maps(shuffled, photos.images, maps, top, progress, costly=seed == 0)
            for method, values in after.items():
                scores[method][seed] = correlate(maps[method], values, Nudge())
        result[key] = scores
    return result
