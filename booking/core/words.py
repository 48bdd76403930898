"""Words as people search for them: without case, accents and punctuation."""

import re
import unicodedata

MOST_LETTERS = 40
MOST_WORDS = 30
_WORD = re.compile(r"\w+")


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text, each once, in order; at most ``MOST_WORDS``.

    ``Répétition d'été`` gives ``repetition``, ``d`` and ``ete``.
    """
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(each for each in folded if not unicodedata.combining(each))
    found = dict.fromkeys(each[:MOST_LETTERS] for each in _WORD.findall(plain))
    return tuple(found)[:MOST_WORDS]
