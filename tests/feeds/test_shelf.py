"""The shelf of built feeds."""

from datetime import UTC, datetime

from booking.feeds.shelf import Shelf

AT = datetime(2027, 3, 10, tzinfo=UTC)


def test_shelf_gives_back_what_was_put():
    shelf = Shelf()
    shelf.put("a", b"abc", AT)
    assert shelf.get("a") == (b"abc", AT)
    assert shelf.get("b") is None


def test_shelf_lets_go_what_nobody_asked_for_the_longest():
    shelf = Shelf(most_bytes=10)
    for etag in "abc":
        shelf.put(etag, b"1234", AT)
        shelf.get("a")
    assert shelf.get("a") is not None
    assert shelf.get("b") is None
    assert shelf.get("c") is not None


def test_shelf_counts_bytes_of_a_repeated_feed_once():
    shelf = Shelf(most_bytes=10)
    for _ in range(5):
        shelf.put("a", b"1234", AT)
    shelf.put("b", b"1234", AT)
    assert shelf.get("a") is not None


def test_shelf_refuses_what_is_larger_than_itself():
    shelf = Shelf(most_bytes=10)
    shelf.put("a", b"1234", AT)
    shelf.put("b", b"12345678901", AT)
    assert shelf.get("b") is None
    assert shelf.get("a") is not None
