"""A reader study of two photos, as the page sets it up."""

from melanoma.casebook import Casebook
from melanoma.casebook.reader_study_running import Reference, StudyPhoto, set_up_study
from melanoma.photo import read_photo
from melanoma.photo.synthetic import example_bytes
from melanoma.run import DEFAULT_RUN, find_run
from melanoma.serving import Classifier


def set_up_pilot(book: Casebook) -> str:
    """A melanoma and a nevus, no washout; the code of who set it up."""
    classifier = Classifier.open(find_run(DEFAULT_RUN))
    photos = []
    for seed, truth in enumerate(("MEL", "NV")):
        content = example_bytes(seed, 120, 90)
        prediction = classifier.predict(read_photo(content))
        photos.append(StudyPhoto(content, "PNG", Reference(truth, practice=False), prediction))
    return set_up_study(book, "Pilot", photos, washout_days=0)[1]
