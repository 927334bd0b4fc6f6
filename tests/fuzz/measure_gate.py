"""Remake the table of what the gate says: `python tests/fuzz/measure_gate.py --data DATA`, see README.md."""

import argparse
from pathlib import Path

from melanoma.evaluation.artefacts import read_artefacts
from melanoma.evaluation.gate import choose_referred, count_reasons, list_photos, look_at, try_ink
from melanoma.run import DEFAULT_RUN, find_run
from melanoma.serving import Classifier


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public downloads")
    parser.add_argument("--run", default=DEFAULT_RUN)
    parser.add_argument("--inked", type=int, default=400, help="referred photos that ink is tried on")
    parser.add_argument("--most", type=int, help="photos of each kind, drawn at random; all, if left out")
    asked = parser.parse_args()
    run = find_run(asked.run)
    classifier = Classifier.open(run, many=True)
    table = list_photos(run, asked.data)
    if asked.most:
        table = table.groupby("kind").sample(asked.most, random_state=run.facts.seed).reset_index(drop=True)
    seen = list(look_at(classifier, table))
    for kind, rows in table.groupby("kind"):
        counted = count_reasons([seen[i] for i in rows.index])
        print(f"\n{kind}: {len(rows)} photos\n\n| what is said | photos | share |\n| --- | ---: | ---: |")
        for what, photos, share in counted.itertuples(index=False):
            print(f"| {what} | {photos} | {share.percent(1)} |")
    folder = asked.data / "artefacts"
    ink = try_ink(classifier, choose_referred(seen, asked.inked), read_artefacts(folder) if folder.is_dir() else [])
    print(f"\n| {' | '.join(ink.columns)} |\n|{' --- |' * len(ink.columns)}")
    for row in ink.itertuples(index=False):
        print(f"| {' | '.join(map(str, row))} |")


if __name__ == "__main__":
    main()
