"""Finds what is wrong with a collection of labelled photos, before anything learns from it.

Two kinds of folder are read: one that holds the public downloads (see `melanoma.dataset.copies.LAYOUTS`), and any
plain folder of `<diagnosis>/*.jpg` or `Train|Test/<diagnosis>/*.jpg`, whatever its diagnoses are called.

On the nine-class ISIC set two counts depend on how one counts. Near-duplicates: the audit compares the
photos in the geometry and at the thumbnail size that the split uses (24 px, colour, centre square of the
true frame; 109 pairs among 13,030 labelled photos); another thumbnail gives another number (57 to 70 in four tried).
Independent labels: `wrong-folder` counts every file that contradicts one (76 "nevus" files that are actinic
keratosis, 26 "seborrheic keratosis" files that are melanoma); of these 75 and 24 are among the byte-identical
pictures, the other three lie in the wrong folder alone.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd

from melanoma.audit import checks
from melanoma.audit.checks import Finding, Offender
from melanoma.audit.pairs import list_near_copies, list_same_lesions, not_searched
from melanoma.audit.same_lesion import MISSING, Match, can_match, match_lesions, read_keypoints
from melanoma.dataset.copies import find_best_copies, holds_downloads
from melanoma.dataset.duplicates import Progress, find_near_duplicates, label_components, read_thumbnails
from melanoma.dataset.packing import PACKED_SIZE
from melanoma.dataset.photo_table import read_lesion_ids, read_photo_table
from melanoma.dataset.public_csv import TableError
from melanoma.dataset.public_tables import read_ham10000, read_isic2017, read_isic2019, read_nine_class_files
from melanoma.dataset.splitting import group_lesions
from melanoma.diagnoses import NAMES
from melanoma.run import file_sha256
from melanoma.serving.cells import encode_csv, plain_text
from melanoma.sources import HAM10000, ISIC_ARCHIVE

FINDINGS = Path(__file__).parent / "findings.json"  # the audit of the public downloads, shipped with the project
SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"}
PARTS = {
    "train": "Train",
    "training": "Train",
    "test": "Test",
    "val": "Test",
    "valid": "Test",
    "validation": "Test",
}


class AuditError(ValueError):
    """A folder that cannot be audited; the message is one plain sentence for the user."""


@dataclass(frozen=True)
class SourceCount:
    """How many photos of one diagnosis (its name) one source has."""

    diagnosis: str
    source: str
    photos: int


@dataclass(frozen=True)
class Audit:
    """What an audit found. counts: of the photos with a settled label."""

    folder: str
    made: str
    photos: int
    counts: tuple[SourceCount, ...]
    findings: tuple[Finding, ...]

    def finding(self, key: str) -> Finding:
        """The finding of that key; KeyError when the audit did not ask it."""
        return {f.key: f for f in self.findings}[key]

    def offenders(self) -> pd.DataFrame:
        """Columns finding, image_id, labels, detail: one row a photo (or pair) that a finding counts."""
        rows = [{"finding": f.key, **asdict(row)} for f in self.findings for row in f.rows]
        return pd.DataFrame(rows, columns=["finding", "image_id", "labels", "detail"])


def audit(data: Path, progress: Progress = lambda items, _: items) -> Audit:
    """Audit the folder `data`. Raises AuditError, saying what to do, where it holds no labelled photos, or a
    table that cannot be used.

    `progress(items, total)` passes on the photos as they are read.
    """
    data = Path(data)
    if not data.is_dir():
        raise AuditError(f"There is no folder {data}: check the path.")
    try:
        photos, counts, findings = (audit_downloads if holds_downloads(data) else audit_plain)(data, progress)
    except TableError as error:
        raise AuditError(str(error)) from error
    made = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return Audit(data.resolve().name, made, photos, counts, tuple(findings))


def audit_downloads(data: Path, progress: Progress) -> tuple[int, tuple[SourceCount, ...], list[Finding]]:
    """Number of photos, counts and findings of the public downloads."""
    table = read_photo_table(data)
    files = read_nine_class_set(data)
    witnesses = read_independent_labels(data)
    findings = []
    if len(files):
        findings += checks.find_contradictions(files, witnesses)
        findings.append(checks.find_wrong_folders(files, table.set_index("image_id")[["diagnosis", "label_from"]]))
        findings.append(checks.find_repeats(files))
        findings += checks.find_leakage(files, "same lesion id or same image id")
        if (files["part"] == "Train").any():
            findings.append(checks.measure_oversampling(data))
    rows, read = read_thumbnails(table[["path", "aspect"]], progress)
    readable = table[read].assign(label=lambda t: t["diagnosis"].map(NAMES), part="").reset_index(drop=True)
    findings.append(list_near_copies(readable, find_near_duplicates(rows)))
    lesions = group_lesions(readable, rows)
    findings.append(search_frames(readable, lesions.to_numpy(), progress)[0])
    if len(files):
        of_files = count_photos(files["label"], files["source"])
        findings.append(checks.find_single_sources(of_files, "single-source-nine-class", "nine-class set"))
    counts = count_photos(table["diagnosis"].map(NAMES), table["source"])
    findings.append(checks.find_single_sources(counts, "single-source", "all sources joined"))
    all_ids = find_best_copies(data).index
    findings += checks.find_unsettled(table, all_ids, witnesses, files)
    findings.append(list_unreadable(table.loc[~read, "image_id"], len(table)))
    return len(all_ids), to_source_counts(counts), findings


def audit_plain(data: Path, progress: Progress) -> tuple[int, tuple[SourceCount, ...], list[Finding]]:
    """Number of files, counts and findings of a folder of `<diagnosis>/*` or `Train|Test/<diagnosis>/*`."""
    files = find_files(data)
    pictures = files.drop_duplicates("picture").assign(aspect=np.nan)
    rows, read = read_thumbnails(pictures[["path", "aspect"]], progress, smallest_side=PACKED_SIZE)
    readable = pictures[read].reset_index(drop=True)
    pairs = find_near_duplicates(rows)
    lesions = label_components(len(readable), ((i, j) for i, j, _ in pairs))
    in_two_frames, matches = search_frames(readable.assign(kind=""), lesions, progress, smallest_side=PACKED_SIZE)
    tied = [(i, j) for i, j, _ in pairs] + [(m.first, m.second) for m in matches]
    lesions = label_components(len(readable), tied)
    files["lesion"] = files["picture"].map(dict(zip(readable["picture"], lesions, strict=True)))
    broken = files[~files["picture"].isin(readable["picture"])]
    files = files.drop(broken.index)
    no_witness = pd.DataFrame()
    findings = [
        *checks.find_contradictions(files, no_witness),
        checks.find_repeats(files),
        *checks.find_leakage(files.dropna(subset="lesion"), "same picture, near-identical or in another frame"),
        list_near_copies(readable, pairs),
        in_two_frames,
        list_unreadable(broken["name"], len(files) + len(broken)),
    ]
    counts = count_photos(files["label"], files["part"].replace("", data.resolve().name))
    return len(files) + len(broken), to_source_counts(counts), findings


def search_frames(
    table: pd.DataFrame, lesions: np.ndarray, progress: Progress, smallest_side: int | None = None
) -> tuple[Finding, list[Match]]:
    """Photos of one lesion in two frames, of one kind, that `lesions` (n,) does not tie together already.

    table: columns path, aspect, image_id, label, part, kind; smallest_side: as in `read_photo`.
    """
    if not can_match():
        return not_searched(MISSING), []
    matches = []
    for _, rows in table.reset_index(drop=True).groupby("kind").groups.items():
        own = match_lesions(read_keypoints(table.iloc[rows], progress, smallest_side), progress=progress)
        matches += [Match(int(rows[m.first]), int(rows[m.second]), m.agreeing) for m in own]
    matches = [m for m in matches if lesions[m.first] != lesions[m.second]]
    return list_same_lesions(table, matches), matches


def read_nine_class_set(data: Path) -> pd.DataFrame:
    """Files of the nine-class set with what `checks` needs; empty where it is not there."""
    files = read_nine_class_files(data)
    files["label"] = files["diagnosis"].map(NAMES)
    files["name"] = files["part"] + "/" + files["label"] + "/" + files["path"].map(lambda p: Path(p).name)
    files["picture"] = files["path"].map(file_sha256)
    files["lesion"] = files["image_id"].map(read_lesion_ids(data)).fillna(files["image_id"])
    in_ham = files["image_id"].isin(read_ham10000(data).index)
    files["source"] = np.where(in_ham, HAM10000.id, ISIC_ARCHIVE.id)
    return files


def find_files(data: Path) -> pd.DataFrame:
    """Files of a plain folder: image_id and name are the path below `data`; AuditError where there are none."""
    rows = []
    for path in sorted(
        p for p in (*data.glob("*/*"), *data.glob("*/*/*")) if p.suffix.lower() in SUFFIXES and p.is_file()
    ):
        *part, label, name = path.relative_to(data).parts
        if label.startswith(".") or name.startswith("."):  # what editors and other systems leave there
            continue
        if part and part[0].lower() not in PARTS:
            continue
        if not part and label.lower() in PARTS:
            continue
        below, label = plain_text("/".join((*part, label, name))), plain_text(label)
        rows.append((below, str(path), below, PARTS[part[0].lower()] if part else "", label.strip().lower()))
    if not rows:
        raise AuditError(
            f"{data} holds no labelled photos: put them in one folder a diagnosis, as in {data.name}/nevus/photo.jpg."
        )
    # As objects: a path may hold what is no text.
    files = pd.DataFrame(rows, columns=["image_id", "path", "name", "part", "label"], dtype=object)
    files["picture"] = files["path"].map(file_sha256)
    return files


def read_independent_labels(data: Path) -> pd.DataFrame:
    """image_id -> what each table says of it: columns ISIC 2017, ISIC 2019, HAM10000 (NaN: nothing)."""
    ham = read_ham10000(data)
    stated = ham["dx"] + " (" + ham["dx_type"] + ")" if "dx" in ham else pd.Series(dtype=object)
    names = {**NAMES, "BKL": "benign keratosis"}
    columns = {
        "ISIC 2017": read_isic2017(data).map(names),
        "ISIC 2019": read_isic2019(data).map(names),
        "HAM10000": stated,
    }
    return pd.DataFrame(columns)


def count_photos(diagnoses: pd.Series, sources: pd.Series) -> pd.DataFrame:
    """Columns diagnosis, source, photos."""
    frame = pd.DataFrame({"diagnosis": diagnoses.to_numpy(), "source": sources.to_numpy()})
    return frame.value_counts(sort=False).rename("photos").reset_index()


def to_source_counts(counts: pd.DataFrame) -> tuple[SourceCount, ...]:
    """Rows of `count_photos`, typed."""
    return tuple(SourceCount(**row) for row in counts.to_dict("records"))


def list_unreadable(names: Iterable[str], total: int) -> Finding:
    """Files that are no photographs, by name."""
    rows = tuple(Offender(name) for name in names)
    text = f"{len(rows)} of {total} files cannot be read as photographs."
    return Finding("unreadable", "Files that cannot be read", len(rows), total, text, rows)


def save(result: Audit, folder: Path) -> None:
    """Write `audit.json` and `audit.csv` (one row an offender) into `folder`, which is made; no photo is copied."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "audit.json").write_text(json.dumps(asdict(result), ensure_ascii=False, separators=(",", ":")) + "\n")
    (folder / "audit.csv").write_text(encode_csv(result.offenders()))


def load(path: Path = FINDINGS) -> Audit:
    """An audit that `save` wrote. Raises AuditError when the file is not there or not one."""
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=Audit)
    except (OSError, msgspec.DecodeError) as error:
        raise AuditError(f"{Path(path).name} is no saved audit ({error}): write it with `audit --out`.") from error
