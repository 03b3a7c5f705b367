//! The `tokenizer.json` of HF tokenizers: reading any byte-level BPE, writing our own.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::encode::added::Added;
use crate::split::pattern::{Normalizer, Step};
use crate::train::Merge;
use crate::vocabulary::Vocabulary;
use crate::{Error, Pattern, Result, Split, Tokenizer, alphabet};

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    added_tokens: Vec<AddedToken>,
    #[serde(default)]
    normalizer: Value,
    #[serde(default)]
    pre_tokenizer: Value,
    model: Model,
}

#[derive(Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the fields of the file")]
struct AddedToken {
    id: u32,
    content: String,
    #[serde(default)]
    single_word: bool,
    #[serde(default)]
    lstrip: bool,
    #[serde(default)]
    rstrip: bool,
    #[serde(default)]
    normalized: bool,
    #[serde(default)]
    special: bool,
}

impl From<AddedToken> for Added {
    fn from(token: AddedToken) -> Self {
        let AddedToken { id, content, single_word, lstrip, rstrip, normalized, special } = token;
        Self { id, content, single_word, lstrip, rstrip, normalized, special }
    }
}

#[derive(Deserialize)]
struct Model {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    dropout: Option<f64>,
    #[serde(default)]
    continuing_subword_prefix: Option<String>,
    #[serde(default)]
    end_of_word_suffix: Option<String>,
    #[serde(default)]
    ignore_merges: bool,
    #[serde(default)]
    vocab: HashMap<String, u32>,
    #[serde(default)]
    merges: Vec<WrittenMerge>,
}

/// Older files write a merge as one string, newer ones as two.
#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenMerge {
    Joined(String),
    Apart(String, String),
}

pub(crate) fn read(bytes: &[u8]) -> Result<Tokenizer> {
    let kind: Kind = serde_json::from_slice(bytes)?;
    if kind.model.kind.as_deref().is_some_and(|kind| kind != "BPE") {
        return Err(unsupported("model.type", &json!(kind.model.kind), "BPE"));
    }
    let file: File = serde_json::from_slice(bytes)?;
    check_model(&file.model)?;
    let pattern = pattern(&file.pre_tokenizer)?;
    let normalizer = normalizer(&file.normalizer)?;
    let merges = merges(&file.model)?;
    let vocabulary = vocabulary(&file);
    let mut tokenizer =
        Tokenizer::new(vocabulary, merges, pattern, normalizer, file.model.ignore_merges)?;
    tokenizer.add(file.added_tokens.into_iter().map(Added::from).collect())?;
    tokenizer.source = Some(String::from_utf8_lossy(bytes).into());
    Ok(tokenizer)
}

/// As little as tells the model, so that another one is refused by name before its vocabulary fails to parse.
#[derive(Deserialize)]
struct Kind {
    model: ModelKind,
}

#[derive(Deserialize)]
struct ModelKind {
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

fn unsupported(field: &str, found: &Value, supported: &str) -> Error {
    let mut found = found.to_string();
    if found.chars().count() > 200 {
        found = found.chars().take(200).chain("…".chars()).collect();
    }
    Error::Unsupported {
        field: field.to_owned(),
        reason: format!("{found} is not supported, only {supported}"),
    }
}

fn check_model(model: &Model) -> Result<()> {
    if model.kind.as_deref().is_some_and(|kind| kind != "BPE") {
        return Err(unsupported("model.type", &json!(model.kind), "BPE"));
    }
    if model.dropout.is_some_and(|dropout| dropout > 0.0) {
        return Err(unsupported("model.dropout", &json!(model.dropout), "null"));
    }
    for (field, affix) in [
        ("model.continuing_subword_prefix", &model.continuing_subword_prefix),
        ("model.end_of_word_suffix", &model.end_of_word_suffix),
    ] {
        if affix.as_deref().is_some_and(|affix| !affix.is_empty()) {
            return Err(unsupported(field, &json!(affix), "null"));
        }
    }
    Ok(())
}

fn normalizer(value: &Value) -> Result<Normalizer> {
    match value["type"].as_str() {
        None if value.is_null() => Ok(Normalizer::None),
        Some("NFC") => Ok(Normalizer::Nfc),
        Some("Sequence") => match value["normalizers"].as_array().map(Vec::as_slice) {
            Some([]) => Ok(Normalizer::None),
            Some([one]) => normalizer(one),
            _ => Err(unsupported("normalizer", value, "null and NFC")),
        },
        _ => Err(unsupported("normalizer", value, "null and NFC")),
    }
}

const PRE_TOKENIZERS: &str = "ByteLevel after any number of Split and Digits";

fn pattern(value: &Value) -> Result<Pattern> {
    let steps = match value["type"].as_str() {
        Some("Sequence") => value["pretokenizers"].as_array().map_or(&[][..], Vec::as_slice),
        _ => std::slice::from_ref(value),
    };
    let Some((last, steps)) = steps.split_last() else {
        return Err(unsupported("pre_tokenizer", value, PRE_TOKENIZERS));
    };
    let mut regexes = steps.iter().map(regex).collect::<Result<Vec<_>>>()?;
    if byte_level(last)? {
        regexes.push((Split::Gpt2.regex().to_owned(), false));
    }
    Pattern::steps(&regexes).map_err(|error| Error::Unsupported {
        field: "pre_tokenizer".to_owned(),
        reason: error.to_string(),
    })
}

/// Whether a `ByteLevel` splits by GPT-2's pattern too.
fn byte_level(value: &Value) -> Result<bool> {
    if value["type"] != "ByteLevel" {
        return Err(unsupported("pre_tokenizer", value, PRE_TOKENIZERS));
    }
    if value["add_prefix_space"] == true {
        return Err(unsupported("pre_tokenizer.add_prefix_space", &json!(true), "false"));
    }
    Ok(value["use_regex"] != false)
}

/// The regex of one step, and whether it drops what does not match.
fn regex(value: &Value) -> Result<Step> {
    if value["type"] == "Digits" {
        let one = value["individual_digits"] == true;
        return Ok((if one { r"\p{N}" } else { r"\p{N}+" }.to_owned(), false));
    }
    let pattern = &value["pattern"];
    let regex = match (pattern["Regex"].as_str(), pattern["String"].as_str()) {
        (Some(regex), _) => regex.to_owned(),
        (_, Some(text)) => fancy_regex::escape(text).into_owned(),
        _ => return Err(unsupported("pre_tokenizer", value, PRE_TOKENIZERS)),
    };
    match (value["type"].as_str(), value["behavior"].as_str(), value["invert"] == true) {
        (Some("Split"), Some("Isolated"), _) => Ok((regex, false)),
        (Some("Split"), Some("Removed"), true) => Ok((regex, true)),
        _ => Err(unsupported("pre_tokenizer", value, "Split with behavior Isolated")),
    }
}

fn merges(model: &Model) -> Result<Vec<Merge>> {
    let id = |rank, token: &str| {
        let id = model.vocab.get(token).copied();
        id.ok_or_else(|| Error::MergeToken { rank, token: token.to_owned() })
    };
    let mut merges = Vec::with_capacity(model.merges.len());
    for (rank, merge) in model.merges.iter().enumerate() {
        let (left, right) = match merge {
            WrittenMerge::Apart(left, right) => (left.as_str(), right.as_str()),
            WrittenMerge::Joined(both) => both.split_once(' ').unwrap_or((both, "")),
        };
        merges.push((id(rank, left)?, id(rank, right)?, id(rank, &format!("{left}{right}"))?));
    }
    Ok(merges)
}

fn vocabulary(file: &File) -> Vocabulary {
    let mut tokens: Vec<(u32, &str)> =
        file.model.vocab.iter().map(|(token, &id)| (id, token.as_str())).collect();
    tokens.sort_unstable();
    let mut vocabulary = Vocabulary::default();
    for (id, token) in tokens {
        match alphabet::to_bytes(token) {
            Some(bytes) => vocabulary.put(id, &bytes),
            None => vocabulary.put_special(id, token),
        }
    }
    for added in &file.added_tokens {
        // An added token that is an ordinary one too stays ordinary.
        if added.special || vocabulary.get(added.id).is_none() {
            vocabulary.put_special(added.id, &added.content);
        }
    }
    vocabulary
}

/// A token as the file has it: special ones as they are, others in the byte-level alphabet.
pub(crate) fn written(tokenizer: &Tokenizer, id: u32) -> String {
    match tokenizer.token_bytes(id) {
        Some(bytes) if tokenizer.vocabulary.is_special(id) => {
            String::from_utf8_lossy(bytes).into_owned()
        }
        bytes => alphabet::to_chars(bytes.unwrap_or_default()),
    }
}

pub(crate) fn write(tokenizer: &Tokenizer) -> String {
    let Tokenizer { vocabulary, .. } = tokenizer;
    let written = |id| written(tokenizer, id);
    let added: Vec<AddedToken> =
        tokenizer.special_tokens().map(|(id, content)| added(id, content)).collect();
    let vocab: serde_json::Map<String, Value> =
        vocabulary.iter().map(|(id, _)| (written(id), Value::from(id))).collect();
    let merges: Vec<[String; 2]> =
        tokenizer.merges.iter().map(|&(left, right, _)| [written(left), written(right)]).collect();
    let file = json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added,
        "normalizer": null,
        "pre_tokenizer": write_pattern(tokenizer.pattern()),
        "post_processor": null,
        "decoder": write_byte_level(true),
        "model": {
            "type": "BPE",
            "dropout": null,
            "unk_token": null,
            "continuing_subword_prefix": null,
            "end_of_word_suffix": null,
            "fuse_unk": false,
            "byte_fallback": false,
            "ignore_merges": tokenizer.takes_whole_tokens(),
            "vocab": vocab,
            "merges": merges,
        },
    });
    format!("{file:#}\n")
}

/// The file of a tokenizer with the tokens and merges that it got behind its own.
pub(crate) fn extend(source: &str, extended: &Tokenizer, merges: &[Merge]) -> Result<String> {
    let mut file: Value = serde_json::from_str(source)?;
    // HF tokenizers numbers added tokens behind the vocabulary; in it they keep their ids.
    let added = file["added_tokens"].as_array().cloned().unwrap_or_default();
    let vocab = file["model"]["vocab"].as_object_mut();
    if let Some(vocab) = vocab {
        for token in &added {
            if let Some(content) = token["content"].as_str() {
                vocab.entry(content).or_insert_with(|| token["id"].clone());
            }
        }
        for &(_, _, id) in merges {
            vocab.entry(written(extended, id)).or_insert_with(|| id.into());
        }
    }
    if let Some(list) = file["model"]["merges"].as_array_mut() {
        let joined = list.first().is_some_and(Value::is_string);
        for &(left, right, _) in merges {
            let [left, right] = [left, right].map(|id| written(extended, id));
            list.push(if joined { format!("{left} {right}").into() } else { json!([left, right]) });
        }
    }
    Ok(format!("{file:#}\n"))
}

fn added(id: u32, content: &str) -> AddedToken {
    AddedToken {
        id,
        content: content.to_owned(),
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
    }
}

fn write_byte_level(use_regex: bool) -> Value {
    json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": use_regex})
}

pub(crate) fn write_pattern(pattern: &Pattern) -> Value {
    if pattern.split() == Some(Split::Gpt2) {
        return write_byte_level(true);
    }
    let mut steps: Vec<Value> = pattern.written().iter().map(write_step).collect();
    steps.push(write_byte_level(false));
    json!({"type": "Sequence", "pretokenizers": steps})
}

fn write_step((regex, drop_gaps): &Step) -> Value {
    let behavior = if *drop_gaps { "Removed" } else { "Isolated" };
    json!({"type": "Split", "pattern": {"Regex": regex}, "behavior": behavior, "invert": drop_gaps})
}
