"""``booking jobs``: the work in the background."""

import click
from flask_babel import gettext

from booking.actions import jobs as verbs
from booking.cli.house import House, house_command, table
from booking.core.values import OPERATOR
from booking.i18n import JOB_STANDINGS
from booking.queries import jobs as reads


@click.group()
def jobs() -> None:
    """Work in the background: mails, reminders, what comes round every night."""


@jobs.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=200, help="So many at most.")
@house_command
def list_jobs(house: House, limit: int) -> None:
    """List what died, what runs and what waits."""
    found = reads.jobs(house.session, now=house.now, limit=limit)
    data = [
        {
            "id": each.id,
            "kind": each.kind,
            "standing": each.standing.value,
            "at": each.at.isoformat(),
            "attempts": each.attempts,
            "error": each.error,
        }
        for each in found
    ]
    rows = [
        (
            str(each.id),
            each.kind,
            str(JOB_STANDINGS[each.standing.value]),
            f"{each.at:%Y-%m-%d %H:%M}Z",
            str(each.attempts),
            each.error,
        )
        for each in found
    ]
    house.tell(data, table(rows) if rows else [gettext("Nothing waits.")])


@jobs.command()
@click.argument("job_ids", type=int, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that died.")
@house_command
def retry(house: House, job_ids: tuple[int, ...], everything: bool) -> None:
    """Let dead jobs have all their tries again."""
    chosen = _chosen(house, job_ids, everything=everything)
    for job_id in chosen:
        verbs.retry(job_id, OPERATOR, now=house.now)
    house.tell(
        {"retried": chosen}, [gettext("%(number)s will be tried again.", number=len(chosen))]
    )


@jobs.command()
@click.argument("job_ids", type=int, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that died.")
@house_command
def discard(house: House, job_ids: tuple[int, ...], everything: bool) -> None:
    """Give dead jobs up."""
    chosen = _chosen(house, job_ids, everything=everything)
    for job_id in chosen:
        verbs.discard(job_id, OPERATOR)
    house.tell({"discarded": chosen}, [gettext("%(number)s given up.", number=len(chosen))])


def _chosen(house: House, job_ids: tuple[int, ...], *, everything: bool) -> list[int]:
    if everything == bool(job_ids):
        raise click.UsageError("Name the jobs by their ids, or say --all.")
    if job_ids:
        return list(dict.fromkeys(job_ids))
    found = reads.dead_ids(house.session)
    house.session.rollback()
    return found
