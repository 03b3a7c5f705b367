//! From pretokens to tokens: those met before from the cache, the others by walking.

use std::collections::HashMap;
use std::sync::Arc;

use gamayun_text::hash::hash64;

use crate::encode::cache::{Cache, LONGEST};
use crate::encode::lexicon::Lexicon;
use crate::encode::segments::Segments;
use crate::encode::walk::WalkScratch;
use crate::key::SHORT;
use crate::train::Merge;
use crate::vocabulary::Vocabulary;

/// Pretokens looked up at a time, so that their loads from memory overlap.
const AT_ONCE: usize = 64;
/// Tokens kept before they are appended to the output.
const STAGED: usize = AT_ONCE * LONGEST;

/// All that encoding needs of a tokenizer but the split.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    lexicon: Lexicon,
    /// Pretokens that are a token without merging (`ignore_merges`).
    whole: HashMap<Box<[u8]>, u32>,
    fingerprint: u64,
}

/// Room to encode in, with the tokens of the pretokens met before. Made once per thread, good for any tokenizer.
#[derive(Clone, Debug, Default)]
pub struct EncodeScratch {
    cache: Cache,
    walk: WalkScratch,
    /// Tokens of one new pretoken, and of several known ones.
    found: Vec<u32>,
    staged: Vec<u32>,
    owner: u64,
    /// What is looked up first, if it is of the tokenizer.
    segments: Option<Arc<Segments>>,
}

impl EncodeScratch {
    /// A scratch that looks pretokens up in segments first. With a tokenizer that they are not of it does not.
    #[must_use]
    pub fn with_segments(segments: Arc<Segments>) -> Self {
        Self { segments: Some(segments), ..Self::default() }
    }

    pub(crate) fn set_segments(&mut self, segments: Option<Arc<Segments>>) {
        self.segments = segments;
    }

    /// Makes room for so many bytes of text not seen before, so that nothing need grow on the way. Up to 100 MB.
    pub fn make_room(&mut self, bytes: u64) {
        // What segments know needs no room.
        let new = if self.segments.is_some() { bytes / 16 } else { bytes };
        self.cache.make_room(usize::try_from(new).unwrap_or(usize::MAX));
    }
}

impl Engine {
    /// Of the ids of the bytes, the merges in the order of their ranks, and the pretokens that are not merged.
    pub(crate) fn new(
        vocabulary: &Vocabulary,
        bytes: &[u32; 256],
        merges: &[Merge],
        whole: HashMap<Box<[u8]>, u32>,
    ) -> Self {
        let fingerprint = fingerprint(bytes, merges, &whole);
        Self { lexicon: Lexicon::new(vocabulary, bytes, merges), whole, fingerprint }
    }

    /// Begins to encode a text; spans of it are pushed in order.
    #[inline]
    pub(crate) fn begin<'a>(
        &'a self,
        text: &'a [u8],
        scratch: &'a mut EncodeScratch,
        out: &'a mut Vec<u32>,
    ) -> Run<'a> {
        if scratch.owner != self.fingerprint {
            scratch.cache.clear();
            scratch.owner = self.fingerprint;
            scratch.staged.resize(STAGED, 0);
        }
        let segments = scratch.segments.clone().filter(|known| known.owner == self.fingerprint);
        Run {
            engine: self,
            text,
            scratch,
            segments,
            out,
            spans: [Span::default(); AT_ONCE],
            len: 0,
        }
    }

    /// Whether a pretoken is encoded in pieces: a long one, or one of a few characters of many bytes each. Not where a
    /// pretoken may be a token without merging.
    #[inline]
    pub(crate) fn is_cut(&self, text: &[u8], start: usize, len: usize) -> bool {
        len > SHORT && (len >= LONGEST || text[start + len - 3] >= 0xE0) && self.whole.is_empty()
    }

    /// Calls `f` with each part that a pretoken of a text is encoded in.
    pub(crate) fn pieces<'t>(&self, pretoken: &'t [u8], mut f: impl FnMut(&'t [u8])) {
        if self.is_cut(pretoken, 0, pretoken.len()) {
            let bridges = &self.lexicon.bridges;
            bridges.pieces(pretoken, (0, pretoken.len()), |start, len| {
                f(&pretoken[start..start + len]);
            });
        } else {
            f(pretoken);
        }
    }

    /// Tells tokenizers apart that encode differently.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Puts the tokens of a pretoken that is not known into `found`.
    pub(crate) fn find(&self, pretoken: &[u8], walk: &mut WalkScratch, found: &mut Vec<u32>) {
        found.clear();
        match self.whole.get(pretoken) {
            Some(&id) => found.push(id),
            None => self.lexicon.walk(pretoken, walk, found),
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: usize,
    len: usize,
    hash: u64,
}

/// A text that is being encoded.
pub(crate) struct Run<'a> {
    engine: &'a Engine,
    text: &'a [u8],
    scratch: &'a mut EncodeScratch,
    segments: Option<Arc<Segments>>,
    out: &'a mut Vec<u32>,
    spans: [Span; AT_ONCE],
    len: usize,
}

impl Run<'_> {
    /// Adds the next pretoken of a text that is UTF-8.
    #[inline]
    pub(crate) fn push_text(&mut self, start: usize, len: usize) {
        if self.engine.is_cut(self.text, start, len) {
            self.cut(start, len);
        } else {
            self.push(start, len);
        }
    }

    #[inline(never)]
    fn cut(&mut self, start: usize, len: usize) {
        let (bridges, text) = (&self.engine.lexicon.bridges, self.text);
        bridges.pieces(text, (start, len), |start, len| self.push(start, len));
    }

    /// Adds the next pretoken.
    #[inline]
    pub(crate) fn push(&mut self, start: usize, len: usize) {
        let first = self.segments.as_ref().map_or(&self.scratch.cache, |segments| &segments.known);
        let hash = first.prepare(self.text, start, len);
        self.spans[self.len] = Span { start, len, hash };
        self.len += 1;
        if self.len == AT_ONCE {
            self.flush();
        }
    }

    /// Appends the tokens of what was pushed.
    pub(crate) fn flush(&mut self) {
        let mut staged = std::mem::take(&mut self.scratch.staged);
        let mut used = 0;
        for at in 0..std::mem::take(&mut self.len) {
            let Span { start, len, hash } = self.spans[at];
            let known = self.get((start, len), hash, &mut staged[used..]);
            used += known;
            if known == 0 {
                self.out.extend_from_slice(&staged[..used]);
                used = 0;
                self.add_new((start, len), hash);
            }
        }
        self.out.extend_from_slice(&staged[..used]);
        self.scratch.staged = staged;
    }

    /// The tokens of a span, as [`Cache::get`] gives them.
    #[inline]
    fn get(&self, (start, len): (usize, usize), hash: u64, out: &mut [u32]) -> usize {
        let span = (self.text, start, len);
        let known = self.segments.as_ref().map_or(0, |known| known.known.get(span, hash, out));
        if known > 0 { known } else { self.scratch.cache.get(span, hash, out) }
    }

    #[inline(never)]
    fn add_new(&mut self, (start, len): (usize, usize), hash: u64) {
        let EncodeScratch { cache, walk, found, .. } = &mut *self.scratch;
        self.engine.find(&self.text[start..start + len], walk, found);
        cache.put((self.text, start, len), hash, found);
        self.out.extend_from_slice(found);
    }
}

/// Tells tokenizers apart that encode differently, so that a scratch is not used with the tokens of another.
fn fingerprint(bytes: &[u32; 256], merges: &[Merge], whole: &HashMap<Box<[u8]>, u32>) -> u64 {
    let mut all: Vec<u8> = bytes.iter().flat_map(|id| id.to_le_bytes()).collect();
    all.extend(merges.iter().flat_map(|&(a, b, c)| [a, b, c]).flat_map(u32::to_le_bytes));
    let mut whole: Vec<_> = whole.iter().collect();
    whole.sort_unstable();
    for (token, id) in whole {
        all.extend_from_slice(token);
        all.extend_from_slice(&id.to_le_bytes());
    }
    // Zero is the scratch that no tokenizer used yet.
    hash64(&all).max(1)
}
