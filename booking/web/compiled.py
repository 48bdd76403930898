"""Compiled templates are kept as Python keeps its modules: in `__pycache__`, beside them.

Compiling is most of what the first drawing of a page costs, and leaves memory in pieces.  Where
the program's folder cannot be written, as in a hardened unit, they lie among the service's files.
"""

import hashlib
import os
import sys
import tempfile
from contextlib import suppress
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from pickle import UnpicklingError

import jinja2
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

PROGRAMS = (Path(__file__).parents[1], Path(jinja2.__file__).parent)


class Kept(BytecodeCache):
    """The files; without one a template is compiled, and where none may be written none is."""

    def __init__(self, elsewhere: Path) -> None:
        self._program = _program()
        self._elsewhere = elsewhere

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Return where the file of a template is: where Python says, in a folder of its choice."""
        return cache_from_source(f"{filename or name}.py")

    def get_source_checksum(self, source: str) -> str:
        """Return what a file must have been made of: this source, by this program."""
        return hashlib.sha256(f"{self._program} {source}".encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read the file, if there is one that fits."""
        for path in self._places(bucket):
            with (
                suppress(OSError, EOFError, UnpicklingError, ValueError),
                path.open("rb") as file,
            ):
                bucket.load_bytecode(file)
            if bucket.code is not None:
                return

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write the file, whole or not at all, at the first place where that can be done."""
        if sys.dont_write_bytecode:
            return
        for path in self._places(bucket):
            with suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
                number, name = tempfile.mkstemp(dir=path.parent)
                with os.fdopen(number, "wb") as file:
                    bucket.write_bytecode(file)
                Path(name).replace(path)
                return

    def _places(self, bucket: Bucket) -> tuple[Path, Path]:
        """Return where the file of a template may be."""
        beside = Path(bucket.key)
        named = hashlib.sha256(bucket.key.encode()).hexdigest()[:16]
        return beside, self._elsewhere / f"{named}.{beside.name}"


@cache
def _program() -> str:
    """Return what changes with every file of what compiles, and of what is called meanwhile."""
    told = [
        f"{file.path} {state.st_mtime_ns} {state.st_size}"
        for program in PROGRAMS
        for folder, _folders, _names in os.walk(program)
        for file in os.scandir(folder)
        if file.name.endswith(".py") and (state := file.stat())
    ]
    return hashlib.sha256("\n".join(sorted(told)).encode()).hexdigest()


def init_app(app: Flask) -> None:
    """Keep what the app compiles."""
    var: Path = app.extensions["booking"]["config"].paths.var
    app.jinja_env.bytecode_cache = Kept(var / "templates")
