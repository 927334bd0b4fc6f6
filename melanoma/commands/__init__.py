"""The commands of `python -m melanoma`, one module a room; `melanoma.cli` registers them."""
