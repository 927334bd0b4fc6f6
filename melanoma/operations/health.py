"""Addresses for who watches the server: is it alive, may visitors be sent to it, and how busy is it.

They tell nothing of a photo, an answer or a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.util import find_spec
from threading import Event
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

LIVE, READY, METRICS = "/health/live", "/health/ready", "/metrics"


def make_routes(readiness: Event) -> list[Route]:
    """LIVE; READY, once `readiness` is set; METRICS where prometheus-client is installed (the extra `server`)."""

    async def live(_: Request) -> Response:
        return JSONResponse({"live": True})

    async def ready(_: Request) -> Response:
        return JSONResponse({"ready": readiness.is_set()}, 200 if readiness.is_set() else 503)

    routes = [Route(LIVE, live), Route(READY, ready)]
    if find_spec("prometheus_client") is not None:
        routes.append(Route(METRICS, make_metrics()))
    return routes


def make_metrics() -> Callable[[Request], Response]:
    """The page that Prometheus reads."""
    from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
    from prometheus_client.registry import CollectorRegistry

    class Collector:
        def collect(self) -> Iterable[Metric]:
            return collect_metrics()

    own = CollectorRegistry()
    own.register(Collector())

    def metrics(_: Request) -> Response:
        return Response(generate_latest(own) + generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return metrics


def collect_metrics() -> Iterable[Metric]:
    """What the lines are like now, and whether TensorFlow's process is there."""
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    from melanoma.explain import drawing
    from melanoma.serving.reading import READERS
    from melanoma.serving.turns import TURNS

    lines = {"network": TURNS, "reading": READERS, "drawing": drawing.TURNS}
    for name, words in (("waiting", "In line for their turn"), ("in_work", "At work")):
        gauge = GaugeMetricFamily(f"melanoma_{name}", words, labels=["line"])
        for line, turns in lines.items():
            gauge.add_metric([line], getattr(turns, name))
        yield gauge
    for name, words in (
        ("served", "Turns that ended"),
        ("refused", "Turns that were refused, as the line was full or the wait too long"),
        ("left", "Turns that were given up by visitors who left"),
        ("seconds_waited", "Seconds in line, of all turns"),
        ("seconds_worked", "Seconds at work, of all turns"),
    ):
        counter = CounterMetricFamily(f"melanoma_{name}", words, labels=["line"])
        for line, turns in lines.items():
            counter.add_metric([line], getattr(turns, name))
        yield counter
    yield GaugeMetricFamily(
        "melanoma_drawing_process", "1 while the process that holds TensorFlow runs", drawing.DRAWING.pid is not None
    )
