"""Whatever is stored by a code has a name for people."""

from booking.core.values import SpaceKind
from booking.i18n import A_SPACE, JOB_KINDS, SPACE_KINDS
from booking.jobs import HANDLERS


def test_every_kind_of_work_has_a_name() -> None:
    assert {*HANDLERS} == {*JOB_KINDS}


def test_every_kind_of_space_has_a_name_for_one_and_for_many() -> None:
    kinds = {each.value for each in SpaceKind}
    assert {*A_SPACE} == {*SPACE_KINDS} == kinds
