"""`verify`: recomputes what a run claims, from its rows and its shards.

The counts are taken anew with polars and numpy from the files themselves; the Rust that wrote them
takes part only in checking hashes, and in encoding a sample of documents again.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import _core, manifests, order, provenance
from gamayun_data.errors import ConfigError, GamayunError, IntegrityError
from gamayun_data.receipts import read_receipt
from gamayun_data.rehydration import weight_of
from gamayun_data.results import Problem, Verification
from gamayun_data.steps import Limits, heard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import polars as pl

    from gamayun_data.progress import Progress
    from gamayun_data.shards import Shard

ID_BYTES: Final = 16


def verify(
    run: str | Path,
    *,
    sample: int = 200,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Check hashes, structure, tokens and counts of a run, and encode `sample` documents again.

    Raises `ConfigError` if there is no run; all that is wrong with one is in the result.
    """
    run = Path(run)
    if not (run / provenance.FILE).exists():
        raise ConfigError(f"{run}: no finished run is there ({provenance.FILE} is missing)")
    check = _Check(run, Limits.of(threads, None), progress)
    check.guarded(check.rows)
    if (run / "manifests").is_dir():
        check.guarded(check.manifests)
        check.guarded(lambda: check.shards(sample))
    return Verification(not check.problems, tuple(check.problems), dict(check.checked))


class _Check:
    """Problems and counts as they are found."""

    def __init__(self, run: Path, limits: Limits, progress: Progress | None) -> None:
        self.run, self.limits, self.progress = run, limits, progress
        self.problems: list[Problem] = []
        self.checked: Counter[str] = Counter()

    def wrong(self, path: str | Path, what: str, offset: int | None = None) -> None:
        self.problems.append(Problem(str(path), offset, what))

    def equal(self, path: str | Path, what: str, found: object, claimed: object) -> None:
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
            self.wrong(path, str(error), getattr(error, "offset", None))
        except pl.exceptions.PolarsError as error:
            self.wrong(self.run, f"a table cannot be read: {error}")
        except (KeyError, TypeError, ValueError) as error:
            self.wrong(self.run, f"a record of the run is not whole: {error!r}")

    # --- rows ---------------------------------------------------------------------------------

    def rows(self) -> None:
        """Recount every document from its rows, part by part."""
        import polars as pl

        claimed = provenance.read(self.run)
        dropped: Counter[str] = Counter()
        rejected: Counter[str] = Counter()
        documents = text_bytes = selected = left = 0
        for part in sorted(path.name for path in (self.run / "documents").glob("part-*.parquet")):
            frame = self._part(part)
            documents += frame.height
            text_bytes += int(frame["size"].sum())
            counted = frame.group_by("fate").len()
            fates = {fate: count for fate, count in counted.iter_rows() if fate != "kept"}
            dropped.update(fates)
            selected += frame.height - sum(fates.values())
            kept = frame.filter(pl.col("fate") == "kept")
            left += int(kept["size"].sum()) - int(kept["cut"].sum())
            self._same_bytes(part, frame)
        for record in _json_lines(self.run / "rejected.jsonl"):
            if not record["tail_unknown"]:
                rejected[record["reason"]] += 1
        counts, path = claimed["counts"], provenance.FILE
        self.equal(path, "documents", documents, counts["documents"])
        self.equal(path, "rejected records", dict(rejected), counts["rejected"])
        self.equal(path, "records", documents + rejected.total(), counts["records"])
        self.equal(path, "dropped documents", dict(dropped), counts["dropped"])
        self.equal(path, "selected documents", selected, counts["selected"])
        self.equal(path, "bytes of text", text_bytes, counts["text_bytes"])
        self.equal(path, "bytes that edits leave", left, counts["selected_bytes"])
        self._selection(counts, claimed["rehydration"])
        self._against(claimed["against"])
        self.checked["documents"] += documents

    def _part(self, part: str) -> pl.DataFrame:
        """The fate of each document of a part: `kept`, or `step.reason`."""
        import polars as pl

        columns = {
            "documents": pl.scan_parquet(self.run / "documents" / part).select(
                size=pl.col("text").str.len_bytes()
            ),
            "annotations": pl.scan_parquet(self.run / "annotations" / part).select("text_bytes"),
            "decisions": pl.scan_parquet(self.run / "decisions" / part).select(
                "passed", "step", "reason"
            ),
            "dedup": pl.scan_parquet(self.run / "dedup" / part).select(
                "kept_id", "kept_from", "measure"
            ),
        }
        if (self.run / "edits").is_dir():
            span = pl.element().struct
            cut = pl.col("spans").list.eval(span.field("end") - span.field("start")).list.sum()
            edits = pl.scan_parquet(self.run / "edits" / part)
            columns["edits"] = edits.select(cut=cut, short="dropped")
        if (self.run / "contamination").is_dir():
            looked_for = pl.scan_parquet(self.run / "contamination" / part)
            columns["contamination"] = looked_for.select("dropped", "benchmark")
        else:
            nothing = {"dropped": pl.lit(value=False), "benchmark": pl.lit("")}
            columns["decisions"] = columns["decisions"].with_columns(**nothing)
        tables = {name: column.collect() for name, column in columns.items()}
        heights = {name: table.height for name, table in tables.items()}
        if len(set(heights.values())) > 1:
            raise IntegrityError(
                f"{part}: rows do not agree: {heights}", path=self.run / "documents" / part
            )
        near = (
            pl.when(pl.col("kept_from").is_not_null())
            .then(pl.lit("earlier"))
            .when(pl.col("measure") == "exact")
            .then(pl.lit("exact"))
            .otherwise(pl.lit("near"))
        )
        fate = (
            pl.when(~pl.col("passed"))
            .then(pl.col("step") + "." + pl.col("reason"))
            .when(pl.col("dropped"))
            .then(pl.lit("decontamination.") + pl.col("benchmark"))
            .when(pl.col("kept_id").is_not_null())
            .then(pl.lit("dedup.") + near)
            .otherwise(pl.lit("kept"))
        )
        frame = pl.concat(tables.values(), how="horizontal").with_columns(fate=fate)
        if "short" not in frame.columns:
            return frame.with_columns(cut=pl.lit(0, dtype=pl.UInt64))
        short = pl.col("short") & (pl.col("fate") == "kept")
        too_short = pl.lit("passages.too_short")
        return frame.with_columns(fate=pl.when(short).then(too_short).otherwise("fate"))

    def _same_bytes(self, part: str, frame: pl.DataFrame) -> None:
        import polars as pl

        off = frame.with_row_index().filter(pl.col("text_bytes") != pl.col("size"))
        if off.height:
            row = off["index"][0]
            self.wrong(f"annotations/{part}", f"row {row}: another text size than in documents/")

    def _selection(
        self, counts: Mapping[str, Any], weights: Mapping[str, Mapping[str, int]]
    ) -> None:
        """The selection holds the survivors, each once, ordered by DocId."""
        import polars as pl

        kept = []
        for path in sorted((self.run / "dedup").glob("part-*.parquet")):
            passed = pl.read_parquet(self.run / "decisions" / path.name, columns=["passed"])
            ids = pl.read_parquet(path, columns=["doc_id", "kept_id"])
            stays = passed["passed"] & ids["kept_id"].is_null()
            edits = self.run / "edits" / path.name
            if edits.exists():
                stays &= ~pl.read_parquet(edits, columns=["dropped"])["dropped"]
            if (self.run / "contamination").is_dir():
                looked = self.run / "contamination" / path.name
                stays &= ~pl.read_parquet(looked, columns=["dropped"])["dropped"]
            rows = ids.filter(stays)
            kept.append(rows["doc_id"].cast(pl.Binary))
        survivors = pl.concat(kept).sort() if kept else pl.Series([], dtype=pl.Binary)
        files = sorted((self.run / "selection").glob("part-*.parquet"))
        selection = (
            pl.scan_parquet(files)
            .select(
                pl.col("doc_id").cast(pl.Binary),
                "language",
                "split",
                "cluster_size",
                pl.col("copies").cast(pl.UInt64),
                size=pl.col("text").str.len_bytes().cast(pl.UInt64),
            )
            .collect()
        )
        if not selection["doc_id"].equals(survivors):
            self.wrong("selection", "its documents are not the survivors in the order of their ids")
        size = int(selection["size"].sum())
        self.equal("selection", "bytes of text", size, counts["selected_bytes"])
        copied = int((selection["copies"] * selection["size"]).sum())
        self.equal("selection", "documents repeated", selection["copies"].sum(), counts["copies"])
        self.equal("selection", "bytes repeated", copied, counts["copied_bytes"])
        self._copies(selection, weights)

    def _copies(self, selection: pl.DataFrame, weights: Mapping[str, Mapping[str, int]]) -> None:
        """A training document has the copies that its language and cluster weigh, others one."""
        by_size = {
            language: {int(size): weight for size, weight in mine.items()}
            for language, mine in weights.items()
        }
        kinds = selection.select("language", "split", "cluster_size", "copies").unique()
        for language, split, size, copies in sorted(kinds.iter_rows()):
            known = by_size.get(language, {}) if split == "train" else {}
            what = f"copies of a {split} document of {language}, cluster of {size}"
            self.equal("selection", what, copies, weight_of(known, size))

    def _against(self, counts: Mapping[str, int]) -> None:
        """What earlier runs have is listed as often as is claimed; what went is in the list."""
        import polars as pl

        if not counts:
            return
        listed = pl.read_parquet(self.run / "against" / "part-*.parquet")
        found = dict.fromkeys(counts, 0) | dict(
            listed.group_by("reference").len().sort("reference").iter_rows()
        )
        self.equal("against", "documents that earlier runs have", found, dict(counts))
        proven = listed.filter(pl.col("measure").is_not_null() & (pl.col("similarity") > 0))
        self.equal("against", "documents with a proof", proven.height, listed.height)

    # --- manifests ----------------------------------------------------------------------------

    def manifests(self) -> None:
        """Each manifest says what it was written with, and its hashes are those of the files."""
        import hashlib

        for path in sorted((self.run / "manifests").glob("*.json")):
            manifest = manifests.read(path)
            name = f"manifests/{path.name}"
            self.equal(name, "id", manifests.identity_of(manifest), manifest["id"])
            tokenizer = self.run / manifest["tokenizer"]["file"]
            digest = hashlib.sha256(tokenizer.read_bytes()).hexdigest()
            self.equal(tokenizer, "sha256", digest, manifest["tokenizer"]["sha256"])
            self._stage(name, manifest)
            self.checked["manifests"] += 1

    def _stage(self, name: str, manifest: Mapping[str, Any]) -> None:
        """Recount what a stage realises from the document ends in its shards."""
        from gamayun_data import shards

        stage, pools = manifest["stage"], manifest["pools"]
        self.equal(name, "version of the order", manifest["order"], order.VERSION)
        self.equal(name, "tokens of the pools", sum(p["tokens"] for p in pools), stage["tokens"])
        self._appended(name, manifest)
        for pool in pools:
            where = f"{name}: {pool['name']}"
            taken = pool["end_token"] - pool["start_token"]
            self.equal(name, f"{where}: tokens between the cursors", taken, pool["tokens"])
            share = pool["samples"] / stage["samples"] if stage["samples"] else 0.0
            self.equal(name, f"{where}: share", share, pool["share"])
            if not pool["shards"]:
                continue
            opened = [shards.open_shard(self.run / shard["bin"]) for shard in pool["shards"]]
            found = _begun(opened, manifest["seed"], pool)
            claimed = (pool["documents"], pool["bytes"])
            self.equal(name, f"{where}: documents and bytes", found, claimed)
        golden = manifests.golden(self.run, manifest)
        self.equal(name, "golden samples", golden, manifest["golden"])
        for key in ("language", "domain"):
            for row in manifest[f"by_{key}"]:
                members = [pool for pool in pools if pool[key] == row[key]]
                for field in ("tokens", "documents", "bytes"):
                    total = sum(pool[field] for pool in members)
                    self.equal(name, f"{row[key]}: {field}", total, row[field])

    def _appended(self, name: str, manifest: Mapping[str, Any]) -> None:
        """A stage that was added begins within the one that it goes on from, at the sample said."""
        if (after := manifest.get("after")) is None:
            return
        before = manifests.read(self.run / "manifests" / f"{after['stage']}.json")
        self.equal(name, "manifest that it goes on from", before["id"], after["manifest"])
        earlier = {pool["name"]: pool for pool in before["pools"]}
        read = 0
        for pool in manifest["pools"]:
            start, end = (earlier[pool["name"]][key] for key in ("start_token", "end_token"))
            within = start <= pool["start_token"] <= end
            self.equal(name, f"{pool['name']}: begins within `{after['stage']}`", within, True)
            read += pool["start_token"] - start
        tokens = after["sample"] * before["stage"]["sequence_length"]
        self.equal(name, f"tokens of `{after['stage']}` before it", read, tokens)

    # --- shards -------------------------------------------------------------------------------

    def shards(self, sample: int) -> None:
        """Every shard is whole, holds the selection once, and says what encoding says again."""
        receipt = read_receipt(self.run, "build")
        first = next(iter(sorted((self.run / "manifests").glob("*.json"))), None)
        if receipt is None or first is None:
            self.wrong("steps/build.json", "the receipt of the shards, or a manifest, is missing")
            return
        tokenizer = manifests.read(first)["tokenizer"]
        promised = self._promised(receipt.counts["pools"])
        found = _core.check_shards(
            [one[:4] for one in promised],
            vocab_size=tokenizer["vocab_size"],
            threads=self.limits.threads,
            on_progress=heard(self.progress, "verify"),
        )
        for file, offset, what in found:
            self.wrong(file, what, offset)
        self.checked["shards"] += len(promised)
        if not found:
            self._contents(promised, tokenizer, sample)

    def _promised(
        self, pools: list[dict[str, Any]]
    ) -> list[tuple[Path, Path, str, str, dict[str, Any]]]:
        """Every shard with the hashes that the manifests, or else the receipt, promise."""
        hashes = {
            shard["bin"]: shard
            for path in sorted((self.run / "manifests").glob("*.json"))
            for manifest in [manifests.read(path)]
            for pool in [*manifest["pools"], *manifest["validation"]]
            for shard in pool["shards"]
        }
        promised = []
        for pool in pools:
            for shard in pool["shards"]:
                name = f"shards/{pool['folder']}/{shard['bin']}"
                said = hashes.get(name, shard)
                folder = self.run / "shards" / pool["folder"]
                files = (folder / shard["bin"], folder / shard["gdx"])
                promised.append((*files, said["bin_sha256"], said["gdx_sha256"], said))
        return promised

    def _contents(
        self,
        promised: list[tuple[Path, Path, str, str, dict[str, Any]]],
        tokenizer: Mapping[str, Any],
        sample: int,
    ) -> None:
        """Read the shards with numpy: counts, identities, and the tokens of a sample."""
        import numpy as np
        import polars as pl

        from gamayun_data import shards

        opened = []
        for path, _, _, _, said in promised:
            shard = shards.open_shard(path)
            opened.append(shard)
            for fault in shard.faults():
                self.wrong(fault.path, fault.what, fault.offset)
            counts = {
                "documents": len(shard),
                "tokens": len(shard.tokens),
                "bytes": int(shard.text_bytes.sum(dtype=np.uint64)),
            }
            for key, count in counts.items():
                self.equal(path, key, count, said[key])
            self.equal(path, "sha256 of the tokenizer", shard.tokenizer_sha256, tokenizer["sha256"])
            self.checked["tokens"] += counts["tokens"]
        held = b"".join(shard.ids.tobytes() for shard in opened)
        cut = [held[start : start + ID_BYTES] for start in range(0, len(held), ID_BYTES)]
        ids = pl.Series(cut, dtype=pl.Binary)
        files = sorted((self.run / "selection").glob("part-*.parquet"))
        rows = pl.scan_parquet(files).select(pl.col("doc_id").cast(pl.Binary), "copies", "text")
        wanted = rows.select(pl.col("doc_id").repeat_by("copies").explode()).collect()["doc_id"]
        if not ids.sort().equals(wanted.sort()):
            self.wrong("shards", "they do not hold each document of the selection `copies` times")
        self._encode_again(opened, rows, tokenizer, sample)

    def _encode_again(
        self, opened: list[Shard], rows: pl.LazyFrame, tokenizer: Mapping[str, Any], sample: int
    ) -> None:
        """The documents of the smallest ids, which are hashes, are a sample of all."""
        core = _core.Tokenizer.from_json((self.run / tokenizer["file"]).read_bytes())
        drawn = rows.head(sample).collect()
        ids, offsets = core.encode_batch(drawn["text"].to_list(), threads=self.limits.threads)
        for row, doc_id in enumerate(drawn["doc_id"]):
            encoded = ids[int(offsets[row]) : int(offsets[row + 1])].tolist()
            self._same_tokens(opened, doc_id.hex(), [*encoded, tokenizer["eos_id"]])
            self.checked["documents encoded again"] += 1

    def _same_tokens(self, opened: list[Shard], name: str, expected: list[int]) -> None:
        found = ((shard, place) for shard in opened if (place := shard.find(name)) is not None)
        shard, place = next(found, (None, 0))
        if shard is None:
            self.wrong("shards", f"document {name} is in none of them")
        elif shard.document(place).tolist() != expected:
            offset = shard.span(place).start * shard.tokens.itemsize
            self.wrong(shard.path, f"document {name} encodes to other tokens", offset)


def _begun(opened: list[Shard], seed: int, pool: Mapping[str, Any]) -> tuple[int, int]:
    """Documents, and their bytes, that begin between the cursors of a pool, epoch after epoch.

    Counted document by document and epoch by epoch, unlike where the manifest is written.
    """
    import numpy as np

    start, end = pool["start_token"], pool["end_token"]
    lengths = np.concatenate([np.diff(shard.ends.astype(np.int64), prepend=0) for shard in opened])
    sizes = np.concatenate([shard.text_bytes.astype(np.int64) for shard in opened])
    begins, tokens = np.cumsum(lengths) - lengths, int(lengths.sum())
    documents = size = 0
    for epoch in range(start // tokens, -(-end // tokens)):
        when = order.places_in_epoch(seed, pool["name"], tokens, epoch, begins) + epoch * tokens
        hit = (when >= start) & (when < end)
        documents += int(hit.sum())
        size += int(sizes[hit].sum())
    return documents, size


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    import json

    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
