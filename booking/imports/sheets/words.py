"""Words of both languages for what the house has codes for."""

from collections.abc import Mapping
from functools import lru_cache

from flask_babel import LazyString, force_locale

from booking.core.sheets.columns import vocabulary
from booking.i18n import FEATURES, INCLUDED, LANGUAGES, ORGANISATION_KINDS, SPACE_KINDS

_NAMES: Mapping[str, Mapping[str, LazyString]] = {
    "kind": SPACE_KINDS,
    "organisation": ORGANISATION_KINDS,
    "features": FEATURES,
    "includes": INCLUDED,
}
_MORE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "kind": {
        "meeting_room": ("meeting room", "room", "salle", "salle de réunion"),
        "office": ("office", "bureau"),
        "reception": ("reception", "reception office", "bureau d’accueil", "accueil"),
        "desk": ("desk", "poste", "poste de travail"),
        "workshop": ("workshop", "atelier"),
        "storage": ("storage", "store", "stockage", "réserve", "dépôt"),
        "outdoor": ("outdoor", "land", "extérieur", "terrain"),
        "equipment": ("equipment", "matériel", "équipement"),
    },
    "organisation": {
        "resident": ("résidente", "résidant"),
        "contributor": ("contributrice", "contributeur"),
    },
    "features": {},
    "includes": {
        "power": ("électricité", "power"),
        "rooms": ("salles", "salle", "salles de réunion"),
        "heating": ("chauffage",),
    },
}


@lru_cache(maxsize=len(_NAMES))
def words(what: str) -> dict[str, str]:
    """Return word -> code: the codes, their names in every language, and what people write."""
    found = [(code, code) for code in _NAMES[what]]
    for language in LANGUAGES:
        with force_locale(language):
            found += [(code, str(name)) for code, name in _NAMES[what].items()]
    found += [(code, each) for code, some in _MORE[what].items() for each in some]
    return vocabulary(found)
