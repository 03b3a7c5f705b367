//! Updates of the rows of a text, compiled for the vectors that the processor has.
//!
//! No fused multiply-add: all copies give equal bits.

use super::examples::Feature;
use crate::lines::Line;

/// Defines functions that call a copy of their namesake in `plain` that was compiled for the best vectors at hand.
macro_rules! dispatch {
    ($($(#[$meta:meta])* fn $name:ident($($argument:ident: $type:ty),* $(,)?);)*) => {
        $($(#[$meta])*
        pub(super) fn $name($($argument: $type),*) {
            #[cfg(target_arch = "x86_64")]
            {
                if std::arch::is_x86_feature_detected!("avx512f") {
                    #[expect(unsafe_code, reason = "a copy of the same safe code for wider vectors")]
                    // SAFETY: the processor has what the copy was compiled for.
                    return unsafe { widest::$name($($argument),*) };
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    #[expect(unsafe_code, reason = "a copy of the same safe code for wider vectors")]
                    // SAFETY: the processor has what the copy was compiled for.
                    return unsafe { wide::$name($($argument),*) };
                }
            }
            plain::$name($($argument),*)
        })*

        #[cfg(target_arch = "x86_64")]
        mod wide {
            use super::{Feature, Line, plain};

            $(#[target_feature(enable = "avx2")]
            pub(super) fn $name($($argument: $type),*) {
                plain::$name($($argument),*)
            })*
        }

        #[cfg(target_arch = "x86_64")]
        mod widest {
            use super::{Feature, Line, plain};

            $(#[target_feature(enable = "avx512f")]
            pub(super) fn $name($($argument: $type),*) {
                plain::$name($($argument),*)
            })*
        }
    };
}

dispatch! {
    /// Adds a gradient to each of a text's rows, as often as the row occurs.
    fn update(matrix: &mut [Line], features: &[Feature], gradient: &[Line]);
}

#[expect(clippy::inline_always, reason = "compiled once for each set of vectors")]
mod plain {
    use super::{Feature, Line};

    #[inline(always)]
    pub(super) fn update(matrix: &mut [Line], features: &[Feature], gradient: &[Line]) {
        let width = gradient.len();
        for feature in features {
            let row = &mut matrix[feature.row as usize * width..][..width];
            for (line, by) in row.iter_mut().zip(gradient) {
                line.add_times(by, feature.times);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn wide_copies_equal_the_plain_one(
            width in 1_usize..20,
            features in prop::collection::vec((0_u32..9, 1_u8..4), 0..40),
        ) {
            let features: Vec<Feature> =
                features.iter().map(|&(row, n)| Feature { row, times: n.into() }).collect();
            let value = |i: usize| f32::from(u16::try_from(i % 977).unwrap()).sin();
            let line = |i: usize| Line(std::array::from_fn(|j| value(i * 16 + j)));
            let mut matrix: Vec<Line> = (0..9 * width).map(line).collect();
            let gradient: Vec<Line> = (0..width).map(|i| line(i * 31)).collect();
            let mut twin = matrix.clone();
            update(&mut matrix, &features, &gradient);
            plain::update(&mut twin, &features, &gradient);
            prop_assert_eq!(matrix, twin);
        }
    }
}
