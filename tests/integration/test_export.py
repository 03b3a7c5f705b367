"""Exports hold the documents that a stage begins, as readers of the formats' descriptions see."""

from __future__ import annotations

import hashlib
import json
import resource
import runpy
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.integration.readers import datatrove, megatron, olmo
from tests.unit import stage_run
from tests.unit.shard_writer import Document, Pool, document
from tests.unit.stage_run import SEED, Taken, write_run

import gamayun_data as gd
from gamayun_data import _core, commands_export, export_formats
from gamayun_data.errors import ConfigError, IntegrityError

TWIN = runpy.run_path(str(Path(__file__).parents[1] / "golden" / "order" / "make.py"))
POOLS = {
    "en-web": [n * 37 % 900 for n in range(120)],
    "ru-web": [70_000, 0, 1, 77, 3, 0],
    "zh-web": [400] * 9,
}
STAGES = [
    Taken("one", 64, {"en-web": 300, "ru-web": 1101, "zh-web": 3}),
    Taken("two", 96, {"en-web": 800, "ru-web": 900, "zh-web": 100}),
]
Read = Callable[[Path], list[NDArray[Any]]]
READERS: dict[str, Read] = {
    "megatron": megatron.read,
    "datatrove": datatrove.read,
    "olmo": lambda prefix: olmo.read(prefix, 300),
}
PAYLOADS = {"megatron": ".bin", "datatrove": ".ds", "olmo": ".npy"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports") / "run"
    held_out = {"en-web": [5, 0, 60]}
    return write_run(folder, POOLS, STAGES, validation=held_out, shard_bytes=40_000)


@cache
def begun(run: Path, stage: str) -> dict[str, Counter[bytes]]:
    """What each pool's documents should be, token by token of the stream: their bytes, counted."""
    found = {}
    manifest = json.loads((run / "manifests" / f"{stage}.json").read_text("utf-8"))
    for row in manifest["pools"]:
        starts, total = {}, 0
        for shard in gd.open_run(run).shards(row["name"]):
            for tokens in shard.documents():
                starts[total] = tokens.tobytes()
                total += len(tokens)
        places = (
            TWIN["stream_place"](row["name"], SEED, total, token)[1]
            for token in range(row["start_token"], row["end_token"])
        )
        found[row["name"]] = Counter(starts[place] for place in places if place in starts)
    return found


def exported(folder: Path, format: str) -> dict[str, Counter[bytes]]:
    """What an export has, pool by pool, by our own reader of the format."""
    found: dict[str, Counter[bytes]] = {}
    for payload in sorted(folder.rglob(f"*{PAYLOADS[format]}")):
        prefix = payload.with_suffix("")
        documents = READERS[format](prefix)
        pool = found.setdefault(prefix.parent.name, Counter())
        pool.update(document.tobytes() for document in documents)
    return found


@pytest.mark.parametrize("format", READERS)
def test_a_stage_has_the_documents_that_it_begins(run: Path, tmp_path: Path, format: str) -> None:
    out = tmp_path / "out"
    made = gd.export_shards(run, out, format=format)
    for stage in STAGES:
        assert exported(out / stage.name, format) == begun(run, stage.name)
    wanted = Counter(
        tokens.tobytes()
        for shard in gd.open_run(run).shards("validation/en-web")
        for tokens in shard.documents()
    )
    assert exported(out / "validation", format) == {"en-web": wanted}
    assert made.order == "shares"
    lengths = {len(document) for pool in begun(run, STAGES[0].name).values() for document in pool}
    assert {2, 2 * 70_001} <= lengths


@pytest.mark.parametrize("format", READERS)
def test_stages_follow_each_other_without_a_gap(run: Path, tmp_path: Path, format: str) -> None:
    gd.export_shards(run, tmp_path / "out", format=format)
    both = [exported(tmp_path / "out" / stage.name, format)["zh-web"] for stage in STAGES]
    one, two = (sum(counter.values()) for counter in both)
    assert one == 1  # 192 tokens of documents of 401
    assert one + two == -(-(192 + 9600) // 401)


@pytest.mark.parametrize("format", READERS)
def test_the_record_says_what_is_there(run: Path, tmp_path: Path, format: str) -> None:
    out = tmp_path / "out"
    made = gd.export_shards(run, out, format=format, stage="two")
    record = json.loads((out / "export.json").read_text("utf-8"))
    files = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert {file["path"] for file in record["files"]} == files - {"export.json"}
    for file in record["files"]:
        data = (out / file["path"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file["bytes"], file["sha256"])
    assert record["order"] == "shares"
    assert set(record["manifests"]) == {"two"}
    stages = {stage["name"]: stage for stage in record["stages"]}
    counted = begun(run, STAGES[1].name)
    for pool in stages["two"]["pools"]:
        documents = counted[pool["name"]]
        assert pool["documents"] == sum(documents.values())
        tokens = sum(len(document) // 2 * n for document, n in documents.items())
        assert pool["tokens"] == tokens
    assert sum(pool["share"] for pool in stages["two"]["pools"]) == pytest.approx(1)
    assert made.summary()["stages"] == record["stages"]


def test_payloads_are_linked_and_copied_when_asked(run: Path, tmp_path: Path) -> None:
    gd.export_shards(run, tmp_path / "links", format="megatron")
    gd.export_shards(run, tmp_path / "copies", format="megatron", copy=True)
    for link in (tmp_path / "links").rglob("*.bin"):
        folder = link.parent.relative_to(tmp_path / "links")
        name = folder if folder.parts[0] == "validation" else folder.relative_to(folder.parts[0])
        shard = run / "shards" / name / link.name
        assert link.samefile(shard)
        copy = tmp_path / "copies" / folder / link.name
        assert not copy.samefile(shard)
        assert copy.read_bytes() == shard.read_bytes()
    whole = next(iter(sorted((tmp_path / "links").rglob("*.bin"))))
    assert whole.stat().st_nlink > 1


def test_a_copy_of_a_damaged_payload_is_refused(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", {"en-web": [50, 60]}, [Taken("one", 8, {"en-web": 3})])
    payload = next((run / "shards").rglob("*.bin"))
    data = bytearray(payload.read_bytes())
    data[9] ^= 1
    payload.write_bytes(data)
    with pytest.raises(IntegrityError, match="do not match their hash"):
        gd.export_shards(run, tmp_path / "out", format="megatron", copy=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]


@pytest.mark.parametrize("format", READERS)
def test_the_same_run_gives_the_same_bytes(run: Path, tmp_path: Path, format: str) -> None:
    trees = []
    for name in ("a", "b"):
        gd.export_shards(run, tmp_path / name, format=format, root=".")
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        trees.append([(p.relative_to(tmp_path / name), p.read_bytes()) for p in files])
    assert trees[0] == trees[1]


def shares(run: Path, stage: str) -> dict[str, float]:
    rows = json.loads((run / "manifests" / f"{stage}.json").read_text("utf-8"))["pools"]
    total = sum(row["end_token"] - row["start_token"] for row in rows)
    return {row["name"]: (row["end_token"] - row["start_token"]) / total for row in rows}


def test_blends_of_megatron_have_our_shares(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    gd.export_shards(run, out, format="megatron")
    for stage in STAGES:
        blend = json.loads((out / f"blend_{stage.name}.json").read_text("utf-8"))
        assert (out / f"blend_{stage.name}.txt").read_text("utf-8").split() == blend["train"]
        weights: Counter[str] = Counter()
        for weight, prefix in zip(blend["train"][::2], blend["train"][1::2], strict=True):
            assert Path(f"{prefix}.idx").is_file()
            weights[Path(prefix).parent.name] += float(weight)  # type: ignore[assignment]
        total = sum(weights.values())
        found = {name: weight / total for name, weight in weights.items()}
        assert found == pytest.approx(shares(run, stage.name))
        assert [Path(p).parent.name for p in blend["valid"][1::2]] == ["en-web"]
        assert blend["test"] is None
        args = (out / f"args_{stage.name}.txt").read_text("utf-8").split()
        assert args[args.index("--train-samples") + 1] == str(sum(stage.samples.values()))
        assert args[args.index("--seq-length") + 1] == str(stage.length)


def test_stages_of_nanotron_have_our_shares(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    gd.export_shards(run, out, format="datatrove", root="data", batch_size=100)
    lines = (out / "data_stages.yaml").read_text("utf-8").splitlines()
    steps = [line for line in lines if "start_training_step" in line]
    samples = sum(STAGES[0].samples.values())
    assert steps == ["  start_training_step: 1", f"  start_training_step: {1 + -(-samples // 100)}"]
    assert '      - "data/one/en-web"' in lines
    values = [float(line.lstrip(" -")) for line in lines if line.lstrip(" -")[:2] == "0."]
    expected = [share for stage in STAGES for share in shares(run, stage.name).values()]
    assert values == pytest.approx(expected)


def test_sources_of_olmo_have_our_shares_and_lines_name_documents(
    run: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    gd.export_shards(run, out, format="olmo", root=".")
    for stage in STAGES:
        text = (out / f"mixture_{stage.name}.yaml").read_text("utf-8")
        ratios = [float(x.partition(": ")[2]) for x in text.splitlines() if "target_ratio" in x]
        assert ratios == pytest.approx(list(shares(run, stage.name).values()))
        catalogue = (out / f"catalogue_{stage.name}.txt").read_text("utf-8").splitlines()
        assert all((out / line.partition(",")[2]).is_file() for line in catalogue)
        assert {line.partition(",")[0] for line in catalogue} == set(POOLS)
    data = gd.open_run(run)
    for path in sorted((out / "two").rglob("*.csv.gz")):
        prefix = path.with_name(path.name.removesuffix(".csv.gz"))
        tokens = olmo.read(prefix, 300)
        for (_, _, doc_id, source, place), found in zip(olmo.table(prefix), tokens, strict=True):
            pool, shard, at = data.locate(doc_id)
            assert (pool, at, "web") == (prefix.parent.name, int(place), source)
            assert np.array_equal(shard.document(at), found)


def test_what_is_there_is_not_overwritten(run: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(ConfigError, match="is there already"):
        gd.export_shards(run, tmp_path / "out", format="olmo")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine"]


def test_refusals_leave_nothing(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected one of megatron, datatrove, olmo"):
        gd.export_shards(run, tmp_path / "out", format="safetensors")
    with pytest.raises(ConfigError, match="olmo has whole documents"):
        gd.export_shards(run, tmp_path / "out", format="olmo", by_sample=True)
    with pytest.raises(ConfigError, match="expected one of one, two, found three"):
        gd.export_shards(run, tmp_path / "out", format="olmo", stage="three")
    with pytest.raises(ConfigError, match="cuts arguments at spaces"):
        gd.export_shards(run, tmp_path / "out", format="megatron", root="my data")
    assert not any(tmp_path.iterdir())


def test_a_stage_in_the_middle_of_a_document_is_refused(tmp_path: Path) -> None:
    stages = [Taken("one", 8, {"en-web": 3}), Taken("two", 8, {"en-web": 3})]
    run = write_run(tmp_path / "run", {"en-web": [90]}, stages)
    with pytest.raises(ConfigError, match="stage two: no document begins in what it reads"):
        gd.export_shards(run, tmp_path / "out", format="megatron", stage="two")


@pytest.mark.parametrize("format", READERS)
def test_a_pool_in_the_middle_of_a_document_is_told(tmp_path: Path, format: str) -> None:
    samples = {"en-web": 3, "ru-web": 5}
    stages = [Taken("one", 8, samples), Taken("two", 8, samples)]
    run = write_run(tmp_path / "run", {"en-web": [90], "ru-web": [9] * 9}, stages)
    made = gd.export_shards(run, tmp_path / "out", format=format, root=".")
    assert "stage two begins no document of en-web (24 tokens)" in made.notes[1]
    record = json.loads((tmp_path / "out" / "export.json").read_text("utf-8"))
    assert record["notes"] == list(made.notes)
    assert [pool["documents"] for pool in record["stages"][1]["pools"]] == [0, 4]
    names = {
        "megatron": "blend_two.txt",
        "olmo": "mixture_two.yaml",
        "datatrove": "data_stages.yaml",
    }
    text = (tmp_path / "out" / names[format]).read_text("utf-8")
    assert "two/ru-web" in text
    assert "two/en-web" not in text


def test_a_full_disk_leaves_nothing(run: Path, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(OSError, match="File too large") as raised:
            gd.export_shards(run, tmp_path / "out", format="megatron", copy=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(raised.value.filename).endswith(".bin")
    assert not any(tmp_path.iterdir())


def test_payloads_are_copied_to_another_file_system(run: Path, tmp_path: Path) -> None:
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no other file system")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        made = gd.export_shards(run, Path(folder) / "out", format="megatron")
        origins = {file.origin for file in made.files if file.path.endswith(".bin")}
        assert origins == {"copied"}
        assert "payloads were copied: they cannot be linked" in made.notes[-1]
        for stage in STAGES:
            assert exported(Path(folder) / "out" / stage.name, "megatron") == begun(run, stage.name)


def test_interrupting_leaves_nothing(run: Path, tmp_path: Path) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gd.export_shards(run, tmp_path / "out", format="olmo", progress=stop)
    assert not any(tmp_path.iterdir())


def test_what_a_killed_export_left_is_taken_away(run: Path, tmp_path: Path) -> None:
    left = tmp_path / ".out.tmp"
    (left / "one").mkdir(parents=True)
    (left / "one" / "half.npy").touch()
    gd.export_shards(run, tmp_path / "out", format="olmo")
    assert not left.exists()
    assert not list((tmp_path / "out").rglob("half.npy"))


@pytest.mark.parametrize(("vocab_size", "dtype"), [(1 << 16, "<u2"), (1 << 31, "<i4")])
@pytest.mark.parametrize("format", READERS)
def test_ids_up_to_the_end_of_the_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str, vocab_size: int, dtype: str
) -> None:
    ids = [vocab_size - 1, 1, vocab_size // 2, vocab_size - 2]

    def document(n: int, length: int, _: int) -> Document:
        return Document(f"{n + 1:032x}", n, [*ids[:length], 0], 0, 0, n)

    monkeypatch.setattr(stage_run, "document", document)
    stage = Taken("one", 2, {"en-web": 4})
    run = write_run(tmp_path / "run", {"en-web": [4, 0, 3]}, [stage], vocab_size=vocab_size)
    gd.export_shards(run, tmp_path / "out", format=format)
    prefix = next((tmp_path / "out").rglob(f"*{PAYLOADS[format]}")).with_suffix("")
    found = olmo.read(prefix, vocab_size) if format == "olmo" else READERS[format](prefix)
    assert [one.tolist() for one in found] == [[*ids, 0], [0], [*ids[:3], 0]]
    if format == "megatron":
        assert {one.dtype for one in found} == {np.dtype(dtype)}


@pytest.mark.parametrize("format", READERS)
def test_a_payload_of_more_than_two_gigabytes(tmp_path: Path, format: str) -> None:
    """All tokens are 0 but the last of the file, whose blocks are not stored."""
    lengths = [3, (1 << 30) + 5, 4, 2]
    ends = list(accumulate(lengths))
    pool = Pool([document(n, 0) for n in range(len(lengths))])
    folder = tmp_path / "run" / "shards" / "en-web"
    folder.mkdir(parents=True)
    with (folder / "00000.bin").open("wb") as file:
        file.seek(2 * ends[-1] - 2)
        file.write(b"\7\0")
    index = pool.index(pool.documents, ends, bytes(32), b"", 7)
    (folder / "00000.gdx").write_bytes(index)
    shard = (folder / "00000.bin", ends[-1], "00" * 32)
    parts = _core.export_pool(
        format,
        ("en-web", 0, ends[-1], [shard]),
        seed=1,
        tokenizer_sha256=pool.tokenizer_sha256,
        folder=tmp_path / "out",
        copy=False,
    )
    assert [part[1:3] for part in parts] == [(4, ends[-1])]
    found = READERS[format](tmp_path / "out" / "00000")
    assert [len(one) for one in found] == lengths
    assert found[-1].tolist() == [0, 7]


def test_registries_agree() -> None:
    names = tuple(one.name for one in export_formats.FORMATS)
    assert names == commands_export.FORMATS
    assert {*_core.document_formats(), *_core.sample_formats()} == set(names)
