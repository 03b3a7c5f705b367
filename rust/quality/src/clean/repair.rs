//! The repairs of a text, in the order in which damage is undone.

use gamayun_text::normalise;

use super::edits::{Change, Cleaned, Edit};
use super::{broken, homoglyph, invisible, markup, mojibake, wrapped};

/// Which repairs are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Repairs {
    /// Text decoded by the wrong charset is decoded again.
    pub encoding: bool,
    /// Markup and character references leave prose.
    pub markup: bool,
    /// Characters that show nothing go.
    pub invisible: bool,
    /// Letters of another script that look alike become those of the word.
    pub homoglyphs: bool,
    /// Words that a hyphen breaks at the end of a line are joined.
    pub hyphens: bool,
    /// Letters set apart by spaces are joined, and Chinese and Japanese cut into pieces of one length.
    pub spaced: bool,
}

impl Repairs {
    /// All of them.
    pub const ALL: Self = Self {
        encoding: true,
        markup: true,
        invisible: true,
        homoglyphs: true,
        hyphens: true,
        spaced: true,
    };
    /// None.
    pub const NONE: Self = Self {
        encoding: false,
        markup: false,
        invisible: false,
        homoglyphs: false,
        hyphens: false,
        spaced: false,
    };
}

/// A repair may uncover damage of another kind: so often the repairs are made at most.
const ROUNDS: usize = 4;

/// A record's text, repaired; `None` if nothing was to be done.
///
/// The result is normalised. What the edits lead back to is the text as read, normalised but where it was decoded again.
#[must_use]
pub fn repair(raw: &str, repairs: Repairs) -> Option<Cleaned> {
    let mut cleaned = None::<Cleaned>;
    if repairs.encoding {
        mojibake::mend(raw, |changes| {
            let cleaned = cleaned.get_or_insert_with(|| Cleaned::untouched(raw.to_owned()));
            cleaned.apply(changes);
            cleaned.text.clone()
        });
    }
    let mut cleaned = match cleaned {
        Some(cleaned) => normalised(&cleaned),
        None => Cleaned::untouched(normalise(raw).0.into_owned()),
    };
    for round in 0..ROUNDS {
        let mut whole = true;
        for pass in PASSES {
            let found = pass(&cleaned.text, repairs, round);
            whole &= found.is_empty();
            cleaned.apply(&found);
        }
        if whole {
            break;
        }
    }
    (!cleaned.edits.is_empty()).then_some(cleaned)
}

type Pass = fn(&str, Repairs, usize) -> Vec<Change>;

/// The first round begins with text that was decoded again already.
const PASSES: [Pass; 7] = [
    |text, repairs, round| {
        let mut all = Vec::new();
        if repairs.encoding && round > 0 {
            mojibake::mend_once(text, &mut all);
        }
        all
    },
    |text, repairs, _| if repairs.homoglyphs { homoglyph::mend(text) } else { Vec::new() },
    |text, repairs, _| if repairs.markup { markup::strip(text) } else { Vec::new() },
    |text, repairs, _| if repairs.invisible { invisible::strip(text) } else { Vec::new() },
    |text, repairs, _| if repairs.spaced { broken::join_letters(text) } else { Vec::new() },
    |text, repairs, _| if repairs.spaced { wrapped::join(text) } else { Vec::new() },
    |text, repairs, _| if repairs.hyphens { broken::join_hyphens(text) } else { Vec::new() },
];

/// The text normalised, piece by piece so that the edits stay where they are.
fn normalised(cleaned: &Cleaned) -> Cleaned {
    let whole = normalise(&cleaned.text).0;
    let mut text = String::with_capacity(whole.len());
    let mut edits = Vec::with_capacity(cleaned.edits.len());
    let mut at = 0;
    for edit in &cleaned.edits {
        text.push_str(&normalise(&cleaned.text[at..edit.start]).0);
        let start = text.len();
        text.push_str(&normalise(&cleaned.text[edit.start..edit.end]).0);
        edits.push(Edit { start, end: text.len(), ..edit.clone() });
        at = edit.end;
    }
    text.push_str(&normalise(&cleaned.text[at..]).0);
    if text == *whole {
        return Cleaned { text, edits };
    }
    // A mark that combines with what stands before the edit: rare, and then the whole text is one edit.
    let kind = cleaned.edits.first().map(|edit| edit.kind);
    let original = cleaned.undo();
    let (end, before) = (whole.len(), original.len());
    let edits = kind.map(|kind| Edit { start: 0, end, before, original: Some(original), kind });
    Cleaned { text: whole.into_owned(), edits: edits.into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is broken in many ways at once.
    fn broken() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            3 => any::<char>().prop_map(String::from),
            3 => "[ -~]{1,20}",
            2 => "[а-яА-Я ]{1,12}",
            2 => "[Ã©Â«Ð°Ñ\u{80}-\u{bf}â€“œ\u{FFFD}]{1,6}",
            2 => "(&amp;|&nbsp;|&#105;|&lt;|<br/>|</p>|<b>|\\[/b\\]|\\{\\{ a \\}\\}|<!-- -->){1,3}",
            1 => "[\u{200b}\u{ad}\u{200c}\u{feff}\u{301}\r\n]{1,3}",
            1 => "([a-zж] ){8,14}",
            1 => "[a-zа-я]{3}-\n[a-zа-я]{3}",
            1 => "[一-龥か-ん가-힣ء-ي]{1,9}",
        ];
        prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn repairs_can_be_undone_and_leave_normal_text(text in broken()) {
            if let Some(cleaned) = repair(&text, Repairs::ALL) {
                let undone = cleaned.undo();
                prop_assert_eq!(&*normalise(&undone).0, &*normalise(&text).0);
                prop_assert!(cleaned.edits.windows(2).all(|pair| pair[0].end <= pair[1].start));
            }
            let without = Repairs { encoding: false, ..Repairs::ALL };
            if let Some(cleaned) = repair(&text, without) {
                prop_assert_eq!(cleaned.undo(), &*normalise(&text).0);
            }
            prop_assert!(repair(&text, Repairs::NONE).is_none());
        }
    }

    #[test]
    fn good_text_of_any_script_stays() {
        for text in [
            "Déjà vu à l’été – « ça va ? »",
            "Größe: 5 m² ± 3 %, Übergrößenträger",
            "Það er þörf á þessu, sagði hún við þá",
            "Он сказал: «Да», — и ушёл. КНЯЗЬ ЯРОСЛАВ",
            "این کتاب\u{200c}ها را می\u{200c}خوانم",
            "क्\u{200d}ष और 👩\u{200d}👧",
            "最適化を解除 フィルターはレイヤーで作られた動画",
            "if a < b && c[i] > d { x = &y; }",
            "well-known man-\nMade thing, 1 2 3 4 5 6 7 8 9 10 11 12 13",
            "σε ένα κείμενο, בעברית, ภาษาไทย, Tiếng Việt",
        ] {
            assert_eq!(repair(text, Repairs::ALL), None, "{text}");
        }
    }

    #[test]
    fn damage_is_repaired() {
        for (text, expected) in [
            ("Тhis filtеr inverts Vаlue оf the layer", "This filter inverts Value of the layer"),
            ("t\u{200b}he ran\u{ad}ge", "the range"),
            ("they were appo-\ninting me", "they were appointing me"),
            ("t h i s   i s   a   t e x t   o f   l e t t e r s", "this is a text of letters"),
            ("the &Atilde;&copy;t&Atilde;&copy; of the year", "the été of the year"),
        ] {
            let cleaned = repair(text, Repairs::ALL).map(|cleaned| cleaned.text);
            assert_eq!(cleaned.as_deref(), Some(expected));
            let again = cleaned.and_then(|text| repair(&text, Repairs::ALL));
            assert_eq!(again, None);
        }
    }
}
