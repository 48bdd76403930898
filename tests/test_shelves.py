"""Shelves of what was made."""

from booking.shelves import Shelf


def test_shelf_gives_back_what_was_put() -> None:
    shelf: Shelf[str] = Shelf(2)
    shelf.put("a", "A")
    assert shelf.get("a") == "A"
    assert shelf.get("b") is None


def test_shelf_lets_go_what_nobody_asked_for_the_longest() -> None:
    shelf: Shelf[bytes] = Shelf(10, len)
    for key in "abc":
        shelf.put(key, b"1234")
        shelf.get("a")
    assert [shelf.get(key) for key in "abc"] == [b"1234", None, b"1234"]


def test_shelf_counts_what_is_put_again_once() -> None:
    shelf: Shelf[bytes] = Shelf(10, len)
    for _ in range(5):
        shelf.put("a", b"1234")
    shelf.put("b", b"1234")
    assert shelf.get("a") is not None


def test_shelf_gives_what_was_put_last() -> None:
    shelf: Shelf[bytes] = Shelf(10, len)
    shelf.put("a", b"12345678")
    shelf.put("a", b"1")
    shelf.put("b", b"123456789")
    assert [shelf.get(key) for key in "ab"] == [b"1", b"123456789"]


def test_shelf_refuses_what_is_larger_than_itself() -> None:
    shelf: Shelf[bytes] = Shelf(10, len)
    shelf.put("a", b"1234")
    shelf.put("b", b"12345678901")
    assert shelf.get("b") is None
    assert shelf.get("a") is not None
