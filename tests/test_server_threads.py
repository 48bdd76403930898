"""One thread answers as long as it keeps up; a slow request does not keep the others waiting."""

import threading
from collections.abc import Callable, Iterator

import pytest

from booking.server.threads import OneThatKeepsUp

LONG_S = 60  # nobody waits for so long unless something is wrong
SHORT_S = 0.01


class Slow:
    """A request that ends when it is told to; it knows the thread that answered it."""

    def __init__(self) -> None:
        self.thread = 0
        self.began, self.may_end, self.ended = (threading.Event() for _ in range(3))

    def service(self) -> None:
        self.thread = threading.get_ident()
        self.began.set()
        assert self.may_end.wait(LONG_S)
        self.ended.set()


class Failing(Slow):
    def service(self) -> None:
        super().service()
        raise RuntimeError("a bug")


@pytest.fixture
def serving() -> Iterator[Callable[[float], OneThatKeepsUp]]:
    """Return what starts three threads of a certain patience."""
    started = []

    def start(patience_s: float) -> OneThatKeepsUp:
        threads = OneThatKeepsUp(patience_s)
        threads.set_thread_count(3)
        started.append(threads)
        return threads

    yield start
    for each in started:
        each.shutdown()
        assert not each.threads, "threads go on"


def quick() -> Slow:
    """Return a request that ends at once."""
    request = Slow()
    request.may_end.set()
    return request


def test_one_thread_answers_all_that_is_short(serving):
    threads = serving(LONG_S)
    requests = [quick() for _ in range(50)]
    for each in requests:
        threads.add_task(each)
    assert all(each.ended.wait(LONG_S) for each in requests)
    assert len({each.thread for each in requests}) == 1


def test_request_waits_until_the_one_before_is_answered(serving):
    threads = serving(LONG_S)
    first, second = Slow(), quick()
    threads.add_task(first)
    assert first.began.wait(LONG_S)
    threads.add_task(second)
    assert not second.began.wait(0.1)
    first.may_end.set()
    assert second.ended.wait(LONG_S)


@pytest.mark.parametrize("slow", [1, 2])
def test_slow_requests_keep_nobody_waiting_while_a_thread_is_left(serving, slow):
    threads = serving(SHORT_S)
    stuck = [Slow() for _ in range(slow)]
    for each in stuck:
        threads.add_task(each)
        assert each.began.wait(LONG_S)
    others = [quick() for _ in range(20)]
    for each in others:
        threads.add_task(each)
    assert all(each.ended.wait(LONG_S) for each in others)
    assert not any(each.ended.is_set() for each in stuck)
    for each in stuck:
        each.may_end.set()


def test_thread_that_was_slow_helps_again(serving):
    threads = serving(SHORT_S)
    stuck = [Slow() for _ in range(3)]
    for each in stuck:
        threads.add_task(each)
        assert each.began.wait(LONG_S)
    last = quick()
    threads.add_task(last)
    assert not last.began.wait(0.1)
    stuck[0].may_end.set()
    assert last.ended.wait(LONG_S)
    for each in stuck:
        each.may_end.set()


def test_bug_in_a_request_ends_no_thread(serving):
    threads = serving(LONG_S)
    broken, after = Failing(), quick()
    broken.may_end.set()
    threads.add_task(broken)
    threads.add_task(after)
    assert after.ended.wait(LONG_S)
