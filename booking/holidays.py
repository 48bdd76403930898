"""Public holidays of a country and region, by name.

The library takes half a second and some 30 MB to load, so it is loaded only
for a house whose rules ask for holidays, and each year is kept.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

_LANGUAGES = {"fr": "fr", "en": "en_US"}
NONE: Mapping[date, str] = MappingProxyType({})


def public_holidays(
    country: str, region: str, years: Iterable[int], *, language: str | None = None
) -> Mapping[date, str]:
    """Return day -> name of the public holidays of some years.

    A region (ISO 3166-2, without the country) that the library does not know
    counts as the whole country, an unknown country as one without holidays.
    Names are in ``language`` (French without one) where the library has them, else in that
    of the country.
    """
    found: dict[date, str] = {}
    for year in sorted(set(years)):
        found |= _of_year(country, region, year, _LANGUAGES.get(language or "", "fr"))
    return found


@lru_cache(maxsize=64)
def _of_year(country: str, region: str, year: int, language: str) -> Mapping[date, str]:
    import holidays  # noqa: PLC0415  see above

    for subdivision in dict.fromkeys((region or None, None)):
        try:
            days = holidays.country_holidays(
                country, subdiv=subdivision, years=year, language=language
            )
        except NotImplementedError:
            continue
        return MappingProxyType(dict(days.items()))
    return NONE
