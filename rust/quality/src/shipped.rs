//! The profiles inside the library, one TOML file each.

use std::sync::LazyLock;

use crate::profile::Profile;

macro_rules! profiles {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../profiles/", $name, ".toml")))),*]
    };
}

/// In alphabetical order.
const FILES: &[(&str, &str)] = profiles!(
    "af" "ar" "az" "be" "bg" "bn" "bs" "ca" "cs" "cy" "da" "de" "default" "el" "en" "eo" "es"
    "et" "eu" "fa" "fi" "fr" "ga" "gl" "gu" "he" "hi" "hr" "hu" "hy" "id" "is" "it" "ja" "junk" "ka"
    "kk" "kn" "ko" "ky" "lt" "lv" "mk" "mn" "mr" "ms" "nb" "ne" "nl" "nn" "no" "none" "pa" "pl"
    "pt" "ro" "ru" "short" "si" "sk" "sl" "sq" "sr" "sv" "sw" "ta" "tg" "th" "tl" "tr" "uk" "ur" "uz"
    "vi" "zh"
);

/// A test parses every file, so none is lost here.
static PROFILES: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    FILES.iter().filter_map(|(name, toml)| Profile::parse(toml, name).ok()).collect()
});

static NONE: LazyLock<Profile> = LazyLock::new(Profile::without_rules);

pub(crate) fn find(name: &str) -> Option<&'static Profile> {
    let at = PROFILES.binary_search_by(|profile| profile.name().cmp(name)).ok()?;
    Some(&PROFILES[at])
}

pub(crate) fn none() -> &'static Profile {
    &NONE
}

pub(crate) fn default() -> &'static Profile {
    find("default").unwrap_or(&NONE)
}

pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_profile_of_its_name() {
        for (name, toml) in FILES {
            let profile = Profile::parse(toml, name).unwrap();
            assert_eq!(profile.name(), *name);
            assert_eq!(Profile::parse(&profile.to_toml(), name).unwrap(), profile);
        }
        assert!(FILES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
