"""Who comes in, and what a request may cost: keys, rate, requests at once, bytes, seconds of sending.

It stands around the API, so that nothing of a request is read before it may cost anything.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from melanoma.api.keys import Keys
from melanoma.photo.limits import MAX_BYTES
from melanoma.serving.judging import FAULT

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

GUARDED = "/v1/"
WHO = "melanoma.who"  # of a scope: the key's name, or the address, of who asks
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
MINUTE = 60.0  # seconds
NO_KEY = "This needs a key: send the header `Authorization: Bearer KEY`."
WRONG_KEY = "This key is not known: ask whoever runs this server for one."
ELSEWHERE = "Without keys this server answers to localhost alone: start it with --keys."
TOO_LATE = "The photos took too long to arrive: send them again, or smaller ones."

log = logging.getLogger("melanoma.api")


@dataclass(frozen=True)
class Limits:
    """What one request, and one key or address, may cost.

    photos: of one lesion; size: bytes of a request; a_minute: requests; at_once: requests with photos in work, of all
    keys, and twice as many where each further one is the only one of its key; seconds: until a request has arrived.
    """

    photos: int = 10
    size: int = 2 * MAX_BYTES
    a_minute: int = 600
    at_once: int = 4
    seconds: float = 60.0

    @property
    def too_large(self) -> str:
        """What is said of a request with more bytes."""
        return f"A request holds {self.size // 1024**2} MB of photos at most: send smaller ones."


@dataclass
class Gate:
    """An ASGI app around another: lets in what may come in, and logs who asked, never what."""

    app: App
    keys: Keys
    limits: Limits
    _recent: dict[str, deque[float]] = field(default_factory=dict)  # when a key or address asked within a minute
    _in_work: Counter[str] = field(default_factory=Counter)  # requests with photos, by key or address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what is no HTTP is passed on."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        start, status, who = time.monotonic(), 500, "-"

        async def note_status(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            who, refusal = self._admit(scope)
            if refusal is not None:
                await refusal(scope, receive, note_status)
            else:
                await self._pass_on(who, scope, self._bound(receive), note_status)
        except Exception as error:  # the answer was sent; a traceback could quote a file's name
            log.error("a request failed: %s", type(error).__name__)
        finally:
            known = scope["path"] if scope["path"] in ("/v1/lesions", "/v1/model", "/openapi.json") else "elsewhere"
            log.info("%s %s %s %d %.0f ms", who, scope["method"], known, status, 1e3 * (time.monotonic() - start))

    def _admit(self, scope: Scope) -> tuple[str, Response | None]:
        """Who asks, and what refuses the request; None where it may pass."""
        headers = Headers(scope=scope)
        who = (scope.get("client") or ("-",))[0]
        if not scope["path"].startswith(GUARDED):
            return who, None
        if self.keys.names:
            scheme, _, key = headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not key:
                return who, refuse(401, NO_KEY, {"WWW-Authenticate": "Bearer"})
            name = self.keys.find(key.strip())
            if name is None:
                return who, refuse(401, WRONG_KEY, {"WWW-Authenticate": "Bearer"})
            who = name
        elif headers.get("host", "").rsplit(":", 1)[0] not in LOOPBACK and headers.get("host") not in LOOPBACK:
            return who, refuse(403, ELSEWHERE)  # a page in a browser could reach it by a name of its own
        if wait := self._count(who):
            return who, refuse(
                429,
                f"More than {self.limits.a_minute} requests in a minute: wait {wait} seconds.",
                {"Retry-After": str(wait)},
            )
        return who, None

    def _count(self, who: str) -> int:
        """Count a request; how many whole seconds to wait where that is one too many within a minute, else 0."""
        now = time.monotonic()
        for other, times in list(self._recent.items()):
            while times and times[0] <= now - MINUTE:
                times.popleft()
            if not times:
                del self._recent[other]
        times = self._recent.setdefault(who, deque())
        if len(times) >= self.limits.a_minute:
            return int(times[0] + MINUTE - now) + 1
        times.append(now)
        return 0

    async def _pass_on(self, who: str, scope: Scope, receive: Receive, send: Send) -> None:
        """To the app within, which learns who asks; one with photos only where few are in work."""
        scope[WHO] = who
        if scope["method"] != "POST":
            return await self.app(scope, receive, send)
        if not self._has_room(who):
            busy = f"{self.limits.at_once} requests are in work already: send this one again in a second."
            return await refuse(503, busy, {"Retry-After": "1"})(scope, receive, send)
        self._in_work[who] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._in_work -= Counter([who])  # which forgets who has none

    def _has_room(self, who: str) -> bool:
        """Whether one more request with photos may come: others' do not keep out who has none in work."""
        in_work, most = self._in_work.total(), self.limits.at_once
        return in_work < most or (not self._in_work[who] and in_work < 2 * most)

    def _bound(self, receive: Receive) -> Receive:
        """`receive` until the request has arrived, within its seconds and bytes."""
        until, size = asyncio.get_running_loop().time() + self.limits.seconds, 0

        async def receive_within() -> MutableMapping[str, Any]:
            nonlocal size
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, TOO_LATE) from None
            size += len(message.get("body", b""))
            if size > self.limits.size:
                raise HTTPException(413, self.limits.too_large)
            return message

        return receive_within


def refuse(status: int, sentence: str, headers: dict[str, str] | None = None) -> Response:
    """A `Problem` as the response."""
    return JSONResponse({"error": sentence}, status, headers)


def answer_fault(*_: object) -> Response:
    """What is sent where the program itself is at fault."""
    return refuse(500, FAULT)
