"""Faults that leave a trace of their own: damaged, lost, mixed up or misnamed files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.faults.gshard import Shard
from tests.faults.world import World

Fault = Callable[[World, Random], set[str]]
"""Does damage; returns the names of which a problem must have one. `LookupError`: not here."""


def _any_file(world: World, random: Random) -> Path:
    """A file that a user receives."""
    paths = [p for name in ("shards", "manifests") for p in (world.run / name).rglob("*.*")]
    paths += [world.run / "provenance.json"]
    return random.choice(sorted(p for p in paths if p.is_file()))


def _named(path: Path) -> set[str]:
    return {path.name} if path.suffix != ".bin" else {path.name, path.with_suffix(".gdx").name}


def flip(world: World, random: Random) -> set[str]:
    """One bit of a file."""
    path = _any_file(world, random)
    data = bytearray(path.read_bytes())
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    world.write(path, bytes(data))
    return _named(path)


def flip_in_payload(world: World, random: Random) -> set[str]:
    """One bit of a payload."""
    path = random.choice(world.indices()).with_suffix(".bin")
    data = bytearray(path.read_bytes())
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    world.write(path, bytes(data))
    return {path.name}


def zero(world: World, random: Random) -> set[str]:
    """A stretch of zeros, as a file system leaves it."""
    path = _any_file(world, random)
    data = bytearray(path.read_bytes())
    start = random.randrange(len(data))
    size = min(random.choice([16, 512, 4096]), len(data) - start)
    if not any(data[start : start + size]):
        raise LookupError("zeros already")
    data[start : start + size] = bytes(size)
    world.write(path, bytes(data))
    return _named(path)


def truncate(world: World, random: Random) -> set[str]:
    """The end of a file is lost; all of it, now and then."""
    path = _any_file(world, random)
    data = path.read_bytes()
    world.write(path, data[: random.choice([0, random.randrange(len(data))])])
    return _named(path)


def lengthen(world: World, random: Random) -> set[str]:
    """Something stands behind the end of a file."""
    path = _any_file(world, random)
    more = random.choice([b"\0\0", b"\0" * 64, path.read_bytes()[-40:]])
    world.write(path, path.read_bytes() + more)
    return _named(path)


def lose(world: World, random: Random) -> set[str]:
    """A file is missing."""
    path = _any_file(world, random)
    if path.name == "provenance.json":
        raise LookupError("without it there is no run")
    path.unlink()
    return {path.stem}


def lose_shard(world: World, random: Random) -> set[str]:
    """Both files of a shard are missing."""
    index = random.choice(world.indices())
    index.unlink()
    index.with_suffix(".bin").unlink()
    return {index.stem}


def lose_pool(world: World, random: Random) -> set[str]:
    """The folder of a pool is missing."""
    folder = random.choice(world.indices()).parent
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    return {folder.name}


def add_shard(world: World, random: Random) -> set[str]:
    """A shard that nothing tells of, with the next number of its pool or in a pool of its own."""
    index = random.choice(world.indices())
    number = len(list(index.parent.glob("*.gdx")))
    folder = random.choice([index.parent, world.run / "shards" / "xx-web"])
    there = folder / f"{number:05}.gdx"
    world.write(there, index.read_bytes())
    world.write(there.with_suffix(".bin"), index.with_suffix(".bin").read_bytes())
    return {f"{folder.name}/{there.name}"}


def add_file(world: World, random: Random) -> set[str]:
    """A file of a killed program lies beside the shards."""
    folder = random.choice(world.indices()).parent
    path = folder / random.choice(["00000.bin.tmp", "99999.bin", "notes.txt", "00000.gdx~"])
    world.write(path, random.randbytes(random.randrange(200)))
    return {path.name}


def swap(world: World, random: Random) -> set[str]:
    """Two files of a kind stand in each other's place."""
    one, other = random.sample(world.indices(), 2)
    kinds = random.choice([[".bin"], [".gdx"], [".bin", ".gdx"]])
    changed = False
    for kind in kinds:
        a, b = one.with_suffix(kind), other.with_suffix(kind)
        first, second = a.read_bytes(), b.read_bytes()
        changed |= first != second
        world.write(a, second)
        world.write(b, first)
    if not changed:
        raise LookupError("they are equal")
    return {f"{path.parent.name}/{path.stem}" for path in (one, other)}


def swap_manifests(world: World, random: Random) -> set[str]:
    """Two stages have each other's manifest."""
    one, other = random.sample(world.stages, 2)
    first, second = ((world.run / name).read_bytes() for name in (one, other))
    world.write(world.run / one, second)
    world.write(world.run / other, first)
    return {one, other}


def add_manifest(world: World, random: Random) -> set[str]:
    """A stage has two manifests."""
    name = random.choice(world.stages)
    world.write(world.run / "manifests" / "again.json", (world.run / name).read_bytes())
    return {"again.json"}


def other_index(world: World, random: Random) -> set[str]:
    """An index, whole in itself, that claims another count."""
    index = random.choice(world.indices())
    shard = Shard.read(index)
    key = random.choice(["tokens", "documents", "bytes", "max_id"])
    true = {
        "tokens": shard.ends[-1],
        "documents": len(shard.documents),
        "bytes": sum(d.bytes for d in shard.documents),
        "max_id": max(int(d.tokens.max()) for d in shard.documents),
    }
    shard.claims[key] = true[key] + random.choice([-1, 1, 7])
    world.write(index, shard.files()[1])
    return {f"{index.parent.name}/{index.stem}"}


def other_number(world: World, random: Random) -> set[str]:
    """A number of a manifest is another; now and then the id is made to fit, or all records."""
    name = random.choice(world.stages)
    manifest = world.json(name)
    pool = random.choice([pool for pool in manifest["pools"] if pool["shards"]])
    shard = random.choice(pool["shards"])
    row = random.choice(
        [manifest["stage"], pool, shard, pool["available"], *manifest["by_language"],
         *manifest["by_domain"]]
    )  # fmt: skip
    known = {"samples", "sequence_length", "tokens", "documents", "bytes", "start_token", "index",
             "end_token", "max_id", "epochs", "cumulative_epochs", "share"}  # fmt: skip
    key = random.choice(sorted(known & set(row)))
    row[key] += random.choice([1, -1, 256]) if isinstance(row[key], int) else 0.01
    world.tell(name, manifest)
    depth = random.randrange(3)
    if depth:
        world.seal(name)
    if depth == 2:
        world.name_manifests()
    return {name}


def other_hash(world: World, random: Random) -> set[str]:
    """A hash in the records is another, with ids that fit."""
    name = random.choice(world.stages)
    manifest = world.json(name)
    pool = random.choice([pool for pool in manifest["pools"] if pool["shards"]])
    row, key = random.choice(
        [
            (random.choice(pool["shards"]), "bin_sha256"),
            (random.choice(pool["shards"]), "gdx_sha256"),
            (random.choice(manifest["golden"]), "sha256"),
            (manifest["tokenizer"], "sha256"),
        ]
    )
    digits = row[key]
    place = random.randrange(len(digits))
    row[key] = f"{digits[:place]}{(int(digits[place], 16) + 1) % 16:x}{digits[place + 1 :]}"
    world.tell(name, manifest)
    world.seal(name)
    world.name_manifests()
    return {name} if row is not manifest["tokenizer"] else {name, "tokenizer.json"}


def other_count(world: World, random: Random) -> set[str]:
    """A count of the provenance is another, with an id that fits."""
    found = world.json("provenance.json")
    counts = found["counts"]
    reasons = counts["dropped"]
    row, key = random.choice(
        [
            (reasons, random.choice(sorted(reasons))),
            (counts["shards"], random.choice(["documents", "tokens", "bytes"])),
            (counts, random.choice(["records", "documents", "selected", "text_bytes", "copies"])),
            (random.choice(found["inputs"]), random.choice(["documents", "text_bytes"])),
        ]
    )
    row[key] += random.choice([1, -1, 10])
    world.tell("provenance.json", found)
    world.seal("provenance.json")
    return {"provenance.json", "selection"}


PLAIN: dict[Fault, int] = {
    flip: 6,
    flip_in_payload: 6,
    zero: 2,
    truncate: 4,
    lengthen: 2,
    lose: 2,
    lose_shard: 2,
    lose_pool: 1,
    add_shard: 2,
    add_file: 1,
    swap: 4,
    swap_manifests: 1,
    add_manifest: 1,
    other_index: 4,
    other_number: 6,
    other_hash: 3,
    other_count: 3,
}
"""Faults, and how often one is made among the others."""
