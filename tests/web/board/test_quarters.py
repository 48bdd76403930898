"""Sets of quarter hours, and bookings beside each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.web.board.quarters import DAY, clock, crowded, mask, runs, side_by_side

SPANS = st.lists(
    st.tuples(st.integers(0, DAY - 1), st.integers(1, 12)).map(
        lambda each: (each[0], min(each[0] + each[1], DAY))
    ),
    max_size=12,
).map(sorted)


@pytest.mark.parametrize(
    ("quarters", "expected"),
    [
        pytest.param(0, [], id="nothing"),
        pytest.param(mask(0, 96), [(0, 96)], id="whole-day"),
        pytest.param(mask(32, 36) | mask(40, 41), [(32, 36), (40, 41)], id="two-spans"),
        pytest.param(mask(5, 5), [], id="empty-span"),
    ],
)
def test_runs_are_the_unbroken_spans(quarters, expected):
    assert list(runs(quarters)) == expected


@given(SPANS)
def test_runs_give_back_the_set(spans):
    everything = crowded(spans, 1)
    assert sum(mask(*run) for run in runs(everything)) == everything


def test_crowded_counts_lanes():
    spans = [(0, 8), (4, 12), (6, 7)]
    assert [list(runs(crowded(spans, lanes))) for lanes in (1, 2, 3)] == [
        [(0, 12)],
        [(4, 8)],
        [(6, 7)],
    ]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([(0, 4), (4, 8)], [(0, 1), (0, 1)], id="touching"),
        pytest.param([(0, 8), (4, 12)], [(0, 2), (1, 2)], id="two-overlap"),
        pytest.param([(0, 8), (2, 4), (5, 12)], [(0, 2), (1, 2), (1, 2)], id="place-freed"),
        pytest.param([(0, 9), (1, 9), (2, 9), (9, 10)], [(0, 3), (1, 3), (2, 3), (0, 1)], id="3"),
    ],
)
def test_overlapping_spans_share_the_width(spans, expected):
    assert side_by_side(spans) == expected


@given(SPANS)
def test_no_two_spans_cover_each_other(spans):
    seats = side_by_side(spans)
    for one, (a, seat) in enumerate(zip(spans, seats, strict=True)):
        for b, other in list(zip(spans, seats, strict=True))[one + 1 :]:
            overlap = a[0] < b[1] and b[0] < a[1]
            assert not overlap or (seat[0] != other[0] and seat[1] == other[1])


def test_clock_of_the_last_quarter_is_24():
    assert (clock(0), clock(37), clock(96)) == ("00:00", "09:15", "24:00")
