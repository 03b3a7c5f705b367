//! What is measured of a text: the registry that makes the columns of the annotations.

/// One measured quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// Name of its column, in snake case.
    pub name: &'static str,
    /// What it says, in one sentence.
    pub summary: &'static str,
    /// Unit of the value; `share` is a ratio without unit.
    pub unit: &'static str,
}

macro_rules! measurements {
    ($($metric:ident $name:literal $unit:literal $summary:literal)*) => {
        /// The index of a measurement in [`MEASUREMENTS`] and in [`Measured::values`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Metric { $(#[doc = $summary] $metric),* }

        /// Every measurement, in the order of the values.
        pub const MEASUREMENTS: &[Measurement] =
            &[$(Measurement { name: $name, summary: $summary, unit: $unit }),*];
    };
}

measurements! {
    Characters "characters" "code points" "Code points of the text."
    Words "words" "words" "Words of the text, punctuation tokens included."
    DupParaFrac "dup_para_frac" "share" "Paragraphs that occurred before, of all paragraphs."
    DupParaCharFrac "dup_para_char_frac" "share" "Characters in paragraphs that occurred before, of all characters."
    DupLineFrac "dup_line_frac" "share" "Lines that occurred before, of all lines."
    DupLineCharFrac "dup_line_char_frac" "share" "Characters in lines that occurred before, of all characters."
    Top2Gram "top_2_gram" "share" "Characters of the most frequent 2-gram times its count, of all characters."
    Top3Gram "top_3_gram" "share" "Characters of the most frequent 3-gram times its count, of all characters."
    Top4Gram "top_4_gram" "share" "Characters of the most frequent 4-gram times its count, of all characters."
    Dup5Gram "dup_5_gram" "share" "Characters in 5-grams that occurred before, of all characters."
    Dup6Gram "dup_6_gram" "share" "Characters in 6-grams that occurred before, of all characters."
    Dup7Gram "dup_7_gram" "share" "Characters in 7-grams that occurred before, of all characters."
    Dup8Gram "dup_8_gram" "share" "Characters in 8-grams that occurred before, of all characters."
    Dup9Gram "dup_9_gram" "share" "Characters in 9-grams that occurred before, of all characters."
    Dup10Gram "dup_10_gram" "share" "Characters in 10-grams that occurred before, of all characters."
    Lines "lines" "lines" "Lines that are not blank."
    LinePunct "line_punct_ratio" "share" "Lines that end in terminal punctuation, of the lines that are not blank."
    ShortLine "short_line_ratio" "share" "Lines of at most `short_line_length` characters, of the lines that are not blank."
    CharDup "char_dup_ratio" "share" "Characters in lines that occurred before, of all characters but line feeds."
    NewLine "new_line_ratio" "line feeds per word" "Line feeds over words."
    PlainWords "plain_words" "words" "Words that are not all punctuation."
    WordLength "word_length" "code points per word" "Mean length of the words that are not all punctuation."
    Hashes "hash_ratio" "signs per word" "Number signs over words."
    Ellipses "ellipsis_ratio" "signs per word" "Ellipses (`...` or `…`) over words."
    BulletLines "bullet_line_ratio" "share" "Lines that start with a bullet or a hyphen, of all lines."
    EllipsisLines "ellipsis_line_ratio" "share" "Lines that end in an ellipsis, of all lines."
    AlphaWords "alpha_word_ratio" "share" "Words that hold a letter, of all words."
    StopWords "stop_words" "words" "Distinct stop words of the profile that occur."
    C4LoremIpsum "c4_lorem_ipsum" "flag" "1 if C4 stops at a line with `lorem ipsum`, else 0."
    C4CurlyBracket "c4_curly_bracket" "flag" "1 if C4 stops at a line with a curly bracket, else 0."
    C4Sentences "c4_sentences" "sentences" "Sentences of the lines that C4 keeps."
    C4ThirdLine "c4_third_line" "code points" "Code points of the third longest line; 0 with fewer than three lines."
    C4BadWords "c4_bad_words" "lot" "0 without a bad word of the profile, else the document's lot: above 0, at most 1."
    BrokenCharacters "broken_char_ratio" "share" "Characters that stand for lost ones (U+FFFD, controls, private use), and letters that a repair could not bring back, of all that are not white space."
    InvisibleCharacters "invisible_char_ratio" "share" "Zero-width characters and soft hyphens where no script needs them, over characters that are not white space."
    QuestionMarks "question_mark_ratio" "share" "Question marks, of all characters that are not white space."
    Misread "misread_char_ratio" "share" "Characters of UTF-8 that was read as a Latin encoding, of all that are not white space."
    Letters "letter_ratio" "share" "Letters, of all characters that are not white space."
    Uppercase "uppercase_ratio" "share" "Capitals of Latin, Greek and Cyrillic, of all letters."
    ScriptChanges "script_change_ratio" "share" "Neighbouring letters of two scripts, of all neighbouring letters."
    MixedWords "mixed_script_word_ratio" "share" "Words that mix alphabets, of all runs of letters."
    SingleLetters "single_letter_ratio" "share" "Chunks of one character, of all between white space."
    Commas "comma_ratio" "share" "Chunks that end in a comma, of all between white space; undefined below 30."
    Addresses "address_char_ratio" "share" "Characters of addresses of the web in ASCII, of all that are not white space."
    LongChunks "long_chunk_ratio" "share" "Characters of chunks of over 50 ASCII letters, digits and signs of Base64, of all that are not white space."
    Markup "markup_ratio" "share" "Characters of tags and character references of HTML, over those that are not white space."
    Lorem "lorem_word_ratio" "share" "Words of lorem ipsum, of all words."
    ConsentLines "consent_line_ratio" "share" "Bytes of lines with a phrase or button of a consent banner, of all lines that are not blank; 0 without a button."
    SplitWords "split_word_ratio" "words per line" "Words that a hyphen and a line feed split, over lines that are not blank."
    ListLines "list_line_ratio" "share" "Short lines without the end of a sentence, of all that are not blank; undefined below ten lines."
    RepeatedText "repeated_text_ratio" "share" "Stretches of 16 bytes that occurred before, in the first 8 KiB."
    Perplexity "perplexity" "perplexity of a character" "What the text costs under the model of its language: two to the power of the mean bits a character."
    RelativePerplexity "relative_perplexity" "ratio" "The perplexity over that of reference text in the middle."
    Garbled "garbled_ratio" "share" "Stretches of the text that cost more than nearly all reference text."
    StrangeLetters "strange_letter_ratio" "share" "Runs of letters beyond ASCII that the language hardly has, over all letters."
    Direction "reading_direction" "bits per character" "How much less the text costs than read backwards; about 0 or less in what is no text."
    WordOrder "word_order" "ratio" "How far the order of the words is from chance: 0 in shuffled text, 1 in the middle of reference text."
    PerplexityBucket "perplexity_bucket" "bucket" "The third of reference text that costs as much: 0 head, 1 middle, 2 tail."
}

/// How many measurements there are.
pub const N: usize = MEASUREMENTS.len();

/// The measurements of one text.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// One value per entry of [`MEASUREMENTS`]; NaN where the text does not define it (a mean over no words).
    pub values: [f64; N],
}

impl Measured {
    /// The value of one measurement.
    #[must_use]
    pub fn get(&self, metric: Metric) -> f64 {
        self.values[metric as usize]
    }

    pub(crate) fn undefined() -> Self {
        Self { values: [f64::NAN; N] }
    }

    pub(crate) fn set(&mut self, metric: Metric, value: f64) {
        self.values[metric as usize] = value;
    }
}

/// `part / whole` as Python divides: in f64, from exact integers. NaN where `whole` is 0.
#[expect(clippy::cast_precision_loss, reason = "counts of one document are below 2^53")]
pub(crate) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { f64::NAN } else { part as f64 / whole as f64 }
}
