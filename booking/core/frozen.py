"""Values made by the thousand: frozen for the type checker, quick to make at run time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

_Class = TypeVar("_Class")


@dataclass_transform(frozen_default=True)
def frozen(*, order: bool = False, kw_only: bool = False) -> Callable[[type[_Class]], type[_Class]]:
    """Return a decorator that makes a slotted dataclass with equality and a hash.

    A dataclass that refuses assignment at run time sets each field through
    ``object.__setattr__``: with twenty fields it takes eight times as long to
    make as this one, which leaves the refusal to mypy.  For what a board, a
    feed or a search makes in numbers; everything else is an ordinary frozen
    dataclass.
    """
    return dataclass(slots=True, unsafe_hash=True, order=order, kw_only=kw_only)
