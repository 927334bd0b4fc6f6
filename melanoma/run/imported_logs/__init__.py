"""Training logs that other programs wrote, as the table that a run's own history is."""

from melanoma.run.imported_logs.error import LogError
from melanoma.run.imported_logs.log import NO_LEAKAGE_KNOWN, ImportedLog, find_log_files, open_log, read_log

__all__ = ["NO_LEAKAGE_KNOWN", "ImportedLog", "LogError", "find_log_files", "open_log", "read_log"]
