"""Skin-lesion photo in, calibrated nine-class differential out. Research use; not a medical device."""

import os

__version__ = "0.1.0"  # one place: pyproject.toml reads it from here, as the app runs without being installed

# ONNX Runtime reports its use to its maker over the network, from when it is first imported, and keeps a number of this
# computer in the home folder. `disable_telemetry_events` comes too late for both.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
