"""Heatmaps, and how far to believe one."""
