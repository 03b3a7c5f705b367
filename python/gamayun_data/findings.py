"""What `verify` finds: problems with their places, and counts of what was looked at."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gamayun_data.errors import GamayunError
from gamayun_data.results import Problem, Verification

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Findings:
    """Problems and counts, as the checks of a run find them."""

    def __init__(self, run: Path) -> None:
        """Begin with nothing wrong."""
        self.run = run
        self.problems: list[Problem] = []
        self.checked: Counter[str] = Counter()

    def wrong(self, path: str | Path, what: str, offset: int | None = None) -> None:
        """Note a problem of a file."""
        self.problems.append(Problem(str(path), offset, what))

    def equal(self, path: str | Path, what: str, found: object, claimed: object) -> None:
        """Note a problem if something is not what a file says it is."""
        self.checked["counts"] += 1
        if found != claimed:
            self.wrong(path, f"{what}: found {found}, but {claimed} is claimed")

    def guarded(self, check: Callable[[], None]) -> None:
        """Run a check; what it cannot read is a problem, not an end."""
        import polars as pl

        try:
            check()
        except (GamayunError, OSError) as error:
            path = getattr(error, "path", None) or getattr(error, "filename", None) or self.run
            self.wrong(path, str(error).removeprefix(f"{path}: "), getattr(error, "offset", None))
        except pl.exceptions.PolarsError as error:
            self.wrong(self.run, f"a table cannot be read: {error}")
        except (AttributeError, LookupError, ArithmeticError, TypeError, ValueError) as error:
            self.wrong(self.run, f"a record of the run is not whole: {error!r}")

    def result(self) -> Verification:
        """All of it."""
        return Verification(not self.problems, tuple(self.problems), dict(self.checked))
