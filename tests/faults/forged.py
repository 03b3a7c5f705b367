"""Faults whose counts and hashes were all made to fit: only the documents tell."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tests.faults.gshard import Document, Shard

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from tests.faults.plain import Fault
    from tests.faults.world import World


def _one(world: World, random: Random, *, least: int = 1) -> tuple[Path, Shard]:
    """A shard of so many documents."""
    indices = world.indices()
    random.shuffle(indices)
    for index in indices:
        shard = Shard.read(index)
        if len(shard.documents) >= least:
            return index, shard
    raise LookupError("no shard has so many documents")


def _settled(world: World, *changed: tuple[Path, Shard]) -> set[str]:
    for index, shard in changed:
        world.put(index, shard)
    world.settle()
    return {f"{index.parent.name}/{index.stem}" for index, _ in changed}


def _copy(document: Document) -> Document:
    return Document(
        document.id, document.tokens.copy(), document.language, document.source, document.bytes
    )


def token(world: World, random: Random) -> set[str]:
    """One token of one document is another."""
    index, shard = _one(world, random)
    document = random.choice([d for d in shard.documents if len(d.tokens) > 1])
    place = random.randrange(len(document.tokens) - 1)
    other = random.randrange(1, shard.vocab_size)
    if other in (shard.eos, int(document.tokens[place])):
        raise LookupError("no other token")
    document.tokens[place] = other
    return _settled(world, (index, shard))


def swapped_tokens(world: World, random: Random) -> set[str]:
    """Two neighbouring tokens of a document stand in each other's place."""
    index, shard = _one(world, random)
    document = random.choice(shard.documents)
    pairs = [
        i for i in range(len(document.tokens) - 2) if document.tokens[i] != document.tokens[i + 1]
    ]
    place = random.choice(pairs)
    document.tokens[[place, place + 1]] = document.tokens[[place + 1, place]]
    return _settled(world, (index, shard))


def lost_token(world: World, random: Random) -> set[str]:
    """A document lacks some of its tokens."""
    index, shard = _one(world, random)
    document = random.choice([d for d in shard.documents if len(d.tokens) > 3])
    start = random.randrange(len(document.tokens) - 2)
    end = random.randrange(start + 1, len(document.tokens) - 1)
    document.tokens = document.tokens[[*range(start), *range(end, len(document.tokens))]]
    return _settled(world, (index, shard))


def swapped(world: World, random: Random) -> set[str]:
    """Two documents stand in each other's place."""
    index, shard = _one(world, random, least=2)
    i, j = random.sample(range(len(shard.documents)), 2)
    documents = shard.documents
    documents[i], documents[j] = documents[j], documents[i]
    return _settled(world, (index, shard))


def shuffled(world: World, random: Random) -> set[str]:
    """The documents of a shard stand in another order."""
    index, shard = _one(world, random, least=3)
    before = list(shard.documents)
    random.shuffle(shard.documents)
    if all(a is b for a, b in zip(before, shard.documents, strict=True)):
        raise LookupError("the same order")
    return _settled(world, (index, shard))


def swapped_ids(world: World, random: Random) -> set[str]:
    """Two documents have each other's id."""
    index, shard = _one(world, random, least=2)
    one, other = random.sample(shard.documents, 2)
    one.id, other.id = other.id, one.id
    return _settled(world, (index, shard))


def swapped_contents(world: World, random: Random) -> set[str]:
    """Two documents have each other's tokens and size."""
    index, shard = _one(world, random, least=2)
    one, other = random.sample(shard.documents, 2)
    one.tokens, other.tokens = other.tokens, one.tokens
    one.bytes, other.bytes = other.bytes, one.bytes
    return _settled(world, (index, shard))


def repeated(world: World, random: Random) -> set[str]:
    """A document stands twice."""
    index, shard = _one(world, random)
    document = random.choice(shard.documents)
    shard.documents.insert(random.randrange(len(shard.documents) + 1), _copy(document))
    return _settled(world, (index, shard))


def copied_32_times(world: World, random: Random) -> set[str]:
    """A document stands 32 times, one behind the other, or each document of the shard does."""
    index, shard = _one(world, random)
    chosen = {id(d) for d in shard.documents}
    if random.random() < 0.5:
        chosen = {id(random.choice(shard.documents))}
    shard.documents = [
        _copy(d) for d in shard.documents for _ in range(32 if id(d) in chosen else 1)
    ]
    return _settled(world, (index, shard))


def left_out(world: World, random: Random) -> set[str]:
    """A document is not there; nothing in the shard shows it, so the selection is named."""
    index, shard = _one(world, random, least=2)
    shard.documents.pop(random.randrange(len(shard.documents)))
    return _settled(world, (index, shard)) | {"selection"}


def replaced(world: World, random: Random) -> set[str]:
    """A document is a copy of another."""
    index, shard = _one(world, random, least=2)
    i, j = random.sample(range(len(shard.documents)), 2)
    shard.documents[i] = _copy(shard.documents[j])
    return _settled(world, (index, shard)) | {"selection"}


def invented(world: World, random: Random) -> set[str]:
    """A document that no one selected stands among the others."""
    index, shard = _one(world, random)
    made = _copy(random.choice(shard.documents))
    made.id = random.randbytes(16)
    shard.documents.insert(random.randrange(len(shard.documents) + 1), made)
    return _settled(world, (index, shard))


def joined(world: World, random: Random) -> set[str]:
    """Two documents have become one."""
    index, shard = _one(world, random, least=2)
    place = random.randrange(len(shard.documents) - 1)
    one, other = shard.documents[place], shard.documents.pop(place + 1)
    one.tokens = np.concatenate([one.tokens[:-1], other.tokens])
    one.bytes += other.bytes
    return _settled(world, (index, shard)) | {"selection"}


def moved_boundary(world: World, random: Random) -> set[str]:
    """A document ends some tokens earlier or later than its end-of-sequence."""
    index, shard = _one(world, random, least=2)
    place = random.randrange(len(shard.documents) - 1)
    one, other = shard.documents[place : place + 2]
    both, cut = np.concatenate([one.tokens, other.tokens]), len(one.tokens)
    cut += random.choice([step for step in (-1, 1, 2) if 0 < cut + step < len(both)])
    one.tokens, other.tokens = both[:cut], both[cut:]
    return _settled(world, (index, shard))


def moved_bytes(world: World, random: Random) -> set[str]:
    """Bytes of text are said of another document; the sum is right."""
    index, shard = _one(world, random, least=2)
    one, other = random.sample(shard.documents, 2)
    one.bytes, other.bytes = one.bytes + 1, other.bytes - 1
    if other.bytes < 0:
        raise LookupError("it has none")
    return _settled(world, (index, shard))


def other_code(world: World, random: Random) -> set[str]:
    """A document has another language or source."""
    index, shard = _one(world, random)
    document = random.choice(shard.documents)
    kind, names = random.choice([("language", shard.languages), ("source", shard.sources)])
    others = [code for code in range(len(names)) if code != getattr(document, kind)]
    setattr(document, kind, random.choice(others))
    return _settled(world, (index, shard))


def other_name(world: World, random: Random) -> set[str]:
    """A table of names has another name for a code that is used."""
    index, shard = _one(world, random)
    document = random.choice(shard.documents)
    if random.random() < 0.5:
        shard.languages[document.language] += "x"
    else:
        shard.sources[document.source] = "elsewhere"
    return _settled(world, (index, shard))


def moved(world: World, random: Random) -> set[str]:
    """A document stands in another pool."""
    one, shard = _one(world, random, least=2)
    others = [path for path in world.indices() if path.parent != one.parent]
    other = random.choice(others)
    taken = shard.documents.pop(random.randrange(len(shard.documents)))
    there = Shard.read(other)
    there.documents.insert(random.randrange(len(there.documents) + 1), taken)
    return _settled(world, (one, shard), (other, there))


def swapped_shards(world: World, random: Random) -> set[str]:
    """Two shards of a pool have each other's place."""
    pools = [path.parent for path in world.indices() if path.stem == "00001"]
    one, other = random.sample(sorted(random.choice(pools).glob("*.gdx")), 2)
    return _settled(world, (one, Shard.read(other)), (other, Shard.read(one)))


def other_width(world: World, random: Random) -> set[str]:
    """Ids are wider than the vocabulary asks for."""
    index, shard = _one(world, random)
    shard.width = 4
    return _settled(world, (index, shard))


def outside(world: World, random: Random) -> set[str]:
    """An id is not in the vocabulary."""
    index, shard = _one(world, random)
    document = random.choice([d for d in shard.documents if len(d.tokens) > 1])
    place = random.randrange(len(document.tokens) - 1)
    document.tokens[place] = shard.vocab_size + random.randrange(9)
    return _settled(world, (index, shard))


def early_end(world: World, random: Random) -> set[str]:
    """A document has an end-of-sequence before its end, or none at its end."""
    index, shard = _one(world, random)
    document = random.choice([d for d in shard.documents if len(d.tokens) > 1])
    place = random.choice([random.randrange(len(document.tokens) - 1), len(document.tokens) - 1])
    document.tokens[place] = shard.eos if place < len(document.tokens) - 1 else 1 + shard.eos
    return _settled(world, (index, shard))


# --- the records ------------------------------------------------------------------------------


def overlapping_cursors(world: World, random: Random) -> set[str]:
    """A stage begins in a pool before, or after, where the one before it stopped."""
    name = random.choice(world.stages)
    manifest = world.json(name)
    length = manifest["stage"]["sequence_length"]
    pool = random.choice([pool for pool in manifest["pools"] if pool["samples"]])
    step = random.choice([-1, 1, 2]) * random.choice([1, length])
    if pool["start_token"] + step < 0:
        raise LookupError("it begins at 0")
    pool["start_token"] += step
    pool["end_token"] += step
    world.tell(name, manifest)
    world.settle()
    return set(world.stages)


def other_cut(world: World, random: Random) -> set[str]:
    """A stage takes a sample more of one pool and one less of another; the next does not know."""
    name = world.stages[0]
    manifest = world.json(name)
    taking = [pool for pool in manifest["pools"] if pool["samples"] > 1]
    one, other = random.sample(taking, 2)
    for pool, step in ((one, 1), (other, -1)):
        pool["samples"] += step
        pool["tokens"] += step * manifest["stage"]["sequence_length"]
        pool["end_token"] += step * manifest["stage"]["sequence_length"]
    world.tell(name, manifest)
    world.settle()
    return set(world.stages)


def other_seed(world: World, _: Random) -> set[str]:
    """The manifests name a seed that the shards were not shuffled with."""
    for name in world.stages:
        manifest = world.json(name)
        manifest["seed"] += 1
        world.tell(name, manifest)
    world.settle()
    return {"shards/"}


def other_tokenizer(world: World, random: Random) -> set[str]:
    """Two tokens of the tokenizer have each other's id; every hash of it fits."""
    path = world.run / "shards" / "tokenizer.json"
    known = json.loads(path.read_text(encoding="utf-8"))
    vocab = known["model"]["vocab"]
    used = Counter(int(id_) for index in world.indices() for d in Shard.read(index).documents
                   for id_ in d.tokens)  # fmt: skip
    special = {token["id"] for token in known["added_tokens"]}
    often = [id_ for id_, _ in used.most_common(500) if id_ not in special]
    one, other = random.sample(often, 2)
    by_id = {id_: word for word, id_ in vocab.items()}
    vocab[by_id[one]], vocab[by_id[other]] = other, one
    text = json.dumps(known, ensure_ascii=False)
    world.write(path, text.encode())
    digest = hashlib.sha256(text.encode())
    for name in world.stages:
        manifest = world.json(name)
        manifest["tokenizer"]["sha256"] = digest.hexdigest()
        world.tell(name, manifest)
    changed = []
    for index in world.indices():
        shard = Shard.read(index)
        shard.tokenizer_sha256 = digest.digest()
        changed.append((index, shard))
    _settled(world, *changed)
    return {"shards/"}


# --- the selection ----------------------------------------------------------------------------


def other_text(world: World, random: Random) -> set[str]:
    """A letter of a selected document is another."""
    path, table, row = _row(world, random)
    text = table["text"][row].as_py()
    letters = [i for i, letter in enumerate(text) if letter.isascii() and letter.isalpha()]
    if not letters:
        raise LookupError("no letter of one byte")
    place = random.choice(letters)
    other = random.choice([c for c in "abcdefghij" if c != text[place]])
    _put(path, table, row, "text", text[:place] + other + text[place + 1 :])
    return {"encodes to other tokens"}


def other_label(world: World, random: Random) -> set[str]:
    """A selected document has another language, domain or source."""
    path, table, row = _row(world, random)
    name = random.choice(["language", "domain", "source"])
    others = sorted(set(table[name].to_pylist()) - {table[name][row].as_py()})
    _put(path, table, row, name, random.choice(others))
    return {"selection", "shards/"}


def lost_row(world: World, random: Random) -> set[str]:
    """A document of the selection is missing in it."""
    path, table, row = _row(world, random)
    rows = [i for i in range(table.num_rows) if i != row]
    _save(path, table.take(rows))
    return {"selection"}


def _row(world: World, random: Random) -> tuple[Path, pa.Table, int]:
    path = random.choice(sorted((world.run / "selection").glob("*.parquet")))
    table = pq.read_table(path)
    return path, table, random.randrange(table.num_rows)


def _put(path: Path, table: pa.Table, row: int, name: str, value: str) -> None:
    values = table[name].to_pylist()
    values[row] = value
    place = table.schema.get_field_index(name)
    field = table.schema.field(place)
    _save(path, table.set_column(place, field, pa.array(values, field.type)))


def _save(path: Path, table: pa.Table) -> None:
    path.unlink()
    pq.write_table(table, path)


FORGED: dict[Fault, int] = {
    token: 8,
    swapped_tokens: 4,
    lost_token: 4,
    swapped: 6,
    shuffled: 2,
    swapped_ids: 3,
    swapped_contents: 3,
    repeated: 4,
    copied_32_times: 4,
    left_out: 4,
    replaced: 3,
    invented: 2,
    joined: 2,
    moved_boundary: 2,
    moved_bytes: 2,
    other_code: 5,
    other_name: 2,
    moved: 3,
    swapped_shards: 2,
    other_width: 1,
    outside: 2,
    early_end: 2,
    overlapping_cursors: 4,
    other_cut: 2,
    other_seed: 1,
    other_tokenizer: 1,
    other_text: 2,
    other_label: 2,
    lost_row: 1,
}
"""Faults, and how often one is made among the others."""
