"""The casebook's agreement as figures: a symbol a judge, no dot where too few lesions tell."""

import datetime

from melanoma.casebook.agreement import JUDGES, Call, SettledLesion, measure_groups
from melanoma.charts.agreement import describe_dots, judge_dots, tabulate_agreements

DAY = datetime.date(2026, 5, 1)


def groups(malignant: int):
    found = Call(True, "MEL")
    lesions = [
        SettledLesion(f"P{n}", DAY, "MEL", found, Call(n > 0, "NV"), found, site="back") for n in range(malignant)
    ]
    return measure_groups(JUDGES, lesions, "body site")


def test_a_dot_a_judge_with_its_interval():
    figure = judge_dots(groups(10), "sensitivity")
    dots = {trace.name: trace for trace in figure.data}
    assert set(dots) == {"person alone", "network alone", "person with network"}
    assert list(dots["network alone"].x) == [0.9]
    assert dots["network alone"].error_x.arrayminus[0] > 0
    assert len({trace.marker.symbol for trace in figure.data}) == 3
    assert "back, network alone 90 %" in describe_dots(groups(10), "sensitivity")


def test_too_few_lesions_give_no_dot_and_their_counts_all_the_same():
    few = groups(4)
    assert all(not len(trace.x) for trace in judge_dots(few, "sensitivity").data)
    assert "too few lesions" in describe_dots(few, "sensitivity")
    table = tabulate_agreements(few)
    assert list(table["malignant referred"]) == [4, 3, 4]
    assert table["sensitivity"].isna().all()
