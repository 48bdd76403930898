"""The ``booking`` command: parses, calls the same actions as every door, prints.

Exit codes: 0 done, 1 refused, 2 usage, 3 conflict.  Commands are loaded when
they are called, so that ``booking --help`` costs next to nothing.
"""

import gc
from collections.abc import Mapping
from importlib import import_module

import click

from booking import __version__

# Name -> where the command is, and its line in the help.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "serve": ("booking.cli.serve:serve", "Start the service."),
    "init": ("booking.cli.init:init", "Make the tables; print a link for the first admin."),
    "demo": ("booking.cli.demo:demo", "Make the demo house, or make it anew."),
    "doctor": ("booking.cli.doctor:doctor", "Look for what is wrong."),
    "backup": ("booking.cli.backup:backup", "Write a backup, while the service runs."),
    "restore": ("booking.cli.backup:restore", "Put a backup in place of the database."),
    "jobs": ("booking.cli.jobs:jobs", "Work in the background: list, retry, discard."),
    "retime": ("booking.cli.retime:retime", "Apply new time zone data to what is to come."),
    "user": ("booking.cli.user:user", "Accounts: add, list, password."),
    "site": ("booking.cli.site:site", "Sites: list, add."),
    "space": ("booking.cli.space:space", "Spaces: list, add."),
    "organisation": ("booking.cli.organisation:organisation", "Organisations: list, add."),
    "agenda": ("booking.cli.agenda:agenda", "The bookings of a person."),
    "feed": ("booking.cli.feed:feed", "Calendar links: create, list, revoke."),
    "app-password": (
        "booking.cli.app_password:app_password",
        "Passwords of calendar apps: create, list, revoke.",
    ),
    "calendars": ("booking.cli.calendars:calendars", "Connected calendars: list, rotate-key."),
    "free": ("booking.cli.free:free", "When rooms that fit are free."),
    "book": ("booking.cli.book:book", "Book spaces."),
    "import": ("booking.cli.importing:import_file", "Book what a calendar file has."),
    "import-table": (
        "booking.cli.tables:import_table",
        "Spaces, organisations, leases of a table.",
    ),
    "export": ("booking.cli.exporting:export", "Write all that is booked as calendar files."),
    "approve": ("booking.cli.approve:approve", "Approve a request."),
    "refuse": ("booking.cli.approve:refuse", "Refuse a request, with a reason."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command, None where there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        # What is loaded stays: looking for garbage in it costs a tenth of the start.
        gc.disable()
        try:
            command: click.Command = getattr(import_module(module), name)
        finally:
            gc.freeze()
            gc.enable()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list from the table, without loading any command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="booking")
def cli() -> None:
    """Room booking for shared houses.

    Exit codes: 0 done, 1 refused, 2 wrong usage, 3 conflict with another booking.
    """


def main() -> None:
    """Run the command of ``sys.argv`` and exit."""
    cli(prog_name="booking")
