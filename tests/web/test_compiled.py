"""Compiled templates are kept beside their sources, and never used for another source."""

import sys
from pathlib import Path

import jinja2
import pytest

from booking.web.compiled import Kept


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "kept"))
    (tmp_path / "templates").mkdir()
    file = tmp_path / "templates" / "page.html"
    file.write_text("one")
    return file


def drawn(template: Path) -> str:
    """Draw it as a new process does."""
    loader = jinja2.FileSystemLoader(template.parent)
    kept = Kept(template.parents[1] / "var" / "templates")
    environment = jinja2.Environment(loader=loader, bytecode_cache=kept, autoescape=True)
    return environment.get_template(template.name).render()


def kept(template: Path) -> list[Path]:
    return [each for each in template.parents[1].joinpath("kept").rglob("*") if each.is_file()]


def test_what_is_kept_is_drawn_and_lies_where_python_keeps_modules(template: Path) -> None:
    assert drawn(template) == "one"
    (file,) = kept(template)
    assert file.name == f"page.html.{sys.implementation.cache_tag}.pyc"
    file.write_bytes(file.read_bytes().replace(b"one", b"two"))
    assert drawn(template) == "two", "it was compiled again"


def test_another_source_is_compiled_again(template: Path) -> None:
    drawn(template)
    template.write_text("two")
    assert drawn(template) == "two"
    assert len(kept(template)) == 1


@pytest.mark.parametrize("end", [0, 4, 20, 60, -1])
def test_a_file_that_is_cut_is_made_anew(template: Path, end: int) -> None:
    drawn(template)
    (file,) = kept(template)
    whole = file.read_bytes()
    file.write_bytes(whole[:end])
    assert drawn(template) == "one"
    assert file.read_bytes() == whole


def test_nothing_is_written_where_python_is_to_write_nothing(
    template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert drawn(template) == "one"
    assert kept(template) == []


def test_a_folder_that_cannot_be_written_has_another_one(template: Path) -> None:
    (template.parents[1] / "kept").write_text("a file, and no folder")
    assert drawn(template) == "one"
    (file,) = template.parents[1].joinpath("var", "templates").iterdir()
    file.write_bytes(file.read_bytes().replace(b"one", b"two"))
    assert drawn(template) == "two", "it was compiled again"


def test_no_folder_that_can_be_written_stops_nothing(template: Path) -> None:
    for name in ("kept", "var"):
        (template.parents[1] / name).write_text("a file, and no folder")
    assert drawn(template) == "one"
