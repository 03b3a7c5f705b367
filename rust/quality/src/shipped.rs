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
    "ar" "cs" "de" "default" "en" "es" "fr" "hi" "id" "it" "ja" "kk" "ko" "nl" "none" "pl" "pt"
    "ru" "th" "tr" "uk" "vi" "zh"
);

/// A test parses every file, so none is lost here.
static PROFILES: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    FILES.iter().filter_map(|(name, toml)| Profile::parse(toml, name).ok()).collect()
});

static NONE: LazyLock<Profile> = LazyLock::new(Profile::without_rules);

pub(crate) fn find(name: &str) -> Option<&'static Profile> {
    PROFILES.iter().find(|profile| profile.name() == name)
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
