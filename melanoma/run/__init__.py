"""A run folder: open, verify, seal; its history; imported logs."""
