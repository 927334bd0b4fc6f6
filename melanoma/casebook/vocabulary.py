"""The fixed words of the casebook: what a field may hold. The one truth about them; the database checks the same."""

from __future__ import annotations

from dataclasses import dataclass

from melanoma.diagnoses import CODES


@dataclass(frozen=True)
class Site:
    """One region of the body. views: the sides of the body map that show it."""

    code: str
    name: str
    views: tuple[str, ...]


FRONT, BACK = VIEWS = ("front", "back")
SITES = (
    Site("scalp", "scalp", (FRONT, BACK)),
    Site("face", "face", (FRONT,)),
    Site("ear", "ear", (FRONT, BACK)),
    Site("lip", "lip or mouth", (FRONT,)),
    Site("neck", "neck", (FRONT, BACK)),
    Site("shoulder", "shoulder", (FRONT, BACK)),
    Site("chest", "chest", (FRONT,)),
    Site("abdomen", "abdomen", (FRONT,)),
    Site("upper-back", "upper back", (BACK,)),
    Site("lower-back", "lower back", (BACK,)),
    Site("buttock", "buttock", (BACK,)),
    Site("genitals", "genitals", (FRONT,)),
    Site("upper-arm", "upper arm", (FRONT, BACK)),
    Site("forearm", "forearm", (FRONT, BACK)),
    Site("hand", "hand", (FRONT, BACK)),
    Site("thigh", "thigh", (FRONT, BACK)),
    Site("lower-leg", "lower leg", (FRONT, BACK)),
    Site("foot", "foot", (FRONT, BACK)),
    Site("nail", "nail", (FRONT,)),
    Site("other", "elsewhere", (FRONT, BACK)),
)
SITE_CODES = tuple(site.code for site in SITES)
SITE_NAMES = {site.code: site.name for site in SITES}
SIDES = ("left", "right")  # of the patient's body; empty in the middle, or where it is not known
SEXES = ("female", "male", "other")  # empty where it is not known

OTHER, UNSURE = "other", "unsure"
READ_DIAGNOSES = (*CODES, OTHER, UNSURE)  # what a person may read
OUTCOME_DIAGNOSES = (*CODES, OTHER)  # what a lesion turned out to be

# What is done next, by code
MANAGEMENTS = {
    "excise": "excise",
    "biopsy": "biopsy",
    "treat": "treat without histology",
    "refer": "refer",
    "short-follow-up": "short-term follow-up, within 4 months",
    "follow-up": "follow-up later",
    "none": "no follow-up",
}
ROLES = {
    "dermatologist": "dermatologist",
    "trainee": "dermatology trainee",
    "gp": "general practitioner",
    "nurse": "nurse",
    "other": "other",
}
HISTOLOGY, CONSENSUS, FOLLOW_UP = "histology", "consensus", "follow-up"
# How a diagnosis was settled, the most certain first
OUTCOME_SOURCES = {HISTOLOGY: "histology", CONSENSUS: "expert consensus", FOLLOW_UP: "follow-up without change"}
DECISIONS = ("refer", "undecided", "routine")
ADDED, CHANGED, DELETED = ACTIONS = ("added", "changed", "deleted")
