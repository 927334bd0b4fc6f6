"""A name for a document that says which photo it is of, and that every browser and disk takes."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 80  # characters of the photo's name
MOST_BYTES = 200  # of them in UTF-8: disks take 255 for the whole name
REFUSED = re.compile(r'[<>:"/\\|?*%]')  # by Windows, and the sign that begins an escape in a header
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # Unicode's categories: controls, direction marks, no characters


def is_seen(character: str) -> bool:
    """Whether a character is one that is seen: no control, no direction mark, no half of a character."""
    return unicodedata.category(character) not in UNSEEN


def name_report(photo_name: str, suffix: str, *, others: int = 0, fallback: str = "photo") -> str:
    """`IMG_1.jpg` -> `report-IMG_1.pdf`; of a lesion that `others` photos show too, `report-IMG_1-and-1-more.pdf`.

    photo_name: whatever a browser sent; only what stands after the last slash is used. fallback: where nothing of it
    can be. suffix: without a full stop.
    """
    stem = re.split(r"[/\\]", unicodedata.normalize("NFC", photo_name))[-1]
    stem = re.sub(r"(?<=.)\.\w{1,5}$", "", stem)
    seen = "".join(c if is_seen(c) else " " for c in REFUSED.sub("-", stem))
    words = re.sub(r"\s+", " ", seen)[:LONGEST].strip(" .")
    while len(words.encode()) > MOST_BYTES:
        words = words[:-1].rstrip(" .")
    more = f"-and-{others}-more" if others else ""
    return f"report-{words or fallback}{more}.{suffix}"
