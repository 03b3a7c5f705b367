//! Korean words: particles and common endings are split from what they follow.
//!
//! FineWeb2 counts morphemes in Korean. Particles are a closed class, so a list finds most of them; stems that change
//! before an ending are left whole.

/// Particles and endings that are split from one syllable or more.
const SURE: &[&str] = &[
    "습니다",
    "합니다",
    "입니다",
    "됩니다",
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
    "하여",
    "해야",
    "하는",
    "하고",
    "하기",
    "되는",
    "한다",
    "했다",
    "을",
    "를",
    "은",
    "는",
    "에",
    "의",
];

/// Those that also end many nouns: split from two syllables or more.
const DOUBTFUL: &[&str] = &[
    "이", "가", "로", "와", "과", "도", "만", "고", "며", "면", "지", "게", "들", "다", "기", "할",
    "한", "된", "될", "해", "인", "적", "여", "화",
];

/// Appends the parts of a run of syllables.
pub(super) fn split<'t>(run: &'t str, out: &mut Vec<&'t str>) {
    let first = out.len();
    let mut rest = run;
    while let Some(ending) = ending_of(rest) {
        let (head, tail) = rest.split_at(rest.len() - ending);
        out.push(tail);
        rest = head;
    }
    out.push(rest);
    out[first..].reverse();
}

/// Bytes of the ending; none if too little would be left.
fn ending_of(word: &str) -> Option<usize> {
    const SYLLABLE: usize = 3;
    let find = |list: &[&str], least: usize| {
        let fits = |ending: &&&str| {
            word.ends_with(**ending) && word.len() >= ending.len() + least * SYLLABLE
        };
        list.iter().find(fits).map(|ending| ending.len())
    };
    find(SURE, 1).or_else(|| find(DOUBTFUL, 2))
}
