"""A chart as every page shows it: figure, its text alternative, its data to download."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from pandas.io.formats.style import Styler

from melanoma.charts.answer import CONFIG


def chart(figure: go.Figure, words: str, data: pd.DataFrame, name: str, *, file: str | None = None, **more):
    """Draw `figure`; `words` say the same, `data` is what it shows, `name` names the widgets and the file.

    `file`: a name for the file where that differs. More arguments go to `st.plotly_chart` (on_select, say); the
    chart's key is `chart-NAME`.
    """
    event = st.plotly_chart(themed(figure), config=CONFIG, alt=words, key=f"chart-{name}", **more)
    with st.container(horizontal=True, vertical_alignment="center", key=f"below-{name}"):
        with st.popover("In words", type="tertiary", icon=":material/notes:"):
            st.write(words)
        save(data, name, file)
    return event


def save(data: pd.DataFrame, name: str, file: str | None = None) -> None:
    st.download_button(
        "Data", data.to_csv(index=False), f"{file or name}.csv", "text/csv", key=f"save-{name}", type="tertiary",
        icon=":material/download:", on_click="ignore", help="Download what this shows as a CSV file.",
    )  # fmt: skip


def table(data: pd.DataFrame, label: str, name: str, *, drawn: Styler | None = None, **more):
    """A table with its accessible name and its download; `drawn`: the same with colours."""
    event = st.dataframe(data if drawn is None else drawn, hide_index=True, alt=label, **more)
    save(data, name)
    return event


def as_markdown(rows: list[dict[str, str]]) -> str:
    """A small table as Markdown, which wraps where `st.dataframe` cuts columns off."""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def themed(figure: go.Figure) -> go.Figure:
    """Axis text as dark as the page's: Streamlit's own grey is too faint on white for small type."""
    if st.context.theme.type == "light":
        ink = "#40505A"
        figure.update_layout(font_color=ink)
        figure.update_xaxes(tickfont_color=ink, title_font_color=ink)
        figure.update_yaxes(tickfont_color=ink, title_font_color=ink)
    return figure
