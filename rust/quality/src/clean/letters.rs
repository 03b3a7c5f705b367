//! How likely a letter is after another: what tells text from its broken form.
//!
//! The table is made by `benches/python/make_letters.py`: an absolute-discounting bigram model of characters over some
//! five hundred languages, each of the same weight in its group. A cost is −ln p in sixteenths of a nat, at most 255.

/// Costs of letters alone, weights of what follows them unseen, then marks and costs of the pairs.
static TABLE: &[u8; 2 * LETTERS + 2 * SLOTS] = include_bytes!("../../data/letters.bin");
const LETTERS: usize = 1 << 16;
const SLOTS: usize = 1 << 18;

/// The highest cost of a letter, in sixteenths of a nat.
pub(crate) const MOST: u32 = 255;

/// One nat.
pub(crate) const NAT: u32 = 16;

/// A character as the table knows it: control characters are a space, digits one digit, planes above the first three classes.
#[inline]
fn fold(c: char) -> u32 {
    match u32::from(c) {
        0..0x20 | 0xA0 | 0x2000..=0x200A | 0x202F | 0x205F | 0x3000 => 0x20,
        0x30..=0x39 => 0x30,
        code @ ..=0xFFFF => code,
        0x1F000..=0x1FAFF => 0xE000,
        0x20000..=0x3FFFF => 0xE001,
        _ => 0xE002,
    }
}

/// It may stand between any two letters.
pub(crate) const SOFT_HYPHEN: char = '\u{AD}';

/// Marks that stand beside anything in good text: dashes, quotes, arrows, lines of tables, signs.
#[inline]
fn is_mark(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{205E}' | '\u{2190}'..='\u{2BFF}' | '\u{20A0}'..='\u{20CF}' | '\u{2100}'..='\u{218F}'
        | '«' | '»' | '§' | '¶' | '©' | '®' | '°' | '±' | '×' | '÷' | '·' | '¬' | 'µ' | '¦' | '¤'
        | '\u{FF01}'..='\u{FF5E}' | '\u{3001}'..='\u{301F}')
}

/// Signs that follow anything, but seldom begin a word.
#[inline]
fn is_sign(c: char) -> bool {
    matches!(c, '¡'..='¿')
}

/// The cost of `b` after `a`; none where both are ASCII, which no charset changes.
#[inline]
pub(crate) fn cost(a: char, b: char) -> u32 {
    if a.is_ascii() && b.is_ascii() {
        return 0;
    }
    let cost = pair_cost(a, b);
    // Most pairs are usual, and need no second look.
    if cost <= USUAL { cost } else { cost.min(bound(a, b)) }
}

/// The cost of `b` after `a` in text that is read again, where no mark is excused.
#[inline]
pub(crate) fn cost_again(a: char, b: char) -> u32 {
    if a.is_ascii() && b.is_ascii() {
        return 0;
    }
    let cost = pair_cost(a, b);
    if cost > USUAL && a.is_uppercase() && b.is_uppercase() {
        capitals(a, b).min(cost)
    } else {
        cost
    }
}

fn capitals(a: char, b: char) -> u32 {
    let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
    pair_cost(lower(a), lower(b)) + NAT
}

/// What a pair costs at most: what stands alone, and what is written in capitals, is no sign of broken text.
fn bound(a: char, b: char) -> u32 {
    let (first, second) = (fold(a), fold(b));
    let joins = |mark: char, beside: char| is_mark(mark) && (beside.is_ascii() || is_mark(beside));
    if first == 0x20
        || second == 0x20
        || a == SOFT_HYPHEN
        || b == SOFT_HYPHEN
        || a == b && !a.is_alphabetic()
        || joins(a, b)
        || joins(b, a)
        || is_sign(b) && a.is_ascii()
        || is_sign(a) && b.is_ascii() && !b.is_ascii_alphabetic()
    {
        return USUAL;
    }
    if a.is_uppercase() && b.is_uppercase() {
        return capitals(a, b);
    }
    MOST
}

/// The cost of `b` after `a` as it stands, where nothing is excused.
#[inline]
pub(crate) fn pair_cost(a: char, b: char) -> u32 {
    let (a, b) = (fold(a), fold(b));
    let mut hash = a.wrapping_mul(0x9E37_79B1).wrapping_add(b.wrapping_mul(0x85EB_CA77));
    hash ^= hash >> 15;
    hash = hash.wrapping_mul(0x2C1B_3C6D);
    hash ^= hash >> 13;
    let mark = (hash >> 24).max(1);
    let mut at = hash as usize & (SLOTS - 1);
    loop {
        let found = u32::from(TABLE[2 * LETTERS + at]);
        if found == mark {
            return u32::from(TABLE[2 * LETTERS + SLOTS + at]);
        }
        if found == 0 {
            let (alone, back) = (TABLE[b as usize], TABLE[LETTERS + a as usize]);
            return (u32::from(alone) + u32::from(back)).min(MOST);
        }
        at = (at + 1) & (SLOTS - 1);
    }
}

/// A pair above this cost is a sign of broken text; one below it, of text.
const USUAL: u32 = 6 * NAT;

const USUAL_IDEOGRAPH: u32 = 10 * NAT;

/// What a usual pair takes away at most: good letters between the broken ones do not excuse them.
const EXCUSE: u32 = NAT;

fn add(sum: u32, cost: u32, usual: u32) -> u32 {
    if cost >= usual {
        sum + (cost - usual)
    } else {
        sum.saturating_sub((usual - cost).min(EXCUSE))
    }
}

/// Whether a text begins with the bytes of one character of UTF-8, each read as one of Windows-1252.
fn is_utf8_read_as_western(text: &str) -> bool {
    let mut chars = text.chars();
    let further = match chars.next() {
        Some('Â'..='ß') => 1,
        Some('à'..='ï') => 2,
        Some('ð'..='ô') => 3,
        _ => return false,
    };
    let continues = |c: char| {
        matches!(c, '\u{80}'..='\u{BF}' | '\u{FFFD}') || "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ".contains(c)
    };
    chars.by_ref().take(further).filter(|&c| continues(c)).count() == further
}

/// So much more than usual in one place is suspicious.
const SUSPICIOUS: u32 = 10 * NAT;

/// Whether a sign stands between small letters: `Ka¿da`, which no language writes.
fn is_inside_word(before: &str, after: &str) -> bool {
    let small = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_lowercase);
    small(before.as_bytes().last()) && small(after.as_bytes().first())
}

/// No more places are told than that.
const PLACES: usize = 8;

/// Where text may be broken: offsets of characters at which unusual pairs have piled up (Page's cumulative sum, 1954).
pub(crate) fn suspicious(text: &str) -> Vec<usize> {
    let mut places = Vec::new();
    let (mut sum, mut last) = (0_u32, ' ');
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() && places.len() < PLACES {
        let ascii = bytes[at..].iter().position(|b| !b.is_ascii()).unwrap_or(bytes.len() - at);
        if ascii > 0 {
            let first = char::from(bytes[at]);
            if !last.is_ascii() {
                sum = add(sum, cost(last, first), USUAL);
            }
            if sum >= SUSPICIOUS {
                places.push(text.floor_char_boundary(at.saturating_sub(1)));
                sum = 0;
            }
            at += ascii;
            last = char::from(bytes[at - 1]);
        }
        for c in text[at..].chars().take_while(|c| !c.is_ascii()) {
            // Of ideographs there are so many that most are rare.
            let usual = if c >= '\u{2E80}' { USUAL_IDEOGRAPH } else { USUAL };
            sum = add(sum, cost(last, c), usual);
            last = c;
            if ('Â'..='ô').contains(&c) && is_utf8_read_as_western(&text[at..])
                || matches!(c, '¹' | '³' | '¿') && is_inside_word(&text[..at], &text[at + 2..])
            {
                sum += SUSPICIOUS;
            }
            at += c.len_utf8();
            if sum >= SUSPICIOUS {
                places.push(at - c.len_utf8());
                sum = 0;
            }
        }
    }
    places
}
