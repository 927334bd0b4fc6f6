"""Thumbnails side by side."""

from collections.abc import Iterable

import streamlit as st

from melanoma.serving.worklist import JudgedPhoto


def show_pictures(photos: Iterable[JudgedPhoto], width: int) -> None:
    """Those of the photos that have one; width: pixels of each."""
    pictures = [photo.thumbnail for photo in photos if photo.thumbnail]
    if pictures:
        with st.container(horizontal=True, width="content"):
            for picture in pictures:
                st.image(picture, width=width, alt="What the network saw")
