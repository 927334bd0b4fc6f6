"""What whoever runs the server needs: health, metrics, logs without content, headers."""

from melanoma.operations.headers import SecurityHeaders
from melanoma.operations.health import make_routes
from melanoma.operations.logs import keep_content_out
from melanoma.operations.memory import give_memory_back
from melanoma.operations.uploads import keep_uploads_in_memory

__all__ = ["SecurityHeaders", "give_memory_back", "keep_content_out", "keep_uploads_in_memory", "make_routes"]
