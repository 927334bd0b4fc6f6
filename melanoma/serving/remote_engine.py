"""The network behind an address: another server runs it, this one decides.

One setting, the variable MELANOMA_ENGINE, names the server; `deploy/ray_serve.yaml` starts one. Crops go there,
without a file's name or anything else about a photo. The server is asked anew with every photo: when it comes back,
answers do.
"""

from __future__ import annotations

import io
import os
import urllib.error
import urllib.request
import zipfile

import numpy as np

from melanoma.run import Run, RunError
from melanoma.serving.engines import KIND, LOGITS, MAPS, Outputs, is_answer

SETTING = "MELANOMA_ENGINE"
SECONDS = 30.0  # until a server that says nothing is given up
SHA256 = "network-sha256"  # header: which network has answered
TYPE = "application/octet-stream"
MOST = 64 * 1024**2  # bytes of an answer
AT_ONCE = 16  # crops of a request

# Only to the address itself: a proxy that this machine uses for the web is nobody to send crops to.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def find_engine_address() -> str | None:
    """Address of the server that runs the network; None where this process does."""
    return os.environ.get(SETTING) or None


class RemoteEngine:
    """As `Engine`. Opens without the server; an answer of another network than the run's is refused."""

    def __init__(self, address: str, run: Run, seconds: float = SECONDS):
        if not address.startswith(("http://", "https://")):
            raise RunError(f"{SETTING} is {address}, which is no address. Let it begin with http:// or https://.")
        self.name = f"Network server {address}"
        self.input_size, self.outputs = run.input_size, len(run.classes)
        self._address, self._sha256, self._seconds = address, run.sha256, seconds
        self._tells_kind = run.facts.settings.kind_weight > 0

    def forward(self, inputs: np.ndarray) -> Outputs:
        """As `Engine.forward`. Raises RunError where the server is gone, busy, or runs another network."""
        parts = [self._ask(inputs[start : start + AT_ONCE]) for start in range(0, len(inputs), AT_ONCE)]
        logits = np.concatenate([part.logits for part in parts])
        return Outputs(logits, join([part.maps for part in parts]), join([part.kind for part in parts]))

    def _ask(self, inputs: np.ndarray) -> Outputs:
        request = urllib.request.Request(self._address, pack({"inputs": inputs}), {"Content-Type": TYPE})
        try:
            with OPENER.open(request, timeout=self._seconds) as response:
                sha256, content = response.headers.get(SHA256), response.read(MOST)
            arrays = unpack(content)
        except urllib.error.HTTPError as error:
            raise RunError(f"{self.name} answers {error.code}. Try again in a minute.") from error
        except (OSError, ValueError) as error:
            raise RunError(f"{self.name} does not answer. Try again in a minute.") from error
        if sha256 != self._sha256:
            raise RunError(f"{self.name} runs another network. Ask whoever runs it.")
        outputs = Outputs(arrays.get(LOGITS, np.empty(0)), arrays.get(MAPS), arrays.get(KIND))
        if not is_answer(outputs, len(inputs), self.outputs, tells_kind=self._tells_kind):
            raise RunError(f"{self.name} gave no answer that fits. Ask whoever runs it.")
        return outputs


def join(arrays: list[np.ndarray | None]) -> np.ndarray | None:
    """Arrays of several requests; None where one of them has none."""
    there = [array for array in arrays if array is not None]
    return np.concatenate(there) if len(there) == len(arrays) else None


def pack(arrays: dict[str, np.ndarray]) -> bytes:
    """Arrays as an .npz file."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def unpack(content: bytes) -> dict[str, np.ndarray]:
    """Arrays of an .npz file, nothing unpickled. Raises ValueError or OSError for what is none."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (KeyError, EOFError, AttributeError, zipfile.BadZipFile, TypeError) as error:
        raise ValueError("no .npz file") from error
