"""An answer or a run as wording, PDF, CSV, JSON and model card."""
