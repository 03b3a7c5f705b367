"""What surrounds every command: errors become exit codes, results go to stdout, talk to stderr."""

from __future__ import annotations

import errno
import functools
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from gamayun_data.errors import ConfigError, GamayunError
from gamayun_data.results import to_json

if TYPE_CHECKING:
    from types import ModuleType

    from rich.console import Console

    from gamayun_data.progress import Progress

FAILED, REFUSED, INTERRUPTED = 1, 2, 130


def verbs(module: str = "pipeline") -> ModuleType:
    """The verbs. Imported late, like all that is slow, so that `--help` answers at once."""
    return importlib.import_module(f"gamayun_data.{module}")


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Turn errors into one clear line on stderr and an exit code."""

    @functools.wraps(command)
    def run(*args: object, **options: object) -> None:
        try:
            command(*args, **options)
        except ConfigError as error:
            _fail(str(error), REFUSED)
        except GamayunError as error:
            _fail(str(error), FAILED)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # click ends quietly when nobody reads any more
            _fail(_system_message(error), FAILED)
        except KeyboardInterrupt:
            click.echo("interrupted; the same command resumes", err=True)
            sys.exit(INTERRUPTED)

    return run


def _fail(message: str, code: int) -> None:
    click.echo(f"error: {message}", err=True)
    sys.exit(code)


def _system_message(error: OSError) -> str:
    if error.filename is None or error.strerror is None:
        return str(error)
    return f"{error.filename}: {error.strerror}"


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Show progress on stderr while a verb runs."""
    from rich.console import Console

    from gamayun_data import progress

    with progress.shown(Console(stderr=True)) as show:
        yield show


def tell(
    result: object,
    show: str,
    *,
    as_json: bool,
    module: str = "report",
    to_stderr: bool = False,
) -> None:
    """Print a result: as JSON, or by the function of `report`, or of `module`, that is named."""
    if as_json:
        click.echo(json.dumps(to_json(result), ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    reports = importlib.import_module(f"gamayun_data.{module}")
    printer: Callable[[Console, object], None] = getattr(reports, show)
    printer(Console(stderr=to_stderr), result)


def look(*lines: str) -> None:
    """Say on stderr where to look."""
    for line in lines:
        click.echo(line, err=True)


def say(result: object, lines: list[str], *, as_json: bool) -> None:
    """Print a result: as JSON, or as these lines."""
    if as_json:
        lines = [json.dumps(to_json(result), ensure_ascii=False, indent=2)]
    for line in lines:
        click.echo(line)
