"""Documents are taken out of shards, and what is left proves itself."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import gamayun_data as gd
from gamayun_data import manifest_views, removing
from gamayun_data.errors import ConfigError
from gamayun_data.loader import TokenDataset

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine

DOMAIN = "php.net"


@pytest.fixture
def there(run: Path, tmp_path: Path) -> Path:
    """A copy of the run."""
    return Path(shutil.copytree(run, tmp_path / "run"))


def selected(run: Path) -> pl.DataFrame:
    frame = pl.read_parquet(run / "selection" / "part-*.parquet")
    url = pl.col("metadata").str.json_path_match("$.url")
    return frame.with_columns(pl.col("doc_id").cast(pl.Binary), url=url)


def hosts(run: Path) -> set[str]:
    """By a slower way than the package's."""
    from urllib.parse import urlsplit

    frame = selected(run).filter(pl.col("url").is_not_null())
    return {
        doc_id.hex()
        for doc_id, url in zip(frame["doc_id"], frame["url"], strict=True)
        if (host := urlsplit(url).hostname) and (host == DOMAIN or host.endswith(f".{DOMAIN}"))
    }


def tokens(run: Path) -> dict[str, list[int]]:
    """The tokens of every document of all shards."""
    opened = gd.open_run(run)
    return {
        shard.id(place): shard.document(place).tolist()
        for pool in opened.pools
        for shard in opened.shards(pool)
        for place in range(len(shard))
    }


def test_a_dry_run_changes_nothing(there: Path, digests: Any) -> None:  # noqa: ANN401
    before, wanted = digests(there), hosts(there)
    found = removing.remove_documents(there, domains=[DOMAIN])
    assert not found.done
    assert found.documents == len(wanted) > 0
    assert sum(row.documents for row in found.shards) == len(wanted)
    assert digests(there) == before


@pytest.mark.parametrize("threads", [1, 2])
def test_a_domain_is_removed(run: Path, there: Path, digests: Any, threads: int) -> None:  # noqa: ANN401
    gone, before, was = hosts(there), tokens(run), digests(run)
    found = removing.remove_documents(there, domains=[DOMAIN], apply=True, threads=threads)
    assert found.done
    assert tokens(there) == {name: ids for name, ids in before.items() if name not in gone}
    assert not hosts(there)
    result = gd.verify(there, sample=None)
    assert result.ok, result.problems
    assert gd.verify(there, fast=True).ok
    touched = {f"shards/{row.pool}/{Path(row.shard).stem}" for row in found.shards}
    now = digests(there)
    changed = {name for name in {*was, *now} if was.get(name) != now.get(name)}
    assert {name.rpartition(".")[0] for name in changed if name.endswith(("bin", "gdx"))} == touched
    for stage, manifest in manifest_views.read_manifests(there).items():
        old = manifest_views.read_manifests(run)[stage]
        assert manifest["revision"] == 1
        assert manifest["removed"][0]["manifest"] == old["id"]
        assert manifest["conservation"]["removed"]["documents"] == len(gone)
        assert old["stage"]["tokens"] - manifest["stage"]["tokens"] >= 0
        kept = json.loads((there / "removed" / "0001" / f"{stage}.json").read_text())
        assert kept == old
        assert TokenDataset(there, stage).prove() > 0


def test_it_removes_by_id_and_by_source_again(there: Path) -> None:
    frame = selected(there)
    yours = next(name for name in frame["id"] if name)
    ours = frame["doc_id"][-1].hex()
    first = removing.remove_documents(there, ids=[yours, ours, "nobody"], apply=True)
    assert first.unknown == ("nobody",)
    assert first.documents == 2
    second = removing.remove_documents(there, sources=["code"], apply=True)
    assert second.revision == 2
    assert set(second.sources) == {"code"}
    assert "code" not in set(selected(there)["source"])
    result = gd.verify(there, sample=None)
    assert result.ok, result.problems
    manifest = manifest_views.read_manifests(there)["stage2"]
    assert [one["revision"] for one in manifest["removed"]] == [1, 2]
    code = next(pool for pool in manifest["pools"] if pool["domain"] == "code")
    assert (code["shards"], code["samples"]) == ([], 0)


@pytest.mark.parametrize("when", ["journal", "moved", "settled"])
def test_a_removal_that_is_cut_off_is_carried_through(
    there: Path,
    tmp_path: Path,
    digests: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
    when: str,
) -> None:
    whole = Path(shutil.copytree(there, tmp_path / "whole"))
    removing.remove_documents(whole, domains=[DOMAIN], apply=True)
    name = {"journal": "_move", "moved": "_settle_receipts", "settled": "write_json"}[when]
    real, calls = getattr(removing, name), []

    def cut(*args: Any) -> Any:  # noqa: ANN401
        calls.append(args)
        if len(calls) > {"journal": 1, "moved": 0, "settled": 3}[when]:
            raise KeyboardInterrupt
        return real(*args)

    with monkeypatch.context() as patched:
        patched.setattr(removing, name, cut)
        with pytest.raises(KeyboardInterrupt):
            removing.remove_documents(there, domains=[DOMAIN], apply=True)
    with pytest.raises(ConfigError, match="a removal was cut off"):
        gd.verify(there)
    again = removing.remove_documents(there, domains=[DOMAIN])
    assert again.documents == 0
    assert digests(there) == digests(whole)
    assert gd.verify(there).ok


def test_removed_documents_do_not_come_back(there: Path) -> None:
    removing.remove_documents(there, sources=["code"], apply=True)
    with pytest.raises(ConfigError, match="would bring them back"):
        gd.curate(sample=True, output=there)


def test_the_command_tells_and_then_does(there: Path, command: CommandLine) -> None:
    told = command("shards", "remove", there, "--domain", DOMAIN)
    assert told.code == 0
    assert "to be removed" in told.out
    assert "--apply" in told.err
    done = json.loads(
        command("shards", "remove", there, "--domain", DOMAIN, "--apply", "--json").out
    )
    assert done["done"]
    assert command("shards", "remove", there).code == 2
