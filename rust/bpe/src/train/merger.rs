//! The words with the counts of their pairs, kept right while one pair after the other is merged.
//!
//! Most pairs are rare and never merged. Those below a floor are neither counted nor queued nor given positions: a pair is
//! made whole by the merge that makes the later of its two tokens, and from then on only falls. When the queue falls below
//! the floor, the floor is lowered and the pairs are searched in the words.

use rayon::prelude::*;

use crate::pair_map::pair;
use crate::train::counts::PairCounts;
use crate::train::queue::{Entry, Queue};
use crate::train::shard::{Join, Positions, Shard, Side, index_of};
use crate::train::symbol::Symbol;
use crate::train::words::{Words, narrow, signed};

/// The first floor is this part of all bytes per token wanted: a little below the last merge of a usual corpus.
const FLOOR: u64 = 64;
/// Each further floor is this part of the one before.
const LOWER: i64 = 8;
/// Pairs with more positions than this are merged by all threads: with fewer, waking them costs more than they win.
const MANY: usize = 1 << 14;
/// Lookups that are on their way at a time.
const AHEAD: usize = 8;
/// More tokens than this that are made twice: from then on all pairs are counted.
const MOST_REMADE: usize = 8;

/// The words, their pairs, and room for one merge.
pub(crate) struct Merger<S> {
    words: Words<S>,
    queue: Queue,
    /// The positions of each entry in each shard.
    places: Vec<Positions>,
    /// A token may be shorter than this.
    longest: usize,
    floor: i64,
    /// Tokens that several merges make. Their pairs may become more frequent again, so all of them are counted.
    remade: Vec<u32>,
    sums: Sums,
}

/// What a merge changes, by neighbour, in all shards together.
#[derive(Default)]
struct Sums {
    left: Vec<(u32, i64)>,
    right: Vec<(u32, i64)>,
    all: Vec<i64>,
    /// The new pairs that are kept.
    wanted: Vec<(u32, Side)>,
}

impl<S: Symbol> Merger<S> {
    /// Counts the pairs of the words, in which each symbol still is a byte.
    pub(crate) fn new(words: Words<S>, longest: usize, vocab_size: usize) -> Self {
        let floor = signed(words.total / (FLOOR * vocab_size.max(1) as u64)).max(1);
        let mut merger = Self {
            words,
            queue: Queue::new(),
            places: Vec::new(),
            longest,
            floor,
            remade: Vec::new(),
            sums: Sums::default(),
        };
        merger.queue_bytes();
        merger
    }

    /// Counts and queues the pairs of bytes.
    fn queue_bytes(&mut self) {
        let pairs = self.words.byte_pairs();
        let mut numbers = vec![None; pairs.pairs.len()];
        let mut keys = Vec::new();
        for left in 0..=u8::MAX {
            for right in 0..=u8::MAX {
                let index = index_of(left, right);
                let (count, _) = pairs.pairs[index];
                if count >= self.floor {
                    let ids = [left, right].map(|byte| self.words.ids[usize::from(byte)]);
                    numbers[index] = Some(narrow(keys.len()));
                    self.queue.raise(ids[0], ids[1], count);
                    keys.push(pair(ids[0], ids[1]));
                }
            }
        }
        let Words { shards, pool, bytes, .. } = &mut self.words;
        let placed: Vec<Vec<Positions>> = pool.install(|| {
            let shards = shards.par_iter_mut();
            shards.map(|shard| shard.place_bytes(&numbers, keys.len(), bytes)).collect()
        });
        self.enter(&keys, &placed);
    }

    /// Queues pairs with the positions that each shard has of each.
    fn enter(&mut self, keys: &[u64], placed: &[Vec<Positions>]) {
        for (n, &key) in keys.iter().enumerate() {
            let number = narrow(self.places.len() / self.words.shards.len());
            self.places.extend(placed.iter().map(|shard| shard[n]));
            self.queue.push(Entry { pair: key, number });
        }
    }

    /// How many positions an entry has in each shard.
    fn places(&self, entry: Entry) -> &[Positions] {
        let shards = self.words.shards.len();
        &self.places[entry.number as usize * shards..][..shards]
    }

    /// How many positions an entry has.
    pub(crate) fn positions(&self, entry: Entry) -> usize {
        self.places(entry).iter().map(|places| places.len as usize).sum()
    }

    /// The entry to merge next; none if no pair occurs `min_count` times.
    pub(crate) fn next(&mut self, min_count: i64, lengths: &[usize]) -> Option<Entry> {
        loop {
            if let Some((entry, count)) = self.queue.pop(self.floor) {
                return (count >= min_count).then_some(entry);
            }
            if self.floor <= min_count {
                return None;
            }
            self.lower((self.floor / LOWER).max(min_count), lengths);
        }
    }

    /// Lowers the floor and queues the pairs that it lets in.
    fn lower(&mut self, floor: i64, lengths: &[usize]) {
        self.floor = floor.max(1);
        self.search(lengths, self.floor, |_, _| true);
    }

    /// Takes note of a token that is made a second time.
    fn remake(&mut self, id: u32, lengths: &[usize]) {
        if self.floor == 1 || self.remade.contains(&id) {
            return;
        }
        if self.remade.len() == MOST_REMADE {
            return self.lower(1, lengths);
        }
        self.remade.push(id);
        self.search(lengths, 1, |left, right| left == id || right == id);
    }

    /// Queues all pairs of a kind that occur `floor` times and have no count yet.
    fn search(&mut self, lengths: &[usize], floor: i64, kind: impl Fn(u32, u32) -> bool + Sync) {
        let longest = self.longest;
        let wanted = |left: u32, right: u32, queue: &Queue| {
            let len = lengths[left as usize] + lengths[right as usize];
            kind(left, right)
                && (len < longest || len == 2)
                && queue.counts.get(pair(left, right)).is_none()
        };
        let mut sums = PairCounts::new();
        for shard in &self.words.shards {
            shard.pairs(lengths, |left, right, weight, _| {
                if wanted(left, right, &self.queue) {
                    sums.raise(pair(left, right), weight);
                }
            });
        }
        let mut found: Vec<(u64, i64)> = sums.iter().filter(|&(_, count)| count >= floor).collect();
        drop(sums);
        found.sort_unstable();
        let mut numbers = PairCounts::new();
        for (&(key, _), number) in found.iter().zip(0..) {
            numbers.raise(key, number);
        }
        let find = |shard: &mut Shard<S>| find_positions(shard, lengths, &numbers, found.len());
        let Words { shards, pool, .. } = &mut self.words;
        let placed: Vec<_> = pool.install(|| shards.par_iter_mut().map(find).collect());
        for &(key, count) in &found {
            self.queue.counts.raise(key, count);
        }
        let keys: Vec<u64> = found.iter().map(|&(key, _)| key).collect();
        self.enter(&keys, &placed);
    }

    /// Makes `id` of the pair at the positions of an entry, and queues the pairs that this makes.
    pub(crate) fn merge(&mut self, entry: Entry, id: u32, existed: bool, lengths: &[usize]) {
        if existed {
            self.remake(id, lengths);
        }
        let (left, right) = sides(entry.pair);
        let [left_len, right_len] = [left, right].map(|side| lengths[side as usize]);
        let join = Join { left, right, left_len, right_len, id };
        let whole = self.queue.was_again(entry.pair);
        let many = self.positions(entry) >= MANY;
        let shards = self.words.shards.len();
        let places = &self.places[entry.number as usize * shards..][..shards];
        each(&mut self.words, many, |number, shard| {
            shard.join(join, places[number], whole, lengths);
        });
        let coming = self.queue.coming();
        self.each_place(coming, Shard::fetch_positions);
        self.sums.add_up(&self.words.shards, lengths.len());
        self.raise(id, existed, lengths);
        self.subtract(join);
        self.each_place(coming, Shard::fetch_symbols);
        self.place(id, entry, many);
    }

    /// Calls `f` with each shard and the positions that an entry has in it.
    fn each_place(&self, entry: Option<Entry>, f: impl Fn(&Shard<S>, Positions)) {
        if let Some(entry) = entry {
            let shards = self.words.shards.iter();
            shards.zip(self.places(entry)).for_each(|(shard, &at)| f(shard, at));
        }
    }

    /// Counts the pairs that the merge made, but for those that are too rare or too long.
    fn raise(&mut self, id: u32, existed: bool, lengths: &[usize]) {
        let Self { sums, queue, .. } = self;
        sums.wanted.clear();
        let longest = self.longest.saturating_sub(lengths[id as usize]);
        let (floor, remade) = (if existed { 1 } else { self.floor }, &self.remade);
        let keep = |neighbour: u32, amount: i64| {
            lengths[neighbour as usize] < longest
                && (amount >= floor || remade.contains(&neighbour))
        };
        // The token itself comes last on the left and first on the right: there one pair has positions from both sides.
        for &(neighbour, amount) in &sums.left {
            if neighbour != id && keep(neighbour, amount) {
                queue.raise(neighbour, id, amount);
                sums.wanted.push((neighbour, Side::Left));
            }
        }
        for (list, side) in [(&sums.left, Side::Left), (&sums.right, Side::Right)] {
            if let Some(&(_, amount)) =
                list.iter().find(|&&(neighbour, amount)| neighbour == id && keep(id, amount))
            {
                queue.raise(id, id, amount);
                sums.wanted.push((id, side));
            }
        }
        for &(neighbour, amount) in &sums.right {
            if neighbour != id && keep(neighbour, amount) {
                queue.raise(id, neighbour, amount);
                sums.wanted.push((neighbour, Side::Right));
            }
        }
    }

    /// Takes away the pairs that are gone. A new pair may be among them, as (aa, a) is in "aaaa".
    fn subtract(&mut self, join: Join) {
        let (counts, sums) = (&mut self.queue.counts, &self.sums);
        for (n, &(before, amount)) in sums.left.iter().enumerate() {
            if let Some(&(ahead, _)) = sums.left.get(n + AHEAD) {
                counts.fetch(ahead, join.left);
            }
            counts.subtract(before, join.left, amount);
        }
        for (n, &(after, amount)) in sums.right.iter().enumerate() {
            if let Some(&(ahead, _)) = sums.right.get(n + AHEAD) {
                counts.fetch(join.right, ahead);
            }
            counts.subtract(join.right, after, amount);
        }
    }

    /// Queues the new pairs with their positions, for which those of the pair that was joined make room.
    fn place(&mut self, id: u32, joined: Entry, many: bool) {
        let Self { sums: Sums { wanted, .. }, words, .. } = self;
        if wanted.is_empty() {
            return;
        }
        let shards = words.shards.len();
        let from = &self.places[joined.number as usize * shards..][..shards];
        each(words, many, |number, shard| shard.place(wanted, from[number]));
        let mut n = 0;
        while n < wanted.len() {
            let (neighbour, side) = wanted[n];
            let key = if side == Side::Left { pair(neighbour, id) } else { pair(id, neighbour) };
            let both = neighbour == id && wanted.get(n + 1).is_some_and(|next| next.0 == id);
            let number = narrow(self.places.len() / words.shards.len());
            for shard in &mut words.shards {
                let mut at = shard.placed[n];
                if both {
                    at.len += shard.placed[n + 1].len;
                    shard.sort(at);
                }
                self.places.push(at);
            }
            self.queue.push(Entry { pair: key, number });
            n += 1 + usize::from(both);
        }
    }
}

/// Works on each shard, if there is much to do on all threads: the first shard is this thread's own, so that it never waits
/// for one to wake that it could have worked as well as.
fn each<S: Symbol>(words: &mut Words<S>, many: bool, work: impl Fn(usize, &mut Shard<S>) + Sync) {
    let Words { shards, pool, .. } = words;
    let Some((first, others)) = shards.split_first_mut() else { return };
    if many && !others.is_empty() {
        let work = &work;
        return pool.in_place_scope(|scope| {
            for (shard, number) in others.iter_mut().zip(1..) {
                scope.spawn(move |_| work(number, shard));
            }
            work(0, first);
        });
    }
    work(0, first);
    others.iter_mut().zip(1..).for_each(|(shard, number)| work(number, shard));
}

/// Writes the positions of the pairs that have a number, and tells them by number.
fn find_positions<S: Symbol>(
    shard: &mut Shard<S>,
    lengths: &[usize],
    numbers: &PairCounts,
    count: usize,
) -> Vec<Positions> {
    let mut found = Vec::new();
    shard.pairs(lengths, |left, right, _, position| {
        if let Some(number) = numbers.get(pair(left, right)) {
            found.push((number, position));
        }
    });
    found.sort_unstable();
    let mut placed = vec![Positions::default(); count];
    for same in found.chunk_by(|a, b| a.0 == b.0) {
        let positions: Vec<u32> = same.iter().map(|&(_, position)| position).collect();
        if let Some(place) =
            usize::try_from(same[0].0).ok().and_then(|number| placed.get_mut(number))
        {
            *place = shard.post(&positions);
        }
    }
    placed
}

impl Sums {
    /// Adds up the tallies of the shards.
    fn add_up<S: Symbol>(&mut self, shards: &[Shard<S>], tokens: usize) {
        if self.all.len() < tokens {
            self.all.resize(tokens * 2, 0);
        }
        add_side(&mut self.left, &mut self.all, shards, Side::Left);
        add_side(&mut self.right, &mut self.all, shards, Side::Right);
    }
}

fn add_side<S: Symbol>(
    sums: &mut Vec<(u32, i64)>,
    all: &mut [i64],
    shards: &[Shard<S>],
    side: Side,
) {
    sums.clear();
    if let [shard] = shards {
        return sums.extend(shard.tally(side).sums());
    }
    for (neighbour, amount) in shards.iter().flat_map(|shard| shard.tally(side).sums()) {
        if all[neighbour as usize] == 0 {
            sums.push((neighbour, 0));
        }
        all[neighbour as usize] += amount;
    }
    for (neighbour, sum) in sums {
        *sum = std::mem::take(&mut all[*neighbour as usize]);
    }
}

/// The ids of a pair.
#[expect(clippy::cast_possible_truncation, reason = "takes the halves")]
pub(crate) fn sides(pair: u64) -> (u32, u32) {
    ((pair >> 32) as u32, pair as u32)
}
