"""Sentences of the interface: collected from code and templates, kept in French.

    python -m tests.support.catalogue

brings ``booking/translations/fr`` up to date with the code and compiles it;
sentences that are new come out as untranslated and are listed.
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

TOP = Path(__file__).resolve().parents[2]
FRENCH = TOP / "booking" / "translations" / "fr" / "LC_MESSAGES" / "messages.po"
METHODS = [("booking/**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}


def collected() -> Catalog:
    """Return all sentences that the code and the templates say."""
    catalogue = Catalog(charset="utf-8")
    found = extract_from_dir(
        TOP,
        method_map=METHODS,
        keywords=KEYWORDS,
        options_map={"templates/**.html": {"trimmed": "true", "silent": "false"}},
        directory_filter=lambda folder: not Path(folder).name.startswith("."),
    )
    for name, _line, sentence, _comments, context in found:
        catalogue.add(sentence, locations=[(name, None)], context=context)
    return catalogue


def french() -> Catalog:
    """Return the French catalogue as it is kept."""
    with FRENCH.open("rb") as file:
        return read_po(file, locale="fr", charset="utf-8")


def compiled(catalogue: Catalog) -> bytes:
    """Return what gettext reads."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the sentences that lack their French, or only have a guess of it."""
    missing = []
    for each in catalogue:
        if not each.id:
            continue
        said = each.string if isinstance(each.string, (list, tuple)) else [each.string]
        if each.fuzzy or not all(said):
            missing.append(each.id if isinstance(each.id, str) else each.id[0])
    return missing


def bring_up_to_date() -> list[str]:
    """Rewrite the French catalogue, drop what is no longer said; return what is missing."""
    if FRENCH.exists():
        catalogue = french()
    else:
        catalogue = Catalog(locale="fr", charset="utf-8")
        FRENCH.parent.mkdir(parents=True, exist_ok=True)
    catalogue.update(collected(), no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    for each in catalogue:
        each.locations = sorted(set(each.locations))
    catalogue.fuzzy = False
    catalogue.project, catalogue.version = "booking", "1"
    catalogue.header_comment = "# What the interface says, in French."
    # No clock in a file under version control.
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    with FRENCH.open("wb") as file:
        write_po(file, catalogue, sort_output=True, omit_header=False, width=100, no_location=True)
    FRENCH.with_suffix(".mo").write_bytes(compiled(french()))
    return untranslated(french())


if __name__ == "__main__":
    lacking = bring_up_to_date()
    for sentence in lacking:
        print(sentence)
    sys.exit(1 if lacking else 0)
