"""Predictions and tables -> Plotly figures.

A function named by a noun makes that figure; `describe_...` says the same in words, for who does not see it.
"""
