"""Requests take turns in a process; a slow one does not keep the others waiting."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from booking.server.turns import Turns

LONG_S = 60  # nobody waits for so long unless something is wrong
SHORT_S = 0.01


class Slow:
    """An application whose requests end when they are told to; it knows how many are inside."""

    def __init__(self) -> None:
        self.entered: list[str] = []
        self.came_in = threading.Semaphore(0)
        self.doors = {name: threading.Event() for name in "abc"}

    def __call__(
        self, environ: dict[str, str], start_response: Callable[..., object]
    ) -> list[bytes]:
        name = environ["PATH_INFO"]
        self.entered.append(name)
        self.came_in.release()
        assert self.doors[name].wait(LONG_S)
        if environ.get("QUERY_STRING") == "fail":
            raise RuntimeError(name)
        return [name.encode()]


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(3) as pool:
        yield pool


def ask(
    threads: ThreadPoolExecutor, app: Turns, name: str, query: str = ""
) -> Future[Iterable[bytes]]:
    environ = {"PATH_INFO": name, "QUERY_STRING": query}
    return threads.submit(app, environ, lambda *_: None)


def test_second_request_waits_until_the_first_is_answered(slow, threads):
    app = Turns(slow, patience_s=LONG_S)
    first = ask(threads, app, "a")
    assert slow.came_in.acquire(timeout=LONG_S)
    second = ask(threads, app, "b")
    assert not slow.came_in.acquire(timeout=0.1)
    assert slow.entered == ["a"]
    slow.doors["b"].set()
    slow.doors["a"].set()
    assert [first.result(LONG_S), second.result(LONG_S)] == [[b"a"], [b"b"]]
    assert slow.entered == ["a", "b"]


def test_request_that_takes_long_loses_its_turn(slow, threads):
    app = Turns(slow, patience_s=SHORT_S)
    first = ask(threads, app, "a")
    assert slow.came_in.acquire(timeout=LONG_S)
    slow.doors["b"].set()
    assert ask(threads, app, "b").result(LONG_S) == [b"b"]
    assert not first.done()
    slow.doors["a"].set()
    assert first.result(LONG_S) == [b"a"]


def test_turn_that_was_lost_is_not_given_back_for_another(slow, threads):
    app = Turns(slow, patience_s=SHORT_S)
    first = ask(threads, app, "a")
    assert slow.came_in.acquire(timeout=LONG_S)
    second = ask(threads, app, "b")
    assert slow.came_in.acquire(timeout=LONG_S)  # beside the first, whose turn is over
    app.patience_s = LONG_S
    slow.doors["a"].set()
    assert first.result(LONG_S) == [b"a"]
    third = ask(threads, app, "c")
    assert not slow.came_in.acquire(timeout=0.1)
    for name in "bc":
        slow.doors[name].set()
    assert [second.result(LONG_S), third.result(LONG_S)] == [[b"b"], [b"c"]]


def test_failure_gives_the_turn_back(slow, threads):
    app = Turns(slow, patience_s=LONG_S)
    for door in slow.doors.values():
        door.set()
    with pytest.raises(RuntimeError):
        ask(threads, app, "a", "fail").result(LONG_S)
    assert ask(threads, app, "b").result(LONG_S) == [b"b"]
