"""``booking backup`` and ``booking restore``."""

from contextlib import nullcontext
from pathlib import Path

import click
from flask_babel import gettext

from booking import backups
from booking.cli.house import House, Refusal, house_command, now, opened, settings, to_json
from booking.cli.prepare import alone


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--keep", type=click.IntRange(1), help="Remove older backups, but for so many.")
@house_command
def backup(house: House, file: Path | None, keep: int | None) -> None:
    """Write a backup of the database and the secret, while the service runs.

    Without FILE it goes to the folder "backups" in paths.var, under the time
    of the backup; --keep cleans up there.  The file holds everything that the
    house knows: keep it as safe as the database.
    """
    if file is not None and keep is not None:
        raise click.UsageError("--keep is for the service's own folder: leave FILE out.")
    target = file or backups.default_file(house.config, now=house.now)
    house.session.rollback()
    contents = backups.make(house.config, target, now=house.now)
    removed = [] if keep is None else backups.keep_newest(target.parent, keep)
    size = target.stat().st_size
    data = {
        "file": str(target),
        "bytes": size,
        "revision": contents.revision,
        "removed": [str(each) for each in removed],
    }
    lines = [gettext("%(file)s, %(size)s kB", file=target, size=max(1, size // 1000))]
    lines += [gettext("removed: %(file)s", file=each) for each in removed]
    house.tell(data, lines)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--overwrite", is_flag=True, help="Replace the database that is there.")
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="Settings file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def restore(file: Path, overwrite: bool, config_file: Path | None, as_json: bool) -> None:
    """Put a backup in place of the database; the service must be stopped.

    Nothing is replaced without --overwrite.  An SQLite file that is replaced
    stays beside the new one, with ".before-" and the time in its name.
    """
    config = settings(config_file)
    lock = config.sqlite_file
    if lock is not None and not lock.parent.exists():
        try:
            lock.parent.mkdir(mode=0o700, parents=True)
        except OSError as error:
            raise Refusal(f"The folder {lock.parent} cannot be made: {error.strerror}.") from error
    with opened(config), alone(lock) if lock else nullcontext():
        contents = backups.restore(config, file, overwrite=overwrite, now=now())
        if as_json:
            click.echo(to_json({"made_at": contents.made_at, "revision": contents.revision}))
            return
        click.echo(gettext("Restored as of %(at)s.", at=contents.made_at))
        click.echo(gettext("Look at it with `booking doctor`, then start the service."))
