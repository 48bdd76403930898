"""The HTTP server: waitress, a few threads in each process (why: docs/decisions.md)."""

import gc
import logging
import signal
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import FrameType
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

import waitress

from booking.config import Config
from booking.server.keeping import KeepingChannel
from booking.server.threads import OneThatKeepsUp
from booking.server.workers import WorkerFailed, Workers

__all__ = ["CannotListen", "WorkerFailed", "serve"]

# The application refuses far smaller bodies politely; these protect the server itself.
MAX_HEADER_BYTES = 64 * 1024
MAX_BODY_BYTES = 64 * 1024 * 1024  # calendar files have 50
MAX_CONNECTIONS = 1000
IDLE_SECONDS = 60


class CannotListen(Exception):
    """The address is taken or not ours; the text says which and why."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"Cannot listen on {host}, port {port}: {reason}")
        self.host = host
        self.port = port
        self.reason = reason


App = TypeVar("App", bound=WSGIApplication)


def serve(
    make_app: Callable[[Config], App],
    config: Config,
    *,
    announce: Callable[[Config], None],
    at_work: Callable[[App], AbstractContextManager[object]] = nullcontext,
) -> None:
    """Serve until SIGTERM or Ctrl-C, then let running requests finish, for 5 s at most.

    The address is claimed first, so a second start fails before it touches the
    database.  Then ``make_app`` is called, once, with the configuration that has
    the port that was really taken (0 asks for any): what it loads is shared by
    all processes, and a connection or a thread that it left would be broken in
    them.  Each process answers within ``at_work``.  Then ``announce`` is called,
    once: clients may connect, and are answered when it has returned.

    Raises:
        CannotListen: If the address cannot be claimed.
        WorkerFailed: If the processes end before they can answer.
    """
    # From here on, so that a stop during the migrations is a clean one as well.
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        with _claimed(config.server.host, config.server.port) as listener:
            config = config.listening(port=listener.getsockname()[1])
            app = make_app(config)

            def answer(ready: Callable[[], None]) -> None:
                with at_work(app):
                    _answer(app, listener, config, ready)

            if config.server.number_of_processes == 1:
                answer(lambda: announce(config))
            else:
                workers = Workers(answer)
                workers.run(config.server.number_of_processes, ready=lambda: announce(config))
    except KeyboardInterrupt:
        return
    finally:
        signal.signal(signal.SIGTERM, before)


def _answer(
    app: WSGIApplication, listener: socket.socket, config: Config, ready: Callable[[], None]
) -> None:
    # The application stays to the end: no need to look for garbage in it again and again.
    gc.freeze()
    # Who reads the announcement may connect at once, and is served in a moment.
    listener.listen()
    ready()
    # A queue of one or two is everyday business, not a warning.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    threads = OneThatKeepsUp()
    threads.set_thread_count(config.server.threads)
    server = waitress.create_server(
        app, sockets=[listener], _dispatcher=threads, **_settings(config)
    )
    server.channel_class = KeepingChannel
    server.run()
    server.close()


def _settings(config: Config) -> dict[str, object]:
    return {
        "threads": config.server.threads,
        "ident": None,
        "url_prefix": urlsplit(config.public_url).path,
        "connection_limit": MAX_CONNECTIONS,
        "channel_timeout": IDLE_SECONDS,
        "max_request_header_size": MAX_HEADER_BYTES,
        "max_request_body_size": MAX_BODY_BYTES,
        # select() ends at 1,024 files; Windows has no poll(), but no such limit either.
        "asyncore_use_poll": True,
        # Forged X-Forwarded-* never reach the application; with proxies it reads them itself.
        "clear_untrusted_proxy_headers": config.server.trusted_proxies == 0,
    }


def _claimed(host: str, port: int) -> socket.socket:
    """Return a socket that is bound, but does not listen yet."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            # Windows understands the option as "share the port with others".
            if hasattr(signal, "SIGHUP"):
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except BaseException:
            listener.close()
            raise
    except OSError as error:
        raise CannotListen(host, port, error.strerror or str(error)) from error
    return listener


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    # waitress ends its loop on this, and so does anything before it.
    raise KeyboardInterrupt
