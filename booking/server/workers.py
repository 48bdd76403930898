"""Several processes that answer on one socket, since Python uses one core in each."""

import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

log = logging.getLogger(__name__)

STOP_S = 10.0
HEALTHY_S = 10.0  # who ends before that is started again with a pause
PAUSE_S = 1.0
STOPS = (signal.SIGTERM, signal.SIGINT)

Work = Callable[[Callable[[], None]], None]


class WorkerFailed(Exception):
    """The processes end before they can answer; what is wrong is in the log."""

    def __init__(self) -> None:
        super().__init__("The service cannot start: the log above says why.")


class Workers:
    """Processes that do the same work; one that dies is replaced.

    The parent has no connection and no thread when it forks, and does nothing
    else.  Its end, however it comes, ends the others.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._started: dict[int, float] = {}
        # Nobody writes into it: the end of the parent is the end of this pipe.
        self._lifeline, self._held = os.pipe()

    def run(self, number: int, *, ready: Callable[[], None]) -> None:
        """Keep so many at work until SIGTERM or Ctrl-C; ``ready`` when the first can answer.

        Raises:
            WorkerFailed: If all end before that.
        """
        try:
            # What is there is shared with the children until somebody writes to it.
            gc.freeze()
            answering, tell = os.pipe()
            for _ in range(number):
                self._start(tell)
            os.close(tell)
            if not os.read(answering, 1):  # all have gone, and closed it
                raise WorkerFailed
            os.close(answering)
            ready()
            while True:
                self._replace(*os.wait())
        finally:
            self._stop()

    def _start(self, tell: int | None = None) -> None:
        sys.stdout.flush()
        # Python looks after itself in a new process, and would swallow what a signal raises there.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        child = os.fork()
        if child:
            self._started[child] = time.monotonic()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
            return
        os.close(self._held)
        self._live(tell)

    def _live(self, tell: int | None) -> NoReturn:
        """Be one of the processes, to its end."""
        code = 1
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
            threading.Thread(target=self._end_with_parent, daemon=True).start()
            self._work(lambda: _tell(tell))
            code = 0
        except KeyboardInterrupt:
            code = 0
        except BaseException:
            log.exception("a process could not do its work")
        finally:
            sys.stdout.flush()
            os._exit(code)  # what the parent opened, the parent closes

    def _end_with_parent(self) -> None:
        os.read(self._lifeline, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    def _replace(self, child: int, status: int) -> None:
        started = self._started.pop(child)
        code = os.waitstatus_to_exitcode(status)
        log.error("process %d ended (%d); another takes its place", child, code)
        if time.monotonic() - started < HEALTHY_S:
            time.sleep(PAUSE_S)
        self._start()

    def _stop(self) -> None:
        for child in self._started:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)
        end = time.monotonic() + STOP_S
        while self._started and time.monotonic() < end:
            if not self._reap(os.WNOHANG):
                time.sleep(0.02)
        for child in self._started:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        while self._started:
            self._reap(0)

    def _reap(self, options: int) -> bool:
        try:
            child, _status = os.waitpid(-1, options)
        except ChildProcessError:
            self._started.clear()
            return True
        self._started.pop(child, None)
        return bool(child)


def _tell(pipe: int | None) -> None:
    """Say that this process can answer, where somebody still listens."""
    if pipe is not None:
        with suppress(BrokenPipeError):
            os.write(pipe, b"1")
        os.close(pipe)
