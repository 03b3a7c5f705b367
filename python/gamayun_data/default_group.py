"""A group of commands one of which needs no name: `plan RUN` beside `plan diff A B`."""

from __future__ import annotations

import click


class DefaultGroup(click.Group):
    """A group that hands what begins with no command of its own to its default."""

    default: click.Command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the name of the default before what does not name another command."""
        if not args or args[0] not in self.commands:
            args = [str(self.default.name), *args]
        return super().parse_args(ctx, args)

    def by_default(self, command: click.Command) -> None:
        """Take a command for the default."""
        self.default = command
        self.help = command.help
        self.add_command(command)
