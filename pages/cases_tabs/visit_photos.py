"""The photos of a visit: opened for it and in memory, or stored in the casebook; and what the network says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from melanoma.casebook import Answer, Case, Casebook, Visit
from melanoma.casebook.answers import make_answer
from melanoma.casebook.records import now
from melanoma.photo import Photo, PhotoError
from melanoma.run import Run
from melanoma.serving import Prediction, answer_lesion
from pages.parts.answer import predict_photo
from pages.parts.assessment import may_answer
from pages.parts.cases_view import CasesView
from pages.parts.kind_of_photo import choose_kind
from pages.parts.open_photos import OpenPhoto
from pages.parts.open_runs import open_classifier
from pages.parts.operating_point import current_operating_point
from pages.parts.photo_picker import LARGEST, TYPES
from pages.parts.session import WidgetValue, get_session

WIDTH = 320  # pixels


@dataclass(frozen=True)
class VisitPhotos:
    """files, photos, predictions: one each, of what could be read; prediction: of the lesion, None for no answer."""

    files: tuple[OpenPhoto, ...] = ()
    photos: tuple[Photo, ...] = ()
    predictions: tuple[Prediction, ...] = ()
    prediction: Prediction | None = None

    def make_answer(self, visit_id: str) -> Answer:
        """As the casebook keeps it."""
        assert self.prediction is not None
        return make_answer(visit_id, self.prediction, self.photos)

    def list_kinds(self) -> list[tuple[OpenPhoto, Photo, str]]:
        """Each with its kind, empty where no network has seen it."""
        kinds = [one.kind_name for one in self.predictions] or [""] * len(self.photos)
        return list(zip(self.files, self.photos, kinds, strict=True))


def take_photos(view: CasesView, visit: Visit, *, is_answered: bool) -> None:
    """A field for the photos of the visit; is_answered: whether it has an answer already, from photos now closed."""
    session, opened = get_session(), view.visit(visit.id)
    upload: WidgetValue[Sequence] = WidgetValue(f"visit-{visit.id}-{session.uploads}", [])

    def take() -> None:
        if session.take_upload(upload.key):
            files = [OpenPhoto.from_file(file.name, file.getvalue()) for file in upload.get()]
            opened.photos, opened.opened = tuple(dict.fromkeys(files)), now()

    st.file_uploader(
        "The same photos again, for a report" if is_answered else "Photos of the lesion at this visit",
        TYPES,
        accept_multiple_files=True,
        max_upload_size=LARGEST,
        key=upload.key,
        on_change=take,
    )
    st.caption("They stay in memory, unless you ask for them to be kept.")


def show_photos(book: Casebook, case: Case, visit: Visit, run: Run | None) -> VisitPhotos:
    """What is open of the visit, else what is stored. Files that are no photos are said and left out."""
    opened = get_session().cases.visit(visit.id)
    if not opened.photos:
        stored = [one for one in case.photos if one.visit_id == visit.id]
        opened.photos = tuple(
            OpenPhoto.from_file(f"Photo {number}", book.content(one.sha256)) for number, one in enumerate(stored, 1)
        )
    files, photos = [], []
    for file in opened.photos:
        try:
            photos.append(read_once(file))
            files.append(file)
        except PhotoError as error:
            st.error(str(error), icon=":material/broken_image:")
            opened.photos = tuple(one for one in opened.photos if one != file)
    is_answered = any(one.visit_id == visit.id for one in case.answers)
    return ask_network(tuple(files), tuple(photos), run, may_choose=not is_answered)


def read_once(file: OpenPhoto) -> Photo:
    """The pixels. Raises PhotoError."""
    session = get_session()

    def read() -> Photo:
        with st.spinner("Reading the photo …"):
            return session.reader.read(file.data, always=True)

    return session.keep(("photo", file.sha256), read)


def ask_network(
    files: tuple[OpenPhoto, ...], photos: tuple[Photo, ...], run: Run | None, *, may_choose: bool
) -> VisitPhotos:
    """One answer for all of them, by the same way as on Analyze; none where none is usable, unless asked for.

    may_choose: whether the kind may be stated, as before there is an answer.
    """
    for photo in photos:
        st.image(photo.pixels, width=WIDTH, alt="A photo of this visit")
    if run is None or not photos:
        return VisitPhotos(files, photos)
    point = current_operating_point(run)
    predictions = tuple(predict_photo(photo, run, point) for photo in photos)
    for photo, prediction in zip(photos, predictions, strict=True) if may_choose else ():
        choose_kind(photo, prediction, run)
    answerable = [may_answer(photo, one.assessment) for photo, one in zip(photos, predictions, strict=True)]
    if not any(answerable):
        return VisitPhotos(files, photos, predictions)
    return VisitPhotos(files, photos, predictions, answer_lesion(open_classifier(run), predictions, point))
