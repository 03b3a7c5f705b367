//! Characters that show nothing: zero widths, soft hyphens, marks of direction; kept where a script needs them.

use super::edits::Change;
use super::kind::Kind;

/// The changes that remove what shows nothing.
pub(crate) fn strip(text: &str) -> Vec<Change> {
    // In UTF-8 they begin with C2 AD, E1 A0 8E, E2 80, E2 81, EF BB BF or F3 A0: text without these bytes has none.
    let suspicious = |b: &u8| matches!(b, 0xC2 | 0xE1 | 0xE2 | 0xEF | 0xF3);
    if !text.as_bytes().iter().any(suspicious) || !text.chars().any(is_invisible) {
        return Vec::new();
    }
    let joins = text.chars().any(is_joined_by_marks);
    let right_to_left = text.chars().any(
        |c| matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}'),
    );
    let mut changes = Vec::new();
    let mut last = ' ';
    for (at, c) in text.char_indices() {
        let kept = match c {
            '\u{200C}' | '\u{200D}' => joins && needs_joiners(last) || is_pictograph(last),
            '\u{200B}' => is_without_spaces(last),
            '\u{200E}'
            | '\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
            | '\u{61C}' => right_to_left,
            // Flags of regions are spelled by tags after a black flag.
            '\u{E0000}'..='\u{E007F}' => last == '\u{1F3F4}',
            _ => !is_invisible(c),
        };
        if !kept {
            changes.push(Change::new(at..at + c.len_utf8(), "", Kind::Invisible));
        } else if !matches!(c, '\u{FE0E}' | '\u{FE0F}' | '\u{E0000}'..='\u{E007F}') {
            last = c;
        }
    }
    changes
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}'
    )
}

/// Letters of languages that write ZWNJ: those of Persian, Urdu and Kurdish beyond Arabic's, and of India.
fn is_joined_by_marks(c: char) -> bool {
    matches!(c, 'پ' | 'چ' | 'ژ' | 'گ' | 'ک' | 'ی' | 'ے' | 'ۆ' | 'ێ' | '\u{900}'..='\u{DFF}' | '\u{1000}'..='\u{109F}'
        | '\u{1780}'..='\u{18AF}' | '\u{700}'..='\u{74F}')
}

fn needs_joiners(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{DFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{18AF}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}

fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{1F000}'..='\u{1FAFF}' | '\u{2600}'..='\u{27BF}' | '\u{FE0F}')
}

/// Scripts that mark where a line may break by a space of no width.
fn is_without_spaces(c: char) -> bool {
    matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{1950}'..='\u{1AAF}')
}
