//! What can be read at a place in the bytes of a text.

use super::charset::{Charset, Tables};
use super::letters::{self, NAT};

/// What a character costs that the wrong charset does not have, inside of broken text.
const STRANGE: u32 = 2 * NAT;
/// What a byte costs that was lost, if it can be told which it was, and if it cannot.
const GUESSED: u32 = 2 * NAT;
/// The same, if it cannot.
pub(crate) const LOST: u32 = 9 * NAT;
/// What a byte costs that the right charset cannot read, in text that was cut inside of characters.
const STRAY: u32 = 13 * NAT;

/// A unit of the search: a byte of the encoded text, or what stands for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Byte(u8),
    /// U+FFFD: a byte that a decoder could not read.
    Lost,
    /// A character that the wrong charset does not have.
    Strange(char),
    /// A run of ASCII that both readings share, but for its ends.
    Ascii,
}

/// Units, character, and what they cost beside its letter.
pub(crate) type Step = (u8, char, u32);

/// What can be read at a place.
#[derive(Default)]
pub(crate) struct Steps(pub(crate) [Option<Step>; 2]);

/// What stands for no byte, and bytes of ASCII where they cannot begin anything else.
fn plain(unit: Unit) -> Option<Step> {
    match unit {
        Unit::Lost => Some((1, '\u{FFFD}', LOST)),
        Unit::Strange(c) => Some((1, c, STRANGE)),
        Unit::Ascii => Some((1, ' ', 0)),
        Unit::Byte(_) => None,
    }
}

/// Reads by a charset of one or two bytes.
pub(crate) fn charset(units: &[Unit], right: &Tables) -> Steps {
    let Unit::Byte(lead) = units[0] else { return Steps([plain(units[0]), None]) };
    let single = right.single(lead).map(|c| (1, c, 0));
    let double = match units.get(1) {
        Some(&Unit::Byte(trail)) => match right.double(lead, trail) {
            Some(c) => Some((2, c, 0)),
            None if single.is_none() => Some((1, '\u{FFFD}', STRAY)),
            None => None,
        },
        Some(Unit::Lost) if lead >= 0x80 && single.is_none() => Some((2, '\u{FFFD}', LOST)),
        _ => None,
    };
    Steps([single, double])
}

/// Reads a character of UTF-8; a byte that was lost is one of those that the wrong charset leaves undefined.
pub(crate) fn utf8(units: &[Unit], wrong: Charset, last: char) -> Steps {
    let Unit::Byte(lead) = units[0] else { return Steps([plain(units[0]), None]) };
    if lead.is_ascii() {
        return Steps([Some((1, char::from(lead), 0)), None]);
    }
    // Only a charset of pairs loses bytes that can be read alone.
    let stray = wrong.is_double().then_some((1, '\u{FFFD}', STRAY));
    Steps([whole(units, lead, wrong, last).or(stray), cut(units, lead, wrong, last)])
}

/// The bytes of a character that its first byte announces.
fn announced(lead: u8) -> Option<u8> {
    match lead {
        0xC2..=0xDF => Some(2),
        0xE0..=0xEF => Some(3),
        0xF0..=0xF4 => Some(4),
        _ => None,
    }
}

/// The one character of these bytes; of the further planes nothing but the first three is in use.
fn character(bytes: &[u8]) -> Option<char> {
    let c = std::str::from_utf8(bytes).ok().and_then(|text| text.chars().next());
    c.filter(|&c| c < '\u{40000}' && !('\u{E000}'..='\u{F8FF}').contains(&c))
}

/// A character all of whose bytes are there, but for one that was lost.
fn whole(units: &[Unit], lead: u8, wrong: Charset, last: char) -> Option<Step> {
    let length = announced(lead)?;
    let count = usize::from(length);
    let mut bytes = [lead, 0, 0, 0];
    let mut missing = None;
    for (n, unit) in units.get(1..count)?.iter().enumerate() {
        match unit {
            Unit::Byte(byte) if (0x80..0xC0).contains(byte) => bytes[n + 1] = *byte,
            Unit::Lost if missing.is_none() => missing = Some(n + 1),
            _ => return None,
        }
    }
    let Some(place) = missing else { return character(&bytes[..count]).map(|c| (length, c, 0)) };
    let guesses = wrong.undefined().iter().filter_map(|&byte| {
        bytes[place] = byte;
        character(&bytes[..count])
    });
    let cost = |c: char| match c {
        // By far the commonest of them ends a quotation.
        '”' if last != ' ' => 0,
        _ => letters::pair_cost(last, c) + following(c, &units[count..]),
    };
    match guesses.min_by_key(|&c| (cost(c), c)) {
        Some(c) => Some((length, c, GUESSED)),
        None => Some((length, '\u{FFFD}', LOST)),
    }
}

/// What the next character costs after `c`, if it can be read.
fn following(c: char, units: &[Unit]) -> u32 {
    let mut bytes = [0; 3];
    let mut count = 0;
    for unit in units.iter().take(3) {
        let Unit::Byte(byte) = unit else { break };
        bytes[count] = *byte;
        count += 1;
    }
    let text = match std::str::from_utf8(&bytes[..count]) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    };
    text.chars().next().map_or(0, |next| letters::pair_cost(c, next))
}

/// A character of UTF-8 of which a byte that the wrong charset leaves undefined was removed.
fn cut(units: &[Unit], lead: u8, wrong: Charset, last: char) -> Option<Step> {
    let length = announced(lead).filter(|&length| length < 4)?;
    let count = usize::from(length);
    let mut there = vec![lead];
    for unit in units.get(1..count - 1)? {
        match unit {
            Unit::Byte(byte) if (0x80..0xC0).contains(byte) => there.push(*byte),
            _ => return None,
        }
    }
    // Then nothing is missing.
    if let Some(Unit::Byte(0x80..0xC0) | Unit::Lost) = units.get(count - 1) {
        return None;
    }
    let guesses = wrong.undefined().iter().flat_map(|&byte| {
        let there = &there;
        (1..count).filter_map(move |place| {
            let mut bytes = there.clone();
            bytes.insert(place, byte);
            character(&bytes)
        })
    });
    guesses
        .min_by_key(|&c| (letters::pair_cost(last, c), c))
        .map(|c| (length - 1, c, GUESSED + 3 * NAT))
}
