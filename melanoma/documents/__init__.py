"""An answer or a run as wording, report, CSV row, JSON and model card."""
