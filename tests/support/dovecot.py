"""A real IMAP server (Debian's Dovecot) on a free port, with mailboxes in a folder of its own."""

import getpass
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from tests.support.service import free_port

PASSWORD = "three-blue-chairs"
PATIENCE_S = 20
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
mailbox_list_index = no
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """The server: its port, and the Maildir of each user, which it makes when asked."""

    port: int
    folder: Path
    uid: int
    gid: int

    def maildir(self, user: str) -> Path:
        """Return the Maildir of a user."""
        box = self.folder / "mail" / user
        for name in ("", "new", "cur", "tmp"):
            (box / name).mkdir(exist_ok=True, parents=True)
            if os.getuid() == 0:
                os.chown(box / name, self.uid, self.gid)
        return box

    def deliver(self, user: str, mail: EmailMessage | bytes, name: str) -> None:
        """Put a mail into the mailbox, as a delivery agent does."""
        deliver(self.maildir(user), mail, name, owner=(self.uid, self.gid))


def deliver(
    maildir: Path, mail: EmailMessage | bytes, name: str, *, owner: tuple[int, int] | None = None
) -> None:
    """Write a mail to a Maildir in the way of the standard: first ``tmp``, then ``new``."""
    draft = maildir / "tmp" / name
    draft.write_bytes(mail if isinstance(mail, bytes) else mail.as_bytes())
    if owner and os.getuid() == 0:
        os.chown(draft, *owner)
    draft.rename(maildir / "new" / name)


def make_maildir(folder: Path) -> Path:
    """Make a Maildir and return it."""
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    return folder


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """Run a server until the end of the block."""
    program = shutil.which("dovecot") or "/usr/sbin/dovecot"
    assert Path(program).exists(), "install Debian's dovecot-imapd, or run .ci/run"
    # Not in the run's folder, which is closed to the user whose mails these are.
    folder = Path(tempfile.mkdtemp(prefix="booking-imap-"))
    folder.chmod(0o755)
    is_root = os.getuid() == 0
    me = getpass.getuser()
    owner = pwd.getpwnam("nobody" if is_root else me)
    server = Dovecot(free_port(), folder, owner.pw_uid, owner.pw_gid)
    (folder / "mail").mkdir()
    if is_root:
        os.chown(folder / "mail", owner.pw_uid, owner.pw_gid)
    settings = folder / "dovecot.conf"
    settings.write_text(
        CONFIG.format(
            folder=folder,
            port=server.port,
            password=PASSWORD,
            uid=server.uid,
            gid=server.gid,
            internal="dovecot" if is_root else me,
            group="dovecot" if is_root else grp.getgrgid(owner.pw_gid).gr_name,
            login="dovenull" if is_root else me,
        )
    )
    process = subprocess.Popen([program, "-F", "-c", str(settings)])
    try:
        _wait(server.port, process, folder / "log")
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    said = log.read_text() if log.exists() else ""
    raise AssertionError(f"Dovecot did not start: {said[-2000:]}")
