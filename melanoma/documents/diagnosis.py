"""A page about one diagnosis: what it is, and what the network is good and bad at with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from melanoma.diagnoses import MALIGNANT, NAMES
from melanoma.documents.wording import KIND_NAMES, NOT_MEASURED, is_measured, write_share, write_statistic
from melanoma.estimates import Estimate, enumerate_words
from melanoma.evaluation.mistakes import Mistake
from melanoma.run import KindCalibration, KindEvaluation, Run
from melanoma.sources import DERMOSCOPIC

HIGH = 0.9  # an estimate is called good from here on, and weak below it, where its whole interval lies on that side
FEW = 30  # test photos below which nothing is called good or weak
GOOD, WEAK, UNSETTLED = "good", "weak", "not settled"

DESCRIPTIONS = {
    "AK": "Rough, scaly patches on skin that the sun has damaged, most of them on the face, the scalp and the backs of "
    "the hands. Atypical keratinocytes fill part of the epidermis; a few such lesions become squamous cell carcinoma. "
    "On the face, dermoscopy shows a red network round the hair follicles, and scale.",
    "BCC": "The commonest skin cancer. It grows slowly and destroys the tissue around it, and very rarely spreads to "
    "other organs. Dermoscopy shows sharp, branching vessels, blue-grey nests and globules, leaf-like areas or "
    "ulceration, and no pigment network.",
    "DF": "A firm nodule of fibrous tissue in the dermis, most often on a leg, that dimples when it is pinched. It is "
    "benign. Dermoscopy typically shows a white, scar-like centre with a fine pigment network around it.",
    "MEL": "A cancer of the melanocytes that can spread while it is still small. Dermoscopy may show asymmetry, "
    "several colours, an atypical network, streaks, irregular dots and globules, a blue-white veil or regression. Some "
    "melanomas have no pigment, and some look like a nevus.",
    "NV": "A mole: a benign growth of melanocytes. Most are symmetrical, of one or two colours, with a regular "
    "network, globules or an even tone. Dysplastic and Spitz nevi can look like melanoma. Blue nevi are counted here.",
    "PBK": "A group and not one diagnosis: flat or slightly raised, pigmented and benign lesions of the epidermis, "
    "such as solar lentigo and lichen planus-like keratosis. HAM10000 files seborrheic keratoses here too, so that "
    "the two diagnoses overlap.",
    "SCC": "A cancer of the keratinocytes, mostly on skin that the sun has damaged. It can spread, more often from the "
    "lip and the ear, and where immunity is weak. Bowen's disease and keratoacanthoma are counted here. Dermoscopy "
    "shows white circles and structureless areas, keratin, and coiled or looped vessels.",
    "SK": "A benign, often wart-like growth of the epidermis with a sharp border, that looks stuck on. It is common "
    "from middle age on. Dermoscopy shows milia-like cysts, comedo-like openings, and ridges and furrows. An irritated "
    "one can look like melanoma.",
    "VASC": "A group and not one diagnosis: angiomas, angiokeratomas, pyogenic granulomas and bleeding into the skin. "
    "They are benign. Dermoscopy shows red, purple or black lakes without a network. A melanoma without pigment can "
    "look like a pyogenic granuloma.",
}


@dataclass(frozen=True)
class Ability:
    """One thing that the network does with a diagnosis, on the test photos of one kind.

    what: in words; estimate: 0 to 1, the higher the better; is_share: not an AUC; verdict: GOOD, WEAK or UNSETTLED.
    """

    what: str
    estimate: Estimate
    is_share: bool
    verdict: str

    @property
    def written(self) -> str:
        """`97 % (95–99 %), good`."""
        value = write_share(self.estimate) if self.is_share else write_statistic(self.estimate)
        return f"{value}, {self.verdict}"


def list_abilities(evaluation: KindEvaluation, calibration: KindCalibration | None, code: str) -> tuple[Ability, ...]:
    """What was measured of a diagnosis on test photos of one kind; none without such photos."""
    row = evaluation.per_class.get(code)
    if row is None:
        return ()
    malignant = code in MALIGNANT
    seen = row.referred if malignant or row.referred is None else row.referred.complement()
    coverage = calibration.prediction_set.test_coverage.get(code) if calibration else None
    measured: tuple[tuple[str, Estimate | None, bool], ...] = (
        ("referring it" if malignant else "not referring it", seen, True),
        ("naming it as the likeliest diagnosis (sensitivity)", row.sensitivity, True),
        ("not naming it where it is something else (specificity)", row.specificity, True),
        ("telling it from the other eight (AUC)", row.auc, False),
        ("holding it in the prediction set (coverage)", coverage, True),
    )
    return tuple(
        Ability(what, value, is_share, judge(value, row.support))
        for what, value, is_share in measured
        if value is not None and is_measured(value)
    )


def judge(value: Estimate, photos: int) -> str:
    """GOOD or WEAK where the interval lies on one side of HIGH and enough photos were tested, else UNSETTLED."""
    if photos < FEW:
        return UNSETTLED
    if value.low >= HIGH:
        return GOOD
    return WEAK if value.high < HIGH else UNSETTLED


def summarise_abilities(abilities: Sequence[Ability], kind: str) -> str:
    """What the network is good and weak at on photos of a kind, in a sentence of Markdown; empty where all is open."""
    parts = []
    for verdict in (GOOD, WEAK):
        what = [ability.what.split(" (")[0] for ability in abilities if ability.verdict == verdict]
        if what:
            parts.append(f"**{verdict} at** {enumerate_words(what)}")
    return f"On {KIND_NAMES[kind]}s the network is {', and '.join(parts)}." if parts else ""


def tabulate_abilities(columns: Mapping[str, tuple[int, Sequence[Ability]]]) -> pd.DataFrame:
    """A row a thing that the network does, a column a kind of photo; columns: by kind, test photos and abilities."""
    table = pd.DataFrame(
        {
            f"{photos:,} {KIND_NAMES[kind]}s": {ability.what: ability.written for ability in abilities}
            for kind, (photos, abilities) in columns.items()
        }
    )
    return table.fillna(NOT_MEASURED).rename_axis("what it does").reset_index()


def tabulate_mistakes(mistakes: Sequence[Mistake], *, missed: bool) -> pd.DataFrame:
    """A row another diagnosis: its name, photos, and their share. missed: what it is taken for, else what for it."""
    head = "it is taken for" if missed else "taken for it"
    rows = [
        (NAMES[mistake.predicted if missed else mistake.true], mistake.photos, write_share(mistake.share))
        for mistake in mistakes
    ]
    return pd.DataFrame(rows, columns=[head, "photos", "share"])


def count_photos(run: Run, code: str) -> pd.DataFrame:
    """A row a kind of photo: lesions and photos of the diagnosis that were learned from, and photos in test."""
    columns = ["kind of photo", "training lesions", "training photos", "test photos"]
    if run.split is None:
        return pd.DataFrame(columns=columns)
    own = run.split[run.split["diagnosis"] == code]
    kinds = own["kind"] if "kind" in own else pd.Series(DERMOSCOPIC, own.index)
    rows = []
    for kind, name in KIND_NAMES.items():
        photos = own[kinds == kind]
        training = photos[photos["split"] == "train"]
        if len(photos):
            counts = (training["group"].nunique(), len(training), int((photos["split"] == "test").sum()))
            rows.append((name, *(f"{count:,}" for count in counts)))
    return pd.DataFrame(rows, columns=columns)
