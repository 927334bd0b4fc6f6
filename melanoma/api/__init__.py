"""Answers for other software, over HTTP: `python -m melanoma serve-api`."""
