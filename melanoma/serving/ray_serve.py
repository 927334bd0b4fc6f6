"""The server of `remote_engine`, on Ray Serve: `serve run deploy/ray_serve.yaml`. It sees crops; it decides nothing."""

import os
from pathlib import Path

import numpy as np
from ray import serve
from ray.serve._private import replica
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from melanoma.run import DEFAULT_RUN, MODELS, find_run, verify
from melanoma.serving.classifier import open_local_engine
from melanoma.serving.engines import KIND, LOGITS, MAPS, Outputs
from melanoma.serving.remote_engine import AT_ONCE, SHA256, TYPE, pack, unpack


def listen_at_loopback() -> None:
    """Have Ray's replica in this process listen at the loopback address alone, before it opens its port.

    Through that port other deployments would call it, and it unpickles what comes: whoever reaches it can run code.
    There is no other deployment. Ray, at the version that is pinned, names every interface and has no setting.
    """
    add_port = replica.add_port_to_grpc_server
    replica.add_port_to_grpc_server = lambda server, address: add_port(server, address.replace("[::]", "127.0.0.1"))


@serve.deployment
class NetworkServer:
    """One network. Crops of several visitors that come within a few milliseconds go through it together."""

    def __init__(self, run: str = DEFAULT_RUN):
        listen_at_loopback()
        found = find_run(run, Path(os.environ.get("MELANOMA_MODELS", MODELS)))
        verify(found.folder)
        self._sha256, self._engine = found.sha256, open_local_engine(found, many=True)
        self._shape = (found.input_size, found.input_size, 3)

    async def __call__(self, request: Request) -> Response:
        """Crops, (n, s, s, 3) uint8, as an .npz file -> `Outputs` as an .npz file."""
        try:
            inputs = unpack(await request.body())["inputs"]
        except (ValueError, OSError, KeyError):
            return PlainTextResponse("This is no .npz file with `inputs`.", 422)
        if inputs.dtype != np.uint8 or inputs.shape[1:] != self._shape or not 0 < len(inputs) <= AT_ONCE:
            return PlainTextResponse(f"Send up to {AT_ONCE} crops of {self._shape}, uint8.", 422)
        outputs = await self.forward(inputs)
        arrays = {LOGITS: outputs.logits, MAPS: outputs.maps, KIND: outputs.kind}
        content = pack({name: array for name, array in arrays.items() if array is not None})
        return Response(content, media_type=TYPE, headers={SHA256: self._sha256})

    @serve.batch(max_batch_size=8, batch_wait_timeout_s=0.002)
    async def forward(self, requests: list[np.ndarray]) -> list[Outputs]:
        """Outputs for the crops of each request."""
        outputs = self._engine.forward(np.concatenate(requests))
        ends = np.cumsum([len(inputs) for inputs in requests])
        return [slice_outputs(outputs, end - len(inputs), end) for inputs, end in zip(requests, ends, strict=True)]


def slice_outputs(outputs: Outputs, start: int, end: int) -> Outputs:
    """Those of some of the crops."""
    parts = (None if array is None else array[start:end] for array in (outputs.logits, outputs.maps, outputs.kind))
    logits, maps, kind = parts
    assert logits is not None
    return Outputs(logits, maps, kind)


def build(arguments: dict[str, str]) -> serve.Application:
    """What `import_path` of a deployment file names; argument `run`: a run's name, or its folder."""
    return NetworkServer.bind(arguments.get("run", DEFAULT_RUN))  # type: ignore[attr-defined]
