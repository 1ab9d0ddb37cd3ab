"""Serving the workbench: one process, one session a browser tab, nothing from another host.

On loopback anybody at this machine may open it.  On any other address ``auth`` is demanded: an
origin check keeps strange web pages out, but it is no lock.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import logging
import re
import secrets
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any

import panel as pn
from bokeh.server.urls import per_app_patterns
from bokeh.server.views.ws import WSHandler
from panel.io.server import Server, get_server
from panel.viewable import Viewable
from tornado.httputil import HTTPHeaders
from tornado.ioloop import IOLoop
from tornado.iostream import StreamClosedError
from tornado.web import OutputTransform
from tornado.websocket import WebSocketClosedError

from engine.errors import DataError
from workbench.chrome import Notice
from workbench.live.warm import WarmUp
from workbench.locale import text
from workbench.theme import FRONTEND, css, css_by_system

RUN_AT_ONCE = "run"  # in the address: the first example begins to run when its page is complete

log = logging.getLogger("workbench")

PORT = 5006
LOOPBACK = "127.0.0.1"
MESSAGE_LIMIT = 20 * 2**20  # bytes: a document of 8 MB as JSON inside JSON
UNUSED_SESSION_MS = 60_000  # how long a session is kept for a browser that may come back
CHECK_SESSIONS_MS = 5_000

# Panel compiles its models' modules in the page, from blobs; no source but this server is named.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss: blob:",
        "frame-ancestors 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "form-action 'self'",
    )
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
}


class SafeHeaders(OutputTransform):
    """Adds HEADERS to every answer of the server."""

    def __init__(self, request: Any) -> None:
        self._request = request

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        """Called by Tornado with the headers of an answer."""
        for name, value in HEADERS.items():
            headers[name] = value
        return status_code, headers, chunk


# Panel puts a handler of its own in the place of Bokeh's.
_Socket: Any = next(entry[1] for entry in per_app_patterns if issubclass(entry[1], WSHandler))


class PromptSocket(_Socket):
    """The socket of a page, without the delay of small packets.

    A frame is several messages, and with Nagle's algorithm (which Tornado leaves on) each waits up
    to 40 ms for the browser's word on the one before: measured, 17 frames a second become 28.
    """

    def open(self) -> None:
        """A page has connected."""
        super().open()
        # The browser may be gone already; then there is nothing to speed up.
        with contextlib.suppress(WebSocketClosedError, AssertionError, OSError):
            self.set_nodelay(True)


# The patterns are what Bokeh gives to every page, and Panel changes them in the same way.
per_app_patterns[:] = [
    (pattern, PromptSocket if handler is _Socket else handler, *more)
    for pattern, handler, *more in per_app_patterns
]


def serve(
    path: str | Path | None = None,
    port: int = PORT,
    address: str = LOOPBACK,
    show: bool = True,
    auth: str | Path | None = None,
    origins: Iterable[str] = (),
) -> None:
    """Serve the workbench until it is interrupted or told to end.

    ``path`` is a document to open (else the running example); ``auth`` a JSON file of names and
    passwords; ``origins`` further "host:port" that browsers may come from (a proxy's name).
    Raises DataError if the document or ``auth`` cannot be used, or the address cannot be had.
    """
    warm = WarmUp(None if path is None else Path(path))
    server = make_server(path, port, address, auth, origins, warm.page_shown)
    print(text("server.ready", url=url_of(server, address)), flush=True)  # noqa: T201
    if show:
        # Whoever starts the workbench sees it move; a class that comes by the plain address does
        # not start 40 runs by looking.
        at = f"/?{RUN_AT_ONCE}" if path is None else "/"
        server.io_loop.add_callback(server.show, at)
    server.start()
    server.io_loop.add_callback(warm.start)
    try:
        with _told_to_end(server.io_loop):
            server.io_loop.start()
    except KeyboardInterrupt:
        pass
    finally:
        warm.stop()
        server.stop()


@contextlib.contextmanager
def _told_to_end(loop: IOLoop) -> Iterator[None]:
    """The loop stops when the system ends the process, so that what it started ends with it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears signals
        return
    before = signal.signal(signal.SIGTERM, lambda *_: loop.add_callback(loop.stop))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def make_server(
    path: str | Path | None = None,
    port: int = PORT,
    address: str = LOOPBACK,
    auth: str | Path | None = None,
    origins: Iterable[str] = (),
    shown: Callable[[], None] | None = None,
) -> Server:
    """A server that is not started yet; ``port`` 0 takes a free one.  See ``serve``.

    ``shown`` is called whenever a page is complete in its browser.
    """
    document = None if path is None else readable(Path(path))
    if auth is None and not is_loopback(address):
        raise DataError(text("server.exposed", address=address))
    words = None if auth is None else passwords(Path(auth))
    port = port or free_port(address)
    pn.config.exception_handler = _on_exception
    with tempfile.TemporaryDirectory() as folder:
        options = {
            "port": port,
            "address": address,
            "websocket_origin": [*_origins(address, port), *origins],
            "title": text("page.title"),
            "static_dirs": {"assets/fonts": str(FRONTEND / "fonts")},
            "ico_path": str(FRONTEND / "chrome" / "favicon.ico"),
            "websocket_max_message_size": MESSAGE_LIMIT,
            "unused_session_lifetime_milliseconds": UNUSED_SESSION_MS,
            "check_unused_sessions_milliseconds": CHECK_SESSIONS_MS,
            "secret_key": secrets.token_urlsafe(32).encode(),
            "sign_sessions": True,
        }
        if words is not None:
            options |= {"basic_auth": str(words), **_login(Path(folder))}
        try:
            server = get_server({"/": session_page(document, shown)}, **options)
        except OSError as error:
            raise _taken(address, port, error) from None
    server._tornado.add_transform(SafeHeaders)
    server.io_loop.asyncio_loop.set_exception_handler(_unhandled)
    return server


def _unhandled(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A page that is closed while messages are on their way to it is no error."""
    if isinstance(context.get("exception"), WebSocketClosedError | StreamClosedError):
        log.debug("a page was closed while something was sent to it")
    else:
        loop.default_exception_handler(context)


def _taken(address: str, port: int, error: OSError) -> DataError:
    reason = error.strerror or str(error)
    return DataError(text("server.taken", address=address, port=port, reason=reason))


def session_page(
    document: Path | None, shown: Callable[[], None] | None = None
) -> Callable[[], Viewable]:
    """The function that makes the page of one session; ``shown`` is called when it is complete."""
    template = page_template()

    def make() -> Viewable:
        # Imported here, so that a server says where it is before everything is loaded.
        from workbench.app import page

        current = pn.state.curdoc
        if current is not None:
            current.template = template
            current.config.notify_connection_status = False  # the page says it itself
            if shown is not None:
                pn.state.onload(shown)
        try:
            return page(document, document is None and RUN_AT_ONCE in pn.state.session_args)
        except Exception:
            log.exception("a page could not be made")
            return Notice(text("error.page"))

    return make


def url_of(server: Server, address: str) -> str:
    """Where a browser on this machine finds the server."""
    host = "localhost" if is_loopback(address) else address
    return f"http://{host}:{server.port}/"


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach ``address``."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def free_port(address: str) -> int:
    """A port that is free now.  Raises DataError if the address is not this machine's."""
    try:
        with socket.socket() as probe:
            probe.bind((address, 0))
            return probe.getsockname()[1]
    except OSError as error:
        raise _taken(address, 0, error) from None


def readable(path: Path) -> Path:
    """``path`` if it is a document that can be opened.  Raises DataError or DocumentError."""
    from engine.document import load

    load(path)
    return path


def passwords(path: Path) -> Path:
    """``path`` if it is a JSON object of names and passwords.  Raises DataError."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise DataError(text("server.auth.unreadable", name=path.name, reason=reason)) from None
    except ValueError:
        raise DataError(text("server.auth.form", name=path.name)) from None
    pairs = found.items() if isinstance(found, dict) else ()
    if not pairs or not all(isinstance(word, str) and len(word) >= 8 for _, word in pairs):
        raise DataError(text("server.auth.form", name=path.name))
    return path


def _login(folder: Path) -> dict[str, str]:
    """Our own pages for logging in and out (Panel's load parts from another host).

    Panel wants files, and reads them when the server is made; ``folder`` holds them till then.
    """
    options = {"cookie_secret": secrets.token_urlsafe(32)}
    for name in ("login", "logout"):
        target = folder / f"{name}.html"
        target.write_text(_page(f"{name}.html", css_by_system()), encoding="utf-8")
        options[f"{name}_template"] = str(target)
    return options


def _origins(address: str, port: int) -> list[str]:
    """Exactly the hosts that this server answers to: no pattern, no suffix."""
    hosts = {address, "localhost"} if is_loopback(address) else {address, socket.gethostname()}
    return sorted(f"{host}:{port}" for host in hosts)


def _on_exception(error: Exception) -> None:
    """A bug in a callback that nothing caught: a traceback in the log, a sentence in the page."""
    from workbench.app import session_of

    log.error("a callback of a session failed", exc_info=error)
    session = session_of(pn.state.curdoc)
    if session is not None:
        session.say(text("error.bug"), "error")


def page_template() -> str:
    """The page around the parts: tokens, fonts, the theme before the first paint, a skeleton."""
    return _page("page.html", css())


def _page(name: str, style: str) -> str:
    """A page of ``frontend/chrome`` with its style and its strings (``<!--key-->``) put in."""
    page = (FRONTEND / "chrome" / name).read_text(encoding="utf-8").replace("/*css*/", style)
    return re.sub(r"<!--([a-z.]+)-->", lambda match: escape(text(match[1])), page)
