"""Days in words, where a language writes them otherwise than its patterns say."""

import re

from flask_babel import get_locale

_FIRST = re.compile(r"(?<![\d:])1 (?=[^\W\d])")  # a day before the name of its month


def as_written(text: str) -> str:
    """Return a day in words with the first of a month as the reader's language has it.

    French counts it: "1er mars", but "2 mars".
    """
    locale = get_locale()
    return _FIRST.sub("1er ", text) if locale and locale.language == "fr" else text
