"""Drawn specimens to try: a small picture each, which a click opens."""

import streamlit as st

from melanoma.charts.heatmaps import jpeg_uri
from melanoma.photo.specimens import SPECIMENS, Specimen
from pages.parts.open_photos import OpenPhoto
from pages.parts.photo_picker import open_photos

WIDTH, HEIGHT = 140, 105  # of a small picture, pixels


def show_gallery() -> None:
    """Every specimen with its name; what an answer about a drawing is worth."""
    st.markdown("**Try it on a drawing**")
    with st.container(horizontal=True, key="gallery", gap="small"):
        for number, (specimen, picture) in enumerate(zip(SPECIMENS, draw_small(), strict=True)):
            with st.container(width=WIDTH + 30, gap="xxsmall", horizontal_alignment="center"):
                st.html(
                    f'<img src="{picture}" width="{WIDTH}" height="{HEIGHT}" alt="" style="display: block; '
                    'margin: auto; border-radius: 6px">'
                )
                st.button(
                    specimen.name.removeprefix("Drawn ").capitalize(),
                    on_click=open_specimen,
                    args=(specimen,),
                    key=f"specimen-{number}",
                    type="tertiary",
                    help=f"{specimen.what}. Drawn, not a patient.",
                    wrap=True,
                )
    st.caption(
        "Drawn by the program from numbers. They show how the page answers, and what it says of photos that are not "
        "good enough. The network has learned from no drawing: what it says of one proves nothing about skin."
    )


@st.cache_data(show_spinner=False)
def draw_small() -> list[str]:
    """The small pictures as data URIs, in the order of SPECIMENS: drawn once for all visitors."""
    return [jpeg_uri(specimen.draw(2 * WIDTH, 2 * HEIGHT), 2 * WIDTH) for specimen in SPECIMENS]


def open_specimen(specimen: Specimen) -> None:
    """Put a specimen on the page, at its full size."""
    open_photos([OpenPhoto.from_file(f"{specimen.name}, not a patient", specimen.as_png())])
