"""The way a mail leaves: by SMTP, or into a folder where nothing else is set."""

import os
import re
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path

from booking.config import Config

TIMEOUT_S = 20
FIRST_PERMANENT = 500
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


class Refused(Exception):
    """The mail will never be taken; the text says why, in words for an administrator."""


def send(mail: EmailMessage, config: Config) -> None:
    """Hand a mail over, or write it to ``var/outbox``.

    Raises:
        Refused: If the server refuses it for good: the address does not exist, say.
        OSError, smtplib.SMTPException: If it may go another time.
    """
    if not config.mail.smtp_host:
        _write(mail, config.outbox)
        return
    try:
        with _connected(config) as server:
            server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        _raise_if_final(code, said)
        raise
    except smtplib.SMTPAuthenticationError as error:
        # A wrong password is mended in the settings, and the mails go out then.
        raise smtplib.SMTPException(
            f"the mail server refuses our sign-in ({error.smtp_code})"
        ) from None
    except smtplib.SMTPResponseException as error:
        _raise_if_final(error.smtp_code, error.smtp_error)
        raise


def outbox_files(config: Config) -> list[Path]:
    """Return the mails that were written to the folder, the newest first."""
    if not config.outbox.is_dir():
        return []
    return sorted(config.outbox.glob("*.eml"), reverse=True)


def _connected(config: Config) -> smtplib.SMTP:
    host, port, security = config.mail.smtp_host, config.mail.smtp_port, config.mail.smtp_security
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if security == "tls":
        server = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
    try:
        if security == "starttls":
            server.starttls(context=context)
        if config.mail.smtp_user:
            server.login(config.mail.smtp_user, config.mail.smtp_password)
    except BaseException:
        server.close()
        raise
    return server


def _raise_if_final(code: int, said: bytes | str) -> None:
    if code >= FIRST_PERMANENT:
        text = said.decode(errors="replace") if isinstance(said, bytes) else said
        raise Refused(f"{code} {' '.join(text.split())[:200]}") from None


def _write(mail: EmailMessage, folder: Path) -> None:
    """Write the mail under a name that comes from its Message-ID: the same mail is one file."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # mails are their readers' business
    date = mail["Date"].datetime.strftime("%Y%m%dT%H%M%S")
    name = _UNFIT.sub("-", str(mail["Message-ID"]).strip("<>"))
    path = folder / f"{date}-{name}.eml"
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(mail.as_bytes())
    part.replace(path)
