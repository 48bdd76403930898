"""The server in a process of its own: address, stop, limits, forged headers."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from booking.config import Config, Server
from booking.server import CannotListen, serve

# Stands for the application: the server knows no more of it than WSGI.
PROGRAM = """
import json, os, signal, sys
from booking.config import Config, Server
from booking.server import serve

# Whoever runs the tests in the background has told the shell to ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
gate = sys.stdin  # a request to /wait is answered when a line comes in

def make_app(config):
    def app(environ, start_response):
        if environ["PATH_INFO"] == "/wait":
            print("waiting", flush=True)
            gate.readline()
        seen = {key: value for key, value in environ.items() if isinstance(value, str)}
        seen |= {"process": os.getpid(), "size": len(environ["wsgi.input"].read())}
        body = json.dumps(seen).encode()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]
    return app

server = Server(**json.loads(sys.argv[1]))
serve(make_app, Config(server=server), announce=lambda c: print(c.server.port, flush=True))
print("stopped", flush=True)
"""


@contextmanager
def serving(**settings: object) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run a server on a free port; give its process and its port."""
    command = [sys.executable, "-c", PROGRAM, json.dumps({"port": 0, **settings})]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, cwd=Path(__file__).parents[1], **pipes) as process:
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


def ask(port: int, path: str = "/", *, body: bytes = b"", **headers: str) -> tuple[int, dict]:
    """Send one request; give its status and what the application saw."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST" if body else "GET", path, body or None, names)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, json.loads(text) if response.status == 200 else {}


def test_free_port_is_taken_and_announced():
    with serving() as (_process, port):
        assert port > 0
        assert ask(port)[0] == 200


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("processes", [1, 3])
def test_signal_ends_it_cleanly_after_the_running_request(stop, processes):
    with serving(processes=processes) as (process, port):
        answers = []
        client = threading.Thread(target=lambda: answers.append(ask(port, "/wait")[0]))
        client.start()
        assert process.stdout.readline() == "waiting\n"

        process.send_signal(stop)
        process.stdin.write("go on\n")
        process.stdin.flush()

        client.join(20)
        assert answers == [200]
        assert process.wait(20) == 0
        assert process.stdout.read() == "stopped\n"
        assert "Traceback" not in process.stderr.read()


def test_forged_proxy_headers_are_taken_away():
    with serving() as (_process, port):
        seen = ask(port, X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="https")[1]

    assert seen["REMOTE_ADDR"] == "127.0.0.1"
    assert not [name for name in seen if "FORWARDED" in name]


def test_proxy_headers_reach_the_application_behind_a_proxy():
    with serving(trusted_proxies=1) as (_process, port):
        seen = ask(port, X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="https")[1]

    assert seen["HTTP_X_FORWARDED_FOR"] == "203.0.113.9"
    assert seen["HTTP_X_FORWARDED_PROTO"] == "https"


def test_folder_of_the_public_address_is_the_script_name():
    with serving(public_url="https://house.example/rooms") as (_process, port):
        seen = ask(port, "/rooms/week")[1]

    assert (seen["SCRIPT_NAME"], seen["PATH_INFO"]) == ("/rooms", "/week")


def test_huge_header_is_refused_and_the_next_request_answered():
    with serving() as (_process, port):
        assert ask(port, X_Big="a" * 65_000)[0] == 200
        assert ask(port, X_Big="a" * 70_000)[0] == 431
        assert ask(port)[0] == 200


def test_slow_senders_do_not_stop_the_others():
    half = b"POST / HTTP/1.1\r\nHost: house\r\nContent-Length: 1000\r\n\r\nhalf a body"
    with serving(threads=2) as (_process, port):
        senders = [socket.create_connection(("127.0.0.1", port), 20) for _ in range(40)]
        for sender in senders:
            sender.sendall(half)

        assert ask(port, body=b"x" * 1_000_000)[1]["size"] == 1_000_000
        for sender in senders:
            sender.close()


def _never(_config: Config) -> None:
    raise AssertionError("nothing may be made before the address is ours")


def test_taken_port_is_refused_before_anything_is_made():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(CannotListen, match=f"127.0.0.1, port {port}: Address already in use"):
            serve(_never, Config(server=Server(port=port)), announce=_never)


def test_foreign_address_is_refused_in_words():
    with pytest.raises(CannotListen, match=r"Cannot listen on 192\.0\.2\.1, port 0: "):
        serve(_never, Config(server=Server(host="192.0.2.1", port=0)), announce=_never)


def workers_of(process: subprocess.Popen[str]) -> set[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return {int(each) for each in children.read_text().split()}


def until(happened: Callable[[], bool]) -> None:
    """Wait for what another process does by itself."""
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def is_refused(port: int) -> bool:
    with contextlib.suppress(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 20).close()
        return False
    return True


def test_processes_answer_on_one_port():
    with serving(processes=3) as (process, port):
        until(lambda: len(workers_of(process)) == 3)

        assert ask(port)[1]["process"] in workers_of(process)


def test_process_that_dies_is_replaced():
    with serving(processes=2) as (process, port):
        dead = ask(port)[1]["process"]

        os.kill(dead, signal.SIGKILL)

        until(lambda: dead not in workers_of(process) and len(workers_of(process)) == 2)
        assert ask(port)[1]["process"] in workers_of(process)


def test_processes_do_not_outlive_the_service():
    with serving(processes=2) as (process, port):
        assert ask(port)[0] == 200

        process.kill()

        until(lambda: is_refused(port))


def test_service_that_cannot_answer_ends():
    broken = "def broken(app):\n    raise OSError('no room')\n"
    broken += PROGRAM.replace("announce=", "at_work=broken, announce=")
    command = [sys.executable, "-c", broken, json.dumps({"port": 0, "processes": 2})]
    ended = subprocess.run(
        command, check=False, text=True, cwd=Path(__file__).parents[1], capture_output=True
    )

    assert ended.returncode == 1
    assert "OSError: no room" in ended.stderr
    assert "WorkerFailed: The service cannot start" in ended.stderr
    assert ended.stdout == ""
