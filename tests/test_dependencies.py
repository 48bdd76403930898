"""What the service imports is what it declares: the tests' own packages are not there to run it."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]


def imported() -> set[str]:
    """Return the top-level names of all other packages that ``booking`` and migrations import."""
    found: set[str] = set()
    for file in [*(TOP / "booking").rglob("*.py"), *(TOP / "migrations").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {"booking"}


def declared() -> set[str]:
    """Return the normalised names of the packages that the service depends on."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    return {normal(re.split(r"[\[<>=;~! ]", each)[0]) for each in project["dependencies"]}


def normal(name: str) -> str:
    """Return a distribution's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


# They come with one that is declared, and are its own parts.
COME_ALONG = {
    "alembic": "flask-migrate",
    "babel": "flask-babel",
    "werkzeug": "flask",
    "jinja2": "flask",
    "markupsafe": "flask",
    "wtforms": "flask-wtf",
}


def test_every_import_is_a_declared_dependency() -> None:
    owners = packages_distributions()
    names = {normal(owner) for module in imported() for owner in owners[module]}
    assert {COME_ALONG.get(name, name) for name in names} <= declared()


def test_every_declared_dependency_is_imported() -> None:
    owners = packages_distributions()
    names = {normal(owner) for module in imported() for owner in owners[module]}
    # Not imported by name: a driver that SQLAlchemy loads, data that zoneinfo finds, and a table
    # of school holidays that is read as a file.
    assert declared() - names <= {"psycopg", "tzdata", "vacances-scolaires-france"}
