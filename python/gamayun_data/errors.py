"""The exceptions of the package: one small tree, each with the facts its message speaks of.

GamayunError
 ├─ ConfigError      a parameter, recipe or command line that cannot be used
 ├─ InputError       an input file or a record in it that cannot be read
 ├─ FormatError      a file of ours that does not have the structure it should have
 └─ IntegrityError   a file of ours whose content is not what was written

Failures of the operating system stay what they are: `OSError` and its children.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class GamayunError(Exception):
    """The parent of all errors that this package raises on purpose."""

    def __init__(self, message: str, *, path: str | Path | None = None) -> None:
        """Keep the message and the file it is about, where there is one."""
        super().__init__(message)
        self.path = None if path is None else str(path)


class ConfigError(GamayunError):
    """A value that cannot be used; `parameter` says which, such as `stages[0].anchors.en`."""

    def __init__(
        self, message: str, *, parameter: str | None = None, path: str | Path | None = None
    ) -> None:
        """Keep the message and the name of the parameter."""
        super().__init__(message, path=path)
        self.parameter = parameter


class InputError(GamayunError):
    """An input that cannot be read; `record` counts from 1 within the file."""

    def __init__(
        self, message: str, *, path: str | Path | None = None, record: int | None = None
    ) -> None:
        """Keep the message, the file and the record."""
        super().__init__(message, path=path)
        self.record = record


class FormatError(GamayunError):
    """A file of ours with a broken structure; `offset` is in bytes from its start."""

    def __init__(
        self, message: str, *, path: str | Path | None = None, offset: int | None = None
    ) -> None:
        """Keep the message, the file and the place in it."""
        super().__init__(message, path=path)
        self.offset = offset


class IntegrityError(GamayunError):
    """A file of ours whose hashes or counts do not agree with what its manifest says."""
