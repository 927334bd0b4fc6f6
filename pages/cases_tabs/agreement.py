"""A tab of the Cases page: how often the person, the network, and both together were right."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import partial

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
from melanoma.charts.agreement import RATES, Rate, describe_dots, judge_dots, pick, tabulate_agreements
from melanoma.documents.cases import count
from melanoma.documents.wording import write_share
from melanoma.estimates import Estimate
from melanoma.run import Run, operating_point_name
from pages.parts.network_picker import choose_network
from pages.parts.operating_point import current_operating_point
from pages.parts.session import get_session
from pages.parts.widgets import draw_chart, write_table

REFERRED = (
    "A person refers who excises, takes a biopsy, refers, or treats what they take for malignant. The network refers "
    "where its decision is refer; undecided does not count. Malignant includes actinic keratosis."
)


def show_agreement(book: Casebook) -> None:
    """Warning, notice, the three judges, and groups."""
    st.info(SELECTED, icon=":material/filter_alt:")
    session, state = get_session(), tuple(sorted(book.count().items()))  # a change of the book is one more line
    with st.spinner("Counting …"):
        lesions = session.keep(("settled", book.name, state), lambda: read_settled(book))
    if not lesions:
        st.info("No lesion has both an answer or a reading, and a later outcome. Enter outcomes at their cases.")
        return
    if run := choose_network():
        show_notices(lesions, run, (book.name, state))
    show_judges(lesions, (book.name, state))
    show_groups(lesions, (book.name, state))


def show_notices(lesions: Sequence[SettledLesion], run: Run, state: Hashable) -> None:
    """Where the network's figures here are not those of its test photos. state: changes whenever the lesions do."""
    assert run.calibration is not None
    name = current_operating_point(run)
    for kind in run.calibration.kinds:
        point = run.calibration.of_kind(kind).operating_points.get(name)
        answered = list_answered(lesions, run.sha256, name, kind)
        here = get_session().keep(
            ("agreement", state, run.sha256, name, kind), partial(measure_agreement, NETWORK, answered)
        )
        if point is None or not here.lesions:
            continue
        for sentence in compare_with_test(here, point.test):
            st.warning(
                f"**{kind[0].upper()}{kind[1:]} photos, {operating_point_name(name)} point.** {sentence}",
                icon=":material/notification_important:",
            )


def show_judges(lesions: Sequence[SettledLesion], state: Hashable) -> None:
    """The three on the same lesions, and the network on all that it has answered. state: as for `show_notices`."""
    shared = list_shared(lesions)
    st.markdown(
        f"**Judged before the outcome was known: {count(len(lesions), 'lesion')}.** With a reading before the "
        f"network's answer, the answer, and a reading after it: {len(shared)}. On these the three are compared."
    )
    agreements, every = get_session().keep(
        ("agreement", state, "all"),
        lambda: (list(compare_judges(lesions)) if shared else [], measure_agreement(NETWORK, lesions)),
    )
    if every.lesions > len(shared):
        agreements = [*agreements, every]
    columns = {f"{one.judge}, all lesions" if one is every else one.judge: write_rates(one) for one in agreements}
    write_table(pd.DataFrame(columns).reset_index(names=""))
    st.caption(
        "In brackets: 95 % intervals, by bootstrap over patients. Shares of fewer than "
        f"{FEWEST} lesions are not given. {REFERRED}"
    )


def write_rates(agreement: Agreement) -> dict[str, str]:
    """A column of the table: counts, and the shares of enough lesions."""

    def write(count: int, among: int, share: Estimate | None) -> str:
        return f"{count} of {among}" + (f": {write_share(share)}" if share else "")

    return {
        "malignant, referred (sensitivity)": write(agreement.found, agreement.malignant, agreement.sensitivity),
        "benign, not referred (specificity)": write(agreement.spared, agreement.benign, agreement.specificity),
        "balanced accuracy": write_share(agreement.balanced_accuracy) if agreement.balanced_accuracy else "–",
        "diagnosis right": write(agreement.right, agreement.named, agreement.diagnosis),
    }


def show_groups(lesions: Sequence[SettledLesion], state: Hashable) -> None:
    """Over time, per kind, site and skin tone. state: as for `show_notices`."""
    with st.container(horizontal=True):
        grouping = st.segmented_control(
            "By", list(GROUPINGS), default="quarter", required=True, wrap=True, key="agreement-grouping"
        )
        rate = st.segmented_control("Rate", RATES, default=RATES[0], required=True, wrap=True, key="agreement-rate")
    shared = list_shared(lesions)

    def measure() -> dict[str, tuple[Agreement, ...]]:
        with st.spinner("Counting …"):
            return measure_groups(JUDGES, shared or lesions, grouping)

    groups = get_session().keep(("agreement", state, grouping), measure)
    words = describe_dots(groups, rate)
    if any(pick(one, rate) for agreements in groups.values() for one in agreements):
        draw_chart(judge_dots(groups, rate), words, tabulate_agreements(groups), f"agreement-{grouping}")
    else:
        st.caption(f"Fewer than {FEWEST} lesions in every group: only counts are shown.")
    counts = count_groups(groups, rate)
    if len(counts):
        write_table(counts)


def count_groups(groups: dict[str, tuple[Agreement, ...]], rate: Rate) -> pd.DataFrame:
    """A row a group, a column a judge: how many of the malignant were referred, or of the benign not, or both.

    Groups without a lesion that the rate is of are left out.
    """

    def write(one: Agreement) -> str:
        counts = {
            "sensitivity": f"{one.found} of {one.malignant}",
            "specificity": f"{one.spared} of {one.benign}",
            "balanced accuracy": f"{one.found} of {one.malignant}, {one.spared} of {one.benign}",
        }
        return counts[rate]

    def has_any(one: Agreement) -> bool:
        of = {"sensitivity": one.malignant, "specificity": one.benign}
        return of.get(rate, one.malignant + one.benign) > 0

    return pd.DataFrame(
        [
            {"group": name.replace(" ", "\u00a0"), **{one.judge: write(one) for one in agreements}}
            for name, agreements in groups.items()
            if any(map(has_any, agreements))
        ],
        columns=["group", *(judge.name for judge in JUDGES)],
    )
