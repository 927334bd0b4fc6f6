"""What the gate says to photos, and what ink does to the answer.

Limits are set on validation photos. Test photos are looked at for `measure_gate` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from melanoma.dataset.other_photos import assign_split, draw_share
from melanoma.dataset.photo_table import read_photo_table
from melanoma.estimates import Estimate
from melanoma.evaluation.artefacts import Artefact, apply_pieces, place_pieces
from melanoma.evaluation.bootstrap import SEED, Resamples, estimate
from melanoma.evaluation.pen_marks import PENS, SHAPES, draw_mark
from melanoma.photo.photos import Photo, read_photo
from melanoma.photo.preprocessing import network_input
from melanoma.photo.quality import GOOD, UNUSABLE
from melanoma.run import Run
from melanoma.run.evaluation import Gate, GateFigures
from melanoma.serving import REFER, Classifier, Prediction
from melanoma.serving.prediction import ROUTINE, UNDECIDED
from melanoma.sources import CLINICAL, DERMOSCOPIC, EVERYDAY

VALIDATION, TEST = "validation", "test"
REAL_INK = "marking"  # kind of the cut-outs that are ink


@dataclass(frozen=True)
class Seen:
    """A photo, and what a run answers."""

    photo: Photo
    prediction: Prediction
    kind: str
    group: str


def list_photos(run: Run, data: Path, split: str = VALIDATION) -> pd.DataFrame:
    """The photos of one of the run's splits, and everyday photos of the same: path, aspect, kind, group.

    kind: `everyday` for the latter. `run` has a split.
    """
    assert run.split is not None
    rows = run.split[run.split["split"] == split]
    table = rows.join(read_photo_table(data).set_index("image_id")[["path", "aspect"]], on="image_id")
    table = table.dropna(subset="path")[["path", "aspect", "kind", "group"]]
    everyday = [
        (str(path), np.nan, EVERYDAY.id, path.stem)
        for path in sorted((data / EVERYDAY.id).glob("*.jpg"))
        if assign_split(draw_share(path.stem, run.facts.seed)) == split
    ]
    return pd.concat([table, pd.DataFrame(everyday, columns=table.columns)], ignore_index=True)


def look_at(classifier: Classifier, rows: pd.DataFrame, advance: Callable[[], None] = lambda: None) -> Iterator[Seen]:
    """What is answered to the photos of `rows`, squashed ones at their true aspect."""
    for row in rows.itertuples():
        photo = read_photo(Path(str(row.path)).read_bytes())
        if not pd.isna(row.aspect):
            height = len(photo.pixels)
            true = Image.fromarray(photo.pixels).resize((round(height * float(row.aspect)), height))
            photo = Photo(np.asarray(true), photo.sha256, photo.format)
        yield Seen(photo, classifier.predict(photo), str(row.kind), str(row.group))
        advance()


def measure_gate(photos: Iterable[Seen], command: str) -> Gate:
    """What is said of photos before they are answered, by kind. command: what measures it again."""
    columns = ("kind", "group", "quality", "seen", "decision")
    rows = [
        (one.kind, one.group, one.prediction.assessment.quality, one.prediction.kind.seen, one.prediction.decision)
        for one in photos
    ]
    table = pd.DataFrame(rows, columns=list(columns))
    return Gate({str(kind): _measure_kind(str(kind), own) for kind, own in table.groupby("kind", sort=False)}, command)


def _measure_kind(kind: str, rows: pd.DataFrame) -> GateFigures:
    resamples = Resamples.of_lesions(rows["group"].to_numpy())
    other = {DERMOSCOPIC: CLINICAL, CLINICAL: DERMOSCOPIC}.get(kind)
    return GateFigures(
        photos=len(rows),
        refused=estimate(resamples.share((rows["quality"] == UNUSABLE).to_numpy())),
        flagged=estimate(resamples.share((rows["quality"] != GOOD).to_numpy())),
        misread=estimate(resamples.share((rows["seen"] == other).to_numpy())) if other else None,
        decisions={decision: int((rows["decision"] == decision).sum()) for decision in (REFER, UNDECIDED, ROUTINE)},
    )


def count_reasons(photos: Sequence[Seen]) -> pd.DataFrame:
    """A row for all that is not good, and one for each reason and caution: its photos, and their share."""
    resamples = Resamples.of_lesions(np.array([one.group for one in photos]))

    def row(name: str, marks: Iterable[bool]) -> tuple[str, int, Estimate | None]:
        flagged = np.fromiter(marks, bool)
        return name, int(flagged.sum()), estimate(resamples.share(flagged))

    said = [(*one.prediction.assessment.reasons, *one.prediction.assessment.cautions) for one in photos]
    sentences = sorted({_without_numbers(sentence) for each in said for sentence in each})
    rows = [row("any that makes it not good", (not one.prediction.assessment.is_good for one in photos))]
    rows += [row(words, (words in map(_without_numbers, each) for each in said)) for words in sentences]
    return pd.DataFrame(rows, columns=["what is said", "photos", "share"])


def _without_numbers(sentence: str) -> str:
    """A sentence with its figures left out, so that those of one kind are one."""
    return "".join("#" if character.isdigit() else character for character in sentence)


def choose_referred(photos: Sequence[Seen], number: int) -> list[Seen]:
    """Those good photos that the score refers, nearest to the threshold: what little it takes would turn."""
    referred = [
        one
        for one in photos
        if one.prediction.decision == REFER and one.prediction.assessment.is_good and one.kind != EVERYDAY.id
    ]
    return sorted(referred, key=lambda one: one.prediction.score)[:number]


def try_ink(
    classifier: Classifier, referred: Sequence[Seen], artefacts: Sequence[Artefact], seed: int = SEED
) -> pd.DataFrame:
    """A mark drawn on each referred photo, and real ink on it: how many become routine, without a word and in all.

    A row a pen, and one for real ink: photos, flagged, would be routine by the score alone, routine. Real ink is left
    out where there are no cut-outs of it.
    """
    rng = np.random.default_rng(seed)
    inks = [artefact for artefact in artefacts if artefact.kind == REAL_INK]
    size, rows = classifier.run.input_size, []
    for one in referred:
        square = network_input(one.photo.pixels, size)
        pen, shape = rng.choice(list(PENS)), rng.choice(SHAPES)
        trials = [(f"drawn, {pen}", draw_mark(square, pen, shape, rng))]
        if inks:
            pieces = inks[int(rng.integers(len(inks)))].pieces(size)
            trials.append(("real ink, put on", apply_pieces(square, place_pieces(pieces, size, rng))))
        for name, pixels in trials:
            answer = classifier.predict(Photo(pixels, "", "PNG"))
            low = answer.score < answer.point.least_score
            rows.append((name, 1, not answer.assessment.is_good, low, answer.decision == ROUTINE))
    columns = ["ink", "photos", "flagged", "routine by the score alone", "routine without a word"]
    return pd.DataFrame(rows, columns=columns).groupby("ink", as_index=False).sum()
