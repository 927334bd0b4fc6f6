"""Untrusted bytes -> Photo (upright sRGB) -> quality -> crop."""

from melanoma.photo.photos import ENOUGH, Photo, PhotoError, read_photo
from melanoma.photo.preprocessing import centre_square, network_input
from melanoma.photo.quality import DOUBTFUL, GOOD, UNUSABLE, Assessment, assess
from melanoma.photo.synthetic import draw_example, example_bytes

__all__ = [
    "DOUBTFUL",
    "ENOUGH",
    "GOOD",
    "UNUSABLE",
    "Assessment",
    "Photo",
    "PhotoError",
    "assess",
    "centre_square",
    "draw_example",
    "example_bytes",
    "network_input",
    "read_photo",
]
