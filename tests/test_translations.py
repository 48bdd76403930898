"""French is complete, compiled, and says its parameters."""

import re

import pytest

from booking.i18n import SENTENCES
from tests.support import catalogue

PARAMETER = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(scope="module")
def kept() -> dict[str, list[str]]:
    """Return English sentence (singular) -> its French ones."""
    return {
        (each.id if isinstance(each.id, str) else each.id[0]): (
            [each.string] if isinstance(each.string, str) else list(each.string)
        )
        for each in catalogue.french()
        if each.id
    }


def test_every_sentence_has_its_french(kept: dict[str, list[str]]) -> None:
    said = {
        each.id if isinstance(each.id, str) else each.id[0]
        for each in catalogue.collected()
        if each.id
    }
    assert len(said) > 200
    assert sorted(said - kept.keys()) == []
    assert catalogue.untranslated(catalogue.french()) == []


def test_no_french_is_left_for_what_nobody_says(kept: dict[str, list[str]]) -> None:
    said = {each.id if isinstance(each.id, str) else each.id[0] for each in catalogue.collected()}
    assert sorted(kept.keys() - said) == []


def test_french_uses_the_same_parameters(kept: dict[str, list[str]]) -> None:
    wrong = [
        english
        for english, french in kept.items()
        for each in french
        if set(PARAMETER.findall(each)) - set(PARAMETER.findall(english)) - {"num"}
    ]
    assert wrong == []


def test_compiled_catalogue_is_that_of_the_text() -> None:
    compiled = catalogue.FRENCH.with_suffix(".mo").read_bytes()
    assert compiled == catalogue.compiled(catalogue.french())


def test_every_code_that_is_raised_has_its_sentence() -> None:
    raised = re.compile(
        r'\b(?:because|message|refusal|notify|BackupError)\((?:[\w\s,.{}-]*?)"(\w+)"(?!\s*:)'
    )
    notice = re.compile(r'"(notice_\w+)"')
    texts = [path.read_text("utf-8") for path in (catalogue.TOP / "booking").rglob("*.py")]
    codes = {
        code for pattern in (raised, notice) for text in texts for code in pattern.findall(text)
    }
    assert {"title_missing", "time_in_gap", "malformed_rule"} <= codes
    assert sorted(codes - SENTENCES.keys() - {"not_found"}) == []
