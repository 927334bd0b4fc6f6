"""Uploads stay in memory: the web server's own parser would put all above 1 MB into a temporary file."""

from __future__ import annotations

from starlette.formparsers import MultiPartParser

MOST = 1024**3  # bytes; what an upload may have is limited before, far below this, by `server.maxUploadSize`


def keep_uploads_in_memory() -> None:
    """For every server in this process from now on."""
    MultiPartParser.spool_max_size = MOST
