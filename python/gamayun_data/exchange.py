"""Tokenizers from and to the files of other tools, and two vocabularies side by side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from gamayun_data import _core
from gamayun_data.errors import ConfigError
from gamayun_data.receipts import write_atomic
from gamayun_data.tokenizer import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from gamayun_data.counting import PretokenCounts

FORMATS: Final = ("json", "tiktoken", "vocab-merges")
"""`tokenizer.json`; tiktoken ranks; a folder with `vocab.json` and `merges.txt`."""


def load_tokenizer(
    path: str | Path,
    *,
    split: str | None = None,
    special_tokens: Mapping[str, int] | None = None,
) -> Tokenizer:
    """Read a tokenizer of any known format: what is in the file decides.

    A `tokenizer.json`; a folder with `vocab.json` and `merges.txt`; or tiktoken ranks. The last two
    need `split`, a name or `regex:` and a regex, since the files do not say how text is cut, and
    take special tokens with their ids. `ConfigError` where it is missing.
    """
    path = Path(path)
    if path.is_dir() and (path / "tokenizer.json").exists():
        return Tokenizer.from_file(path / "tokenizer.json")
    pair = path.is_dir()
    if not pair and path.read_bytes().lstrip()[:1] == b"{":
        return Tokenizer.from_file(path)
    if split is None:
        raise ConfigError(
            f"{path}: the file does not say how text is cut; expected a split",
            parameter="split",
            path=path,
        )
    if pair:
        vocab, merges = path / "vocab.json", path / "merges.txt"
        names = list(special_tokens or {})
        return Tokenizer.from_vocab_merges(vocab, merges, split=split, special_tokens=names)
    return Tokenizer.from_tiktoken(path, split=split, special_tokens=special_tokens)


@dataclass(frozen=True, slots=True)
class Exported:
    """The files that were written, and what of the tokenizer is not in them."""

    files: tuple[Path, ...]
    split: str | None
    special_tokens: dict[str, int]


def export_tokenizer(
    tokenizer: Tokenizer,
    output: str | Path,
    *,
    format: Literal["json", "tiktoken", "vocab-merges"] = "json",
) -> Exported:
    """Write a tokenizer for another tool; `ConfigError` for what its format cannot hold.

    `output` is a file, or a folder for `vocab-merges`. Ranks and merges hold neither the split
    pattern nor which tokens are special: the result names them.
    """
    output = Path(output)
    if format == "json":
        tokenizer.save(output)
        return Exported((output,), None, {})
    specials = tokenizer.special_tokens
    if format == "tiktoken":
        write_atomic(output, _core.tokenizer_to_ranks(tokenizer.core))
        return Exported((output,), tokenizer.split, specials)
    if format != "vocab-merges":
        expected = ", ".join(FORMATS)
        raise ConfigError(f"format: {format!r} is not one of {expected}", parameter="format")
    vocab, merges = _core.tokenizer_to_vocab_merges(tokenizer.core)
    write_atomic(output / "vocab.json", vocab)
    write_atomic(output / "merges.txt", merges)
    return Exported((output / "vocab.json", output / "merges.txt"), tokenizer.split, specials)


@dataclass(frozen=True, slots=True)
class TokenizerDiff:
    """What two vocabularies share, and of which old tokens each new one is made.

    `table` has a row for each new token: `new_id`, `token` (its bytes), `special`, `old_id` (the
    old token of the same bytes, or null) and `old_pieces` (what the old tokenizer merges the bytes
    to). From it a new embedding starts: the old row where there is one, else a mean of the pieces'.
    """

    table: pl.DataFrame
    old_tokens: int
    new_tokens: int
    shared: int
    same_id: int
    mean_pieces: float
    """Old pieces of a token that is new, on average; 0 if none is."""

    def save(self, path: str | Path) -> None:
        """Write the table: Parquet, or TSV if the name ends so (tokens in hexadecimal)."""
        import polars as pl

        path = Path(path)
        if path.suffix != ".tsv":
            partial = path.with_name(f"{path.name}.tmp")
            self.table.write_parquet(partial)
            partial.replace(path)
            return
        pieces = pl.col("old_pieces").cast(pl.List(pl.String)).list.join(" ")
        rows = self.table.with_columns(pl.col("token").bin.encode("hex"), pieces)
        write_atomic(path, rows.write_csv(separator="\t"))

    def summary(self) -> dict[str, Any]:
        """The counts alone."""
        names = ("old_tokens", "new_tokens", "shared", "same_id", "mean_pieces")
        return {name: getattr(self, name) for name in names}


def extend_tokenizer(
    tokenizer: Tokenizer,
    counts: PretokenCounts,
    vocab_size: int,
    *,
    min_frequency: int = 2,
    max_token_length: int | None = None,
    weights: Mapping[str, float] | None = None,
) -> Tokenizer:
    """Train further merges for a tokenizer, up to `vocab_size` ids; all its ids stay.

    The counts must have been made with its split (`tokenizer.split`). New ids come behind the
    highest; a `tokenizer.json` that was loaded keeps everything else it says.

    >>> import gamayun_data as gd
    >>> old = gd.train_tokenizer(["low lower lowest"] * 4, vocab_size=260)
    >>> counts = gd.PretokenCounts.of_texts(["slow slower slowest"] * 4)
    >>> gd.extend_tokenizer(old, counts, 263).merges[-1]
    (b' slow', b'e')
    """
    made = _core.extend_tokenizer(
        tokenizer.core,
        counts.core,
        vocab_size=vocab_size,
        min_frequency=min_frequency,
        max_token_length=max_token_length,
        weights=sorted((weights or {}).items()),
    )
    return Tokenizer(made)


def diff_tokenizers(old: Tokenizer, new: Tokenizer) -> TokenizerDiff:
    """Compare two vocabularies by the bytes of their tokens.

    >>> import gamayun_data as gd
    >>> old, new = (gd.train_tokenizer(["low lower"] * 4, vocab_size=n) for n in (258, 260))
    >>> diff = diff_tokenizers(old, new)
    >>> diff.shared, diff.table["old_pieces"].list.len().to_list()[258:]
    (258, [2, 2])
    """
    import polars as pl

    table = pl.DataFrame(_core.diff_tokenizers(old.core, new.core))
    shared = table.filter(pl.col("old_id").is_not_null())
    unshared = table.filter(pl.col("old_id").is_null())
    lengths = unshared["old_pieces"].list.len().to_list()
    return TokenizerDiff(
        table=table,
        old_tokens=old.core.token_count,
        new_tokens=table.height,
        shared=shared.height,
        same_id=shared.filter(pl.col("old_id") == pl.col("new_id")).height,
        mean_pieces=sum(lengths) / len(lengths) if lengths else 0.0,
    )
