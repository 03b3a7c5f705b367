"""Reads an export with the reference reader of its trainer, and compares what that found.

python benches/readers/read.py READER OUT

in the environment of READER (`requirements-READER.txt` beside this file): megatron, datatrove, olmo, litdata, mds,
datasets, and croissant, which validates the metadata. OUT is what `make.py` wrote. Prints a line of JSON for each
export; ends with 1 if one differs. Hashes are of ids as little-endian u32, whatever the type of the file.
"""

from __future__ import annotations

import hashlib
import importlib.machinery
import importlib.util
import json
import sys
import tempfile
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import numpy as np

READERS = {}


def reader(package, *runs):
    def register(function):
        READERS[function.__name__] = (function, package, runs)
        return function

    return register


def sha1(tokens):
    return hashlib.sha1(np.asarray(tokens).astype("<u4").tobytes()).hexdigest()[:16]


def documents(found, expected):
    """Hashes by stage and pool against those that should be there."""
    return all(
        dict(Counter(found[stage][pool])) == hashes
        for stage, pools in expected["documents"].items()
        for pool, hashes in pools.items()
    )


def by_pool(folder, expected, suffix, read):
    found = {}
    for stage, pools in expected["documents"].items():
        found[stage] = {}
        for pool in pools:
            paths = sorted((folder / stage / pool).glob(f"*{suffix}"))
            found[stage][pool] = [sha1(one) for path in paths for one in read(path)]
    return found


def cut(ids, ends):
    return np.split(ids, ends[:-1])


@reader("megatron-core", "narrow", "wide", "large")
def megatron(out, expected):
    from megatron.core.datasets.indexed_dataset import IndexedDataset
    from megatron.core.datasets.utils import get_blend_from_list

    def open_(path):
        data = IndexedDataset(str(path.with_suffix("")))
        assert data.document_indices.tolist() == list(range(len(data) + 1))
        return data

    if "documents" not in expected:
        data = open_(out / "megatron" / "00000.bin")
        assert data.sequence_lengths.tolist() == expected["lengths"]
        assert data[3].tolist() == [0, 7]
        return {"documents": len(data), "tokens": int(data.sequence_lengths.sum(dtype="i8"))}
    read = lambda path: (data[n] for data in [open_(path)] for n in range(len(data)))  # noqa: E731
    found = by_pool(out / "megatron", expected, ".bin", read)
    assert documents(found, expected)
    weights = {}
    for stage in expected["documents"]:
        blend = json.loads((out / "megatron" / f"blend_{stage}.json").read_text())
        prefixes, weights[stage] = get_blend_from_list(blend["train"])
        assert all(IndexedDataset.exists(prefix) for prefix in prefixes)
        assert (
            get_blend_from_list((out / "megatron" / f"blend_{stage}.txt").read_text().split())[0]
            == prefixes
        )
        assert get_blend_from_list(blend["valid"])
        assert get_blend_from_list(blend["test"]) is None
    return {"documents": sum(len(one) for pools in found.values() for one in pools.values())}


@reader("datatrove", "narrow", "wide", "large")
def datatrove(out, expected):
    from datatrove.utils.dataset import DatatroveFolderDataset

    def open_(path, seq_len):
        name, width = path.name, 2 if expected["vocab_size"] <= 1 << 16 else 4
        return DatatroveFolderDataset(
            str(path.parent),
            seq_len=seq_len,
            token_size=width,
            filename_pattern=name,
            return_positions=True,
        )

    def read(path):
        width = 2 if expected["vocab_size"] <= 1 << 16 else 4
        one = open_(path, path.stat().st_size // width - 1)[0]
        starts = np.flatnonzero(one["positions"].numpy() == 0)
        return cut(one["input_ids"].numpy(), [*starts[1:], len(one["input_ids"])])

    if "documents" not in expected:
        total = sum(expected["lengths"])
        data = open_(out / "datatrove" / "00000.ds", 6)
        last = data[total // 7 - 1]
        rest = total % 7
        assert len(data) == total // 7
        assert last["input_ids"].tolist()[-1] == (7 if rest == 0 else 0)
        starts = np.flatnonzero(last["positions"].numpy() == 0) + total // 7 * 7 - 7
        edges = np.cumsum(expected["lengths"])
        assert {int(one) for one in starts[1:]} == {
            int(e) for e in edges if starts[0] < e < starts[0] + 7
        }
        return {"windows": len(data)}
    found = by_pool(out / "datatrove", expected, ".ds", read)
    assert documents(found, expected)
    return {"documents": sum(len(one) for pools in found.values() for one in pools.values())}


@reader("ai2-olmo-core", "narrow", "wide", "large")
def olmo(out, expected):
    from olmo_core.data import NumpyFSLDatasetConfig, TokenizerConfig
    from olmo_core.data.source_mixture import SourceMixtureDatasetConfig, SourceMixtureList
    from olmo_core.data.utils import iter_document_indices

    tokenizer = TokenizerConfig(vocab_size=expected["vocab_size"], eos_token_id=0, pad_token_id=1)
    wanted = "uint16" if expected["vocab_size"] <= 1 << 16 else "uint32"

    def open_(path, length, index):
        config = NumpyFSLDatasetConfig(
            tokenizer=tokenizer, paths=[str(path.resolve())], sequence_length=length, work_dir=index
        )
        data = config.build()
        assert np.dtype(data.dtype).name == wanted
        data.prepare()
        return data

    def read(path):
        dtype = np.dtype(wanted)
        ends = [
            end
            for _, end in iter_document_indices(
                str(path.resolve()), use_array_if_local=False, dtype=dtype.type
            )
        ]
        scanned = [
            end
            for _, end in iter_document_indices(
                str(path.resolve()), eos_token_id=0, dtype=dtype.type
            )
        ]
        assert scanned == ends
        with tempfile.TemporaryDirectory() as index:
            data = open_(path, path.stat().st_size // dtype.itemsize, index)
            return cut(data[0]["input_ids"].numpy(), ends)

    if "documents" not in expected:
        path = out / "olmo" / "00000.npy"
        total = sum(expected["lengths"])
        with tempfile.TemporaryDirectory() as index:
            data = open_(path, 7, index)
            assert len(data) == total // 7
            assert data[len(data) - 1]["input_ids"].tolist()[-1] == (7 if total % 7 == 0 else 0)
        ends = [
            end
            for _, end in iter_document_indices(
                str(path.resolve()), use_array_if_local=False, dtype=np.uint16
            )
        ]
        assert ends == np.cumsum(expected["lengths"]).tolist()
        return {"windows": len(data)}
    found = by_pool(out / "olmo", expected, ".npy", read)
    assert documents(found, expected)
    for stage, length in expected["lengths"].items():
        import yaml

        text = (out / "olmo" / f"mixture_{stage}.yaml").read_text()
        sources = SourceMixtureList.from_dict(yaml.safe_load(text))
        tokens = length * len(expected["samples"][stage])
        mixed = SourceMixtureDatasetConfig(
            source_list=sources,
            requested_tokens=tokens,
            global_batch_size=length,
            render_tables=False,
            quiet=True,
        ).build(npdtype=np.dtype(wanted).type, sequence_length=length)
        assert sum(one.tokens for one in mixed.selected_path_tokens()) == tokens
    return {"documents": sum(len(one) for pools in found.values() for one in pools.values())}


@reader("litdata", "narrow", "wide")
def litdata(out, expected):
    from litdata import StreamingDataset, TokensLoader

    count = 0
    for stage, length in expected["lengths"].items():
        data = StreamingDataset(
            str(out / "litdata" / stage),
            item_loader=TokensLoader(block_size=length),
            shuffle=False,
            drop_last=False,
        )
        assert [sha1(data[n]) for n in range(len(data))] == expected["samples"][stage]
        streamed = [sha1(one) for one in data]
        assert streamed == expected["samples"][stage]
        count += len(data)
    return {"samples": count}


@reader("mosaicml-streaming", "narrow", "wide")
def mds(out, expected):
    import types

    # The package imports torchvision for its image encodings alone; where it is not there, empty modules do.
    if importlib.util.find_spec("torchvision") is None:
        for name in ("", ".transforms", ".transforms.functional", ".datasets"):
            module = sys.modules[f"torchvision{name}"] = types.ModuleType(f"torchvision{name}")
            module.__spec__ = importlib.machinery.ModuleSpec(module.__name__, None)
        sys.modules["torchvision.transforms.functional"].to_tensor = None
        sys.modules["torchvision.datasets"].VisionDataset = object
    from streaming import StreamingDataset

    count = 0
    for stage in expected["lengths"]:
        data = StreamingDataset(
            local=str(out / "mds" / stage),
            shuffle=False,
            batch_size=1,
            num_canonical_nodes=1,
            validate_hash="sha256",
        )
        streamed = list(data)
        assert [sha1(one["tokens"]) for one in streamed] == expected["samples"][stage]
        assert [sha1(one["starts"]) for one in streamed] == expected["starts"][stage]
        count += len(streamed)
    return {"samples": count}


@reader("datasets", "narrow", "wide")
def datasets(out, expected):
    from datasets import load_dataset

    with tempfile.TemporaryDirectory() as cache:
        found = {stage: {} for stage in expected["documents"]}
        for stage, pools in expected["documents"].items():
            for pool in pools:
                files = str(out / "parquet" / stage / pool / "*.parquet")
                rows = load_dataset("parquet", data_files=files, cache_dir=cache)["train"]
                found[stage][pool] = [sha1(row["tokens"]) for row in rows]
            rows = load_dataset(str(out / "parquet-samples"), stage, cache_dir=cache)["train"]
            assert [sha1(row["tokens"]) for row in rows] == expected["samples"][stage]
        assert documents(found, expected)
    return {"documents": sum(len(one) for pools in found.values() for one in pools.values())}


@reader("mlcroissant", "narrow", "wide")
def croissant(out, _):
    import mlcroissant

    checked = 0
    for path in sorted(out.glob("*/croissant.json")):
        metadata = mlcroissant.Dataset(jsonld=path).metadata
        assert not metadata.ctx.issues.errors, metadata.ctx.issues.errors
        checked += 1
    assert checked
    return {"files": checked}


def main():
    name, folder = sys.argv[1], Path(sys.argv[2])
    function, package, runs = READERS[name]
    for run in runs:
        out = folder / run
        facts = function(out, json.loads((out / "expected.json").read_text()))
        print(
            json.dumps(
                {"reader": package, "version": version(package), "run": run, "equal": True, **facts}
            )
        )


if __name__ == "__main__":
    main()
