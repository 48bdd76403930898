"""Public holidays by country and region, in the reader's language."""

import subprocess
import sys
from datetime import date

from booking.holidays import public_holidays

EASTER_MONDAY, GOOD_FRIDAY = date(2027, 3, 29), date(2027, 3, 26)


def test_names_are_in_the_readers_language() -> None:
    assert public_holidays("FR", "", [2027])[EASTER_MONDAY] == "Lundi de Pâques"
    assert public_holidays("FR", "", [2027], language="en")[EASTER_MONDAY] == "Easter Monday"


def test_a_region_has_holidays_of_its_own() -> None:
    assert GOOD_FRIDAY in public_holidays("FR", "57", [2027])
    assert GOOD_FRIDAY not in public_holidays("FR", "26", [2027])


def test_an_unknown_region_is_the_whole_country() -> None:
    assert public_holidays("FR", "nowhere", [2027]) == public_holidays("FR", "", [2027])


def test_an_unknown_country_has_none() -> None:
    assert public_holidays("XX", "", [2027]) == {}


def test_several_years_are_one_calendar() -> None:
    found = public_holidays("FR", "", [2028, 2027, 2027])
    assert {each.year for each in found} == {2027, 2028}


def test_the_library_is_loaded_only_when_it_is_asked() -> None:
    code = "import sys, booking.app; print('holidays' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
