"""A server that runs a network for others, as `deploy/ray_serve.yaml` does; it starts at once."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from melanoma.serving.engines import Engine
from melanoma.serving.remote_engine import SHA256, pack, unpack


class NetworkServer:
    """Answers at `address` while it is open. status, sha256, content: what it says; no content: the answer."""

    def __init__(self, engine: Engine, sha256: str):
        self.engine, self.status, self.sha256, self.content = engine, 200, sha256, b""
        self._port = 0
        self.open()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    def open(self) -> None:
        """Listen, at the same port as before."""
        network = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                outputs = network.engine.forward(unpack(self.rfile.read(int(self.headers["Content-Length"])))["inputs"])
                self.send_response(network.status)
                self.send_header(SHA256, network.sha256)
                self.end_headers()
                answer = pack({"logits": outputs.logits, "maps": outputs.maps, "kind": outputs.kind})
                self.wfile.write(network.content or answer)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Be gone."""
        self._server.shutdown()
        self._server.server_close()
