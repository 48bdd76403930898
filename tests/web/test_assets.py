"""Static files: addresses by content, for-ever caching, no file outside the folder."""

import gzip
import json
import re

import pytest

from booking.resources import resource_dir
from booking.web.assets import FOLDER, digest, read_assets


@pytest.fixture
def base(client, house) -> str:
    """Return the folder that the pages name."""
    found = re.search(r'href="(/static/\w+)/css/app.css"', client.get("/sign-in").text)
    assert found
    return found[1]


def test_a_named_file_is_kept_for_ever(client, base):
    answer = client.get(f"{base}/css/app.css")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"


def test_an_old_address_gets_todays_file_unkept(client, base):
    answer = client.get("/static/0000000000/css/app.css")
    assert answer.data == client.get(f"{base}/css/app.css").data
    assert answer.headers["Cache-Control"] == "no-cache"


def test_an_unchanged_file_is_304(client, base):
    etag = client.get(f"{base}/js/app.js").headers["ETag"]
    assert client.get(f"{base}/js/app.js", headers={"If-None-Match": etag}).status_code == 304


def test_gzip_is_given_to_those_who_take_it(client, base):
    plain = client.get(f"{base}/css/app.css")
    zipped = client.get(f"{base}/css/app.css", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(zipped.data) == plain.data
    assert zipped.headers["ETag"] != plain.headers["ETag"]


@pytest.mark.parametrize(
    "name", ["../app.py", "..%2fapp.py", "css/../../app.py", "css", "", "js/none.js"]
)
def test_nothing_else_is_served(client, base, name):
    assert client.get(f"{base}/{name}").status_code in (404, 308)


def test_style_sheets_come_with_what_they_import(client, base):
    sheet = client.get(f"{base}/css/app.css").text
    assert "@import" not in sheet
    assert "@layer utils {" in sheet


def test_the_favicon_is_where_browsers_look(client):
    answer = client.get("/favicon.ico")
    assert answer.data[:4] == b"\x00\x00\x01\x00"


def test_the_manifest_names_icons_that_exist(client, base):
    manifest = json.loads(client.get(f"{base}/manifest.webmanifest").data)
    for icon in manifest["icons"]:
        assert client.get(f"{base}/{icon['src']}").status_code == 200


def test_modules_import_files_that_exist():
    for path in FOLDER.rglob("*.js"):
        for name in re.findall(r"(?:from|^import) '(\.[^']+)'", path.read_text(), re.MULTILINE):
            assert (path.parent / name).is_file(), f"{path.name} imports {name}"


def test_the_address_changes_with_any_file(tmp_path):
    (tmp_path / "a.js").write_text("1")
    before = digest(read_assets(tmp_path))
    (tmp_path / "b.js").write_text("1")
    assert digest(read_assets(tmp_path)) != before


def test_icons_that_the_pages_name_are_drawn():
    folder = resource_dir() / "templates"
    drawn = set(
        re.findall(r'^  "([a-z-]+)": \'<', (folder / "macros.html").read_text(), re.MULTILINE)
    )
    named = {
        (page.name, name)
        for page in folder.rglob("*.html")
        for name in re.findall(r'\bicon\("([a-z-]+)"', page.read_text(encoding="utf-8"))
    }
    assert {each for each in named if each[1] not in drawn} == set()
    assert len(named) > 50  # they were found
