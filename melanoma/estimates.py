"""A stored figure with its interval, and the words for what runs store. Light: imports no arrays."""

from __future__ import annotations

from dataclasses import dataclass

from melanoma.diagnoses import NAMES

SCORES = {"malignant": "malignant sum", "MEL": "melanoma"}
UNDEFINED = {"value": float("nan"), "low": float("nan"), "high": float("nan")}


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, figure: dict) -> Interval:
        """From the form in which runs store figures: {"value", "low", "high"}."""
        return cls(float(figure["value"]), float(figure["low"]), float(figure["high"]))

    def words(self, digits: int = 2) -> str:
        """`0.94 (0.91–0.96)`."""
        return f"{self.value:.{digits}f} ({self.low:.{digits}f}–{self.high:.{digits}f})"

    def scaled(self, factor: float) -> Interval:
        """All three times `factor`."""
        return Interval(self.value * factor, self.low * factor, self.high * factor)

    def remainder(self) -> Interval:
        """Of a share: what is left to 1."""
        return Interval(1 - self.value, 1 - self.high, 1 - self.low)


def is_figure(value: object) -> bool:
    """Whether this is a stored figure with its interval."""
    return isinstance(value, dict) and {"value", "low", "high"} <= set(value)


def point_words(name: str) -> str:
    """An operating point's name in words: `high-sensitivity` -> high sensitivity."""
    return {"melanoma-95": "melanoma 95 %"}.get(name, name.replace("-", " "))


def score_words(score: str) -> str:
    """What a threshold is compared with: `malignant`, or a code, in words."""
    return "malignant sum" if score == "malignant" else f"probability of {NAMES[score]}"
