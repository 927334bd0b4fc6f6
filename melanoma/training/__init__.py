"""Settings -> finished run."""
