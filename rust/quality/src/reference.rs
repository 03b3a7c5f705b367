//! The slow, obvious twin of `measure`, written from the specification with strings and maps.
