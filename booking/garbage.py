"""When Python looks for garbage: not while thousands of values are made that are all in use."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Let nobody look for garbage meanwhile.

    Ten thousand events are a hundred thousand objects, all of them in use: to look
    through them again and again takes a third of the time of making them.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:  # of two threads, the first one turns it on again
            gc.enable()
