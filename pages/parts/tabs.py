"""Tabs of a page that the address names: a link opens one, and the browser's back and forward step through them."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import address
from pages.parts.session import WidgetValue

Item = TypeVar("Item")


def choose_tab(tabs: dict[str, Item], key: str) -> Iterator[tuple[Item, DeltaGenerator]]:
    """What belongs to the open tab, with the tab as its place; `key` names the choice in the address.

    Streamlit's own binding of tabs replaces the address. Here each tab gets a step in the browser's history.
    """
    usual = next(iter(tabs))
    address.say_if_unknown(key, tabs, "tab")
    stated = address.read(key)
    widget: WidgetValue[str] = WidgetValue(key, usual)
    widget.set(stated if stated in tabs else usual)
    drawn: Iterable = st.tabs(
        list(tabs), key=widget.key, on_change=lambda: address.write(key, widget.get() or usual, usual)
    )
    for item, tab in zip(tabs.values(), drawn, strict=True):
        if tab.open:
            yield item, tab
