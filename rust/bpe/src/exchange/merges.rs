//! GPT-2's pair of files: `vocab.json` with the ids, `merges.txt` with the merges.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::exchange::json;
use crate::split::pattern::Normalizer;
use crate::{Error, Pattern, Result, Tokenizer};

/// The line that begins `merges.txt`.
const VERSION: &str = "#version: 0.2";

/// Reads both files; the pattern and the special tokens are not in them.
pub(crate) fn read(
    vocab: &[u8],
    merges: &str,
    pattern: &Pattern,
    special_tokens: &[String],
) -> Result<Tokenizer> {
    let vocab: Map<String, Value> = serde_json::from_slice(vocab)?;
    let mut added = Vec::new();
    for special in special_tokens {
        let id = vocab.get(special).and_then(Value::as_u64);
        let id = id.ok_or_else(|| Error::UnknownSpecial(special.clone()))?;
        added.push(json!({"id": id, "content": special, "special": true}));
    }
    let lines = merges.lines().enumerate();
    let lines = lines.filter(|(number, line)| {
        !(line.is_empty() || (*number == 0 && line.starts_with("#version")))
    });
    let merges: Vec<&str> = lines.map(|(_, line)| line.trim_end_matches('\r')).collect();
    let file = json!({
        "added_tokens": added,
        "pre_tokenizer": json::write_pattern(pattern),
        "model": {"type": "BPE", "vocab": vocab, "merges": merges},
    });
    let mut read = json::read(file.to_string().as_bytes())?;
    // It is no file that a user gave: written whole when it is asked for.
    read.source = None;
    Ok(read)
}

/// Writes (`vocab.json`, `merges.txt`).
pub(crate) fn write(tokenizer: &Tokenizer) -> Result<(String, String)> {
    let cannot = |reason: &str| {
        Err(Error::Inexpressible { format: "vocab-merges", reason: reason.to_owned() })
    };
    if tokenizer.normalizer != Normalizer::None {
        return cannot("it normalises text, which the files do not say");
    }
    if tokenizer.takes_whole_tokens() {
        return cannot("it takes whole tokens before merging, which the files do not say");
    }
    let ids = tokenizer.vocabulary.iter();
    let vocab: Map<String, Value> =
        ids.map(|(id, _)| (json::written(tokenizer, id), Value::from(id))).collect();
    let mut merges = format!("{VERSION}\n");
    for &(left, right, _) in &tokenizer.merges {
        let [left, right] = [left, right].map(|id| json::written(tokenizer, id));
        let _ = writeln!(merges, "{left} {right}");
    }
    Ok((format!("{:#}\n", Value::from(vocab)), merges))
}
