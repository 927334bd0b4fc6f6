"""Colours of a picture -> sRGB, by the ICC profile that its file holds."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

SRGB = ImageCms.createProfile("sRGB")
MODE_OF_PROFILE = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
MODES = tuple(MODE_OF_PROFILE.values())  # of Pillow, that can be converted


def convert_to_srgb(image: Image.Image, profile: bytes | None, notes: list[str]) -> Image.Image:
    """Mode RGB in sRGB, by the embedded ICC profile where there is a usable one."""
    if profile:
        try:
            return _by_profile(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), notes)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            notes.append("its colour profile could not be used and was ignored: colours may be off")
    if image.mode == "CMYK":
        notes.append("converted from CMYK print colours without a profile: colours may be off")
    if image.mode == "LAB":
        notes.append("converted from Lab colours")
        return _convert_profile(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    return image if image.mode == "RGB" else image.convert("RGB")  # which would copy it


def _by_profile(image: Image.Image, profile: ImageCms.ImageCmsProfile, notes: list[str]) -> Image.Image:
    """Mode RGB in sRGB. Raises PyCMSError or ValueError for a profile that does not fit the image."""
    space = profile.profile.xcolor_space.strip()
    if space == "RGB" and image.mode == "L":
        image = image.convert("RGB")
    if MODE_OF_PROFILE.get(space) != image.mode:
        raise ValueError(f"a profile for {space}, an image in {image.mode}")
    if space == "RGB" and _is_srgb(profile):
        return image
    image = _convert_profile(image, profile)
    notes.append("colours converted from its own colour profile to sRGB")
    return image


def _convert_profile(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    """An image in the colours of `profile` -> mode RGB in sRGB. Raises PyCMSError."""
    converted = ImageCms.profileToProfile(image, profile, SRGB, outputMode="RGB")
    assert converted is not None  # only an image that is changed in place gives None
    return converted


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    """Whether a profile leaves colours as they are, whatever its name says: to within 2 of 255 on a grid of them."""
    levels = np.linspace(0, 255, 9).astype(np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(27, 27, 3)
    converted = np.asarray(_convert_profile(Image.fromarray(grid), profile))
    return bool(np.abs(converted.astype(int) - grid).max() <= 2)
