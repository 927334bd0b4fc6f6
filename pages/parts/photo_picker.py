"""Open photos from files, the camera or the program's own drawing, choose which is on the page, and close them.

The same on every page that answers: what is opened or closed on one is opened or closed on the others.
"""

from collections.abc import Sequence

import streamlit as st

from melanoma.documents.wording import escape_markdown
from melanoma.photo import example_bytes
from melanoma.photo.limits import MAX_BYTES
from pages.parts import address
from pages.parts.open_photos import OpenPhoto, OpenPhotos
from pages.parts.session import WidgetValue, get_session

FILES, CAMERA = "Photo files", "Camera"
ADDRESS, OPEN = "photos", "open"
EXAMPLE = "Synthetic example, not a patient"
LARGEST = MAX_BYTES // 1024**2  # megabytes of a photo
TYPES = [
    *("jpg", "jpeg", "jpe", "jfif", "mpo", "png", "webp", "tif", "tiff"),
    *("bmp", "gif", "heic", "heif", "avif", "dcm", "dicom"),
]


def choose_photo() -> OpenPhoto | None:
    """The photo that is on the page; None where none is open."""
    photos = get_session().photos
    say_what_is_forgotten(photos)
    with st.expander(
        "Another photo" if photos.photos else "Photo",
        expanded=not photos.photos,
        icon=":material/add_photo_alternate:",
    ):
        way = st.segmented_control(
            "Photo from", [FILES, CAMERA], default=FILES, required=True, key="photo-from", label_visibility="collapsed"
        )
        if way == FILES:
            take_files()
        else:
            take_shot()
        st.button("Synthetic example", on_click=open_example, key="example", icon=":material/draw:", help=EXAMPLE)
    list_photos(photos)
    for name, why in photos.unreadable.items():
        st.error(f"**{escape_markdown(name)}**: {why}", icon=":material/broken_image:")
    return photos.current


def say_what_is_forgotten(photos: OpenPhotos) -> None:
    """Mark in the address that photos are open; where it says so of a session without any, they are forgotten."""
    session = get_session()
    if photos.photos:
        session.forgotten = False
        address.write(ADDRESS, OPEN, "")
    elif address.read(ADDRESS):
        session.forgotten = session.uploads == 0
        address.write(ADDRESS, "", "")
    if session.forgotten:
        st.info(
            "The page or the server was started anew, and the photos that were open are forgotten. Open them again."
        )


def take_files() -> None:
    upload: WidgetValue[Sequence] = WidgetValue(f"files-{get_session().uploads}", [])
    st.file_uploader(
        "Photos of a skin lesion, dermoscopic or clinical close-ups",
        TYPES,
        accept_multiple_files=True,
        max_upload_size=LARGEST,
        key=upload.key,
        on_change=lambda: open_uploads(upload),
    )
    st.caption("Photos stay in memory and are never stored. On a phone, this button also opens the camera.")


def open_uploads(upload: WidgetValue[Sequence]) -> None:
    """Open what has just been uploaded, and empty the uploader for the next photos."""
    session, files = get_session(), upload.get()
    if files and session.take_upload(upload.key):
        open_photos([OpenPhoto.from_file(file.name, file.getvalue()) for file in files])


def open_photos(new: Sequence[OpenPhoto]) -> None:
    """Open photos; the focus then goes to the answer about the first of them."""
    session = get_session()
    session.photos.add(new)
    session.opened += 1


def take_shot() -> None:
    shot: WidgetValue = WidgetValue("shot", None)
    st.camera_input(
        "Take a photo, through the dermatoscope if there is one",
        key=shot.key,
        resolution="1080p",
        on_change=lambda: open_shot(shot),
    )
    st.caption("A file from a dermatoscope camera is sharper. On a phone, “Photo files” opens the phone's own camera.")


def open_shot(shot: WidgetValue) -> None:
    """Open the photo that the camera has just taken."""
    if (file := shot.get()) is not None:
        open_photos([OpenPhoto.from_file("Camera photo", file.getvalue())])


def open_example() -> None:
    """Open the drawing that stands in for a photo."""
    open_photos([OpenPhoto.from_file(EXAMPLE, example_bytes())])


def list_photos(photos: OpenPhotos) -> None:
    """Which open photo is on the page, how to go to the next one, and how to close it."""
    current = photos.current
    if current is None:
        return
    several = len(photos.photos) > 1
    with st.container(horizontal=True, vertical_alignment="center"):
        number = f"{photos.photos.index(current) + 1} of {len(photos.photos)}: " if several else ""
        st.markdown(f"{number}**{escape_markdown(current.name)}**", width="content")
        if several:
            for name, way, arrow in (("Previous", -1, "chevron_left"), ("Next", 1, "chevron_right")):
                icon = f":material/{arrow}:"
                st.button(name, on_click=photos.step, args=(way,), key=name.lower(), icon=icon, shortcut=name[0])
        st.button("Close photo", on_click=photos.close, args=(current,), key="close", icon=":material/close:")
        if several:
            st.button("Close all", on_click=photos.close_all, key="close-all", icon=":material/close:")
            one: WidgetValue[bool] = WidgetValue("same-lesion", False)
            one.set(photos.same_lesion)
            st.toggle(
                "All show the same lesion",
                key=one.key,
                on_change=lambda: setattr(photos, "same_lesion", one.get()),
                help="One answer for the lesion, from all open photos.",
            )
            if st.button("Two dates", key="two-dates", icon=":material/compare:", help="Two of them in one frame."):
                st.switch_page("pages/compare_dates.py")
