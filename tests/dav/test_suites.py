"""Public suites and real programs against the running service; each prints its numbers.

python-caldav's own functional tests need calendars without rules: the sandbox.
caldav-server-tester asks Radicale and Xandikos the same in the same run, by
``run.py dav-suites``.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.support.databases import Database
from tests.support.environments import environment, program
from tests.support.factories import NOW, House
from tests.support.service import ROOT, Service, free_port, running

CALDAV = "caldav==3.6.0"
TESTER = (CALDAV, "caldav-server-tester==1.7.0", "radicale==3.9.0", "xandikos==0.4.10")
SUITE = (CALDAV, "pytest", "pytest-asyncio", "pyfakefs", "proxy.py", "vobject", "tzlocal", "pyyaml")
RUN_S = 600
# What the server does not claim, as the suite asks to be told; all else is expected of it.
FEATURES = {
    "scheduling": {"support": "unsupported"},
    "scheduling.calendar-user-address-set": {"support": "full"},
    "scheduling.freebusy-query": {"support": "full"},
}
FEWEST = 61


@pytest.fixture
def service(database: Database, served: House, tmp_path: Path) -> Iterator[Service]:
    """Return the service with a sandbox, running on the house at ``NOW``."""
    with running(tmp_path, database_url=database.url, now=NOW, sandbox=True) as service:
        yield service


@pytest.fixture
def secret(service: Service) -> str:
    """Return an app password of the member."""
    command = [sys.executable, "-m", "booking", "app-password", "create", "member@example.org"]
    command += ["--name", "Suite", "--json", "--config", str(service.log.parent / "config.toml")]
    made: dict[str, str] = json.loads(_run(command))
    return made["password"]


def _run(command: list[str], *, cwd: Path = ROOT, check: bool = True, **more: str) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "NO_PROXY": "127.0.0.1", "PYTHONPATH": "", **more},
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )
    assert done.returncode == 0 or not check, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_functional_tests_of_python_caldav(service: Service, secret: str) -> None:
    folder = environment("dav-suite", *SUITE, source=CALDAV)
    [source] = (folder / "src").iterdir()
    servers = "".join(
        f"  {name}: {{type: embedded, enabled: false}}\n" for name in ("radicale", "xandikos")
    )
    (source / "tests" / "caldav_test_servers.yaml").write_text(
        f"test-servers:\n{servers}  booking: {{type: external, enabled: true, "
        f'url: "{service.url}/dav/", username: member@example.org, password: "{secret}", '
        f"features: {json.dumps(FEATURES)}}}\n"
    )
    options = ["-q", "-rfE", "-k", "ForServer", "-p", "no:cacheprovider", "-o", "filterwarnings="]
    command = [program(folder, "python"), "-m", "pytest", "tests/test_caldav.py", *options]
    command += ["-o", "asyncio_default_fixture_loop_scope=function"]

    told = _run(command, cwd=source, check=False, PYTHON_CALDAV_TEST_DOCKER="0")

    print(told.strip().splitlines()[-1])
    failed = re.findall(r"^(?:FAILED|ERROR) \S+::(\w+)", told, re.MULTILINE)
    [passed] = re.findall(r"(\d+) passed", told)
    assert failed == [], told
    assert int(passed) >= FEWEST, told


@contextmanager
def _peer(command: list[str], url: str) -> Iterator[str]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                with urlopen(url, timeout=2):
                    break
            except OSError as error:
                if hasattr(error, "code"):
                    break
                time.sleep(0.1)  # the only way to hear that it listens
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _deviations(folder: Path, url: str, user: str, secret: str) -> dict[str, str]:
    """Return what the tester finds to be other than the standards, by feature."""
    command = [program(folder, "caldav-server-tester"), "--caldav-url", url, "--format", "json"]
    command += ["--caldav-username", user, "--caldav-password", secret]
    told = json.loads(_run(command, check=False))
    # "unknown": it was not, or could not be, tried.
    return {
        name: said["support"]
        for name, said in told["features"].items()
        if said.get("support", "full") not in ("full", "unknown")
    }


@pytest.mark.suites
def test_server_tester_finds_less_than_in_others(
    service: Service, secret: str, tmp_path: Path
) -> None:
    folder = environment("dav-tester", *TESTER)
    port, other = free_port(), free_port()
    radicale = [program(folder, "python"), "-m", "radicale", "--auth-type=none"]
    radicale += [f"--storage-filesystem-folder={tmp_path / 'r'}", f"--hosts=127.0.0.1:{port}"]
    xandikos = [program(folder, "xandikos"), "serve", "--defaults", "--autocreate"]
    xandikos += ["-d", str(tmp_path / "x"), "-p", str(other), "-l", "127.0.0.1"]

    ours = _deviations(folder, f"{service.url}/dav/", "member@example.org", secret)
    with _peer(radicale, f"http://127.0.0.1:{port}/") as url:
        theirs = {"Radicale": _deviations(folder, url, "member", "x")}
    with _peer(xandikos, f"http://127.0.0.1:{other}/") as url:
        theirs["Xandikos"] = _deviations(folder, url, "user", "x")

    for name, found in {"ours": ours, **theirs}.items():
        print(f"{name}: {len(found)} {found}")
    assert all(len(ours) < len(found) for found in theirs.values())
