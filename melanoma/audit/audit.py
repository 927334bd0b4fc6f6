"""Finds what is wrong with a collection of labelled photos, before anything learns from it.

Two kinds of folder are read: one that holds the public downloads (see `sources.LAYOUTS`), and any
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
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from melanoma.audit import checks
from melanoma.audit.checks import Finding
from melanoma.dataset import duplicates, packing, sources
from melanoma.diagnoses import NAMES
from melanoma.photo.photos import PhotoError, read_photo
from melanoma.photo.preprocessing import network_input

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

Progress = Callable[[Iterable, int], Iterable]


class AuditError(ValueError):
    """A folder that cannot be audited; the message is one plain sentence for the user."""


@dataclass(frozen=True)
class Audit:
    """What an audit found. counts: rows of diagnosis, source, photos, for the photos with a settled label."""

    folder: str
    made: str
    photos: int
    counts: tuple[dict, ...]
    findings: tuple[Finding, ...]

    def finding(self, key: str) -> Finding:
        """The finding of that key; KeyError when the audit did not ask it."""
        return {f.key: f for f in self.findings}[key]

    def offenders(self) -> pd.DataFrame:
        """Columns finding, image_id, labels, detail: one row a photo (or pair) that a finding counts."""
        rows = [{"finding": f.key, **row} for f in self.findings for row in f.rows]
        return pd.DataFrame(rows, columns=["finding", "image_id", "labels", "detail"])


def audit(data: Path, progress: Progress = lambda items, _: items) -> Audit:
    """Audit the folder `data`. Raises AuditError, saying what to do, where it holds no labelled photos.

    `progress(items, total)` passes on the photos as they are read.
    """
    data = Path(data)
    if not data.is_dir():
        raise AuditError(f"There is no folder {data}: check the path.")
    downloads = any(next(data.glob(layout.pattern), None) for layout in sources.LAYOUTS)
    photos, counts, findings = audit_downloads(data, progress) if downloads else audit_plain(data, progress)
    made = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return Audit(data.resolve().name, made, photos, tuple(counts.to_dict("records")), tuple(findings))


def audit_downloads(data: Path, progress: Progress) -> tuple[int, pd.DataFrame, list[Finding]]:
    """Number of photos, counts and findings of the public downloads."""
    table = sources.photo_table(data)
    files = download_files(data)
    witnesses = independent_labels(data)
    findings = []
    if len(files):
        findings += checks.contradictions(files, witnesses)
        findings.append(checks.wrong_folders(files, table.set_index("image_id")[["diagnosis", "label_from"]]))
        findings.append(checks.repeats(files))
        findings += checks.leakage(files, "same lesion id or same image id")
        if (files["part"] == "Train").any():
            findings.append(checks.oversampling(data))
    rows, read = thumbnail_rows(table[["path", "aspect"]], progress)
    kept = table[read].assign(label=lambda t: t["diagnosis"].map(NAMES), part="")
    findings.append(checks.near_copies(kept, duplicates.near_duplicates(rows)))
    if len(files):
        of_files = counted(files["label"], files["source"])
        findings.append(checks.single_sources(of_files, "single-source-nine-class", "nine-class set"))
    counts = counted(table["diagnosis"].map(NAMES), table["source"])
    findings.append(checks.single_sources(counts, "single-source", "all sources joined"))
    all_ids = sources.best_copies(data).index
    findings += checks.unsettled(table, all_ids, witnesses, files)
    findings.append(unreadable(table.loc[~read, "image_id"], len(table)))
    return len(all_ids), counts, findings


def audit_plain(data: Path, progress: Progress) -> tuple[int, pd.DataFrame, list[Finding]]:
    """Number of files, counts and findings of a folder of `<diagnosis>/*` or `Train|Test/<diagnosis>/*`."""
    files = plain_files(data)
    pictures = files.drop_duplicates("picture").assign(aspect=np.nan)
    rows, read = thumbnail_rows(pictures[["path", "aspect"]], progress, smallest_side=packing.PACKED_SIZE)
    kept = pictures[read].reset_index(drop=True)
    pairs = duplicates.near_duplicates(rows)
    lesions = duplicates.components(len(kept), ((i, j) for i, j, _ in pairs))
    files["lesion"] = files["picture"].map(dict(zip(kept["picture"], lesions, strict=True)))
    broken = files[~files["picture"].isin(kept["picture"])]
    files = files.drop(broken.index)
    no_witness = pd.DataFrame()
    findings = [
        *checks.contradictions(files, no_witness),
        checks.repeats(files),
        *checks.leakage(files.dropna(subset="lesion"), "same or near-identical picture"),
        checks.near_copies(kept, pairs),
        unreadable(broken["name"], len(files) + len(broken)),
    ]
    counts = counted(files["label"], files["part"].replace("", data.resolve().name))
    return len(files) + len(broken), counts, findings


def download_files(data: Path) -> pd.DataFrame:
    """Files of the nine-class set with what `checks` needs; empty where it is not there."""
    files = sources.folders(data)
    files["label"] = files["diagnosis"].map(NAMES)
    files["name"] = files["part"] + "/" + files["label"] + "/" + files["path"].map(lambda p: Path(p).name)
    files["picture"] = files["path"].map(duplicates.sha256)
    files["lesion"] = files["image_id"].map(sources.lesion_ids(data)).fillna(files["image_id"])
    in_ham = files["image_id"].isin(sources.ham10000(data).index)
    files["source"] = np.where(in_ham, "ham10000", "isic-archive")
    return files


def plain_files(data: Path) -> pd.DataFrame:
    """Files of a plain folder: image_id and name are the path below `data`; AuditError where there are none."""
    found = []
    for path in sorted(
        p for p in (*data.glob("*/*"), *data.glob("*/*/*")) if p.suffix.lower() in SUFFIXES and p.is_file()
    ):
        *part, label, name = path.relative_to(data).parts
        if part and part[0].lower() not in PARTS:
            continue
        if not part and label.lower() in PARTS:
            continue
        below = "/".join((*part, label, name))
        found.append((below, str(path), below, PARTS[part[0].lower()] if part else "", label.strip().lower()))
    if not found:
        raise AuditError(
            f"{data} holds no labelled photos: put them in one folder a diagnosis, as in {data.name}/nevus/photo.jpg."
        )
    files = pd.DataFrame(found, columns=["image_id", "path", "name", "part", "label"])
    files["picture"] = files["path"].map(duplicates.sha256)
    return files


def independent_labels(data: Path) -> pd.DataFrame:
    """image_id -> what each table says of it: columns ISIC 2017, ISIC 2019, HAM10000 (NaN: nothing)."""
    ham = sources.ham10000(data)
    said = ham["dx"] + " (" + ham["dx_type"] + ")" if "dx" in ham else pd.Series(dtype=object)
    named = {**NAMES, "BKL": "benign keratosis"}
    columns = {
        "ISIC 2017": sources.isic2017(data).map(named),
        "ISIC 2019": sources.isic2019(data).map(named),
        "HAM10000": said,
    }
    return pd.DataFrame(columns)


def thumbnail_rows(
    table: pd.DataFrame, progress: Progress, smallest_side: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """table: path, aspect -> (m, k) float32 rows of the m photos that can be read, (n,) bool: which they are.

    `smallest_side`: as in `read_photo`, for folders of large photos.
    """

    def load(item) -> np.ndarray | None:
        aspect = None if pd.isna(item.aspect) else float(item.aspect)
        try:
            pixels = read_photo(Path(item.path).read_bytes(), smallest_side).pixels
        except PhotoError:
            return None
        return duplicates.thumbnails(network_input(pixels, packing.PACKED_SIZE, aspect)[None])[0]

    with ThreadPoolExecutor(2) as pool:
        loaded = list(progress(pool.map(load, table.itertuples(index=False)), len(table)))
    read = np.array([row is not None for row in loaded], dtype=bool)
    rows = [row for row in loaded if row is not None]
    return np.stack(rows) if rows else np.empty((0, 3 * duplicates.THUMBNAIL**2), np.float32), read


def counted(diagnoses: pd.Series, found_in: pd.Series) -> pd.DataFrame:
    """Columns diagnosis, source, photos."""
    frame = pd.DataFrame({"diagnosis": diagnoses.to_numpy(), "source": found_in.to_numpy()})
    return frame.value_counts(sort=False).rename("photos").reset_index()


def unreadable(names: Iterable[str], total: int) -> Finding:
    """Files that are no photographs, by name."""
    rows = tuple(checks.row(name) for name in names)
    text = f"{len(rows)} of {total} files cannot be read as photographs."
    return Finding("unreadable", "Files that cannot be read", len(rows), total, text, rows)


def save(found: Audit, folder: Path) -> None:
    """Write `audit.json` and `audit.csv` (one row an offender) into `folder`, which is made; no photo is copied."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "audit.json").write_text(json.dumps(asdict(found), ensure_ascii=False, separators=(",", ":")) + "\n")
    found.offenders().to_csv(folder / "audit.csv", index=False)


def load(path: Path = FINDINGS) -> Audit:
    """An audit that `save` wrote. Raises AuditError when the file is not there or not one."""
    try:
        stored = json.loads(Path(path).read_text())
        findings = tuple(Finding(**{**f, "rows": tuple(f["rows"])}) for f in stored["findings"])
        return Audit(stored["folder"], stored["made"], stored["photos"], tuple(stored["counts"]), findings)
    except (OSError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise AuditError(f"{Path(path).name} is no saved audit ({error}): write it with `audit --out`.") from error
