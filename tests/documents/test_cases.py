"""What the casebook holds, in words."""

import datetime
from dataclasses import replace

import pytest

from melanoma.casebook.records import Change, Lesion, Reading, now
from melanoma.documents.cases import (
    describe_reading,
    name_place,
    tabulate_changes,
    tabulate_difference,
    write_due,
    write_fields,
)

TODAY = datetime.date(2026, 11, 28)
LESION = Lesion(patient_id="p" * 32, label="1", site="upper-arm", side="left")


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "today"), (1, "in 1 day"), (30, "in 30 days"), (-1, "1 day overdue"), (-12, "12 days overdue")],
)
def test_how_long_something_is_due(days, words):
    assert write_due(TODAY + datetime.timedelta(days), TODAY) == words


def test_a_reading_says_who_thought_what_when():
    made = datetime.datetime(2026, 11, 3, 9, 41, tzinfo=datetime.UTC)
    reading = Reading(
        visit_id="v" * 32,
        made=made,
        reader="AB",
        role="gp",
        diagnosis="MEL",
        confidence=70,
        management="refer",
        seconds=33.7,
    )
    assert describe_reading(reading) == (
        "melanoma, 70 % sure; refer. AB, general practitioner, 3 November 2026, 09:41 UTC, after 34 s."
    )


def test_places_have_their_side():
    assert name_place(LESION) == "left upper arm"
    assert name_place(replace(LESION, side="")) == "upper arm"


def test_a_difference_shows_what_was_and_what_each_wants():
    table = tabulate_difference(LESION, replace(LESION, label="south", note="dark"), replace(LESION, label="north"))
    assert table.to_numpy().tolist() == [["label", "1", "north", "south"], ["note", "–", "–", "dark"]]


def test_the_history_names_fields_that_changed_and_no_ids():
    change = Change(
        number=1,
        at=now(),
        who="AB",
        action="changed",
        table="lesions",
        record_id=LESION.id,
        old={"id": "x", "label": "1", "note": "", "version": 1},
        new={"id": "x", "label": "2", "note": "", "version": 2},
    )
    row = tabulate_changes([change]).iloc[0]
    assert (row["what"], row["from"], row["to"]) == ("lesion changed", "label: 1", "label: 2")
    assert write_fields(None, {"label": "1"}) == ""
