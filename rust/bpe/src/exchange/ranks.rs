//! tiktoken ranks: a line for each token, its bytes in base64 and its id.

use std::collections::HashMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::split::pattern::Normalizer;
use crate::train::Merge;
use crate::vocabulary::Vocabulary;
use crate::{Error, Pattern, Result, Tokenizer};

/// Tokens by their bytes.
type Ids = HashMap<Vec<u8>, u32>;

/// Reads ranks. The merges are found again: a token is made by merging its bytes with the tokens of lower ranks, and the
/// last two parts are its merge. A token that cannot be made so is one only as a whole pretoken, as tiktoken has it.
pub(crate) fn read(
    text: &[u8],
    pattern: Pattern,
    special_tokens: &[(String, u32)],
) -> Result<Tokenizer> {
    let mut vocabulary = Vocabulary::default();
    let ids = tokens(text)?;
    let mut ranked: Vec<(u32, &[u8])> = ids.iter().map(|(token, &id)| (id, &**token)).collect();
    ranked.sort_unstable();
    for &(id, token) in &ranked {
        if vocabulary.get(id).is_some() {
            return Err(bad_ranks(format!("rank {id} is given twice")));
        }
        vocabulary.put(id, token);
    }
    for (special, id) in special_tokens {
        if vocabulary.get(*id).is_some() {
            return Err(bad_ranks(format!(
                "special token {special:?}: id {id} is another token's"
            )));
        }
        vocabulary.put_special(*id, special);
    }
    let (merges, all_made) = merges(&ranked, &ids);
    Tokenizer::new(vocabulary, merges, pattern, Normalizer::None, !all_made)
}

fn bad_ranks(reason: String) -> Error {
    Error::Ranks(reason)
}

fn tokens(text: &[u8]) -> Result<Ids> {
    let mut ids = Ids::new();
    for (number, line) in (1..).zip(text.split(|&byte| byte == b'\n')) {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let (token, rank) = token(line).ok_or_else(|| {
            let line = String::from_utf8_lossy(line);
            bad_ranks(format!("line {number}: {line:?} is not BASE64 RANK"))
        })?;
        if ids.insert(token, rank).is_some() {
            return Err(bad_ranks(format!("line {number}: the token is there already")));
        }
    }
    Ok(ids)
}

fn token(line: &[u8]) -> Option<(Vec<u8>, u32)> {
    let space = line.iter().position(|&byte| byte == b' ')?;
    let token = STANDARD.decode(&line[..space]).ok().filter(|token| !token.is_empty())?;
    Some((token, std::str::from_utf8(&line[space + 1..]).ok()?.parse().ok()?))
}

/// The merge of each token that merging makes, by rising rank, and whether it makes all.
fn merges(ranked: &[(u32, &[u8])], ids: &Ids) -> (Vec<Merge>, bool) {
    let (mut merges, mut all_made) = (Vec::with_capacity(ranked.len()), true);
    for &(id, token) in ranked.iter().filter(|(_, token)| token.len() > 1) {
        match last_parts(token, id, ids) {
            Some((left, right)) => merges.push((left, right, id)),
            None => all_made = false,
        }
    }
    (merges, all_made)
}

/// The two parts that a token is merged of, if the tokens of lower ranks leave two.
fn last_parts(token: &[u8], rank: u32, ids: &Ids) -> Option<(u32, u32)> {
    // Ends of the parts.
    let mut ends: Vec<usize> = (1..=token.len()).collect();
    let lower = |from: usize, to: usize| ids.get(&token[from..to]).filter(|&&id| id < rank);
    while ends.len() > 2 {
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let pairs = starts.zip(&ends[1..]).enumerate();
        let best = pairs.filter_map(|(at, (from, &to))| Some((*lower(from, to)?, at))).min();
        let (_, at) = best?;
        ends.remove(at);
    }
    let &[middle, end] = ends.as_slice() else { return None };
    Some((*ids.get(&token[..middle])?, *ids.get(&token[middle..end])?))
}

/// Writes ranks; special tokens have no place in them. Refused for what tiktoken would encode otherwise.
pub(crate) fn write(tokenizer: &Tokenizer) -> Result<String> {
    let cannot = |reason: String| Error::Inexpressible { format: "tiktoken", reason };
    if tokenizer.normalizer != Normalizer::None {
        return Err(cannot("it normalises text, which ranks do not say".to_owned()));
    }
    let (mut ids, mut ranked) = (Ids::new(), Vec::new());
    for id in 0..tokenizer.vocab_size() {
        let Some(bytes) = tokenizer.vocabulary.get(id) else {
            return Err(cannot(format!("id {id} has no token")));
        };
        if !tokenizer.vocabulary.is_special(id) {
            if let Some(other) = ids.insert(bytes.to_vec(), id) {
                return Err(cannot(format!("ids {other} and {id} are the same bytes")));
            }
            ranked.push((id, bytes));
        }
    }
    let (merges, all_made) = merges(&ranked, &ids);
    if let Some(rank) = (0..merges.len().max(tokenizer.merges.len()))
        .find(|&rank| merges.get(rank) != tokenizer.merges.get(rank))
    {
        return Err(cannot(format!("merge {rank} is not the one that the order of ids gives")));
    }
    if !all_made && !tokenizer.takes_whole_tokens() {
        return Err(cannot("a token that no merge makes would be one of tiktoken's".to_owned()));
    }
    let mut text = String::new();
    for (id, bytes) in ranked {
        let _ = writeln!(text, "{} {id}", STANDARD.encode(bytes));
    }
    Ok(text)
}
