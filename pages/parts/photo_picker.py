"""Which photo the Analyze page shows: from files, the camera or the drawn specimen, or from an earlier visit to it."""

import streamlit as st

from melanoma.photo.synthetic import example_bytes

FILES, CAMERA, DRAWN = "Photo files", "Camera", "Drawn specimen"
NO_LESION = "Drawn specimen, not a real lesion"
TYPES = ["jpg", "jpeg", "png", "webp", "tif", "tiff", "bmp", "gif", "heic"]

Photos = dict[str, tuple[str, bytes]]  # by an id: name and content


def choose_photo() -> tuple[str, bytes] | None:
    """Name and bytes of the photo to show; None where there is none yet."""
    earlier = earlier_photos()
    state = st.session_state
    have = bool(earlier or state.get("files") or state.get("shot")) or state.get("from") == DRAWN
    with st.expander("Another photo" if have else "Photo", expanded=not have, icon=":material/add_photo_alternate:"):
        source = st.segmented_control(
            "Photo from", [FILES, CAMERA, DRAWN], default=FILES, required=True, key="from", label_visibility="collapsed"
        )
        now = {FILES: from_files, CAMERA: from_camera, DRAWN: drawn}[source]()
        if earlier:
            which = "photo" if len(earlier) == 1 else f"{len(earlier)} photos"
            st.button(f"Close the {which} opened before", on_click=close_earlier, icon=":material/close:")
    photos = state["open"] = earlier | now
    if not photos:  # the last one was closed: on no page is it shown any more
        forget()
    # Someone at the camera waits for a shot, not for an older photo.
    return shown(photos) if photos and (now or source == FILES) else None


def from_files() -> Photos:
    label = "Dermoscopic photos of one lesion each"
    uploaded = st.file_uploader(label, TYPES, accept_multiple_files=True, key="files")
    st.caption(
        "Photos are read in memory and never stored. "
        "On a phone, this button can also take a photo, at the camera's full resolution."
    )
    return {file.file_id: (file.name, file.getvalue()) for file in uploaded}


def from_camera() -> Photos:
    shot = st.camera_input("Take a photo through the dermatoscope", key="shot", resolution="1080p")
    st.caption(
        "Asks your camera for 1080 lines; some give less. Best is a file from a dermatoscope camera; "
        "on a phone, “Photo files” opens its own camera at full resolution."
    )
    return {} if shot is None else {shot.file_id: ("Camera photo", shot.getvalue())}


def drawn() -> Photos:
    st.caption("A lesion-like picture drawn by the program, to try the app. It shows no one's skin.")
    return {DRAWN: (NO_LESION, example_bytes())}


def earlier_photos() -> Photos:
    """What was open when the visitor went to another page: the uploader itself forgets its files there."""
    if "from" not in st.session_state:  # the first run of this page since then
        photos = st.session_state.get("open", {})
        current = st.session_state.get("photo_name"), st.session_state.get("photo_bytes")
        if current[1] is not None and current not in photos.values():
            photos = photos | {"from another page": current}
        st.session_state["earlier"] = photos
        st.session_state["last"] = next((key for key, photo in photos.items() if photo == current), None)
    return st.session_state["earlier"]


def close_earlier() -> None:
    st.session_state["earlier"] = {}


def forget() -> None:
    """No photo is open any more, on this page and on Explain."""
    for key in ("photo_name", "photo_bytes"):
        st.session_state.pop(key, None)


def shown(photos: Photos) -> tuple[str, bytes]:
    """The photo to show: the first of those that have just come, until another is chosen."""
    new = [key for key in photos if key not in st.session_state.get("known", ())]
    st.session_state["known"] = list(photos)
    # "shown" is the list's and goes with it when the visitor goes to another page; "last" stays.
    wanted = new[0] if new else st.session_state.get("shown", st.session_state.get("last"))
    wanted = wanted if wanted in photos else next(iter(photos))
    if len(photos) > 1:
        st.session_state["shown"] = wanted
        numbers = {key: number for number, key in enumerate(photos, 1)}
        label = "Photo to show"
        wanted = st.selectbox(label, photos, format_func=lambda key: f"{numbers[key]}. {photos[key][0]}", key="shown")
    st.session_state["last"] = wanted
    return photos[wanted]
