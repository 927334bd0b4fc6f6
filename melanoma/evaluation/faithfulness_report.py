"""The faithfulness report of a run: every method's maps on real photos, against lesion masks and against chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from melanoma.evaluation.bootstrap import Resamples, figure
from melanoma.evaluation.faithfulness_cases import SEED, Cases, drawn
from melanoma.explain import faithfulness as f
from melanoma.explain.heatmaps import DEFAULT_METHOD, Explainer, Method

if TYPE_CHECKING:
    from melanoma.evaluation.faithfulness_maps import BatchedMaps

SMALL = 0.2  # share of the crop below which a lesion counts as small
SHUFFLES = 3  # randomised networks
SPOT = "centre spot"
RANDOM = "random map"
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
BETTER_LOWER = ("deletion", "randomised")


@dataclass(frozen=True)
class Extent:
    """How many photos each part takes, each within the one before; all photos serve what one pass gives."""

    sample: int  # deletion, insertion, stability and randomisation of the methods of a single pass
    costly: int  # maps, deletion and insertion of methods of many passes
    viewed: int = 16  # their stability (every other nudge) and randomisation (one shuffled network of each kind)


class Watch(Protocol):
    """Is told how the work goes on."""

    def stage(self, what: str, passes: int) -> None:
        """The next stage begins; it takes that many passes of the network."""

    def done(self, passes: int) -> None:
        """So many passes more are done."""


class Unwatched:
    """A Watch that looks away."""

    def stage(self, what: str, passes: int) -> None:
        """Nothing."""

    def done(self, passes: int) -> None:
        """Nothing."""


def report(
    explainer: Explainer, cases: Cases, methods: Sequence[Method], extent: Extent, watch: Watch | None = None
) -> dict:
    """The part `faithfulness` of evaluation.json, but for who made it."""
    from melanoma.evaluation.faithfulness_maps import SINGLE_PASS, BatchedMaps

    watch = watch or Unwatched()
    network = BatchedMaps(explainer.network, explainer.temperature)
    cases = cases.of(drawn(cases.groups))  # every sample is now a beginning
    n = len(cases.labels)
    costly = [m for m in methods if m not in SINGLE_PASS]
    watch.stage("maps of all photos", n)
    top, found = network.single_pass(cases.images, done=watch.done)
    maps = {m: found[m] for m in methods if m in SINGLE_PASS}
    few = slice(0, extent.costly)
    for method in costly:
        watch.stage(f"{method.facts.label}", method.facts.passes * len(top[few]))
        maps[method] = network.costly(method, cases.images[few], top[few], watch.done)
    maps[SPOT] = np.broadcast_to(f.centre_spot(), (n, *f.centre_spot().shape))
    scores = {name: located(found, cases) for name, found in maps.items()}
    measured = {name: localisation(list(maps[name]), cases, top) for name in maps}

    areas = perturbed(network, maps, cases, top, extent.sample, watch)
    for name in maps:
        own, random = areas[name], areas[RANDOM][: len(areas[name])]
        scores[name] |= {"deletion": own[None, :, 0], "insertion": own[None, :, 1]}
        measured[name] |= perturbation(own, random, cases.groups[: len(own)])

    del maps[SPOT]
    limits = {m: extent.viewed if m in costly else extent.sample for m in maps}
    given = {m: values[: limits[m]] for m, values in maps.items()}
    for part, key, values in (
        *stability(network, given, cases, top, watch),
        *randomised(explainer, given, cases, top, watch),
    ):
        for method, own in values.items():
            measured[method].setdefault(part, {"photos": own.shape[1]})[key] = mean_of(own, cases.groups)
            if key in ("spearman", "all_layers"):
                scores[method][part] = own
    if DEFAULT_METHOD in scores:
        for name in [x for x in scores if x != DEFAULT_METHOD]:
            measured[name]["against_default"] = against(scores[name], scores[DEFAULT_METHOD], cases.groups)
    return {
        "note": NOTE,
        "default_method": DEFAULT_METHOD.value,
        "photos": n,
        "lesions": len(np.unique(cases.groups)),
        "sample": min(extent.sample, n),
        "sample_costly": min(extent.costly, n),
        "sample_costly_views": min(extent.viewed, n),
        "methods": {str(name): parts for name, parts in measured.items()},
    }


def located(maps: np.ndarray, cases: Cases) -> dict[str, np.ndarray]:
    """Of the first photos: energy over the lesion's share, NaN without evidence, and pointing hits; (1, k) each."""
    masks = cases.masks[: len(maps)]
    energy = [f.energy_inside(m, mask) / mask.mean() for m, mask in zip(maps, masks, strict=True)]
    hits = [float(f.pointing_hit(m, mask)) for m, mask in zip(maps, masks, strict=True)]
    return {"energy_to_area": np.array([energy]), "pointing_game": np.array([hits])}


def localisation(maps: Sequence[np.ndarray], cases: Cases, top: np.ndarray) -> dict:
    """Energy and pointing game on all photos, by right and wrong answers, on small lesions, by expert masks.

    maps: (k, h, w) of the first k cases.
    """
    if len(maps) < len(cases.labels):
        cases, top = cases.of(np.arange(len(maps))), top[: len(maps)]
    right = top == cases.labels
    small = cases.masks.mean(axis=(1, 2)) < SMALL
    everything = np.ones(len(right), bool)
    parts = {"all": everything, "right": right, "wrong": ~right, "small_lesions": small}
    found = located(maps, cases)
    result = {name: figures(cases, found, among) for name, among in parts.items() if among.any()}
    if cases.expert:
        rows = np.array(sorted(cases.expert))
        masks = np.stack([cases.expert[row] for row in rows])
        by_experts = Cases(cases.images[rows], masks, cases.labels[rows], cases.groups[rows], {})
        seen = located([maps[row] for row in rows], by_experts)
        result["expert_masks"] = figures(by_experts, seen, np.ones(len(rows), bool))
    return result


def figures(cases: Cases, found: dict[str, np.ndarray], among: np.ndarray) -> dict:
    """Figures of the cases `among`, (n,) bool, from what `located` found of all."""
    ratio, hit = found["energy_to_area"][0], found["pointing_game"][0] > 0
    share, draws = cases.masks.mean(axis=(1, 2)), cases.draws
    evident = among & np.isfinite(ratio)
    ratio = np.nan_to_num(ratio)
    return {
        "photos": int(among.sum()),
        "without_evidence": int((among & ~evident).sum()),
        "energy_inside": figure(draws.mean(ratio * share, evident)),
        "energy_inside_chance": figure(draws.mean(share, evident)),
        "energy_to_area": figure(draws.mean(ratio, evident)),
        "pointing_game": figure(draws.share(hit, among)),
        "pointing_game_chance": figure(draws.mean(share, among)),
    }


def perturbed(
    network: BatchedMaps, maps: dict, cases: Cases, top: np.ndarray, sample: int, watch: Watch
) -> dict[str, np.ndarray]:
    """Name -> (k, 2) deletion and insertion AUC of the first k photos, of each kind of map and of random ones.

    The probability is the calibrated one of the likeliest diagnosis.
    """
    sample = min(sample, len(top))
    counts = {name: min(len(values), sample) for name, values in maps.items()}
    maps = maps | {RANDOM: [f.random_map(network.grid, seed) for seed in range(sample)]}
    counts[RANDOM] = sample
    watch.stage("deletion and insertion", 2 * sample + 2 * (f.STEPS - 1) * sum(counts.values()))
    found = {name: [] for name in maps}
    for i in range(sample):
        names = [name for name in maps if i < counts[name]]
        answer = f.areas(
            lambda x: network.probabilities(x, watch.done), cases.images[i], [maps[m][i] for m in names], top[i]
        )
        for name, pair in zip(names, answer, strict=True):
            found[name].append(pair)
    return {name: np.array(pairs) for name, pairs in found.items()}


def perturbation(own: np.ndarray, random: np.ndarray, groups: np.ndarray) -> dict:
    """Deletion and insertion AUC, (k, 2), beside those of the random maps of the same photos, and their relation."""
    draws = Resamples.of_lesions(groups)
    result = {}
    for i, (name, word) in enumerate({"deletion": "lower_than_random", "insertion": "higher_than_random"}.items()):
        mean, chance = draws.mean(own[:, i]), draws.mean(random[:, i])
        result[name] = {
            "photos": len(own),
            "auc": figure(mean),
            "auc_random_map": figure(chance),
            word: figure((mean / chance - 1) * (-1 if name in BETTER_LOWER else 1)),
        }
    return result


def views(network: BatchedMaps, images: np.ndarray, given: dict, top: np.ndarray, watch: Watch, costly: bool) -> dict:
    """Method -> maps of `images` by another network or of another view; of costly methods only where asked."""
    from melanoma.evaluation.faithfulness_maps import SINGLE_PASS

    single = [m for m in given if m in SINGLE_PASS]
    found = {}
    if single:
        k = len(given[single[0]])
        every = network.single_pass(images[:k], top[:k], watch.done)[1]
        found = {m: every[m] for m in single}
    for method in [m for m in given if costly and m not in SINGLE_PASS]:
        k = len(given[method])
        found[method] = network.costly(method, images[:k], top[:k], watch.done)
    return found


def passes_of(given: dict, all_views: int, costly_views: int) -> int:
    """How many passes `views` takes when it is called so many times."""
    from melanoma.evaluation.faithfulness_maps import SINGLE_PASS

    single = max((len(values) for m, values in given.items() if m in SINGLE_PASS), default=0)
    rest = sum(len(values) * m.facts.passes for m, values in given.items() if m not in SINGLE_PASS)
    return single * all_views + rest * costly_views


def stability(network: BatchedMaps, given: dict, cases: Cases, top: np.ndarray, watch: Watch) -> list[tuple]:
    """(part, key, method -> (nudges, k) Spearman correlations) with nudged views, and with another photo's."""
    nudges = list(f.NUDGES.values())
    watch.stage("small turns and shifts", passes_of(given, len(nudges), len(nudges[::2])))
    own, other = ({m: np.full((len(nudges), len(v)), np.nan) for m, v in given.items()} for _ in range(2))
    longest = max(len(values) for values in given.values())
    for i, nudge in enumerate(nudges):
        images = np.stack([nudge.view(x) for x in cases.images[:longest]])
        for method, after in views(network, images, given, top, watch, costly=i % 2 == 0).items():
            own[method][i] = [f.steadiness(*pair, nudge) for pair in zip(given[method], after, strict=True)]
            another = np.roll(after, -1, axis=0)
            other[method][i] = [f.steadiness(*pair, nudge) for pair in zip(given[method], another, strict=True)]
    return [("stability", "spearman", own), ("stability", "spearman_another_photo", other)]


def randomised(explainer: Explainer, given: dict, cases: Cases, top: np.ndarray, watch: Watch) -> list[tuple]:
    """(part, key, method -> (networks, k) Spearman correlations) with networks of shuffled weights.

    Shuffled within each layer and not drawn anew: each layer keeps its range of values, so that no map is empty only
    because activations have died out. Empty maps there are left out.
    """
    import keras

    from melanoma.evaluation.faithfulness_maps import BatchedMaps

    watch.stage("randomised networks", passes_of(given, 2 * SHUFFLES, 2))
    copy = keras.models.clone_model(explainer.network)
    network = BatchedMaps(copy, constant=False)
    weights = explainer.network.get_weights()
    last = len(weights) - len(explainer.network.layers[-1].weights)
    result = []
    for key, first in (("all_layers", 0), ("last_layer", last)):
        found = {m: np.full((SHUFFLES, len(values)), np.nan) for m, values in given.items()}
        for seed in range(SHUFFLES):
            rng = np.random.default_rng((SEED, seed))
            copy.set_weights(weights[:first] + [rng.permuted(w.ravel()).reshape(w.shape) for w in weights[first:]])
            for method, after in views(network, cases.images, given, top, watch, costly=seed == 0).items():
                found[method][seed] = [
                    f.steadiness(*pair, f.Nudge()) for pair in zip(given[method], after, strict=True)
                ]
        result.append(("randomised", key, found))
    return result


def against(own: dict[str, np.ndarray], default: dict[str, np.ndarray], groups: np.ndarray) -> dict:
    """Each score's mean difference from the default method's on the same photos and views, (views, k) each."""
    result = {}
    for name in [name for name in own if name in default]:
        k = min(own[name].shape[1], default[name].shape[1])
        difference = own[name][:, :k] - default[name][:, :k]
        found = mean_of(difference, groups)
        if found:
            result[name] = found | {"photos": int(np.isfinite(difference).any(axis=0).sum())}
    return result


def mean_of(values: np.ndarray, groups: np.ndarray) -> dict | None:
    """values: (views, k), NaN where undefined, of the first k photos -> mean over views, then photos; an interval."""
    counts = np.isfinite(values).sum(axis=0)
    each = np.nansum(values, axis=0) / np.maximum(counts, 1)
    return figure(Resamples.of_lesions(groups[: len(each)]).mean(each, counts > 0))
