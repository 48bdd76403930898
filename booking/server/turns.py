"""Requests take turns, so that those that compute do not take the interpreter from each other.

Python runs one thread of a process at a time and hands over at every statement to the
database, every read and every write: with several requests under way that costs more than it
brings.  A request that takes long (a slow database, a large report) loses its turn.
"""

import threading
import time
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PATIENCE_S = 0.05  # many times what a page takes


class Turns:
    """A WSGI application that lets requests into another one by one, as long as they are short.

    Whoever has been at it for ``patience_s`` goes on beside the next one.
    """

    def __init__(self, app: WSGIApplication, patience_s: float = PATIENCE_S) -> None:
        self._app = app
        self.patience_s = patience_s
        self._changed = threading.Condition()
        self._turn = 0
        self._began: float | None = None  # None: it is nobody's turn

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer when it is this request's turn."""
        mine = self._take()
        try:
            return self._app(environ, start_response)
        finally:
            self._give_back(mine)

    def _take(self) -> int:
        with self._changed:
            while (wait_s := self._rest_s()) > 0:
                self._changed.wait(wait_s)
            self._turn += 1
            self._began = time.monotonic()
            return self._turn

    def _rest_s(self) -> float:
        """Return for how long the turn of another goes on at most."""
        if self._began is None:
            return 0
        return self._began + self.patience_s - time.monotonic()

    def _give_back(self, turn: int) -> None:
        with self._changed:
            if turn == self._turn:  # else it was lost
                self._began = None
                self._changed.notify()
