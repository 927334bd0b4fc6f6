"""Findings about pairs of photos: near-identical pictures, and one lesion in two frames."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from melanoma.audit.checks import Finding, Offender
from melanoma.audit.same_lesion import Match


def list_near_copies(table: pd.DataFrame, pairs: list[tuple[int, int, float]]) -> Finding:
    """Near-duplicate pictures. `table`: image_id, label, part; `pairs`: (i, j, correlation), rows of it."""
    ids, labels, parts = (table[c].to_numpy() for c in ("image_id", "label", "part"))
    across = sum(labels[i] != labels[j] for i, j, _ in pairs)
    apart = sum(parts[i] != parts[j] for i, j, _ in pairs)
    text = (
        f"Pairs of photos that show almost the same picture (correlation of thumbnails above 0.99): {len(pairs)}. "
        f"Pairs among them that carry two different labels: {across}."
    )
    text += f" Pairs that lie on both sides of Train and Test: {apart}." if apart else ""
    rows = tuple(
        Offender(ids[i], " | ".join(dict.fromkeys((labels[i], labels[j]))), f"{ids[j]}, {c:.4f}") for i, j, c in pairs
    )
    return Finding("near-duplicates", "Pairs of near-identical pictures", len(pairs), None, text, rows)


def list_same_lesions(table: pd.DataFrame, matches: Sequence[Match]) -> Finding:
    """Photos of one lesion in two frames that nothing else ties together. `table`: as in `list_near_copies`."""
    ids, labels, parts = (table[c].to_numpy() for c in ("image_id", "label", "part"))
    across = sum(labels[m.first] != labels[m.second] for m in matches)
    apart = sum(parts[m.first] != parts[m.second] for m in matches)
    text = (
        "Pairs of photos that show the same lesion in another frame (turned, zoomed or shifted), under two lesion ids "
        f"or none: {len(matches)}. Pairs among them that carry two different labels: {across}."
    )
    text += f" Pairs that lie on both sides of Train and Test: {apart}." if apart else ""
    rows = tuple(
        Offender(
            ids[m.first],
            " | ".join(dict.fromkeys((labels[m.first], labels[m.second]))),
            f"{ids[m.second]}, {m.agreeing} keypoints",
        )
        for m in matches
    )
    return Finding("same-lesion", "Pairs of one lesion in two frames", len(matches), None, text, rows)


def not_searched(why: str) -> Finding:
    """In place of `list_same_lesions` where keypoints could not be had."""
    return Finding("same-lesion", "Pairs of one lesion in two frames", 0, None, why)
