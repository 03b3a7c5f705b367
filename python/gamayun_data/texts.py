"""What the engines take as texts, and how many threads they use."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from gamayun_data.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable


class _ArrowArray(Protocol):
    def __arrow_c_array__(self, requested_schema: object = ...) -> object: ...


class _ArrowStream(Protocol):
    def __arrow_c_stream__(self, requested_schema: object = ...) -> object: ...


Texts: TypeAlias = "Sequence[str] | _ArrowArray | _ArrowStream"


def threads_of(threads: int | None) -> int:
    """Threads to use: as many as there are cores for this process, unless said.

    >>> threads_of(3)
    3
    """
    return threads or len(os.sched_getaffinity(0))


def unwritable(texts: Iterable[Any]) -> InputError:
    r"""Name the first text that UTF-8 cannot write: Python allows half of a surrogate pair alone.

    >>> str(unwritable(["fine", "ab\ud83d"]))
    'text 1: character 2 is half a surrogate pair (U+D83D), which no UTF-8 holds'
    """
    for number, text in enumerate(texts):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            half = f"U+{ord(text[error.start]):04X}"
            return InputError(
                f"text {number}: character {error.start} is half a surrogate pair ({half}), "
                "which no UTF-8 holds",
                record=number,
            )
    return InputError("a text is not UTF-8")
