"""Photos taken one after the other with a phone's own camera, in full resolution.

Streamlit's camera widget takes a frame of a video, of at most 1080 lines. A file field with `capture` has the phone
open its own camera instead, with its focus, light and all its pixels. On a computer it asks for a file.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from melanoma.photo.limits import MAX_BYTES
from pages.parts.session import WidgetValue

KEY = "worklist-camera"
HTML, CSS, JS = (Path(__file__).with_name(f"camera.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
draw_camera = st.components.v2.component(KEY, html=HTML, css=CSS, js=JS)


def take_shots(add: Callable[[str, bytes], None]) -> None:
    """Draw the field; of each photo that is kept, the suffix for its name and the bytes are handed to `add`."""
    shot: WidgetValue = WidgetValue(KEY, None)
    draw_camera(key=KEY, on_shot_change=lambda: pass_shot(shot, add))


def pass_shot(shot: WidgetValue, add: Callable[[str, bytes], None]) -> None:
    """The photo just kept; what is no photo, or too large, gets its sentence where photos are read."""
    taken = shot.get().shot
    if not isinstance(taken, dict):
        return
    try:
        content = base64.b64decode(str(taken.get("data", ""))[: 2 * MAX_BYTES], validate=True)
    except binascii.Error:
        content = b""
    add(re.sub(r"\W", "", str(taken.get("type")).rpartition("/")[2])[:5] or "jpg", content)
