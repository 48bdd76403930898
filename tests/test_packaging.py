"""The wheel: what is in it, and that it serves from an empty folder."""

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import urllib.request
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

from booking import __version__
from booking.resources import resource_dir

ROOT = Path(__file__).resolve().parents[1]
WHEEL = f"house_booking-{__version__}-py3-none-any.whl"
# Folders of the project that a wheel takes nothing from, and that may be large.
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "node_modules", ".*cache", "__pycache__")
BUILD = "import sys, hatchling.build as b; print(getattr(b, sys.argv[1])(sys.argv[2]))"


def build(kind: str, source: Path, target: Path) -> Path:
    """Run one hook of the build back end in ``source`` and give the file it made."""
    result = subprocess.run(
        [sys.executable, "-c", BUILD, kind, str(target)],
        cwd=source,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return target / result.stdout.split()[-1]


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """Give a copy of the project without .git: a wheel must not depend on what git knows."""
    copy = tmp_path_factory.mktemp("source") / "project"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    return copy


@pytest.fixture(scope="module")
def wheel(source, tmp_path_factory) -> Path:
    """Give the wheel as `pip install .` builds it."""
    return build("build_wheel", source, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory) -> Path:
    """Give the commands' folder of an environment with our wheel and everybody else's packages."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False)
    commands = home / ("Scripts" if os.name == "nt" else "bin")
    install = [sys.executable, "-m", "pip", "--python", str(commands / "python"), "install"]
    subprocess.run(
        [*install, "--quiet", "--no-deps", "--no-index", str(wheel)], check=True, timeout=120
    )
    # A .pth file inside that folder is not read, so an editable install there stays invisible.
    packages = sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)})
    Path(packages, "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return commands


def run(environment: Path, *command: str, cwd: Path) -> str:
    """Run a command of the environment in an empty folder; give what it prints."""
    result = subprocess.run(
        [str(environment / command[0]), *command[1:]],
        cwd=cwd,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_wheel_holds_the_package_and_its_resources(source, wheel):
    assert wheel.name == WHEEL
    with ZipFile(wheel) as archive:
        packed = set(archive.namelist())

    package = {path: path.relative_to(source) for path in (source / "booking").rglob("*")}
    resources = {
        path: Path("booking/_resources") / path.relative_to(source)
        for name in ("templates", "migrations", "config.example.toml")
        for path in [source / name, *(source / name).rglob("*")]
    }
    ours = {target.as_posix() for path, target in (package | resources).items() if path.is_file()}
    about = {name for name in packed if ".dist-info/" in name}
    assert packed - about == ours
    assert {name.rpartition("/")[2] for name in about} == {
        "METADATA",
        "RECORD",
        "WHEEL",
        "entry_points.txt",
        "LICENSE",
    }


def test_editable_wheel_holds_no_copies(source, tmp_path):
    editable = build("build_editable", source, tmp_path)

    with ZipFile(editable) as archive:
        packed = {
            name: archive.read(name).decode().strip()
            for name in archive.namelist()
            if ".dist-info/" not in name
        }
    assert packed == {"_house_booking.pth": str(source)}


def test_resources_of_a_checkout_are_its_top_folder():
    assert resource_dir() == ROOT


def test_resources_of_a_wheel_are_its_own(environment, tmp_path):
    program = "from booking.resources import resource_dir; print(resource_dir())"

    found = Path(run(environment, "python", "-c", program, cwd=tmp_path))

    assert found.is_relative_to(environment.parent)
    assert (found.parent.name, found.name) == ("booking", "_resources")


def test_command_of_the_wheel_knows_its_version(environment, tmp_path):
    assert __version__ in run(environment, "booking", "--version", cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_wheel_serves_from_an_empty_folder(environment, tmp_path):
    with (
        (tmp_path / "errors").open("w+") as errors,
        subprocess.Popen(
            [str(environment / "booking"), "serve", "--port", "0"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"]},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as service,
    ):
        try:
            found = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in service.stdout)
            address = next((match.group() for match in found if match), None)
            assert address, (tmp_path / "errors").read_text()
            with urllib.request.urlopen(f"{address}/health", timeout=20) as answer:
                assert answer.status == 200
            with urllib.request.urlopen(address, timeout=20) as answer:
                page = answer.read().decode()
            style = re.search(r'href="([^"]+\.css[^"]*)"', page)
            assert style, page
            with urllib.request.urlopen(address + style.group(1), timeout=20) as answer:
                assert answer.headers.get_content_type() == "text/css"
            service.send_signal(signal.SIGTERM)
            assert service.wait(30) == 0, (tmp_path / "errors").read_text()
        finally:
            service.kill()
    assert (tmp_path / "var" / "booking.db").exists()
    assert "Traceback" not in (tmp_path / "errors").read_text()
