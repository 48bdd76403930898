"""Races: processes that start the same moment on one database, as several servers would."""

import multiprocessing
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from booking.core.errors import BookingError, Conflicted
from booking.core.values import Actor
from booking.db import db
from tests.support.factories import NOW
from tests.support.migrating import app_without_pages

PATIENCE_S = 60
# Forked from a server that has everything loaded: eight processes in 0.1 s, and none
# inherits a connection or a thread of the tests.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["booking.actions.approvals", "tests.support.racing"])


@dataclass(frozen=True, slots=True)
class Attempt:
    """A verb with what it is asked."""

    verb: Callable[..., Any]
    request: Any
    actor: Actor
    now: datetime = NOW


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: ``won`` with the verb's result, or the name of the error.

    ``clashes`` counts what a refusal named; an error that is no refusal has its text in ``text``.
    """

    kind: str
    result: Any = None
    clashes: int = 0
    text: str = ""


def race(url: str, *rounds: Sequence[Attempt]) -> list[list[Outcome]]:
    """Run the attempts of each round at once, each in a process; return their outcomes.

    The processes live through all rounds, so these have equally many attempts;
    a round begins when all have ended the one before.
    """
    return together(_run, url, rounds)


def together(
    run: Callable[..., list[Any]], url: str, rounds: Sequence[Sequence[Any]]
) -> list[list[Any]]:
    """Give each process its share of every round; return what they answer, by round.

    ``run(url, attempts, start)`` waits at ``start`` before each attempt and
    returns the outcomes.
    """
    size = len(rounds[0])
    start = PROCESSES.Barrier(size)
    pipes = []
    for runner in range(size):
        ours, theirs = PROCESSES.Pipe()
        attempts = [each[runner] for each in rounds]
        process = PROCESSES.Process(
            target=_share, args=(run, url, attempts, start, theirs), daemon=True
        )
        process.start()
        theirs.close()
        pipes.append((process, ours))
    by_runner = []
    for process, ours in pipes:
        assert ours.poll(PATIENCE_S + 5 * len(rounds)), "a race did not end"
        by_runner.append(ours.recv())
        ours.close()
        process.join(PATIENCE_S)
        process.close()
    errors = [each for each in by_runner if isinstance(each, str)]
    # The first cause on top: the others only found the race abandoned.
    assert not errors, "\n".join(sorted(errors, key=lambda text: "BrokenBarrier" in text))
    return [list(outcomes) for outcomes in zip(*by_runner, strict=True)]


def _share(
    run: Callable[..., list[Any]], url: str, attempts: Sequence[Any], start: Any, answer: Any
) -> None:
    """Send what ``run`` returns, or the text of its error, which ends the race for all."""
    try:
        answer.send(run(url, attempts, start))
    except BaseException:  # noqa: BLE001 - it is raised again where the race was asked for
        start.abort()
        answer.send(traceback.format_exc())


def _run(url: str, attempts: Sequence[Attempt], start: Any) -> list[Outcome]:
    app = app_without_pages(url)
    outcomes = []
    with app.app_context():
        db.session.connection()
        for attempt in attempts:
            db.session.remove()
            start.wait(PATIENCE_S)
            outcomes.append(_outcome(attempt))
        db.session.remove()
        db.engine.dispose()
    return outcomes


def _outcome(attempt: Attempt) -> Outcome:
    try:
        return Outcome("won", attempt.verb(attempt.request, attempt.actor, now=attempt.now))
    except Conflicted as error:
        return Outcome("Conflicted", clashes=len(error.clashes))
    except BookingError as error:
        return Outcome(type(error).__name__)
    except Exception as error:  # noqa: BLE001 - the race shall show it, not hang
        return Outcome(type(error).__name__, text=str(error))
