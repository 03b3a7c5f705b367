//! A finished tokenizer: vocabulary, merges, split pattern, special tokens.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock};

use rayon::prelude::*;
use std::collections::HashMap;

use crate::encode::added::{Added, AddedTokens, Specials};
use crate::encode::engine::{EncodeScratch, Engine};
use crate::encode::segments::Segments;
use crate::encode::source::{TextBuffer, TextSource};
use crate::exchange::{json, merges, ranks};
use crate::split::pattern::Normalizer;
use crate::train::Merge;
use crate::vocabulary::Vocabulary;
use crate::{Error, Pattern, Result, Split, pages};

/// Special tokens that end documents, by the names that published tokenizers use.
const ENDS: [&str; 6] = ["<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "<|eos|>", "[EOS]"];
/// Special tokens that begin documents.
const BEGINS: [&str; 6] =
    ["<|begin_of_text|>", "<s>", "<bos>", "<|bos|>", "<|startoftext|>", "[BOS]"];
/// Bytes of text that one thread encodes at a time.
const BYTES_AT_ONCE: usize = 1 << 18;

/// Byte-level BPE.
pub struct Tokenizer {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) merges: Vec<Merge>,
    pub(crate) pattern: Pattern,
    pub(crate) normalizer: Normalizer,
    /// The file that the tokenizer was read from, so that nothing of it is lost.
    pub(crate) source: Option<Box<str>>,
    /// Made when it is first needed: a tokenizer that was just trained may only be saved.
    engine: OnceLock<Engine>,
    pub(crate) byte_ids: [u32; 256],
    /// Added tokens that are looked for before normalising, and after it.
    pub(crate) added: [Option<AddedTokens>; 2],
    ignore_merges: bool,
    desks: Mutex<Vec<Desk>>,
    segments: OnceLock<Arc<Segments>>,
}

impl Tokenizer {
    /// A tokenizer as training leaves it. A pair that was merged twice counts where it was merged last.
    pub(crate) fn trained(
        vocabulary: Vocabulary,
        merges: &[Merge],
        split: Pattern,
    ) -> Result<Self> {
        let mut last = HashMap::new();
        for (rank, &(left, right, _)) in merges.iter().enumerate() {
            last.insert((left, right), rank);
        }
        let kept = merges.iter().enumerate();
        let kept =
            kept.filter(|&(rank, &(left, right, _))| last.get(&(left, right)) == Some(&rank));
        let merges = kept.map(|(_, &merge)| merge).collect();
        Self::new(vocabulary, merges, split, Normalizer::None, false)
    }

    /// Every byte must be a token.
    pub(crate) fn new(
        vocabulary: Vocabulary,
        merges: Vec<Merge>,
        pattern: Pattern,
        normalizer: Normalizer,
        ignore_merges: bool,
    ) -> Result<Self> {
        let byte_ids = byte_ids(&vocabulary)?;
        let (source, desks, added) = (None, Mutex::default(), [None, None]);
        let mut tokenizer = Self {
            vocabulary,
            merges,
            pattern,
            normalizer,
            source,
            engine: OnceLock::new(),
            segments: OnceLock::new(),
            byte_ids,
            added,
            ignore_merges,
            desks,
        };
        tokenizer.add(tokenizer.special_tokens().map(Added::special).collect())?;
        Ok(tokenizer)
    }

    /// The same with further tokens and merges.
    pub(crate) fn extended(&self, vocabulary: Vocabulary, merges: &[Merge]) -> Result<Self> {
        let all: Vec<Merge> = self.merges.iter().chain(merges).copied().collect();
        let (pattern, normalizer) = (self.pattern.clone(), self.normalizer);
        let mut extended = Self::new(vocabulary, all, pattern, normalizer, self.ignore_merges)?;
        extended.added.clone_from(&self.added);
        if let Some(source) = &self.source {
            extended.source = Some(json::extend(source, &extended, merges)?.into());
        }
        Ok(extended)
    }

    /// What encodes.
    pub(crate) fn engine(&self) -> &Engine {
        self.engine.get_or_init(|| {
            let mut whole = HashMap::new();
            let ids = self.vocabulary.iter().filter(|_| self.ignore_merges);
            for (id, _) in ids {
                whole.entry(self.vocabulary.written(id).into()).or_insert(id);
            }
            Engine::new(&self.vocabulary, &self.byte_ids, &self.merges, whole)
        })
    }

    /// The same with what encodes made at once: a tokenizer that was read is there to encode.
    fn ready(self) -> Self {
        self.engine();
        self
    }

    /// Takes other added tokens than the special ones of the vocabulary.
    pub(crate) fn add(&mut self, tokens: Vec<Added>) -> Result<()> {
        let (late, early) = tokens.into_iter().partition(|token| token.normalized);
        self.added =
            [AddedTokens::new(early, Normalizer::None)?, AddedTokens::new(late, self.normalizer)?];
        Ok(())
    }

    /// Whether a pretoken that is a token is not merged (`ignore_merges`).
    pub(crate) fn takes_whole_tokens(&self) -> bool {
        self.ignore_merges
    }

    /// Reads a `tokenizer.json` with a byte-level BPE model. What it asks for beyond that is refused by name.
    pub fn from_json(bytes: &[u8]) -> Result<Self> {
        json::read(bytes).map(Self::ready)
    }

    /// The `tokenizer.json`, which opens in HF tokenizers and transformers. Of a loaded tokenizer: the file it came from.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.source.as_ref().map_or_else(|| json::write(self), ToString::to_string)
    }

    /// Reads a file of tiktoken ranks: for each token its bytes in base64 and its id. The split pattern and the special
    /// tokens with their ids are not in it.
    pub fn from_ranks(
        file: &[u8],
        pattern: Pattern,
        special_tokens: &[(String, u32)],
    ) -> Result<Self> {
        ranks::read(file, pattern, special_tokens).map(Self::ready)
    }

    /// The tiktoken ranks of all tokens but the special ones; an error if tiktoken would encode otherwise with them.
    pub fn to_ranks(&self) -> Result<String> {
        ranks::write(self)
    }

    /// Reads GPT-2's `vocab.json` and `merges.txt`. The split pattern, and which tokens are special, is not in them.
    pub fn from_vocab_merges(
        vocab: &[u8],
        merges: &str,
        pattern: &Pattern,
        special_tokens: &[String],
    ) -> Result<Self> {
        merges::read(vocab, merges, pattern, special_tokens).map(Self::ready)
    }

    /// `vocab.json` and `merges.txt`; an error for what they cannot say.
    pub fn to_vocab_merges(&self) -> Result<(String, String)> {
        merges::write(self)
    }

    /// One more than the highest id, special tokens included: the rows that an embedding needs.
    #[must_use]
    pub fn vocab_size(&self) -> u32 {
        u32::try_from(self.vocabulary.len()).unwrap_or(u32::MAX)
    }

    /// How many ids have a token.
    #[must_use]
    pub fn token_count(&self) -> u32 {
        u32::try_from(self.vocabulary.iter().count()).unwrap_or(u32::MAX)
    }

    /// The known split pattern, none if the tokenizer came with a regex of its own.
    #[must_use]
    pub fn split(&self) -> Option<Split> {
        self.pattern.split()
    }

    /// The split pattern, known or of one's own.
    #[must_use]
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// The merges in their order: left bytes, right bytes.
    pub fn merges(&self) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
        self.merges.iter().map(|&(left, right, _)| {
            (self.vocabulary.written(left), self.vocabulary.written(right))
        })
    }

    /// The bytes that a token decodes to; none if no token has this id.
    #[must_use]
    pub fn token_bytes(&self, id: u32) -> Option<&[u8]> {
        self.vocabulary.get(id)
    }

    /// The id of a special token.
    #[must_use]
    pub fn token_id(&self, special: &str) -> Option<u32> {
        self.vocabulary.special(special)
    }

    /// The special tokens by rising id.
    pub fn special_tokens(&self) -> impl Iterator<Item = (u32, &str)> {
        self.vocabulary
            .specials()
            .filter_map(|(id, bytes)| Some((id, std::str::from_utf8(bytes).ok()?)))
    }

    /// Whether a token is special: no text encodes to it.
    #[must_use]
    pub fn is_special(&self, id: u32) -> bool {
        self.vocabulary.is_special(id)
    }

    /// A text in the form that is encoded: most tokenizers leave it as it is.
    #[must_use]
    pub fn normalised<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.normalizer.apply(text)
    }

    /// Appends the tokens of bytes that are one pretoken, whatever the pattern says.
    pub(crate) fn encode_whole(
        &self,
        bytes: &[u8],
        scratch: &mut EncodeScratch,
        out: &mut Vec<u32>,
    ) {
        let mut run = self.engine().begin(bytes, scratch, out);
        run.push(0, bytes.len());
        run.flush();
    }

    /// The special token that ends a document, if one has a usual name for it.
    #[must_use]
    pub fn eos(&self) -> Option<u32> {
        ENDS.iter().find_map(|name| self.token_id(name))
    }

    /// The special token that begins a document, if one has a usual name for it.
    #[must_use]
    pub fn bos(&self) -> Option<u32> {
        BEGINS.iter().find_map(|name| self.token_id(name))
    }

    /// Appends the tokens of a text. What looks like a special token in it is text like any other, and no special tokens
    /// are added. An error if the tokenizer cuts by a regex of its own whose engine gives up on the text.
    pub fn encode(
        &self,
        text: &str,
        scratch: &mut EncodeScratch,
        out: &mut Vec<u32>,
    ) -> Result<()> {
        self.encode_with(text, &Specials::Text, scratch, out)
    }

    /// The tokens of many texts in one list, and where each text begins in it: one offset more than texts, the last is the
    /// number of tokens. The same for any number of threads.
    pub fn encode_batch(&self, texts: &[&str], threads: usize) -> Result<(Vec<u32>, Vec<u64>)> {
        self.encode_batch_with(texts, &Specials::Text, threads)
    }

    /// The same under a policy for special tokens. An error names the text that it befell.
    pub fn encode_batch_with(
        &self,
        texts: &[&str],
        specials: &Specials,
        threads: usize,
    ) -> Result<(Vec<u32>, Vec<u64>)> {
        self.encode_source(&texts, specials, threads)
    }

    /// The same of texts that are read in batches, each when its turn comes.
    pub fn encode_source<S: TextSource>(
        &self,
        source: &S,
        specials: &Specials,
        threads: usize,
    ) -> Result<(Vec<u32>, Vec<u64>), S::Error> {
        let sizes = source.sizes();
        let bytes: usize = sizes.iter().sum();
        let batches = batches(&sizes);
        let work = Work { tokenizer: self, source, specials };
        let threads = threads.clamp(1, batches.len().max(1));
        let expected = bytes / threads;
        if threads == 1 {
            let mut all = Part::with_room(bytes, sizes.len());
            let mut desk = self.desk(expected);
            batches.into_iter().try_for_each(|batch| work.encode(batch, &mut desk, &mut all))?;
            self.desks().push(desk);
            return Ok((all.ids, all.offsets));
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(Error::from)?;
        let parts: Result<Vec<Part>, S::Error> = pool.install(|| {
            let encode = |batch: Range<usize>| {
                let mut part = Part::with_room(sizes[batch.clone()].iter().sum(), batch.len());
                let mut desk = self.desk(expected);
                work.encode(batch, &mut desk, &mut part)?;
                self.desks().push(desk);
                Ok(part)
            };
            batches.into_par_iter().map(encode).collect()
        });
        Ok(joined(&parts?, &pool))
    }

    /// What a thread needs, left by another call or new, for as many bytes in all.
    fn desk(&self, expected: usize) -> Desk {
        let mut desk = self.desks().pop().unwrap_or_default();
        desk.scratch.set_segments(self.segments.get().cloned());
        desk.scratch.make_room(expected as u64);
        desk
    }

    /// Looks pretokens up in segments first in [`Tokenizer::encode_batch`], from now on and for good; false if these are not
    /// of this tokenizer or if it has some.
    pub fn use_segments(&self, segments: Arc<Segments>) -> bool {
        segments.are_of(self) && self.segments.set(segments).is_ok()
    }

    fn desks(&self) -> std::sync::MutexGuard<'_, Vec<Desk>> {
        self.desks.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The bytes of tokens, special ones as they are written. They need not be UTF-8: a token may end inside a character.
    pub fn decode(&self, ids: &[u32]) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(ids.len() * 4);
        for (position, &id) in ids.iter().enumerate() {
            let token = self.token_bytes(id).ok_or(Error::UnknownId { position, id })?;
            bytes.extend_from_slice(token);
        }
        Ok(bytes)
    }
}

/// The id of each byte, the first if it has several; an error if one has none.
fn byte_ids(vocabulary: &Vocabulary) -> Result<[u32; 256]> {
    let mut ids = [None; 256];
    for (id, token) in vocabulary.iter() {
        if token.len() > 1 && !vocabulary.is_special(id) {
            continue;
        }
        if let [byte] = *vocabulary.written(id) {
            ids[usize::from(byte)].get_or_insert(id);
        }
    }
    if let Some(byte) = ids.iter().position(Option::is_none) {
        return Err(Error::Unsupported {
            field: "model.vocab".to_owned(),
            reason: format!("byte 0x{byte:02X} is not a token; all 256 must be"),
        });
    }
    Ok(ids.map(Option::unwrap_or_default))
}

/// What one thread encodes with.
#[derive(Debug, Default)]
struct Desk {
    scratch: EncodeScratch,
    texts: TextBuffer,
}

/// Texts that are being encoded.
struct Work<'a, S> {
    tokenizer: &'a Tokenizer,
    source: &'a S,
    specials: &'a Specials,
}

impl<S: TextSource> Work<'_, S> {
    /// Appends the tokens of a batch.
    fn encode(
        &self,
        batch: Range<usize>,
        desk: &mut Desk,
        part: &mut Part,
    ) -> Result<(), S::Error> {
        let Desk { scratch, texts } = desk;
        let mut number = batch.start;
        self.source.read(batch, texts, &mut |text| {
            self.tokenizer
                .encode_with(text, self.specials, scratch, &mut part.ids)
                .map_err(|source| Error::InText { number, source: Box::new(source) })?;
            part.offsets.push(part.ids.len() as u64);
            number += 1;
            Ok(())
        })
    }
}

/// Tokens, and where texts begin and the last ends.
struct Part {
    ids: Vec<u32>,
    offsets: Vec<u64>,
}

impl Part {
    /// For so many bytes of text: most tokens are of three bytes and more. Room that is not used is never touched.
    fn with_room(bytes: usize, texts: usize) -> Self {
        let mut offsets = Vec::with_capacity(texts + 1);
        offsets.push(0);
        Self { ids: pages::with_capacity(bytes / 3), offsets }
    }
}

/// The parts one after the other.
fn joined(parts: &[Part], pool: &rayon::ThreadPool) -> (Vec<u32>, Vec<u64>) {
    let mut tokens = vec![0; parts.iter().map(|part| part.ids.len()).sum()];
    let mut offsets = vec![0];
    let (mut rest, mut places) = (tokens.as_mut_slice(), Vec::with_capacity(parts.len()));
    let mut base = 0;
    for Part { ids, offsets: ends } in parts {
        let (place, behind) = std::mem::take(&mut rest).split_at_mut(ids.len());
        places.push(place);
        rest = behind;
        offsets.extend(ends.iter().skip(1).map(|end| base + end));
        base += ids.len() as u64;
    }
    pool.install(|| {
        places
            .into_par_iter()
            .zip(parts)
            .for_each(|(place, part)| place.copy_from_slice(&part.ids));
    });
    (tokens, offsets)
}

/// Texts in runs of a few hundred kilobytes, given the bytes of each.
fn batches(sizes: &[usize]) -> Vec<Range<usize>> {
    let (mut batches, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (n, size) in sizes.iter().enumerate() {
        bytes += size;
        if bytes >= BYTES_AT_ONCE {
            batches.push(start..n + 1);
            (start, bytes) = (n + 1, 0);
        }
    }
    if start < sizes.len() {
        batches.push(start..sizes.len());
    }
    batches
}

impl fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokenizer")
            .field("vocab_size", &self.vocab_size())
            .field("merges", &self.merges.len())
            .field("pattern", &self.pattern)
            .finish_non_exhaustive()
    }
}
