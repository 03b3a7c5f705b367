//! Korean words: particles and common endings are split from what they follow.
//!
//! FineWeb2 counts morphemes in Korean, as Kiwi finds them. Particles and the endings of `하다`, `되다` and `이다` are a
//! closed class, so lists find most of them. A contracted syllable holds two morphemes and is counted twice, as there
//! (`합니다` is `합|합니다`). Other stems that change before an ending are left whole.

use std::sync::LazyLock;

/// Nouns that end like a particle.
const WHOLE: &[&str] = &[
    "또는",
    "이미지",
    "페이지",
    "패키지",
    "메시지",
    "홈페이지",
    "정의",
    "임의",
    "주의",
    "회의",
    "가지",
    "경로",
    "종료",
    "결과",
    "효과",
    "자신의",
    "다이",
    "사이",
    "차이",
    "길이",
    "높이",
    "크기",
    "보기",
    "읽기",
    "쓰기",
    "열기",
    "닫기",
    "도구",
    "모두",
    "하나",
    "필요",
    "중요",
    "언어",
    "포함",
    "확인",
    "권한",
    "제한",
    "개인",
];

/// Particles and endings that are split from one syllable or more.
const SURE: &[&str] = &[
    "습니다",
    "십시오",
    "으로",
    "에서",
    "에게",
    "부터",
    "까지",
    "려면",
    "거나",
    "면서",
    "지만",
    "세요",
    "을",
    "를",
    "은",
    "는",
    "에",
    "의",
];

/// Those that also end many nouns: split from two syllables or more, or from a stem in `STEMS`.
const DOUBTFUL: &[&str] = &[
    "이", "가", "로", "와", "과", "도", "만", "고", "며", "면", "지", "게", "들", "다", "기", "적",
    "여", "화", "야", "라", "서",
];

/// Contracted forms, and the bytes of the syllable in them that is counted twice.
const CONTRACTED: &[(&str, usize)] = &[
    ("해야", 3),
    ("합니다", 3),
    ("됩니다", 3),
    ("입니다", 3),
    ("할", 3),
    ("한", 3),
    ("해", 3),
    ("했", 3),
    ("된", 3),
    ("될", 3),
    ("됐", 3),
    ("인", 3),
    ("함", 3),
    ("됨", 3),
];

/// Stems that are split from the noun before them once an ending was.
const STEMS: &[&str] = &["하", "되", "시키"];

const SYLLABLE: usize = 3;

/// Appends the parts of a run of syllables.
pub(super) fn split<'t>(run: &'t str, out: &mut Vec<&'t str>) {
    let first = out.len();
    let mut rest = run;
    while !rest.is_empty() && !is_whole(rest) {
        let inflected = out.len() > first;
        let (part, doubled) = last_part(rest, inflected);
        out.push(part);
        out.extend(doubled);
        rest = &rest[..rest.len() - part.len()];
    }
    if !rest.is_empty() {
        out.push(rest);
    }
    out[first..].reverse();
}

/// When an ending is split off.
#[derive(Clone, Copy)]
enum Kind {
    /// Always; so many bytes of it are counted twice.
    Contracted(usize),
    Sure,
    Doubtful,
    /// After another ending.
    Stem,
}

/// The endings by their last syllable: those that come first in the lists first.
struct Endings {
    /// Per syllable of Unicode, the index of its endings; 0 has none.
    index: Vec<u8>,
    lists: Vec<Vec<(&'static str, Kind)>>,
    /// A word of `WHOLE` ends with the syllable.
    whole: Vec<bool>,
}

/// Syllables of Unicode: U+AC00 and on.
const SYLLABLES: usize = 11_172;

static ENDINGS: LazyLock<Endings> = LazyLock::new(|| {
    let mut endings = Endings {
        index: vec![0; SYLLABLES],
        lists: vec![Vec::new()],
        whole: vec![false; SYLLABLES],
    };
    for &(ending, twice) in CONTRACTED {
        endings.add(ending, Kind::Contracted(twice));
    }
    for (list, kind) in [(SURE, Kind::Sure), (DOUBTFUL, Kind::Doubtful), (STEMS, Kind::Stem)] {
        for ending in list {
            endings.add(ending, kind);
        }
    }
    for place in WHOLE.iter().filter_map(|word| last_syllable(word)) {
        endings.whole[place] = true;
    }
    endings
});

impl Endings {
    fn add(&mut self, ending: &'static str, kind: Kind) {
        let Some(place) = last_syllable(ending) else { return };
        if self.index[place] == 0 {
            self.index[place] = u8::try_from(self.lists.len()).unwrap_or(0);
            self.lists.push(Vec::new());
        }
        self.lists[usize::from(self.index[place])].push((ending, kind));
    }

    fn of(&self, word: &str) -> &[(&'static str, Kind)] {
        last_syllable(word).map_or(&[], |place| &self.lists[usize::from(self.index[place])])
    }
}

/// The number of the last syllable; none where another character is the last.
fn last_syllable(word: &str) -> Option<usize> {
    let [a, b, c] = word.as_bytes().last_chunk::<SYLLABLE>()?.map(usize::from);
    let code = (a & 0xF) << 12 | (b & 0x3F) << 6 | c & 0x3F;
    code.checked_sub(0xac00).filter(|&place| a >= 0xE0 && place < SYLLABLES)
}

fn is_whole(word: &str) -> bool {
    last_syllable(word).is_some_and(|place| ENDINGS.whole[place]) && WHOLE.contains(&word)
}

/// The last part of a word, and the syllable in it that counts again.
fn last_part(word: &str, inflected: bool) -> (&str, Option<&str>) {
    let fits = |ending: &str, kind| match kind {
        Kind::Contracted(_) => ends_after(word, ending, 0),
        Kind::Sure => ends_after(word, ending, 1),
        Kind::Doubtful => ends_after(word, ending, 2) || follows_stem(word, ending),
        Kind::Stem => inflected && ends_after(word, ending, 1),
    };
    let found = ENDINGS.of(word).iter().find(|(ending, kind)| fits(ending, *kind));
    let Some((ending, kind)) = found else { return (word, None) };
    let tail = &word[word.len() - ending.len()..];
    match kind {
        Kind::Contracted(twice) => (tail, Some(&tail[..*twice])),
        _ => (tail, None),
    }
}

/// Whether `word` is `ending` after at least so many syllables.
fn ends_after(word: &str, ending: &str, syllables: usize) -> bool {
    word.len() >= ending.len() + syllables * SYLLABLE && word.ends_with(ending)
}

fn follows_stem(word: &str, ending: &str) -> bool {
    word.strip_suffix(ending).is_some_and(|stem| STEMS.contains(&stem))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The slow twin: the lists one after the other.
    fn slow(word: &str, inflected: bool) -> (&str, Option<&str>) {
        let tail = |bytes: usize| &word[word.len() - bytes..];
        let contracted = CONTRACTED.iter().find(|(form, _)| ends_after(word, form, 0));
        if let Some((form, doubled)) = contracted {
            return (tail(form.len()), Some(&tail(form.len())[..*doubled]));
        }
        let sure = SURE.iter().find(|ending| ends_after(word, ending, 1));
        let doubtful = || {
            DOUBTFUL.iter().find(|ending| ends_after(word, ending, 2) || follows_stem(word, ending))
        };
        let stem = || STEMS.iter().find(|stem| inflected && ends_after(word, stem, 1));
        let found = sure.or_else(doubtful).or_else(stem);
        found.map_or((word, None), |ending| (tail(ending.len()), None))
    }

    fn piece() -> impl Strategy<Value = &'static str> {
        let contracted = CONTRACTED.iter().map(|(form, _)| form);
        let all = WHOLE.iter().chain(SURE).chain(DOUBTFUL).chain(STEMS).chain(contracted);
        prop::sample::select(
            all.copied().chain(["값", "컴퓨터", "\u{ac00}", "\u{d7a3}"]).collect::<Vec<_>>(),
        )
    }

    proptest! {
        #[test]
        fn parts_equal_those_of_the_slow_twin(pieces in prop::collection::vec(piece(), 1..4), inflected: bool) {
            let word = pieces.concat();
            prop_assert_eq!(last_part(&word, inflected), slow(&word, inflected));
            prop_assert_eq!(is_whole(&word), WHOLE.contains(&word.as_str()));
        }
    }
}
