"""Charts and tables as every page shows them: with words for who does not see them, and their data to download."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from pandas.io.formats.style import Styler
from streamlit.delta_generator import DeltaGenerator

from melanoma.charts.frame import CONFIG
from melanoma.documents.glossary import explain
from melanoma.estimates import percent
from melanoma.serving.cells import encode_csv

Item = TypeVar("Item")

INK = "#40505A"  # of text in charts: shell.py has the browser draw what has this colour in the page's own


def draw_figure(figure: go.Figure, words: str, key: str, *, zoom: bool = False, bare: bool = False, **more: Any) -> Any:
    """Draw a Plotly figure; `words` say the same. zoom: by wheel and pinch; bare: without Plotly's own buttons.

    More arguments go to `st.plotly_chart`, and what it returns comes back.
    """
    figure.update_layout(font_color=INK)
    figure.update_xaxes(tickfont_color=INK, title_font_color=INK)
    figure.update_yaxes(tickfont_color=INK, title_font_color=INK)
    config = CONFIG | {"scrollZoom": zoom, "displayModeBar": False if bare else "hover"}
    return st.plotly_chart(figure, config=config, alt=words, key=key, **more)


def draw_chart(
    figure: go.Figure, words: str, data: pd.DataFrame, name: str, *, file: str | None = None, **more: Any
) -> Any:
    """Draw a figure with its words and its data to take away; `name` names the widgets and the file.

    file: a name for the file where that differs. More arguments go to `draw_figure` (on_select, say); the chart's key
    is `chart-NAME`.
    """
    event = draw_figure(figure, words, f"chart-{name}", **more)
    with st.container(horizontal=True, vertical_alignment="center", key=f"below-{name}"):
        with st.popover("In words", type="tertiary", icon=":material/notes:"):
            st.write(words)
        offer_data(data, name, file)
    return event


def offer_data(data: pd.DataFrame, name: str, file: str | None = None) -> None:
    """A button that downloads a table as CSV."""
    st.download_button(
        "Data",
        encode_csv(data),
        f"{file or name}.csv",
        "text/csv",
        key=f"save-{name}",
        type="tertiary",
        icon=":material/download:",
        on_click="ignore",
        help="Download what this shows as a CSV file.",
    )


def draw_table(
    data: pd.DataFrame,
    label: str,
    name: str,
    *,
    shares: Sequence[str] = (),
    styled: Styler | None = None,
    **more: Any,
) -> None:
    """A table with its accessible name and its download.

    shares: columns of numbers from 0 to 1, which are read as `16 %`; styled: the same table with colours.
    """
    written = data.assign(**{column: data[column].map(percent) for column in shares})
    st.dataframe(written if styled is None else styled, hide_index=True, alt=label, **more)
    offer_data(data, name)


def write_table(data: pd.DataFrame) -> None:
    """A small table as Markdown, which wraps where `st.dataframe` cuts columns off."""
    rows = [list(data.columns), ["---"] * len(data.columns), *data.astype(str).to_numpy().tolist()]
    lines = "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
    st.markdown(lines.replace(" %", "\u00a0%"))  # no line of a narrow cell begins with a per cent sign


def start_section(title: str, terms: str = "") -> None:
    """A heading that `list_contents` leads to; terms: names of the glossary's terms that it explains on demand."""
    st.header(title, anchor=make_anchor(title), help=explain(terms))


def list_contents(titles: Sequence[str]) -> None:
    """Links to the sections of a long page that have these titles."""
    st.markdown("On this page: " + " · ".join(f"[{title}](#{make_anchor(title)})" for title in titles))


def make_anchor(title: str) -> str:
    """Of a heading, for links: lower case, hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def write_list(sentences: list[str]) -> None:
    """Sentences as a list; nothing where there is none."""
    if sentences:
        st.markdown("\n".join(f"- {sentence}" for sentence in sentences))


def place_in_threes(items: Sequence[Item]) -> Iterator[tuple[DeltaGenerator, Item]]:
    """Each item with its place in rows of three columns."""
    for start in range(0, len(items), 3):
        yield from zip(st.columns(3, gap="medium"), items[start : start + 3], strict=False)
