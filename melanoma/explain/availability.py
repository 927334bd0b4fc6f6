"""Whether TensorFlow and its companions are here: they draw every map but the Grad-CAM that an answer brings along."""

from __future__ import annotations

from importlib.util import find_spec

from melanoma.run import RunError

PACKAGES = {"keras": "Keras", "tensorflow": "TensorFlow", "tf_keras_vis": "tf-keras-vis"}  # module: name for the reader


def check_tensorflow() -> str | None:
    """A sentence for the user that says what is missing and what to do; None where all is installed.

    Looks the packages up and imports none of them, so it costs no time where they are there.
    """
    missing = [name for module, name in PACKAGES.items() if find_spec(module) is None]
    if not missing:
        return None
    verb = "is" if len(missing) == 1 else "are"
    return (
        f"{', '.join(missing)} {verb} not installed. "
        "Run `pip install -r requirements.txt` with Python 3.11, 3.12 or 3.13: TensorFlow has no release for 3.14 yet."
    )


def require_tensorflow() -> None:
    """Raises RunError, saying what is missing and what to do, where a map that TensorFlow draws cannot be made."""
    if sentence := check_tensorflow():
        raise RunError(f"This heatmap cannot be made. {sentence}")
