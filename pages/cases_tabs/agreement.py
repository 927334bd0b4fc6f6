"""A tab of the Cases page: how often the person, the network, and both together were right."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from melanoma.casebook import Casebook
from melanoma.casebook.agreement import (
    FEWEST,
    GROUPINGS,
    JUDGES,
    NETWORK,
    SELECTED,
    Agreement,
    SettledLesion,
    compare_judges,
    compare_with_test,
    list_answered,
    list_shared,
    measure_agreement,
    measure_groups,
)
from melanoma.casebook.settled import read_settled
from melanoma.charts.agreement import RATES, describe_dots, judge_dots, pick, tabulate_agreements
from melanoma.documents.wording import write_share
from melanoma.estimates import Estimate
from melanoma.run import Run, operating_point_name
from pages.parts.network_picker import choose_network
from pages.parts.operating_point import current_operating_point
from pages.parts.widgets import draw_chart, write_table

REFERRED = (
    "A person refers who excises, takes a biopsy, refers, or treats what they take for malignant. The network refers "
    "where its decision is refer; undecided does not count. Malignant includes actinic keratosis."
)


def show_agreement(book: Casebook) -> None:
    """Warning, notice, the three judges, and groups."""
    st.warning(SELECTED, icon=":material/filter_alt:")
    lesions = read_settled(book)
    if not lesions:
        st.info("No lesion has both an answer or a reading, and a later outcome. Enter outcomes at their cases.")
        return
    if run := choose_network():
        show_notices(lesions, run)
    show_judges(lesions)
    show_groups(lesions)


def show_notices(lesions: Sequence[SettledLesion], run: Run) -> None:
    """Where the network's figures here are not those of its test photos."""
    assert run.calibration is not None
    name = current_operating_point(run)
    for kind in run.calibration.kinds:
        point = run.calibration.of_kind(kind).operating_points.get(name)
        here = measure_agreement(NETWORK, list_answered(lesions, run.sha256, name, kind))
        if point is None or not here.lesions:
            continue
        for sentence in compare_with_test(here, point.test):
            st.error(
                f"**{kind[0].upper()}{kind[1:]} photos, {operating_point_name(name)} point.** {sentence}",
                icon=":material/notification_important:",
            )


def show_judges(lesions: Sequence[SettledLesion]) -> None:
    """The three on the same lesions, and the network on all that it has answered."""
    shared = list_shared(lesions)
    st.markdown(
        f"**{len(lesions)} lesions with an outcome** were judged before it. {len(shared)} of them have a reading before "
        "the network's answer, the answer, and a reading after it: on these the three are compared."
    )
    agreements = list(compare_judges(lesions)) if shared else []
    every = measure_agreement(NETWORK, lesions)
    if every.lesions > len(shared):
        agreements.append(every)
    rows = [describe_row(one, of_all=one is every) for one in agreements]
    write_table(pd.DataFrame(rows))
    st.caption(
        f"In brackets: 95 % intervals, by bootstrap over patients. Shares of fewer than {FEWEST} lesions are not given. "
        f"{REFERRED}"
    )


def describe_row(agreement: Agreement, *, of_all: bool) -> dict[str, str]:
    """A row of the table."""

    def write(count: int, among: int, share: Estimate | None) -> str:
        return f"{count} of {among}" + (f": {write_share(share)}" if share else "")

    return {
        "judge": f"{agreement.judge}, all lesions" if of_all else agreement.judge,
        "malignant referred (sensitivity)": write(agreement.found, agreement.malignant, agreement.sensitivity),
        "benign not referred (specificity)": write(agreement.spared, agreement.benign, agreement.specificity),
        "balanced accuracy": write_share(agreement.balanced_accuracy) if agreement.balanced_accuracy else "–",
        "diagnosis right": write(agreement.right, agreement.named, agreement.diagnosis),
    }


def show_groups(lesions: Sequence[SettledLesion]) -> None:
    """Over time, per kind, site and skin tone."""
    with st.container(horizontal=True):
        grouping = st.segmented_control(
            "By", list(GROUPINGS), default="quarter", required=True, key="agreement-grouping"
        )
        rate = st.segmented_control("Rate", RATES, default=RATES[0], required=True, key="agreement-rate")
    shared = list_shared(lesions)
    measured = {judge.name: measure_groups(judge, shared or lesions, grouping) for judge in JUDGES}
    groups = {name: tuple(one[name] for one in measured.values()) for name in measured[NETWORK.name]}
    words = describe_dots(groups, rate)
    if any(pick(one, rate) for agreements in groups.values() for one in agreements):
        draw_chart(judge_dots(groups, rate), words, tabulate_agreements(groups), f"agreement-{grouping}")
    else:
        st.caption(f"Fewer than {FEWEST} lesions in every group: only counts are shown.")
    write_table(count_groups(groups))


def count_groups(groups: dict[str, tuple[Agreement, ...]]) -> pd.DataFrame:
    """A row a group: how many malignant lesions each judge referred, and how many benign ones not."""
    rows = []
    for name, agreements in groups.items():
        row = {"group": name}
        for one in agreements:
            row[f"{one.judge}: malignant referred"] = f"{one.found} of {one.malignant}"
            row[f"{one.judge}: benign not referred"] = f"{one.spared} of {one.benign}"
        rows.append(row)
    return pd.DataFrame(rows)
