"""Remake the table of what the gate says: `python tests/fuzz/measure_gate.py --data DATA`, see README.md."""

import argparse
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from melanoma.evaluation.artefacts import read_artefacts
from melanoma.evaluation.bootstrap import SEED, Resamples, estimate
from melanoma.evaluation.gate import Seen, choose_referred, count_reasons, list_photos, look_at, try_ink
from melanoma.run import DEFAULT_RUN, find_run
from melanoma.serving import UNDECIDED, Classifier


def is_held_out(group: str) -> bool:
    """Whether no limit of faint ink was chosen on a lesion."""
    return zlib.crc32(group.encode()) % 2 == 1


def share_undecided(photos: Sequence[Seen]) -> str:
    """In per cent, with its interval."""
    resamples = Resamples.of_lesions(np.array([one.group for one in photos]))
    return estimate(resamples.share(np.array([one.prediction.decision == UNDECIDED for one in photos]))).percent(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public downloads")
    parser.add_argument("--run", default=DEFAULT_RUN)
    parser.add_argument("--inked", type=int, default=400, help="referred photos that ink is tried on")
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[SEED], help="of the marks; each is tried on all of these"
    )
    parser.add_argument("--held-out", action="store_true", help="ink on the half that no limit of it was chosen on")
    parser.add_argument("--most", type=int, help="photos of each kind, drawn at random; all, if left out")
    asked = parser.parse_args()
    run = find_run(asked.run)
    classifier = Classifier.open(run, many=True)
    table = list_photos(run, asked.data)
    if asked.most:
        table = table.groupby("kind").sample(asked.most, random_state=run.facts.seed).reset_index(drop=True)
    seen = list(look_at(classifier, table))
    for kind, rows in table.groupby("kind"):
        print(f"\n{kind}: undecided {share_undecided([seen[i] for i in rows.index])}", end="")
        print(f"; held out: {share_undecided([seen[i] for i in rows.index if is_held_out(seen[i].group)])}")
        counted = count_reasons([seen[i] for i in rows.index])
        print(f"\n{kind}: {len(rows)} photos\n\n| what is said | photos | share |\n| --- | ---: | ---: |")
        for what, photos, share in counted.itertuples(index=False):
            print(f"| {what} | {photos} | {share.percent(1)} |")
    folder = asked.data / "artefacts"
    artefacts = read_artefacts(folder) if folder.is_dir() else []
    referred = choose_referred([one for one in seen if not asked.held_out or is_held_out(one.group)], asked.inked)
    trials = pd.concat([try_ink(classifier, referred, artefacts, seed) for seed in asked.seeds])
    ink = trials.groupby("ink", as_index=False).sum()
    print(f"\n| {' | '.join(ink.columns)} |\n|{' --- |' * len(ink.columns)}")
    for row in ink.itertuples(index=False):
        print(f"| {' | '.join(map(str, row))} |")


if __name__ == "__main__":
    main()
