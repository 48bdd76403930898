"""What was made last, kept in this process for the next who asks for the same."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class Shelf(Generic[Kept]):
    """Room for ``most``, for several threads; what was not asked for the longest makes room.

    ``size`` says how much of the room a thing takes: each is one, unless told.
    """

    def __init__(self, most: int, size: Callable[[Kept], int] = lambda _thing: 1) -> None:
        self.most = most
        self._size = size
        self._taken = 0
        self._things: OrderedDict[Hashable, Kept] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Kept | None:
        """Return what was put, None where it is not here (any more)."""
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
            return self._things.get(key)

    def put(self, key: Hashable, thing: Kept) -> None:
        """Keep it in the place of what was here before; what is too large is not kept."""
        size = self._size(thing)
        with self._lock:
            if key in self._things:
                self._taken -= self._size(self._things.pop(key))
            if size <= self.most:
                self._things[key] = thing
                self._taken += size
            while self._taken > self.most:
                self._taken -= self._size(self._things.popitem(last=False)[1])
