//! The words of a chunk, and its runs of signs, as numbers side by side for the kernel: the fast twin of `each_unit`.

use std::sync::LazyLock;

use super::words::{Class, LONGEST, class, next_is_letter};

/// Numbers of a run: the longest word with its two ends, and what wide registers read behind it.
pub(crate) const ROOM: usize = 80;

/// Letters or signs that stand together, between what stands before and after.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// First what stands before: `<`, or the sign before a run of signs that goes on.
    pub(crate) letters: [u32; ROOM],
    /// Letters or signs in it.
    pub(crate) length: usize,
    /// They are signs.
    pub(crate) signs: bool,
}

impl Default for Run {
    fn default() -> Self {
        Self { letters: [u32::from('<'); ROOM], length: 0, signs: false }
    }
}

impl Run {
    /// Calls `found` for the runs of a chunk, in order.
    #[inline]
    pub(crate) fn each(&mut self, chunk: &str, classes: &Classes, mut found: impl FnMut(&Self)) {
        let mut rest = chunk.chars();
        while let Some(c) = rest.next() {
            match classes.of(c) {
                SIGN => self.take(u32::from(c), true, &mut found),
                APOSTROPHE if self.length > 0 && !self.signs && next_is_letter(&rest) => {
                    self.take(u32::from('\''), false, &mut found);
                }
                OTHER | APOSTROPHE => self.end(&mut found),
                SLOW => self.take_slowly(c, &mut found),
                lower => self.take(lower, false, &mut found),
            }
        }
        self.end(&mut found);
    }

    #[inline]
    fn take(&mut self, letter: u32, sign: bool, found: &mut impl FnMut(&Self)) {
        if self.signs != sign {
            self.end(found);
            self.signs = sign;
        }
        self.length += 1;
        self.letters[self.length] = letter;
        if self.length >= LONGEST {
            self.end(found);
            if sign {
                self.letters[0] = letter;
            }
        }
    }

    /// A letter beyond the first plane, or with a lower case of several.
    #[cold]
    fn take_slowly(&mut self, c: char, found: &mut impl FnMut(&Self)) {
        match class(c) {
            Class::Sign => self.take(u32::from(c), true, found),
            Class::Letter => {
                if self.signs {
                    self.end(found);
                    self.signs = false;
                }
                for lower in c.to_lowercase() {
                    self.length += 1;
                    self.letters[self.length] = u32::from(lower);
                }
                if self.length >= LONGEST {
                    self.end(found);
                }
            }
            Class::Apostrophe | Class::Other => self.end(found),
        }
    }

    #[inline]
    fn end(&mut self, found: &mut impl FnMut(&Self)) {
        if self.length > 0 {
            self.letters[self.length + 1] = u32::from('>');
            found(self);
            self.length = 0;
        }
        self.letters[0] = u32::from('<');
    }
}

const OTHER: u32 = 0;
const SIGN: u32 = 1;
const APOSTROPHE: u32 = 2;
const SLOW: u32 = 3;

/// What the characters of the first plane are: the lower case of letters, or one of the numbers above, which are none.
pub(crate) struct Classes(Box<[u16]>);

/// The one table of the process.
pub(crate) static CLASSES: LazyLock<Classes> = LazyLock::new(|| {
    Classes((0..=u16::MAX).map(|code| char::from_u32(code.into()).map_or(0, entry)).collect())
});

impl Classes {
    #[inline]
    fn of(&self, c: char) -> u32 {
        self.0.get(c as usize).map_or(SLOW, |&class| class.into())
    }
}

fn entry(c: char) -> u16 {
    let number = match class(c) {
        Class::Other => OTHER,
        Class::Sign => SIGN,
        Class::Apostrophe => APOSTROPHE,
        Class::Letter => {
            let mut lower = c.to_lowercase();
            lower.next().filter(|_| lower.next().is_none()).map_or(SLOW, u32::from)
        }
    };
    u16::try_from(number).unwrap_or(3) // a lower case beyond the first plane: slowly
}
