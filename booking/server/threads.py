"""One thread of a process answers as long as it keeps up; the others help when it does not.

Python runs one thread of a process at a time.  With several at work it hands over at every
statement to the database and every write to a socket, which costs more than it brings; one
alone would let a slow request stop all others.
"""

import threading
import time

from waitress.task import Task, ThreadedTaskDispatcher

PATIENCE_S = 0.05  # many times what a page takes


class OneThatKeepsUp(ThreadedTaskDispatcher):
    """Gives all requests to one thread, the leader, one by one.

    Where one has kept it for ``patience_s`` and others wait, another thread leads from then on.
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        super().__init__()
        self._patience_s = patience_s
        self._leader: int | None = None
        self._busy_since: float | None = None  # None: the leader waits for work
        self._work = threading.Condition(self.lock)  # where it does; the others wait at queue_cv
        self._watching = 0  # how many of those look at the clock

    def handler_thread(self, thread_no: int) -> None:
        """Answer requests until this thread is not needed any more."""
        while (task := self._next(thread_no)) is not None:
            try:
                task.service()
            except BaseException:
                self.logger.exception("Exception when servicing %r", task)

    def add_task(self, task: Task) -> None:
        """Take a request, and wake who is to answer it."""
        with self.lock:
            self.queue.append(task)
            if self._busy_since is None:
                self._work.notify()
            elif not self._watching:
                self.queue_cv.notify()

    def set_thread_count(self, count: int) -> None:
        """Start or stop threads; those that are to stop do so when they are free."""
        super().set_thread_count(count)
        with self.lock:
            self._work.notify_all()

    def _next(self, me: int) -> Task | None:
        """Return what this thread does next, None where it is to stop; waits for either."""
        with self.lock:
            while self.stop_count == 0:
                if self._leader in (None, me) or self._rest_s() <= 0:
                    self._leader = me
                    if self.queue:
                        self._busy_since = time.monotonic()
                        return self.queue.popleft()
                    self._busy_since = None
                    self._work.wait()
                elif self.queue:
                    self._watching += 1
                    self.queue_cv.wait(self._rest_s())
                    self._watching -= 1
                else:
                    self.queue_cv.wait()
            self.stop_count -= 1
            self.threads.discard(me)
            self.thread_exit_cv.notify()
            return None

    def _rest_s(self) -> float:
        """Return for how long the leader keeps the lead at least."""
        if self._busy_since is None or not self.queue:
            return self._patience_s
        return self._busy_since + self._patience_s - time.monotonic()
