"""``booking doctor``: looks for what is wrong, and says what to do about it."""

import os
from datetime import datetime
from pathlib import Path

import click

from booking.cli.house import REFUSED, now, opened, small_app, table, to_json
from booking.cli.public import is_public
from booking.cli.words import check_sentence
from booking.config import Config, ConfigError, load_config
from booking.demo import has_demo_accounts
from booking.health import Check, failing, thorough
from booking.school import SchoolFileError, check_file
from booking.secrets import SecretFileError


@click.command()
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="Settings file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def doctor(config_file: Path | None, as_json: bool) -> None:
    """Check settings, mail, database, guard, tables, holds, clock, failed work and demo accounts.

    Ends with exit code 1 where something has to be done.  Changes nothing.
    """
    config, checks = Config(), list[Check]()
    try:
        config = load_config(config_file)
    except ConfigError as error:
        checks.append(failing("configuration", "told", reason=str(error)))
    else:
        checks = examine(config, now=now())
    with small_app(config).app_context():  # for the language alone
        found = [(check, check_sentence(check)) for check in checks]
    is_well = all(check.is_ok for check in checks)
    if as_json:
        entries = [
            {"name": check.name, "status": check.status, "detail": told} for check, told in found
        ]
        click.echo(to_json({"status": "ok" if is_well else "failing", "checks": entries}))
    else:
        click.echo("\n".join(table([(each.status, each.name, told) for each, told in found])))
    if not is_well:
        raise click.exceptions.Exit(REFUSED)


def examine(config: Config, *, now: datetime) -> list[Check]:
    """Return all checks: settings, then what the database says, then the demo accounts."""
    checks = [Check("configuration", "ok"), _secret(config), _folder(config), _mail(config)]
    checks.append(_school(config))
    checks.append(_profiles(config))
    checks += thorough(config.database_url, now=now)
    return [*checks, _demo(config, checks)]


def _secret(config: Config) -> Check:
    file = config.paths.var / "secret.key"
    if not config.security.secret_key and file.exists():
        try:
            config.signing_key()
        except SecretFileError as error:
            return failing("secret", "told", reason=str(error))
    return Check("secret", "ok")


def _folder(config: Config) -> Check:
    folder = config.paths.var
    if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
        return failing("folder", "folder_not_writable", folder=str(folder))
    return Check("folder", "ok")


def _mail(config: Config) -> Check:
    """Tell where mails go; a house without a mail server is well all the same."""
    if config.mail.smtp_host:
        return Check("mail", "ok")
    return Check("mail", "ok", "mail_kept", {"folder": str(config.paths.var / "outbox")})


def _school(config: Config) -> Check:
    """Whether the file of school holidays, where there is one, can be used."""
    try:
        if config.school_file:
            check_file(config.school_file)
    except SchoolFileError as error:
        return failing("school", "told", reason=str(error))
    return Check("school", "ok")


def _profiles(config: Config) -> Check:
    """Whether the profiles of Apple devices, where they are to be signed, can be."""
    if (signer := config.profile_signer) is None:
        return Check("profiles", "ok")
    from booking import profiles  # noqa: PLC0415  loads a library for this alone

    try:
        profiles.check_signing(*signer, now=now())
    except profiles.CertificateError as error:
        return failing("profiles", "told", reason=str(error))
    return Check("profiles", "ok")


def _demo(config: Config, checks: list[Check]) -> Check:
    """Ask last, and only where the tables can be read."""
    if any(not check.is_ok for check in checks if check.name in ("database", "migrations")):
        return Check("demo", "unknown", "not_asked")
    if not is_public(config):
        return Check("demo", "ok")
    with opened(config) as session:
        known = has_demo_accounts(session)
    return failing("demo", "demo_public") if known else Check("demo", "ok")
