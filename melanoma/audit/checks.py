"""What can be wrong with a collection of labelled photos, one function a question; `audit` asks them all.

`files` is a table of one row a file: image_id, path, name (below the audited folder), part (`Train`,
`Test` or empty), label (its folder), picture (SHA-256 of its bytes) and lesion.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from melanoma.dataset.leaky import build_leaky_table, measure_leaked_share
from melanoma.diagnoses import NAMES


@dataclass(frozen=True)
class Offender:
    """One photo, pair of photos or diagnosis that a finding counts."""

    image_id: str
    labels: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Finding:
    """One question's answer: `count` of `out_of` (None: no whole to compare with), and who they are."""

    key: str
    title: str
    count: int
    out_of: int | None
    text: str
    rows: tuple[Offender, ...] = ()


def list_counts(counts: Counter) -> str:
    """Names with their numbers, the most frequent first."""
    return ", ".join(f"{name} {number}" for name, number in counts.most_common())


# Labels that contradict


def find_contradictions(files: pd.DataFrame, witnesses: pd.DataFrame) -> list[Finding]:
    """Byte-identical pictures under several labels: all of them, then each pair of labels.

    `witnesses`: image_id -> what each independent table says, one column a table (may be empty).
    """
    labels = files.groupby("picture")["label"].agg(lambda values: tuple(sorted(set(values))))
    several = labels[labels.map(len) > 1]
    ids = files.groupby("picture")["image_id"].min()
    names = files.groupby("picture")["name"].agg(" | ".join)
    rows = tuple(
        sorted(
            (
                Offender(ids[picture], " | ".join(own), quote_witnesses(witnesses, ids[picture]) or names[picture])
                for picture, own in several.items()
            ),
            key=lambda offender: offender.image_id,
        )
    )
    text = (
        f"{len(files)} files show {len(labels)} distinct pictures. {len(several)} of these lie, byte for byte, "
        "in the folders of more than one diagnosis: at least one label of each is wrong."
    )
    findings = [
        Finding("contradictory-labels", "Pictures filed under two diagnoses", len(several), len(labels), text, rows)
    ]
    pairs = Counter(pair for labels in several for pair in combinations(labels, 2))
    sizes = files["label"].value_counts()
    for (a, b), count in pairs.most_common():
        small, large = sorted((a, b), key=lambda label: sizes[label])
        both = files[files["picture"].isin(several.index[[a in x and b in x for x in several]])]
        text = (
            f"{count} of the {sizes[small]} files in “{small}” are byte-identical to files in “{large}” "
            f"({sizes[large]} files). " + count_witnesses(witnesses, both["image_id"].unique())
        )
        findings.append(
            Finding(
                f"contradictory-labels:{a}|{b}", f"“{small}” that is also “{large}”", count, int(sizes[small]), text
            )
        )
    return findings


def quote_witnesses(witnesses: pd.DataFrame, image_id: str) -> str:
    """What the independent tables say about one photo."""
    if image_id not in witnesses.index:
        return ""
    return "; ".join(f"{table}: {label}" for table, label in witnesses.loc[image_id].dropna().items())


def count_witnesses(witnesses: pd.DataFrame, image_ids: np.ndarray) -> str:
    """What the independent tables say about some photos, counted."""
    known = witnesses.reindex(image_ids).dropna(how="all")
    if known.empty:
        return "No independent label is at hand that would settle them."
    statements = [
        f"{table} says {list_counts(Counter(known[table].dropna()))}" for table in known if known[table].notna().any()
    ]
    return f"{len(known)} have an independent label: {'; '.join(statements)}."


def find_wrong_folders(files: pd.DataFrame, settled: pd.DataFrame) -> Finding:
    """Files whose folder contradicts an independent label. `settled`: image_id -> diagnosis, label_from."""
    independent = settled[settled["label_from"] != "folder"]
    known = files[["image_id", "label"]].join(independent, on="image_id", how="inner")
    wrong = known[known["label"] != known["diagnosis"].map(NAMES)]
    pairs = Counter(zip(wrong["label"], wrong["diagnosis"].map(NAMES), strict=True))
    text = f"Of {len(known)} files with an independent label, {len(wrong)} lie in the folder of another diagnosis"
    text += ": " + "; ".join(f"{n} in “{a}” are {b}" for (a, b), n in pairs.most_common()) + "." if pairs else "."
    rows = tuple(Offender(r.image_id, r.label, f"{r.label_from}: {NAMES[r.diagnosis]}") for r in wrong.itertuples())
    return Finding("wrong-folder", "Folder name against an independent label", len(wrong), len(known), text, rows)


def find_repeats(files: pd.DataFrame) -> Finding:
    """The same bytes stored more than once under one label, or under two ids."""
    again = files[files.duplicated(["picture", "label"], keep=False)]
    rows = tuple(
        Offender(r.image_id, r.label, r.name) for r in again.sort_values("picture").itertuples(name="File", index=False)
    )
    count = again["picture"].nunique()
    return Finding(
        "repeated-pictures",
        "Pictures stored more than once under one diagnosis",
        count,
        files["picture"].nunique(),
        f"Stored more than once under one label: {count} pictures ({len(again)} files). They weigh more than others.",
        rows,
    )


# Test photos that were seen in training


def find_leakage(files: pd.DataFrame, how: str) -> list[Finding]:
    """Test against Train: the same bytes under another label, the same lesion, and what memory alone scores.

    `how` says in words how lesions were recognised. Empty where the folder has no such parts.
    """
    train, test = files[files["part"] == "Train"], files[files["part"] == "Test"]
    if train.empty or test.empty:
        return []
    learned = train.groupby("picture")["label"].agg(set)
    in_train = test["picture"].isin(learned.index)
    against = [
        bool(known) and label not in learned[picture]
        for known, picture, label in zip(in_train, test["picture"], test["label"], strict=True)
    ]
    other = test[np.array(against)]
    shared = test[test["lesion"].isin(set(train["lesion"]))]
    best, n = len(test) - len(other), len(test)
    return [
        Finding(
            "test-in-train-other-label",
            "Test pictures that Train holds under another diagnosis",
            len(other),
            n,
            f"{int(in_train.sum())} of {n} Test images are byte-identical to a Train image; {len(other)} of them are "
            "filed there under another diagnosis only.",
            tuple(
                Offender(r.image_id, r.label, "in Train: " + " | ".join(sorted(learned[r.picture])))
                for r in other.itertuples()
            ),
        ),
        Finding(
            "test-lesion-in-train",
            "Test photos of a lesion that is also in Train",
            len(shared),
            n,
            f"{len(shared)} of {n} Test photos show a lesion that the model has already seen in Train ({how}).",
            tuple(Offender(r.image_id, r.label) for r in shared.itertuples()),
        ),
        Finding(
            "memoriser",
            "Best score of a model that memorised Train",
            best,
            n,
            f"A model that answers every known picture with its Train label, and all others rightly, scores "
            f"{best} of {n} ({best / n:.1%}) on Test.",
        ),
    ]


def measure_oversampling(data: Path, splits: int = 10) -> Finding:
    """How much of a validation set is in training when pictures are multiplied before they are split.

    The mean over `splits` random splits, as one split differs from another by a per cent or two.
    """
    tables = [build_leaky_table(data, seed=seed) for seed in range(splits)]
    shares = [measure_leaked_share(table) for table in tables]
    rows = int((tables[0]["split"] == "validation").sum())
    mean = float(np.mean(shares))
    text = (
        f"With 500 augmented copies a class added before a random 80/20 split, {mean:.0%} of the validation rows "
        f"show a picture that is in training as well ({min(shares):.0%} to {max(shares):.0%} over {splits} splits): "
        "accuracy measured so is mostly memory."
    )
    return Finding(
        "oversampled-before-split", "Validation rows whose picture is also in training", round(mean * rows), rows, text
    )


# What the labels rest on


def find_single_sources(counts: pd.DataFrame, key: str, where: str) -> Finding:
    """Diagnoses that one source alone has. `counts`: diagnosis (name), source, photos."""
    present = counts[counts["photos"] > 0]
    per = present.groupby("diagnosis")["source"].agg(list)
    alone = per[per.map(len) == 1].map(lambda sources: sources[0])
    by_source = {s: sorted(alone.index[alone == s]) for s in sorted(set(alone))}
    listed = "; ".join(f"only {source}: {', '.join(names)}" for source, names in by_source.items())
    text = f"{len(alone)} of {len(per)} diagnoses in {where} come from a single source" + (
        f" ({listed})" if listed else ""
    )
    text += ": a model can name these by recognising the camera." if len(alone) else "."
    rows = tuple(Offender("", name, f"only {source}") for name, source in alone.items())
    return Finding(key, f"Diagnoses that only one source has, {where}", len(alone), len(per), text, rows)


def find_unsettled(
    table: pd.DataFrame, all_ids: pd.Index, witnesses: pd.DataFrame, files: pd.DataFrame
) -> list[Finding]:
    """Ids that have no label but their folder, and ids that stay without any."""
    by_folder = table[table["label_from"] == "folder"]
    lost = sorted(set(all_ids) - set(table["image_id"]))
    labels = files.groupby("image_id")["label"].agg(lambda values: " | ".join(sorted(set(values))))
    return [
        Finding(
            "folder-only",
            "Photos with no label but their folder",
            len(by_folder),
            len(table),
            f"{len(table)} of {len(all_ids)} photos have a settled diagnosis; {len(by_folder)} of these rest on the "
            "folder name alone.",
            tuple(
                Offender(i, NAMES[code]) for i, code in zip(by_folder["image_id"], by_folder["diagnosis"], strict=True)
            ),
        ),
        Finding(
            "unresolved",
            "Photos whose diagnosis cannot be settled",
            len(lost),
            len(all_ids),
            f"{len(lost)} of {len(all_ids)} photos stay without a settled diagnosis (such as two folders and no "
            "independent label): they are left out of training.",
            tuple(Offender(i, labels.get(i, ""), quote_witnesses(witnesses, i)) for i in lost),
        ),
    ]
