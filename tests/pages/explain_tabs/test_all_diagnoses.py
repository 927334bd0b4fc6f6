"""All nine maps on one scale."""

import re

from reading_pages import read

from melanoma.diagnoses import NAMES


def test_nine_maps_stand_in_the_order_of_their_probabilities_on_one_scale(at):
    page = at("All diagnoses")
    titles = [re.match(r"\*\*(.+) [◆◇]\*\* (?:< |> )?(\d+) %$", block.value) for block in page.markdown]
    shown = [(match[1], int(match[2])) for match in titles if match]
    assert {name for name, _ in shown} == set(NAMES.values())
    assert [share for _, share in shown] == sorted((share for _, share in shown), reverse=True)
    assert read(page).count(", 100 % of the strongest\n") == 1


def test_a_map_without_evidence_says_so(at):
    captions = [caption.value for caption in at("All diagnoses").caption]
    assert len([c for c in captions if c.startswith("Peak") or c == "No positive evidence"]) == 9
