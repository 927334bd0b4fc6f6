"""What a collection of photos holds, and what its audit found."""

import pandas as pd
import pytest

from melanoma.audit.checks import Finding
from melanoma.charts.dataset import (
    describe_counts,
    describe_findings,
    describe_sources,
    diagnosis_bars,
    finding_bars,
    source_map,
)

COUNTS = pd.DataFrame({"diagnosis": ["melanoma", "nevus"], "photos": [40, 1200]})
BY_SOURCE = pd.DataFrame(
    {
        "diagnosis": ["melanoma", "melanoma", "nevus", "nevus"],
        "source": ["HAM10000", "ISIC 2017", "HAM10000", "ISIC 2017"],
        "photos": [30, 10, 1200, 0],
    }
)
FINDINGS = [Finding("a", "Copies", 5, 20, ""), Finding("b", "Small", 3, None, ""), Finding("c", "Dark", 1, 4, "")]


def test_the_most_frequent_diagnosis_is_on_top_with_its_mark():
    bars = diagnosis_bars(COUNTS).data[0]
    assert list(bars.y) == ["melanoma ◆", "nevus ◇"]
    assert list(bars.text) == ["40", "1,200"]
    assert bars.marker.color[0] != bars.marker.color[1]
    assert describe_counts(COUNTS) == "Photos: nevus 1,200, melanoma 40."


def test_sources_are_coloured_by_their_share_of_the_diagnosis():
    cells = source_map(BY_SOURCE).data[0]
    assert list(cells.y) == ["melanoma", "nevus"]
    assert cells.z[0].tolist() == [0.75, 0.25]
    assert list(cells.text[1]) == ["1,200", "none"]
    assert list(cells.customdata[0]) == ["75 %", "25 %"]


def test_a_diagnosis_of_one_source_is_named():
    assert describe_sources(BY_SOURCE).startswith("From one source alone: nevus (HAM10000).")
    assert describe_sources(BY_SOURCE.head(2)) == "Every diagnosis comes from more than one source."


def test_findings_without_a_whole_are_not_drawn():
    bars = finding_bars(FINDINGS).data[0]
    assert [row[0] for row in bars.customdata] == ["Dark", "Copies"]
    assert list(bars.x) == pytest.approx([0.25, 0.25])
    assert describe_findings(FINDINGS) == "Copies: 5 of 20. Dark: 1 of 4."
