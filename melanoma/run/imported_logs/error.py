"""The error of every file here."""


class LogError(ValueError):
    """A file that is no training log; the message is one plain sentence for the user."""
