"""The 7-point checklist and the ABCD rule of dermoscopy: points for what a person sees, and for nothing else.

Both are for melanocytic lesions, seen through a dermatoscope. Neither looks at the photo: what is not ticked is absent.
"""

from __future__ import annotations

from dataclasses import dataclass

from melanoma.casebook.records import Entry, ScoredRule

SEVEN_POINT_RULE, ABCD_RULE = "7-point checklist", "ABCD rule"
MAJOR = ("atypical pigment network", "blue-white veil", "atypical vascular pattern")
MINOR = ("irregular streaks", "irregular dots or globules", "irregular blotches", "regression structures")
SEVEN_POINTS = (*MAJOR, *MINOR)
SUSPICIOUS_FROM = 3  # points, in 1998
REVISED_FROM = 1  # points, in 2011: any one criterion
SEVEN_POINT_SOURCE = "Argenziano 1998, doi:10.1001/archderm.134.12.1563"
REVISED_SOURCE = "Argenziano 2011, doi:10.1111/j.1365-2133.2010.10194.x"

COLOURS = ("white", "red", "light brown", "dark brown", "blue-gray", "black")
STRUCTURES = ("network", "structureless areas", "branched streaks", "dots", "globules")
AXES, SEGMENTS = 2, 8  # that the lesion may be asymmetric in, and that its border is divided into
WEIGHTS = (1.3, 0.1, 0.5, 0.5)  # of asymmetry, border, colours, structures
BENIGN_BELOW, MELANOMA_ABOVE = 4.75, 5.45
ABCD_SOURCE = "Stolz 1994, Eur J Dermatol 4:521; Nachbar 1994, doi:10.1016/S0190-9622(94)70061-3"


@dataclass(frozen=True)
class SevenPoints:
    """What was seen of the 7-point checklist; present: of SEVEN_POINTS. ValueError for anything else.

    Argenziano et al. 1998, Arch Dermatol 134:1563: two points for a major criterion, one for a minor one, suspicious
    from three. Argenziano et al. 2011, Br J Dermatol 164:785, lower the threshold for excision to any one criterion.
    """

    present: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _hold_to(self.present, SEVEN_POINTS)

    @property
    def points(self) -> int:
        """0 to 10."""
        return sum(2 if criterion in MAJOR else 1 for criterion in self.present)

    @property
    def is_suspicious(self) -> bool:
        """At the threshold of 1998."""
        return self.points >= SUSPICIOUS_FROM

    @property
    def is_suspicious_as_revised(self) -> bool:
        """At the lower threshold of 2011."""
        return self.points >= REVISED_FROM

    def score_rule(self) -> ScoredRule:
        """As a reading keeps it: a 1 or a 0 for each criterion."""
        entries = tuple(Entry(criterion, float(criterion in self.present)) for criterion in SEVEN_POINTS)
        return ScoredRule(SEVEN_POINT_RULE, entries, float(self.points))

    def describe(self) -> str:
        """The points, what they mean, and who says so."""
        by_1998 = "suspicious of melanoma" if self.is_suspicious else "not suspicious"
        by_2011 = "excision" if self.is_suspicious_as_revised else "no excision"
        return (
            f"7-point checklist: {self.points} of 10 points. From {SUSPICIOUS_FROM} on suspicious of melanoma "
            f"({SEVEN_POINT_SOURCE}): {by_1998}. As revised, excision from {REVISED_FROM} on ({REVISED_SOURCE}): "
            f"{by_2011}."
        )


@dataclass(frozen=True)
class AbcdRule:
    """What was seen for the ABCD rule of dermoscopy. ValueError for a value out of its range.

    asymmetry: axes, 0 to 2, in which shape, colours or structures differ; border: segments, 0 to 8, in which the
    pigment ends abruptly; colours: of COLOURS, 1 to 6; structures: of STRUCTURES, 1 to 5.

    Stolz et al. 1994, Eur J Dermatol 4:521, and Nachbar et al. 1994, J Am Acad Dermatol 30:551: total dermoscopy score
    1.3 A + 0.1 B + 0.5 C + 0.5 D; below 4.75 benign, above 5.45 highly suspicious of melanoma, suspicious in between.
    """

    asymmetry: int
    border: int
    colours: tuple[str, ...]
    structures: tuple[str, ...]

    def __post_init__(self) -> None:
        for name, value, most in (("asymmetry", self.asymmetry, AXES), ("border", self.border, SEGMENTS)):
            if not 0 <= value <= most:
                raise ValueError(f"{name} is 0 to {most}, not {value}.")
        for seen, known in ((self.colours, COLOURS), (self.structures, STRUCTURES)):
            _hold_to(seen, known)
            if not seen:
                raise ValueError(f"A lesion has at least one of: {', '.join(known)}.")

    @property
    def score(self) -> float:
        """Total dermoscopy score, 1.0 to 8.9."""
        counts = (self.asymmetry, self.border, len(self.colours), len(self.structures))
        return round(sum(weight * count for weight, count in zip(WEIGHTS, counts, strict=True)), 1)

    @property
    def meaning(self) -> str:
        """In words."""
        if self.score < BENIGN_BELOW:
            return "benign"
        return "suspicious" if self.score <= MELANOMA_ABOVE else "highly suspicious of melanoma"

    def score_rule(self) -> ScoredRule:
        """As a reading keeps it: the two counts, and a 1 or a 0 for each colour and structure."""
        entries = (
            Entry("asymmetry", float(self.asymmetry)),
            Entry("border", float(self.border)),
            *(Entry(f"colour: {name}", float(name in self.colours)) for name in COLOURS),
            *(Entry(f"structure: {name}", float(name in self.structures)) for name in STRUCTURES),
        )
        return ScoredRule(ABCD_RULE, entries, self.score)

    def describe(self) -> str:
        """The score, what it means, and who says so."""
        return (
            f"ABCD rule: total dermoscopy score {self.score:.1f}. Below {BENIGN_BELOW} benign, above {MELANOMA_ABOVE} "
            f"highly suspicious of melanoma, suspicious in between ({ABCD_SOURCE}): {self.meaning}."
        )


def _hold_to(seen: tuple[str, ...], known: tuple[str, ...]) -> None:
    """ValueError unless each of `seen` is one of `known`, and stands there once."""
    if unknown := [name for name in seen if name not in known]:
        raise ValueError(f"{unknown[0]!r} is not one of: {', '.join(known)}.")
    if len(set(seen)) < len(seen):
        raise ValueError("A criterion counts once.")
