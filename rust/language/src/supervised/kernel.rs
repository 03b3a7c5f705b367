//! Sums and updates of the rows of a text, compiled for the vectors that the processor has.
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
    /// The sum of a text's rows, each as often as it occurs, in a matrix of `sum.len()` lines a row.
    fn sum(matrix: &[Line], features: &[Feature], sum: &mut [Line]);

    /// Adds a gradient to each of a text's rows, as often as the row occurs.
    fn update(matrix: &mut [Line], features: &[Feature], gradient: &[Line]);
}

#[expect(clippy::inline_always, reason = "compiled once for each set of vectors")]
mod plain {
    use super::{Feature, Line};

    #[inline(always)]
    pub(super) fn sum(matrix: &[Line], features: &[Feature], sum: &mut [Line]) {
        let width = sum.len();
        let (eights, rest) = sum.as_chunks_mut::<8>();
        let first = 8 * eights.len();
        for (i, eight) in eights.iter_mut().enumerate() {
            columns(matrix, features, width, 8 * i, eight);
        }
        match rest {
            [] => {}
            [a] => columns(matrix, features, width, first, std::array::from_mut(a)),
            _ => sum_rest(matrix, features, width, first, rest),
        }
    }

    #[inline(always)]
    fn sum_rest(
        matrix: &[Line],
        features: &[Feature],
        width: usize,
        first: usize,
        rest: &mut [Line],
    ) {
        macro_rules! of {
            ($($n:literal)*) => {
                match rest.len() {
                    $($n => {
                        if let Ok(rest) = <&mut [Line; $n]>::try_from(rest) {
                            columns(matrix, features, width, first, rest);
                        }
                    })*
                    _ => {}
                }
            };
        }
        of!(2 3 4 5 6 7);
    }

    /// The sum of as many columns as stay in registers.
    #[inline(always)]
    fn columns<const LINES: usize>(
        matrix: &[Line],
        features: &[Feature],
        width: usize,
        column: usize,
        sum: &mut [Line; LINES],
    ) {
        let mut sums = [Line::default(); LINES];
        for feature in features {
            let start = feature.row as usize * width + column;
            for (sum, line) in sums.iter_mut().zip(&matrix[start..start + LINES]) {
                sum.add_times(line, feature.times);
            }
        }
        *sum = sums;
    }

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
            let (mut found, mut expected) =
                (vec![Line::default(); width], vec![Line::default(); width]);
            sum(&matrix, &features, &mut found);
            for feature in &features {
                for (i, sum) in expected.iter_mut().enumerate() {
                    for (j, value) in sum.0.iter_mut().enumerate() {
                        *value += matrix[feature.row as usize * width + i].0[j] * feature.times;
                    }
                }
            }
            prop_assert_eq!(&found, &expected);
            let mut twin = matrix.clone();
            update(&mut matrix, &features, &found);
            plain::update(&mut twin, &features, &found);
            prop_assert_eq!(matrix, twin);
        }
    }
}
