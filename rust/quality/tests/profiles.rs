//! Profiles: what is shipped, and what is refused.

use gamayun_quality::rules::Group;
use gamayun_quality::{Error, Metric, Profile, Scratch, Segmenter, catalogue, judge, measure};

fn error_of(toml: &str) -> String {
    Profile::parse(toml, "mine.toml").err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn english_has_the_defaults_of_datatrove_and_no_other_has() {
    let english = Profile::shipped("en").unwrap();
    assert_eq!(
        english.order(),
        [Group::GopherRepetition, Group::GopherQuality, Group::C4Quality, Group::FineWebQuality]
    );
    for rule in catalogue().filter(|rule| !matches!(rule.group, Group::Junk | Group::Fluency)) {
        assert!(rule.threshold(english).is_some(), "{rule:?}");
    }
    let russian = Profile::shipped("ru").unwrap();
    assert_eq!(
        russian.order(),
        [Group::GopherRepetition, Group::FineWebQuality, Group::GopherQuality]
    );
    let off = |parameter: &str| {
        catalogue().find(|rule| rule.parameter == parameter).unwrap().threshold(russian).is_none()
    };
    assert!(off("dup_para_frac") && off("dup_line_char_frac") && off("short_line_thr"));
    assert_eq!(russian.stop_words().len(), 22);
}

#[test]
fn the_twelve_are_shipped_and_say_where_from() {
    for language in ["en", "ru", "de", "fr", "es", "it", "pt", "zh", "ja", "ko", "ar", "tr"] {
        let profile = Profile::shipped(language).unwrap();
        assert_eq!(profile.language(), language);
        assert!(!profile.source().is_empty());
    }
    assert!(Profile::shipped_names().count() > 32);
    assert_eq!(Profile::for_language_or_default("xx").name(), "default");
    assert!(Profile::shipped("xx").is_none());
}

#[test]
fn a_threshold_of_zero_is_off_where_datatrove_says_so() {
    let german = Profile::shipped("de").unwrap();
    let rule = |parameter| catalogue().find(|rule| rule.parameter == parameter).unwrap();
    assert_eq!(rule("min_avg_word_length").threshold(german), None);
    assert_eq!(rule("line_punct_thr").threshold(german), Some(0.0));
}

/// A stop word that our segmenter cuts, or joins with its neighbours, would never be counted.
#[test]
fn stop_words_are_words() {
    for name in Profile::shipped_names() {
        let profile = Profile::shipped(name).unwrap();
        let segmenter = Segmenter::for_language(profile.language());
        let (mut words, mut cut) = (Vec::new(), Vec::new());
        for stop in profile.stop_words() {
            segmenter.segment(stop, &mut words);
            if words != [stop.as_str()] {
                cut.push(stop);
            }
        }
        assert!(cut.len() * 5 <= profile.stop_words().len(), "{name}: {cut:?}");
    }
}

#[test]
fn no_rules_keep_all() {
    let mut words = Vec::new();
    Segmenter::for_language("en").segment("#", &mut words);
    let measured = measure("#", &words, Profile::none(), &mut Scratch::default());
    assert_eq!(judge(&measured.values, Profile::none()), None);
    assert!(judge(&measured.values, Profile::shipped("en").unwrap()).is_some());
}

#[test]
fn a_verdict_names_measurement_value_and_threshold() {
    let english = Profile::shipped("en").unwrap();
    let measured =
        measure("Hello, world!", &["Hello", ",", "world", "!"], english, &mut Scratch::default());
    assert!((measured.get(Metric::PlainWords) - 2.0).abs() < f64::EPSILON);
    let verdict = judge(&measured.values, &english.only(Group::GopherQuality)).unwrap();
    assert_eq!(
        (verdict.group, verdict.rule, verdict.reason),
        ("gopher_quality", "short_document", "gopher_short_doc")
    );
    assert_eq!((verdict.measurement, verdict.value, verdict.threshold), ("plain_words", 2.0, 50.0));
}

#[test]
fn equal_profiles_have_equal_hashes() {
    let english = Profile::shipped("en").unwrap();
    let again = Profile::parse(&english.to_toml(), "again").unwrap();
    assert_eq!(again.hash(), english.hash());
    assert_ne!(english.only(Group::GopherQuality).hash(), english.hash());
}

#[test]
fn broken_profiles_are_refused_by_name() {
    let unknown = error_of("name = 'a'\norder = []\n[gopher_quality]\nmin_words = 5");
    assert!(unknown.starts_with("mine.toml: ") && unknown.contains("min_words"), "{unknown}");
    let negative = error_of("name = 'a'\norder = []\n[gopher_quality]\nmin_doc_words = -5");
    assert_eq!(negative, "mine.toml: min_doc_words is -5, expected a number that is not negative");
    let twice = error_of("name = 'a'\norder = ['gopher_quality', 'gopher_quality']");
    assert_eq!(twice, "mine.toml: order names gopher_quality twice");
    let few =
        Profile::parse("name = 'a'\norder = []\n[gopher_quality]\nmin_stop_words = 1", "mine.toml");
    assert!(matches!(few, Err(Error::TooFewStopWords { listed: 0, .. })));
}
