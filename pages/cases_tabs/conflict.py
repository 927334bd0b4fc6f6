"""Two people changed the same record: a plain question, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from melanoma.casebook import Casebook
from melanoma.casebook.records import Record
from melanoma.documents.cases import list_fields, name_field, tabulate_difference
from melanoma.documents.wording import escape_markdown
from pages.parts.cases_view import CasesView, Question
from pages.parts.open_casebook import save
from pages.parts.widgets import write_table


def show_question(book: Casebook, view: CasesView, question: Question) -> None:
    """What both have written, and whose is to stand."""
    with st.container(border=True, key="question"):
        st.markdown(f":material/group: **{escape_markdown(question.words)}**")
        if question.theirs is None:
            show_lost(question.mine)
            st.button("Understood", on_click=answer, args=(view,), key="question-understood")
            return
        theirs, mine = question.theirs, question.mine
        table = tabulate_difference(question.base, merge(question.base, mine, theirs), theirs)
        if table.empty:
            st.markdown("You both wrote the same.")
        else:
            write_table(table.map(lambda cell: escape_markdown(str(cell))))
            st.markdown("Which is to stand? The history keeps both.")
        with st.container(horizontal=True):
            st.button("Theirs", on_click=answer, args=(view,), key="question-theirs")
            st.button("Mine", on_click=save_mine, args=(book, view, question), key="question-mine", type="primary")


def merge(base: Record, mine: Record, theirs: Record) -> Record:
    """Theirs, with what I changed since `base`."""
    changed = {name: getattr(mine, name) for name in vars(mine) if getattr(mine, name) != getattr(base, name)}
    return replace(theirs, **changed)


def show_lost(mine: Record) -> None:
    """What could not be saved, to be copied from here."""
    fields = [(name, getattr(mine, name)) for name in list_fields(mine)]
    rows = [(name_field(name), escape_markdown(str(value))) for name, value in fields if value not in ("", None)]
    write_table(pd.DataFrame(rows, columns=["field", "what you wrote"]))


def answer(view: CasesView) -> None:
    """Theirs stands."""
    view.question = None


def save_mine(book: Casebook, view: CasesView, question: Question) -> None:
    """Mine stands, over theirs, which is asked again where a third person was faster."""
    theirs = question.theirs
    assert theirs is not None
    view.question = None
    merged = merge(question.base, question.mine, theirs)
    save(book, lambda writer: writer.change(merged), "Yours is in the casebook.", base=theirs)
