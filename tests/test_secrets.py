"""Tokens, and the secret file that several processes make at the same time."""

import multiprocessing
import os
import re
import stat
from pathlib import Path

import pytest

from booking.secrets import (
    SecretFileError,
    hash_token,
    load_or_create,
    new_app_secret,
    new_token,
    plain_app_secret,
)


def test_token_is_random_and_fits_a_url():
    tokens = {new_token() for _ in range(1000)}

    assert len(tokens) == 1000
    # 22 characters of 6 bits are 132 bits.
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22,}", token) for token in tokens)


def test_hash_is_sha_256():
    assert hash_token("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_app_secret_has_140_bits_and_is_read_as_people_type_it():
    secret = new_app_secret()
    plain = secret.replace("-", "")
    assert re.fullmatch(r"[0-9a-hj-kmnp-tv-z]{28}", plain)
    assert secret != new_app_secret()
    for typed in (secret, secret.upper(), f" {secret.replace('-', ' ')}\t", plain):
        assert plain_app_secret(typed) == plain
    assert plain_app_secret("oO0iIlL1" + "2" * 20) == "00011111" + "2" * 20


@pytest.mark.parametrize(
    "typed", ["", "2" * 27, "2" * 29, "u" * 28, "é" * 28, "\ud800" * 28, "2" * 100_000]
)
def test_what_cannot_be_an_app_secret_is_none(typed):
    assert plain_app_secret(typed) == ""


def test_secret_file_is_made_once_for_its_owner_only(tmp_path):
    path = tmp_path / "var" / "secret.key"

    secret = load_or_create(path)

    assert len(secret) >= 32
    assert load_or_create(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["secret.key"]


def test_secret_files_differ(tmp_path):
    assert load_or_create(tmp_path / "a") != load_or_create(tmp_path / "b")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_secret_file_that_others_may_read_is_refused(tmp_path, mode):
    path = tmp_path / "secret.key"
    load_or_create(path)
    path.chmod(mode)

    with pytest.raises(SecretFileError, match=f"chmod 600 {re.escape(str(path))}"):
        load_or_create(path)


def test_empty_secret_file_is_refused(tmp_path):
    path = tmp_path / "secret.key"
    path.touch(mode=0o600)

    with pytest.raises(SecretFileError, match="shorter than 32 bytes"):
        load_or_create(path)


def test_folder_in_place_of_the_file_is_refused_in_words(tmp_path):
    (tmp_path / "secret.key").mkdir(mode=0o700)

    with pytest.raises(SecretFileError, match="cannot be used: Is a directory"):
        load_or_create(tmp_path / "secret.key")


def _load_at_once(path: Path, barrier, results) -> None:
    barrier.wait()
    results.put(load_or_create(path))


def test_processes_that_start_together_get_one_secret(tmp_path):
    # Forked children start within microseconds of the barrier; nothing else runs yet.
    context = multiprocessing.get_context("fork" if os.name == "posix" else "spawn")
    for attempt in range(5):
        path, barrier, results = tmp_path / str(attempt), context.Barrier(8), context.Queue()
        workers = [
            context.Process(target=_load_at_once, args=(path, barrier, results)) for _ in range(8)
        ]
        for worker in workers:
            worker.start()
        found = {results.get(timeout=20) for _ in workers}
        for worker in workers:
            worker.join(20)

        assert found == {path.read_bytes().strip()}
        assert not list(tmp_path.glob(".*"))
