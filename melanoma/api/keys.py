"""Who may ask: keys, of which the server's file holds hashes alone.

A key is 256 random bits, so its plain SHA-256 cannot be guessed back; passwords would need a slow hash, and are none
here.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
DIGEST = re.compile(r"[0-9a-f]{64}")


class KeysError(ValueError):
    """A file of keys that cannot be used; the message is one sentence that says what to do."""


@dataclass(frozen=True)
class Keys:
    """names: of whoever holds a key, by the key's SHA-256 in hex. Without any, everyone may ask."""

    names: dict[str, str]

    def find(self, key: str) -> str | None:
        """Whose key it is; None for one that is not known. What is looked up is a hash, so its timing tells nothing."""
        return self.names.get(hash_key(key))


def hash_key(key: str) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(key.encode()).hexdigest()


def read_keys(file: Path) -> Keys:
    """Lines of `NAME HASH`; empty ones and those that begin with # are comments. Raises KeysError, or OSError."""
    names: dict[str, str] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) != 2 or not NAME.fullmatch(words[0]) or not DIGEST.fullmatch(words[1]):
            raise KeysError(
                f"{file}, line {number}: this is no name and hash. Make it with `python -m melanoma api-key`."
            )
        names[words[1]] = words[0]
    if not names:
        raise KeysError(f"{file} holds no key. Make one with `python -m melanoma api-key NAME --keys {file}`.")
    return Keys(names)


def add_key(file: Path, name: str) -> str:
    """A new key for `name`, whose hash is added to the file. Raises KeysError for a name that a line cannot hold."""
    if not NAME.fullmatch(name):
        raise KeysError(f"{name!r} cannot name a key: use up to 64 letters, digits, dots, dashes and underscores.")
    key = secrets.token_urlsafe(32)
    file.touch(mode=0o600)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(f"{name} {hash_key(key)}\n")
    return key
