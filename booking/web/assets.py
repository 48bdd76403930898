"""Static files under addresses that change with their content.

All files lie below ``/static/<digest>/``, one digest over all of them: a
module's relative ``import`` and a manifest's relative icon then carry it too,
and every file may be cached for ever.  They are read once, at the start.
"""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request

FOLDER = Path(__file__).resolve().parent.parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}
_TEXT = ("text/", "image/svg", "application/manifest")
_IMPORT = re.compile(r'^@import "([\w./-]+)" layer\((\w+)\);\n', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it goes out; ``squeezed`` is its gzip form, None where that saves nothing."""

    body: bytes
    mimetype: str
    squeezed: bytes | None


def read_assets(folder: Path) -> dict[str, Asset]:
    """Return path below the folder -> asset; style sheets come with what they import."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _asset(path) for path in paths}


def digest(assets: dict[str, Asset]) -> str:
    """Return ten hexadecimal digits over all names and contents."""
    total = hashlib.sha256()
    for name, asset in sorted(assets.items()):
        total.update(f"{name}\0{len(asset.body)}\0".encode())
        total.update(asset.body)
    return total.hexdigest()[:10]


def init_app(app: Flask) -> None:
    """Serve the files and give templates ``asset('css/app.css')``."""
    assets = read_assets(FOLDER)
    version = digest(assets)
    blueprint = Blueprint("static", __name__)

    def asset(name: str) -> str:
        if name not in assets:
            raise KeyError(f"there is no static file {name!r}")
        return f"/static/{version}/{name}"

    @blueprint.get("/static/<digest>/<path:name>", endpoint="file")
    def file(digest: str, name: str) -> Response:
        if name not in assets:
            abort(404)
        # A page from before an update asks by the old digest: it gets today's file, unkept.
        return _answer(assets[name], FOR_EVER if digest == version else "no-cache")

    @blueprint.get("/favicon.ico", endpoint="favicon")
    def favicon() -> Response:
        return _answer(assets["icons/favicon.ico"], "public, max-age=86400")

    app.register_blueprint(blueprint)
    app.add_template_global(asset)


def _asset(path: Path) -> Asset:
    mimetype = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    body = _with_imports(path).encode() if path.suffix == ".css" else path.read_bytes()
    mimetype = mimetype or "application/octet-stream"
    squeezed = gzip.compress(body, 9, mtime=0) if mimetype.startswith(_TEXT) else None
    if mimetype.startswith("text/"):
        mimetype += "; charset=utf-8"
    return Asset(body, mimetype, squeezed if squeezed and len(squeezed) < len(body) else None)


def _with_imports(path: Path) -> str:
    """Put imported sheets in place, so that a page asks for one file."""

    def put(found: re.Match[str]) -> str:
        text = (path.parent / found[1]).read_text("utf-8")
        return f"@layer {found[2]} {{\n{text}}}\n"

    return _IMPORT.sub(put, path.read_text("utf-8"))


def _answer(asset: Asset, cache: str) -> Response:
    squeezed = asset.squeezed if request.accept_encodings.quality("gzip") > 0 else None
    response = Response(squeezed or asset.body)
    response.headers["Content-Type"] = asset.mimetype
    response.headers["Cache-Control"] = cache
    response.headers["Vary"] = "Accept-Encoding"
    if squeezed:
        response.headers["Content-Encoding"] = "gzip"
    response.add_etag()
    response.make_conditional(request)
    return response
