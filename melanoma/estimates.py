"""A statistic with its interval, and the one way to write shares and estimates. Light: imports no arrays."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A statistic and its 95 % interval; NaN in all three where it is undefined."""

    value: float
    low: float
    high: float

    def text(self, digits: int = 2) -> str:
        """For a statistic that is no share, such as an AUC: `0.94 (0.91–0.96)`."""
        return f"{self.value:.{digits}f} ({self.low:.{digits}f}–{self.high:.{digits}f})"

    def percent(self, digits: int = 0) -> str:
        """For a share: `94 % (91–96 %)`; the ends of the interval are rounded as they are."""
        return f"{percent(self.value, digits)} ({100 * self.low:.{digits}f}–{100 * self.high:.{digits}f} %)"

    def times(self, factor: float) -> Estimate:
        """All three times `factor`, which is at least 0."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor)

    def complement(self) -> Estimate:
        """Of a share: what is left to 1."""
        return Estimate(1 - self.value, 1 - self.high, 1 - self.low)


UNDEFINED = Estimate(float("nan"), float("nan"), float("nan"))


def percent(share: float, digits: int = 0) -> str:
    """A share from 0 to 1 as `16 %`; what rounds to nothing or to all, and is not, as `< 1 %` or `> 99 %`.

    digits: after the decimal point, for the few places where two shares must be told apart.
    """
    step = 10.0**-digits
    text = f"{100 * share:.{digits}f}"
    if share > 0 and float(text) == 0:
        return f"< {step:.{digits}f} %"
    if share < 1 and float(text) == 100:
        return f"> {100 - step:.{digits}f} %"
    return f"{text} %"


def percent_apart(share: float, other: float) -> str:
    """`percent` of a share with as many decimals, up to four, as tell it from `other`; none where they are equal."""
    if share == other:
        return percent(share)
    for digits in range(5):
        if percent(share, digits) != percent(other, digits):
            return percent(share, digits)
    return percent(share, 4)


def enumerate_words(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
