"""Untrusted bytes -> Photo (upright sRGB) -> quality -> crop."""

from melanoma.photo.limits import PhotoError, read_file
from melanoma.photo.photos import ENOUGH, SNIFF, Photo, looks_like_photo, read_photo
from melanoma.photo.preprocessing import centre_square, network_input
from melanoma.photo.quality import DOUBTFUL, GOOD, UNUSABLE, Assessment, assess
from melanoma.photo.safe_reading import prepare_reading, read_photo_safely
from melanoma.photo.synthetic import draw_example, example_bytes

__all__ = [
    "DOUBTFUL",
    "ENOUGH",
    "GOOD",
    "SNIFF",
    "UNUSABLE",
    "Assessment",
    "Photo",
    "PhotoError",
    "assess",
    "centre_square",
    "draw_example",
    "example_bytes",
    "looks_like_photo",
    "network_input",
    "prepare_reading",
    "read_file",
    "read_photo",
    "read_photo_safely",
]
