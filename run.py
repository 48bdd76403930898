"""Start the service, run its tests, or run any `booking` command, on a bare Python 3.11+.

    python3 run.py                      start the service (the same as: run.py serve)
    python3 run.py --port 8080          ... elsewhere (--host, --port, --config)
    python3 run.py test [ARGUMENTS]     all checks and tests; with arguments: pytest with these
    python3 run.py bench [NAME]         the benchmarks, or one of them
    python3 run.py soak                 the long race tests
    python3 run.py dav-suites           the public CalDAV suites, beside other servers
    python3 run.py COMMAND ...          any command of `booking`, such as doctor or user list

What it needs is installed into .venv beside this file, again only when pyproject.toml changed.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - before any line that an older Python stumbles over
    sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0])

import hashlib
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
# Without windows first: it draws the same pages with half of the work.
CHROMIUM_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)


def main(arguments: list[str]) -> int:
    """Prepare the environment, then do what the first argument names."""
    if arguments[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    if not arguments or (arguments[0].startswith("-") and arguments[0] != "--version"):
        arguments = ["serve", *arguments]
    command, rest = arguments[0], arguments[1:]
    if command in {"test", "soak", "bench", "dav-suites"}:
        prepare("test")
        os.chdir(ROOT)
        os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
        return {"test": test, "soak": soak, "bench": bench, "dav-suites": dav_suites}[command](rest)
    prepare("run")
    os.environ.setdefault("BOOKING_HOME", str(ROOT))
    return become(BIN / "booking", command, *rest)


def test(arguments: list[str]) -> int:
    """Run the checks and all tests; with arguments, pytest alone with these."""
    find_chromium()
    if arguments:
        return become(BIN / "pytest", *arguments)
    steps = {
        "ruff check": ["ruff", "check", "--quiet"],
        "ruff format": ["ruff", "format", "--check", "--quiet"],
        "mypy": ["mypy", "--no-error-summary"],
        "lint-imports": ["lint-imports", "--no-logo"],
        "pytest": ["pytest", "-q", "-n", "2", "--dist", "worksteal"],
    }
    failed = {}
    for name, step in steps.items():
        say(f"== {name}")
        code = call(BIN / step[0], *step[1:])
        if code:
            failed[name] = code
    if failed:
        say(f"FAILED: {', '.join(failed)}")
    return next(iter(failed.values()), 0)


def soak(arguments: list[str]) -> int:
    """Run the long race tests."""
    return become(BIN / "pytest", "-m", "soak", *(arguments or ["tests"]))


def dav_suites(arguments: list[str]) -> int:
    """Run the public CalDAV suites; each prints its numbers."""
    return become(
        BIN / "pytest", "-rA", "-m", "suites or not suites", "tests/dav/test_suites.py", *arguments
    )


def bench(arguments: list[str]) -> int:
    """Run the benchmarks."""
    return become(PYTHON, "-m", "benchmarks", *arguments)


def prepare(extra: str) -> None:
    """Make .venv hold what pyproject.toml asks for; `extra` is "run" or "test"."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    text = (ROOT / "pyproject.toml").read_bytes() + str(ROOT).encode()
    stamp = VENV / "installed"
    found = stamp.read_text().split() if stamp.exists() else []
    if "test" in found:
        extra = "test"
    wanted = [version, hashlib.sha256(text).hexdigest(), extra]
    if found == wanted and PYTHON.exists():
        return
    say("Installing what is needed into .venv; the first time takes a minute.")
    uv = shutil.which("uv")
    settings = VENV / "pyvenv.cfg"
    if not (PYTHON.exists() and settings.exists() and f"= {version}." in settings.read_text()):
        make_environment(uv)
    here = str(PYTHON)
    pip = [uv, "pip", "install", "--python", here] if uv else [here, "-m", "pip", "install"]
    target = f"{ROOT}[test]" if extra == "test" else str(ROOT)
    code = call(*pip, "--quiet", "--editable", target)
    if code:
        sys.exit(f"Installing failed (exit code {code}); the lines above say why.")
    stamp.write_text(" ".join(wanted))


def make_environment(uv: str | None) -> None:
    """Make an empty .venv in place of what is there."""
    shutil.rmtree(VENV, ignore_errors=True)
    if uv:
        code = call(uv, "venv", "--quiet", "--seed", "--python", sys.executable, VENV)
    elif importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        code = call(sys.executable, "-m", "venv", VENV)
    else:
        sys.exit(
            "Python's venv module is incomplete here. On Debian or Ubuntu, as root:\n"
            "    apt install python3-venv\n"
            "then start this again."
        )
    if code:
        sys.exit(f"Making .venv failed (exit code {code}); the lines above say why.")


def find_chromium() -> None:
    """Name the browser for the tests in $CHROMIUM; on Debian, root installs it."""

    def found() -> str | None:
        named = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else []
        return next(filter(None, map(shutil.which, [*named, *CHROMIUM_NAMES])), None)

    if not found() and shutil.which("apt-get") and os.geteuid() == 0:
        say("Installing chromium for the browser tests.")
        call("apt-get", "update", "-qq", stdout=subprocess.DEVNULL)
        for name in CHROMIUM_NAMES[:2]:
            if not found():
                call("apt-get", "install", "-y", "-qq", name, stdout=subprocess.DEVNULL)
    browser = found()
    if browser:
        os.environ["CHROMIUM"] = browser
    elif os.environ.get("CI"):
        sys.exit("No Chromium found, and with CI set no test may be skipped.")
    else:
        say("!!! NO CHROMIUM FOUND: THE BROWSER TESTS ARE SKIPPED. Install it, or set CHROMIUM.")


def call(*command: str | Path, stdout: int | None = None) -> int:
    """Run a command and return its exit code; Ctrl-C reaches it, and we wait for its end."""
    with subprocess.Popen([str(part) for part in command], stdout=stdout) as process:
        while True:
            try:
                code = process.wait()
                return code if code >= 0 else 128 - code  # a signal, as shells say it
            except KeyboardInterrupt:
                continue


def become(*command: str | Path) -> int:
    """Run a command in our place, so that signals, Ctrl-C and the exit code are its own."""
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(command[0], [str(part) for part in command])
    return call(*command)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
