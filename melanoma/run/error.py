"""The error of every run folder."""


class RunError(ValueError):
    """A run folder that cannot be used; the message is one plain sentence for the user."""
