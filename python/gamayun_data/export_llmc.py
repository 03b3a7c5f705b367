"""llm.c and modded-nanogpt: files that need no description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gamayun_data.export_samples import SampleFile, Written

HEAD: Final = 1024


def read(written: Written, file: SampleFile, number: int) -> bytes:
    """The tokens of a sample of a file."""
    with written.path(file).open("rb") as tokens:
        tokens.seek(HEAD + number * written.sample_bytes)
        return tokens.read(written.sample_bytes)


def describe(_: Written) -> Mapping[str, str]:
    """Nothing beside the files."""
    return {}
