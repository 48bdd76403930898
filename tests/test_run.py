"""run.py in a scratch folder, with small stand-ins for uv and the tools it would install."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parents[1] / "run.py"

# Makes an environment whose commands say how they were called, and end as $ENDS_<NAME> asks.
UV = """#!{python}
import os, sys
from pathlib import Path
here = Path(__file__).parents[1]
with open(here / "log", "a") as log:
    log.write("uv " + " ".join(sys.argv[1:]).replace(str(here), "HERE") + "\\n")
if os.environ.get("ENDS_UV"):
    sys.exit(int(os.environ["ENDS_UV"]))
if sys.argv[1] == "venv":
    commands = Path(sys.argv[-1]) / "bin"
    commands.mkdir(parents=True)
    version = "%d.%d" % sys.version_info[:2]
    (commands.parent / "pyvenv.cfg").write_text(f"version_info = {version}.9\\n")
    for name in ("python", "booking", "pytest", "ruff", "mypy", "lint-imports"):
        (commands / name).write_text(Path(here / "tool").read_text())
        (commands / name).chmod(0o755)
"""
TOOL = """#!/bin/sh
name=$(basename "$0")
echo "$name $* | home=$BOOKING_HOME in=$PWD chromium=$CHROMIUM"
eval "exit \\${ENDS_$(echo "$name" | tr - _):-0}"
"""


class Scratch:
    """A folder with run.py, a pyproject.toml and a `uv`; nothing else is on the PATH."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.log = root / "log"
        (root / "bin").mkdir()
        (root / "run.py").write_bytes(RUN.read_bytes())
        (root / "pyproject.toml").write_text("[project]\n")
        (root / "tool").write_text(TOOL)
        self.add("uv", UV.replace("{python}", sys.executable))
        for name in ("sh", "basename", "tr"):
            (root / "bin" / name).symlink_to(Path("/usr/bin") / name)

    def add(self, name: str, text: str = TOOL) -> None:
        file = self.root / "bin" / name
        file.write_text(text)
        file.chmod(0o755)

    def environment(self, **extra: str) -> dict[str, str]:
        return {"PATH": str(self.root / "bin"), **extra}

    def run(
        self, *arguments: str, before: str = "", cwd: Path | None = None, **extra: str
    ) -> subprocess.CompletedProcess[str]:
        """Run it; ``before`` is Python that runs first, to take something away."""
        program = [str(self.root / "run.py"), *arguments]
        if before:
            start = f"{before}\nimport runpy\nrunpy.run_path({program[0]!r}, run_name='__main__')"
            program = ["-c", start, *arguments]
        return subprocess.run(
            [sys.executable, *program],
            env=self.environment(**extra),
            cwd=cwd or self.root,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def installs(self) -> list[str]:
        """Give what was asked of `uv` since the last call."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return [line.split(" ", 2)[1] + " " + line.rsplit(" ", 1)[1] for line in lines]


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    return Scratch(tmp_path)


def test_old_python_is_told_plainly(scratch):
    result = scratch.run(
        before="import sys; sys.version_info = (3, 10, 13); sys.version = '3.10.13 x'"
    )

    assert result.stderr == "Python 3.11 or newer is needed; this is 3.10.13\n"
    assert result.returncode == 1


def test_missing_venv_module_is_told_plainly(scratch):
    (scratch.root / "bin" / "uv").unlink()

    result = scratch.run(before="import sys; sys.modules['ensurepip'] = None")

    assert "apt install python3-venv" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.returncode == 1


def test_no_argument_serves(scratch):
    result = scratch.run()

    assert result.stdout.startswith("booking serve | home=")
    assert result.returncode == 0


def test_option_alone_serves(scratch):
    assert scratch.run("--port", "80").stdout.startswith("booking serve --port 80 | ")
    assert scratch.run("--version").stdout.startswith("booking --version | ")


def test_command_gets_its_arguments_from_another_folder(scratch, tmp_path):
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()

    result = scratch.run("user", "add", "a b", cwd=elsewhere)

    home = f"home={scratch.root} in={elsewhere}"
    assert result.stdout == f"booking user add a b | {home} chromium=\n"


def test_home_that_is_set_is_kept(scratch):
    assert "home=/srv/house " in scratch.run("doctor", BOOKING_HOME="/srv/house").stdout


def test_exit_code_is_the_command_s(scratch):
    assert scratch.run("book", ENDS_booking="3").returncode == 3


def test_installs_once_and_again_when_the_project_changed(scratch):
    scratch.run()
    assert scratch.installs() == ["venv HERE/.venv", "pip HERE"]

    scratch.run("doctor")
    assert scratch.installs() == []

    (scratch.root / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    scratch.run()
    assert scratch.installs() == ["pip HERE"]


def test_tests_install_their_extra_and_keep_it(scratch):
    scratch.add("chromium")
    scratch.run()
    scratch.installs()

    scratch.run("test", "-k", "x")
    assert scratch.installs() == ["pip HERE[test]"]

    scratch.run("serve")
    assert scratch.installs() == []

    (scratch.root / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    scratch.run("serve")
    assert scratch.installs() == ["pip HERE[test]"]


def test_environment_of_another_python_is_made_anew(scratch):
    scratch.run()
    scratch.installs()
    (scratch.root / ".venv" / "pyvenv.cfg").write_text("version_info = 3.10.1\n")
    (scratch.root / ".venv" / "installed").write_text("3.10 something run")

    scratch.run()

    assert scratch.installs() == ["venv HERE/.venv", "pip HERE"]


def test_failed_install_is_told_and_tried_again(scratch):
    scratch.run()
    (scratch.root / "pyproject.toml").write_text("[project]\nname = 'other'\n")

    result = scratch.run(ENDS_UV="2")

    assert "Installing failed (exit code 2)" in result.stderr
    assert result.returncode == 1
    scratch.installs()
    assert scratch.run().returncode == 0
    assert scratch.installs() == ["pip HERE"]


def test_test_runs_all_checks_in_the_top_folder(scratch, tmp_path):
    scratch.add("chromium")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    result = scratch.run("test", cwd=elsewhere)

    lines = result.stdout.splitlines()
    assert [line.split(" ")[0] for line in lines] == [
        "ruff",
        "ruff",
        "mypy",
        "lint-imports",
        "pytest",
    ]
    where = f"in={scratch.root} chromium={scratch.root}/bin/chromium"
    assert all(line.endswith(where) for line in lines)
    assert result.returncode == 0


def test_failed_check_does_not_hide_the_tests(scratch):
    scratch.add("chromium")

    result = scratch.run("test", ENDS_mypy="2", ENDS_pytest="1")

    assert "pytest " in result.stdout
    assert result.stderr.splitlines()[-1] == "FAILED: mypy, pytest"
    assert result.returncode == 2


def test_arguments_go_to_pytest_alone(scratch):
    scratch.add("chromium")

    result = scratch.run("test", "tests/core", "-x", ENDS_pytest="5")

    assert result.stdout.startswith("pytest tests/core -x | ")
    assert len(result.stdout.splitlines()) == 1
    assert result.returncode == 5


def test_browser_without_windows_is_taken_where_there_are_two(scratch):
    scratch.add("chromium")
    scratch.add("chromium-headless-shell")

    said = scratch.run("test", "tests").stdout

    assert said.rstrip().endswith(f"chromium={scratch.root}/bin/chromium-headless-shell")


def test_missing_chromium_is_one_loud_line(scratch):
    result = scratch.run("test", "tests")

    assert result.stderr.splitlines()[-1].startswith("!!! NO CHROMIUM FOUND")
    assert result.stdout.startswith("pytest tests | ")


def test_missing_chromium_fails_ci(scratch):
    result = scratch.run("test", CI="true")

    assert result.stderr.splitlines()[-1].startswith("No Chromium found")
    assert (result.returncode, result.stdout) == (1, "")


def test_bench_and_soak(scratch):
    assert scratch.run("bench", "week").stdout.startswith("python -m benchmarks week | ")
    assert scratch.run("soak").stdout.startswith("pytest -m soak tests | ")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_signal_reaches_the_service_itself(scratch):
    scratch.run()
    service = scratch.root / ".venv" / "bin" / "booking"
    service.write_text(f"#!{sys.executable}\nimport os\nprint(os.getpid(), flush=True)\ninput()\n")

    with subprocess.Popen(
        [sys.executable, str(scratch.root / "run.py")],
        env=scratch.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert int(process.stdout.readline()) == process.pid
        os.kill(process.pid, signal.SIGTERM)

        assert process.wait(20) == -signal.SIGTERM
