//! What can go wrong when counting, training, loading or decoding.

use gamayun_text::Interrupted;

/// A promise about counts, parameters or a tokenizer that was broken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A count file does not begin with the right magic, or ends before its time.
    #[error("counts: {0}")]
    CountsFormat(String),
    /// A count file was changed after it was written.
    #[error("counts: checksum is {found:016x}, expected {expected:016x}")]
    CountsChecksum {
        /// The checksum of the bytes that were read.
        found: u64,
        /// The checksum that the writer stored.
        expected: u64,
    },
    /// A file of segments that is not whole.
    #[error("segments: {0}")]
    Segments(String),
    /// Counts of one split pattern were used for another.
    #[error("counts were made with split {counts}, but {asked} was asked for")]
    SplitMismatch {
        /// The split of the counts.
        counts: crate::Pattern,
        /// The split of the parameters.
        asked: crate::Pattern,
    },
    /// A regex that the engine cannot compile.
    #[error("split: regex {regex:?}: {reason}")]
    SplitRegex {
        /// The regex.
        regex: String,
        /// What the engine says.
        reason: String,
    },
    /// A text on which the engine of a regex gave up.
    #[error("split: regex {regex:?} gives up at byte {byte} of a text: {reason}")]
    SplitEngine {
        /// The regex.
        regex: String,
        /// The end of the last match.
        byte: usize,
        /// What the engine says.
        reason: String,
    },
    /// A split name that is not known.
    #[error("split {0:?} is not one of {known}, nor regex:REGEX", known = crate::Split::NAMES.join(", "))]
    UnknownSplit(String),
    /// A parameter of training outside its range.
    #[error("{parameter}: {value} is not valid: {expected}")]
    Parameter {
        /// The name of the parameter.
        parameter: &'static str,
        /// What was given.
        value: String,
        /// What would be valid.
        expected: &'static str,
    },
    /// A weight for a language that was never counted.
    #[error("weights: language {0:?} has no counts")]
    UnknownLanguage(String),
    /// More text than positions of 32 bits can address.
    #[error("counts: {bytes} bytes of unique pretokens, at most {limit} can be trained on")]
    TooManyBytes {
        /// Bytes of unique pretokens, with one separator each.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// More pretokens than the memory that is allowed can be trained on.
    #[error(
        "training on {pretokens} pretokens needs {} MiB of memory, but {} MiB are allowed: allow more, or leave out \
         rare pretokens",
        need.div_ceil(1 << 20), allowed >> 20
    )]
    TrainMemory {
        /// Different pretokens.
        pretokens: u64,
        /// Bytes that they need.
        need: u64,
        /// Bytes that are allowed.
        allowed: u64,
    },
    /// Counts so large that sums of them would overflow 63 bits.
    #[error("counts: the sum of all weighted counts does not fit 63 bits")]
    CountOverflow,
    /// A `tokenizer.json` that is not JSON of the expected shape.
    #[error("tokenizer.json: {0}")]
    Json(#[from] serde_json::Error),
    /// A `tokenizer.json` that needs something this encoder does not do.
    #[error("tokenizer.json: {field}: {reason}")]
    Unsupported {
        /// The field of the file.
        field: String,
        /// What it asks for, and what is supported.
        reason: String,
    },
    /// A merge that names a token which the vocabulary lacks.
    #[error("tokenizer.json: merge {rank}: token {token:?} is not in the vocabulary")]
    MergeToken {
        /// The position of the merge in the list.
        rank: usize,
        /// The missing token, in the byte-level alphabet.
        token: String,
    },
    /// A file of tiktoken ranks that is none.
    #[error("ranks: {0}")]
    Ranks(String),
    /// A special token that the vocabulary lacks.
    #[error("special token {0:?} is not in the vocabulary")]
    UnknownSpecial(String),
    /// A tokenizer that another format cannot hold.
    #[error("{format} cannot hold this tokenizer: {reason}")]
    Inexpressible {
        /// The format.
        format: &'static str,
        /// What it lacks.
        reason: String,
    },
    /// A special token in a text that must hold none.
    #[error("special token {token:?} at byte {byte}; expected a text without special tokens")]
    SpecialInText {
        /// The token.
        token: String,
        /// Where it begins.
        byte: usize,
    },
    /// Offsets of a text that the tokenizer normalises to another.
    #[error("the tokenizer normalises this text to another; offsets need a text in NFC")]
    NormalisedOffsets,
    /// One of many texts that could not be encoded.
    #[error("text {number}: {source}")]
    InText {
        /// Its place among them, from 0.
        number: usize,
        /// What befell it.
        source: Box<Error>,
    },
    /// A token id that the vocabulary lacks.
    #[error("token {position}: id {id} is not in the vocabulary")]
    UnknownId {
        /// The position in the list of ids.
        position: usize,
        /// The id.
        id: u32,
    },
    /// A pool of threads could not be started.
    #[error("threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// The monitor stopped the work.
    #[error("interrupted")]
    Interrupted,
    /// The writer of a count file failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl From<Interrupted> for Error {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

/// The result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
