"""Predictions -> estimates with intervals."""
