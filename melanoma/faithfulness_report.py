"""The faithfulness report of a run: every method's maps on real test photos, against lesion masks and chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from melanoma import faithfulness as f
from melanoma.explanation import Explainer, Method, closed_form
from melanoma.intervals import Resamples, figure
from melanoma.preprocessing import centre_square

SMALL = 0.2  # share of the crop below which a lesion counts as small
SEED = 20
SHUFFLES = 3  # randomised networks
BATCH = 32
NOTE = (
    "The map explained is that of the likeliest diagnosis. Intervals: 95 %, bootstrap over lesions. Chance: for "
    "energy and pointing the lesion's share of the crop (ratio 1); for deletion and insertion a random map as coarse "
    "as the network's grid; for stability the map of another photo. Harder to beat than chance is the centre spot, a "
    "round spot in the middle of every crop, because lesions are photographed in the middle. Randomised: Spearman "
    "correlation with the map of a network whose weights were shuffled within each layer; below 0.3 the map depends "
    "on what was learned (Adebayo 2018). A map without any evidence misses the pointing game and is left out of the "
    "energy."
)

Maps = Callable[[np.ndarray, np.ndarray], list[np.ndarray]]  # images (n, s, s, 3), classes (n,) -> n maps (h, w)


@dataclass(frozen=True)
class Cases:
    """Test photos with lesion masks.

    images: (n, s, s, 3) uint8 network inputs; masks: (n, PLACES, PLACES) bool, in the crop's frame; labels: (n,)
    int; groups: (n,) lesion of each photo; expert: {row: mask} for photos that also have an expert mask.
    """

    images: np.ndarray
    masks: np.ndarray
    labels: np.ndarray
    groups: np.ndarray
    expert: dict[int, np.ndarray]

    def of(self, rows: np.ndarray) -> Cases:
        """The cases at `rows`, (m,) int."""
        new = {int(row): i for i, row in enumerate(rows)}
        expert = {new[row]: mask for row, mask in self.expert.items() if row in new}
        return Cases(self.images[rows], self.masks[rows], self.labels[rows], self.groups[rows], expert)


def read_mask(path: Path) -> np.ndarray:
    """A lesion mask of the whole frame -> (PLACES, PLACES) bool of the crop that the network sees."""
    with Image.open(path) as image:
        box = centre_square(image.width, image.height)
        return np.asarray(image.convert("L").resize((f.PLACES, f.PLACES), Image.Resampling.BOX, box=box)) > 127


def report(
    explainer: Explainer,
    cases: Cases,
    methods: Sequence[Method],
    sample: int,
    step: Callable[[str], None] = lambda what: None,
) -> dict:
    """The part `faithfulness` of evaluation.json, but for who made it.

    Localisation by the closed form is measured on all cases; all else on `sample` of them, the same for every
    method. `step` is told what comes next.
    """
    rows = np.sort(np.random.default_rng(SEED).permutation(len(cases.labels))[:sample])
    some = cases.of(rows)
    step("asking the network")
    top = in_batches(lambda x: explainer.forward(x)[0], cases.images).argmax(axis=1)
    measured = {}
    shuffled = shuffled_explainers(explainer, every_layer=True)
    beheaded = shuffled_explainers(explainer, every_layer=False)
    rival = rivals(explainer, some, top[rows])
    for method in methods:
        everywhere = method == Method.GRADCAM and explainer.kernel is not None
        seen, classes = (cases, top) if everywhere else (some, top[rows])
        step(f"{method.facts.label}: maps of {len(seen.labels)} photos")
        maps = maps_of(explainer, method)(seen.images, classes)
        measured[method.value] = localisation(maps, seen, classes)
        chosen = [maps[row] for row in rows] if everywhere else maps
        step(f"{method.facts.label}: deletion and insertion")
        measured[method.value] |= perturbation(explainer, chosen, some, top[rows], rival)
        step(f"{method.facts.label}: randomised networks, small turns and shifts")
        few = np.arange(len(rows)) if method.facts.passes <= 3 else np.arange(min(len(rows), 24))
        given = some.of(few), top[rows][few], [chosen[i] for i in few]
        measured[method.value]["randomised"] = {
            "photos": len(few),
            "all_layers": randomised([maps_of(x, method) for x in shuffled], *given),
            "last_layer": randomised([maps_of(x, method) for x in beheaded], *given),
        }
        measured[method.value]["stability"] = stability(maps_of(explainer, method), *given)
    spot = [f.centre_spot()] * len(cases.labels)
    measured["centre spot"] = localisation(spot, cases, top)
    return {"note": NOTE, "photos": len(cases.labels), "sample": len(rows), "methods": measured}


def maps_of(explainer: Explainer, method: Method) -> Maps:
    """How to make the maps of many photos by one method: in batches where there is a closed form."""

    def closed(images: np.ndarray, classes: np.ndarray) -> list[np.ndarray]:
        every = in_batches(lambda x: closed_form(explainer.forward(x)[1], explainer.kernel), images)
        return list(every[np.arange(len(classes)), classes])

    def one_by_one(images: np.ndarray, classes: np.ndarray) -> list[np.ndarray]:
        codes = [explainer.classes[i] for i in classes]
        return [explainer.heatmap(x, code, method).values for x, code in zip(images, codes, strict=True)]

    return closed if method == Method.GRADCAM and explainer.kernel is not None else one_by_one


def in_batches(ask: Callable[[np.ndarray], np.ndarray], images: np.ndarray) -> np.ndarray:
    """`ask` over images (n, s, s, 3), BATCH at a time; the answers joined."""
    return np.concatenate([ask(images[i : i + BATCH]) for i in range(0, len(images), BATCH)])


def localisation(maps: list[np.ndarray], cases: Cases, top: np.ndarray) -> dict:
    """Energy and pointing game on all photos, by right and wrong answers, on small lesions, by expert masks."""
    right = top == cases.labels
    share = cases.masks.mean(axis=(1, 2))
    energy = np.array([f.energy_inside(m, mask) for m, mask in zip(maps, cases.masks, strict=True)])
    hit = np.array([f.pointing_hit(m, mask) for m, mask in zip(maps, cases.masks, strict=True)])
    draws = Resamples.of_lesions(cases.groups)
    everything = np.ones(len(right), bool)
    parts = {"all": everything, "right": right, "wrong": ~right, "small_lesions": share < SMALL}
    result = {name: located(draws, energy, hit, share, among) for name, among in parts.items() if among.any()}
    if cases.expert:
        rows = np.array(sorted(cases.expert))
        masks = np.stack([cases.expert[row] for row in rows])
        pairs = list(zip([maps[row] for row in rows], masks, strict=True))
        result["expert_masks"] = located(
            Resamples.of_lesions(cases.groups[rows]),
            np.array([f.energy_inside(*pair) for pair in pairs]),
            np.array([f.pointing_hit(*pair) for pair in pairs]),
            masks.mean(axis=(1, 2)),
            np.ones(len(rows), bool),
        )
    return result


def located(draws: Resamples, energy: np.ndarray, hit: np.ndarray, share: np.ndarray, among: np.ndarray) -> dict:
    """Figures of the photos `among`: energy (n,) with NaN for empty maps, hit (n,) bool, share (n,) of the crop."""
    evident = among & np.isfinite(energy)
    ratio = np.nan_to_num(energy) / share
    return {
        "photos": int(among.sum()),
        "without_evidence": int((among & ~evident).sum()),
        "energy_inside": figure(draws.mean(np.nan_to_num(energy), evident)),
        "energy_inside_chance": figure(draws.mean(share, evident)),
        "energy_to_area": figure(draws.mean(ratio, evident)),
        "pointing_game": figure(draws.share(hit, among)),
        "pointing_game_chance": figure(draws.mean(share, among)),
    }


def rivals(explainer: Explainer, cases: Cases, top: np.ndarray) -> dict[str, np.ndarray]:
    """Deletion and insertion AUC (n,) of a random map for each photo."""
    shape = explainer.grid
    maps = [f.random_map(shape, seed) for seed in range(len(top))]
    return areas(explainer, maps, cases, top)


def areas(explainer: Explainer, maps: list[np.ndarray], cases: Cases, top: np.ndarray) -> dict[str, np.ndarray]:
    """Deletion and insertion AUC, (n,) each, of the likeliest diagnosis's calibrated probability."""
    triples = list(zip(cases.images, maps, top, strict=True))
    return {
        "deletion": np.array([f.deletion(explainer.probabilities, x, m, c).auc for x, m, c in triples]),
        "insertion": np.array([f.insertion(explainer.probabilities, x, m, c).auc for x, m, c in triples]),
    }


def perturbation(explainer: Explainer, maps: list, cases: Cases, top: np.ndarray, rival: dict) -> dict:
    """Deletion and insertion AUC beside those of the random map, and their relation."""
    own = areas(explainer, maps, cases, top)
    draws = Resamples.of_lesions(cases.groups)
    result = {}
    for name, sign in (("deletion", -1), ("insertion", 1)):
        mean, chance = draws.mean(own[name]), draws.mean(rival[name])
        word = "lower_than_random" if sign < 0 else "higher_than_random"
        result[name] = {
            "auc": figure(mean),
            "auc_random_map": figure(chance),
            word: figure(sign * (mean / chance - 1)),
        }
    return result


def shuffled_explainers(explainer: Explainer, *, every_layer: bool) -> list[Explainer]:
    """SHUFFLES copies of a network with the weights of every layer, or of the last alone, shuffled.

    Shuffled and not drawn anew: the copies keep each layer's range of values, so that no map is empty only because
    activations have died out.
    """
    import keras

    copies = []
    for seed in range(SHUFFLES):
        rng = np.random.default_rng((SEED, seed))
        network = keras.models.clone_model(explainer.network)
        weights = explainer.network.get_weights()
        last = len(weights) - len(explainer.network.layers[-1].weights)
        network.set_weights(
            [rng.permuted(w.ravel()).reshape(w.shape) if every_layer or i >= last else w for i, w in enumerate(weights)]
        )
        copies.append(Explainer(network, explainer.classes))
    return copies


def randomised(networks: list[Maps], cases: Cases, top: np.ndarray, maps: list[np.ndarray]) -> dict | None:
    """Mean Spearman correlation of maps with those of randomised networks; empty maps there are left out."""
    pairs = [
        [f.steadiness(m, other, f.Nudge()) for m, other in zip(maps, network(cases.images, top), strict=True)]
        for network in networks
    ]
    return mean_of(np.array(pairs), cases.groups)


def stability(network: Maps, cases: Cases, top: np.ndarray, maps: list[np.ndarray]) -> dict:
    """Spearman correlation of each map with that of a nudged view, over all nudges, and with another photo's map."""
    turned, other = [], []
    for nudge in f.NUDGES.values():
        after = network(np.stack([nudge.view(x) for x in cases.images]), top)
        turned.append([f.steadiness(m, a, nudge) for m, a in zip(maps, after, strict=True)])
        other.append([f.steadiness(m, a, nudge) for m, a in zip(maps, after[1:] + after[:1], strict=True)])
    return {
        "photos": len(maps),
        "spearman": mean_of(np.array(turned), cases.groups),
        "spearman_another_photo": mean_of(np.array(other), cases.groups),
    }


def mean_of(values: np.ndarray, groups: np.ndarray) -> dict | None:
    """values: (k, n), NaN where undefined -> mean over k, then over photos, with its interval."""
    counts = np.isfinite(values).sum(axis=0)
    each = np.nansum(values, axis=0) / np.maximum(counts, 1)
    return figure(Resamples.of_lesions(groups).mean(each, counts > 0))
