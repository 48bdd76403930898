"""Programs of others in environments of their own below ``.cache``, fetched by pip once.

Our own pip fills them: to install another into each took longer than most programs do.
"""

import hashlib
import os
import subprocess
import sys
import tarfile
import venv
from pathlib import Path

import pytest

from tests.support.postgres import locked
from tests.support.service import ROOT

FETCH_S = 600
CALENDAR_PROGRAMS = ("khal==0.14.*", "vdirsyncer==0.21.*")


def environment(name: str, *packages: str, source: str = "") -> Path:
    """Return the folder of an environment with these packages; ``bin/`` has its programs.

    ``source`` is a package whose source distribution is unpacked in ``src/``.  Without a
    network the test is skipped, but not in CI.
    """
    digest = hashlib.sha256(repr((packages, source, sys.version_info[:2])).encode()).hexdigest()
    folder = ROOT / ".cache" / f"{name}-{digest[:10]}"
    folder.parent.mkdir(exist_ok=True)
    with locked(folder.with_suffix(".lock")):
        if not (folder / "complete").exists():
            venv.create(folder, clear=True)
            _pip(folder, "install", "--no-compile", *packages)
            if source:
                _unpack(folder, source)
            (folder / "complete").touch()
    return folder


def calendar_program(name: str) -> str:
    """Return the path of ``khal`` or ``vdirsyncer``."""
    return program(environment("calendar-programs", *CALENDAR_PROGRAMS), name)


def program(folder: Path, name: str) -> str:
    """Return the path of a program of an environment."""
    return str(folder / ("Scripts" if os.name == "nt" else "bin") / name)


def _unpack(folder: Path, source: str) -> None:
    name = source.partition("=")[0]
    _pip(folder, "download", "--no-deps", "--no-binary", name, "--dest", str(folder), source)
    [file] = folder.glob("*.tar.gz")
    with tarfile.open(file) as archive:
        archive.extractall(folder / "src", filter="data")


def _pip(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--python", program(folder, "python")]
    command += arguments
    done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_S, check=False)
    if done.returncode != 0 and not os.environ.get("CI"):
        pytest.skip(f"cannot be fetched: {done.stderr[-300:]}")
    assert done.returncode == 0, done.stderr
