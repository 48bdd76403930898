"""Words as people search for them."""

import pytest

from booking.core.words import MOST_LETTERS, MOST_WORDS, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Répétition d'été", ("repetition", "d", "ete")),
        ("Œuvre — ŒUVRE", ("œuvre",)),
        ("ﬁn Straße", ("fin", "strasse")),
        ("AG 2027/28, salle n°3", ("ag", "2027", "28", "salle", "n", "3")),
        ("Хор 合唱", ("хор", "合唱")),
        ("", ()),
        ("!?—…", ()),
    ],
)
def test_words_of(text, words):
    assert words_of(text) == words


def test_words_are_few_and_short():
    assert words_of("a" * 99) == ("a" * MOST_LETTERS,)
    assert len(words_of(" ".join(f"w{each}" for each in range(99)))) == MOST_WORDS
