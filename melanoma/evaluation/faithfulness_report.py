"""The faithfulness report of a run: every method's maps on real photos, against lesion masks and against chance."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from melanoma.estimates import Estimate
from melanoma.evaluation.bootstrap import Resamples, estimate
from melanoma.evaluation.faithfulness_scores import (
    RANDOM,
    Scores,
    score_localisation,
    score_perturbation,
    score_randomisation,
    score_stability,
)
from melanoma.evaluation.masked_photos import MaskedPhotos, order_by_lesion
from melanoma.evaluation.progress import SILENT, Progress
from melanoma.explain import DEFAULT_METHOD, Method
from melanoma.explain.localisation import make_centre_spot
from melanoma.run.faithfulness import (
    Faithfulness,
    Localisation,
    MethodFaithfulness,
    PairedDifference,
    Perturbation,
    Randomisation,
    Stability,
)

if TYPE_CHECKING:
    import keras

    from melanoma.explain.batched_maps import BatchedMaps

SMALL = 0.2  # share of the crop below which a lesion counts as small
SPOT = "centre spot"
NOTE = (
    "The map explained is that of the likeliest diagnosis. Intervals: 95 %, bootstrap over lesions. Chance: for "
    "energy and pointing the lesion's share of the crop (ratio 1); for deletion and insertion a random map as coarse "
    "as the network's grid; for stability the map of another photo. Harder to beat than chance is the centre spot, a "
    "round spot in the middle of every crop, because lesions are photographed in the middle. Randomised: Spearman "
    "correlation with the map of a network whose weights were shuffled within each layer; below 0.3 the map depends "
    "on what was learned (Adebayo 2018). A map without any evidence misses the pointing game and is left out of the "
    "energy. What costs more than one pass is measured on random photos, drawn by lesion, the same for every method; "
    "a smaller set lies within a larger one, and `photos` says how many there were. Methods of many passes see half of "
    "the small turns and shifts, and one shuffled network of each kind instead of three. Against the default: mean "
    "difference from the default method on the photos that both were measured on."
)


@dataclass(frozen=True)
class Extent:
    """How many photos each part takes, each within the one before; all photos serve what one pass gives."""

    sample: int  # deletion, insertion, stability and randomisation of the methods of a single pass
    costly: int  # maps, deletion and insertion of methods of many passes
    viewed: int = 16  # their stability (every other nudge) and randomisation (one shuffled network of each kind)


def measure_faithfulness(
    network: keras.Model,
    temperature: float,
    photos: MaskedPhotos,
    methods: Sequence[Method],
    extent: Extent,
    *,
    command: str,
    network_sha256: str,
    split: str = "test",
    progress: Progress = SILENT,
) -> Faithfulness:
    """How faithful a Keras network's maps are, by each of `methods`. The last three are kept as they are.

    Where the photos have no masks, where the maps lie is left out: what the answer rests on needs none.
    """
    from melanoma.explain.batched_maps import SINGLE_PASS, BatchedMaps

    photos = photos.take(order_by_lesion(photos.groups))  # every sample is now a beginning
    batched = BatchedMaps(network, temperature)
    top, maps = make_all_maps(batched, photos, methods, extent, progress)
    maps[SPOT] = np.broadcast_to(make_centre_spot(), (len(top), *make_centre_spot().shape))
    parts = {name: localise(values, photos, top) for name, values in maps.items()}
    scores: dict[str, Scores] = {
        name: {} if photos.masks is None else score_localisation(values, photos.masks) for name, values in maps.items()
    }
    areas = score_perturbation(batched, maps, photos, top, extent.sample, progress)
    for name in maps:
        own = areas[name]
        scores[name] |= {"deletion": own[None, :, 0], "insertion": own[None, :, 1]}
        deletion, insertion = estimate_perturbation(own, areas[RANDOM][: len(own)], photos.groups[: len(own)])
        parts[name] = replace(parts[name], deletion=deletion, insertion=insertion)
    few: dict[str, np.ndarray] = {m: maps[m][: extent.sample if m in SINGLE_PASS else extent.viewed] for m in methods}
    stable, another = score_stability(batched, few, photos, top, progress)
    random = score_randomisation(network, few, photos, top, progress)
    for name in few:
        scores[name] |= {"stability": stable[name], "randomised": random["all_layers"][name]}
        parts[name] = replace(
            parts[name],
            stability=estimate_stability(stable[name], another[name], photos.groups),
            randomised=estimate_randomisation(random["all_layers"][name], random["last_layer"][name], photos.groups),
        )
    for name in [name for name in maps if DEFAULT_METHOD in maps and name != DEFAULT_METHOD]:
        pairs = compare_scores(scores[name], scores[DEFAULT_METHOD], photos.groups)
        parts[name] = replace(parts[name], against_default=pairs)
    return Faithfulness(
        command=command,
        made=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        network_sha256=network_sha256,
        split=split,
        note=NOTE,
        default_method=DEFAULT_METHOD.value,
        photos=len(top),
        lesions=len(np.unique(photos.groups)),
        sample=min(extent.sample, len(top)),
        sample_costly=min(extent.costly, len(top)),
        sample_costly_views=min(extent.viewed, len(top)),
        methods={str(name): part for name, part in parts.items()},
    )


def make_all_maps(
    network: BatchedMaps, photos: MaskedPhotos, methods: Sequence[Method], extent: Extent, progress: Progress
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Likeliest diagnoses (n,) int, and by method their maps, (n, h, w), or of the first photos for costly methods."""
    from melanoma.explain.batched_maps import SINGLE_PASS

    progress.begin("maps of all photos", len(photos.labels))
    top, single = network.make_single_pass_maps(photos.images, done=progress.advance)
    maps: dict[str, np.ndarray] = {method: single[method] for method in methods if method in SINGLE_PASS}
    few = slice(0, extent.costly)
    for method in [method for method in methods if method not in SINGLE_PASS]:
        progress.begin(method.facts.label, method.facts.passes * len(top[few]))
        maps[method] = network.make_costly_maps(method, photos.images[few], top[few], progress.advance)
    return top, maps


def localise(maps: np.ndarray, photos: MaskedPhotos, top: np.ndarray) -> MethodFaithfulness:
    """Energy and pointing game on all photos, by right and wrong answers, on small lesions, by expert masks.

    maps: (k, h, w) of the first k photos; top: (n,) int, the likeliest diagnoses. Empty without masks.
    """
    if len(maps) < len(photos.labels):
        photos, top = photos.take(np.arange(len(maps))), top[: len(maps)]
    if photos.masks is None:
        return MethodFaithfulness()
    right = top == photos.labels
    small = photos.lesion_shares < SMALL
    subsets = {"all": np.ones(len(right), bool), "right": right, "wrong": ~right, "small_lesions": small}
    scores = score_localisation(maps, photos.masks)
    parts: dict[str, Any] = {
        name: estimate_localisation(photos, scores, among) for name, among in subsets.items() if among.any()
    }
    if photos.expert:
        rows = np.array(sorted(photos.expert))
        masks = np.stack([photos.expert[row] for row in rows])
        by_experts = MaskedPhotos(photos.images[rows], masks, photos.labels[rows], photos.groups[rows], {})
        scores = score_localisation([maps[row] for row in rows], masks)
        parts["expert_masks"] = estimate_localisation(by_experts, scores, np.ones(len(rows), bool))
    return MethodFaithfulness(**parts)


def estimate_localisation(photos: MaskedPhotos, scores: Scores, among: np.ndarray) -> Localisation:
    """Estimates of the photos `among`, (n,) bool, from the scores of all."""
    ratio, hit = scores["energy_to_area"][0], scores["pointing_game"][0] > 0
    share, resamples = photos.lesion_shares, photos.resamples
    evident = among & np.isfinite(ratio)
    ratio = np.nan_to_num(ratio)
    return Localisation(
        photos=int(among.sum()),
        without_evidence=int((among & ~evident).sum()),
        energy_inside=estimate(resamples.mean(ratio * share, evident)),
        energy_inside_chance=estimate(resamples.mean(share, evident)),
        energy_to_area=estimate(resamples.mean(ratio, evident)),
        pointing_game=estimate(resamples.share(hit, among)),
        pointing_game_chance=estimate(resamples.mean(share, among)),
    )


def estimate_perturbation(own: np.ndarray, random: np.ndarray, groups: np.ndarray) -> tuple[Perturbation, Perturbation]:
    """Deletion and insertion AUC, (k, 2), beside those of the random maps of the same photos, and their relation."""
    resamples = Resamples.of_lesions(groups)
    (deletion, deletion_chance), (insertion, insertion_chance) = (
        (resamples.mean(own[:, i]), resamples.mean(random[:, i])) for i in range(2)
    )
    return (
        Perturbation(
            photos=len(own),
            auc=estimate(deletion),
            auc_random_map=estimate(deletion_chance),
            lower_than_random=estimate((deletion / deletion_chance - 1) * -1),
        ),
        Perturbation(
            photos=len(own),
            auc=estimate(insertion),
            auc_random_map=estimate(insertion_chance),
            higher_than_random=estimate(insertion / insertion_chance - 1),
        ),
    )


def estimate_stability(own: np.ndarray, another: np.ndarray, groups: np.ndarray) -> Stability:
    """own, another: (nudges, k) correlations with the same photo's map and with another photo's."""
    return Stability(
        photos=own.shape[1],
        spearman=estimate_mean(own, groups),
        spearman_another_photo=estimate_mean(another, groups),
    )


def estimate_randomisation(all_layers: np.ndarray, last_layer: np.ndarray, groups: np.ndarray) -> Randomisation:
    """all_layers, last_layer: (networks, k) correlations with the maps of networks of shuffled weights."""
    return Randomisation(
        photos=all_layers.shape[1],
        all_layers=estimate_mean(all_layers, groups),
        last_layer=estimate_mean(last_layer, groups),
    )


def compare_scores(own: Scores, default: Scores, groups: np.ndarray) -> dict[str, PairedDifference]:
    """Each score's mean difference from the default method's on the same photos and views, (views, k) each."""
    result = {}
    for name in [name for name in own if name in default]:
        k = min(own[name].shape[1], default[name].shape[1])
        difference = own[name][:, :k] - default[name][:, :k]
        if mean := estimate_mean(difference, groups):
            photos = int(np.isfinite(difference).any(axis=0).sum())
            result[name] = PairedDifference(mean.value, mean.low, mean.high, photos)
    return result


def estimate_mean(values: np.ndarray, groups: np.ndarray) -> Estimate | None:
    """values: (views, k), NaN where undefined, of the first k photos -> mean over views, then photos."""
    counts = np.isfinite(values).sum(axis=0)
    each = np.nansum(values, axis=0) / np.maximum(counts, 1)
    return estimate(Resamples.of_lesions(groups[: len(each)]).mean(each, counts > 0))
