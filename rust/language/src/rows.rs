//! Sums of rows of a matrix: what most of the time of training and of wide models goes into.
//!
//! Rows are far apart in memory, so each is asked for some rows before it is added. All copies add in the order of the
//! rows, by a rounded product and a rounded sum, and give equal bits.

use crate::lines::Line;

/// A row to be summed, and how often.
pub(crate) trait Row: Copy {
    /// Whether it may be summed more than once.
    const TIMES: bool;
    /// Its number.
    fn row(self) -> usize;
    /// How often.
    fn times(self) -> f32;
}

impl Row for u32 {
    const TIMES: bool = false;

    fn row(self) -> usize {
        self as usize
    }

    fn times(self) -> f32 {
        1.0
    }
}

/// The sum of `rows` of a matrix of `sum.len()` lines a row.
pub(crate) fn sum<R: Row>(matrix: &[Line], rows: &[R], sum: &mut [Line]) {
    let whole = matrix.len() / sum.len().max(1);
    assert!(rows.iter().all(|row| row.row() < whole), "rows of the matrix"); // the kernels rely on it
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f") {
            #[expect(unsafe_code, reason = "vectors that the processor has")]
            // SAFETY: the processor has AVX-512; all rows are within the matrix.
            return unsafe { avx512::sum(matrix, rows, sum) };
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            #[expect(unsafe_code, reason = "vectors that the processor has")]
            // SAFETY: the processor has AVX2; all rows are within the matrix.
            return unsafe { avx2::sum(matrix, rows, sum) };
        }
    }
    plain(matrix, rows, sum);
}

/// The portable twin.
fn plain<R: Row>(matrix: &[Line], rows: &[R], sum: &mut [Line]) {
    let width = sum.len();
    sum.fill(Line::default());
    for row in rows {
        for (sum, line) in sum.iter_mut().zip(&matrix[row.row() * width..][..width]) {
            sum.add_scaled(line, row.times());
        }
    }
}

/// Defines a module with `sum` for one kind of vectors: `$per` of them a line, at most `$most` lines at a time.
#[cfg(target_arch = "x86_64")]
macro_rules! vectors {
    ($module:ident, $feature:literal, $vector:ty, $per:literal, $most:literal, [$($lines:literal)*],
     $zero:ident, $set:ident, $load:ident, $store:ident, $add:ident, $mul:ident) => {
        #[expect(unsafe_code, reason = "the rows of wide models are most of the time of scoring")]
        mod $module {
            use std::arch::x86_64::*;

            use super::{Line, Row};

            const FLOATS: usize = 16 / $per;
            /// Rows between asking for one and adding it.
            const AHEAD: usize = 12;

            /// # Safety
            /// The processor has the vectors; every row is within the matrix.
            #[target_feature(enable = $feature)]
            pub(super) unsafe fn sum<R: Row>(matrix: &[Line], rows: &[R], sum: &mut [Line]) {
                let width = sum.len();
                for (i, part) in sum.chunks_mut($most).enumerate() {
                    let column = i * $most;
                    match part.len() {
                        // SAFETY: as for this function; `column + part.len()` is at most `width`.
                        $($lines => unsafe { columns::<R, $lines>(matrix, rows, width, column, part) },)*
                        _ => {}
                    }
                }
            }

            /// # Safety
            /// As `sum`, with `column + LINES` at most `width`, and `into` of `LINES` lines.
            #[target_feature(enable = $feature)]
            unsafe fn columns<R: Row, const LINES: usize>(
                matrix: &[Line],
                rows: &[R],
                width: usize,
                column: usize,
                into: &mut [Line],
            ) {
                let mut sums: [[$vector; $per]; LINES] = [[$zero(); $per]; LINES];
                for (i, row) in rows.iter().enumerate() {
                    if let Some(ahead) = rows.get(i + AHEAD) {
                        let start = matrix.as_ptr().wrapping_add(ahead.row() * width + column);
                        for line in 0..LINES {
                            _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(line).cast());
                        }
                    }
                    let times = $set(row.times());
                    let start = row.row() * width + column;
                    for line in 0..LINES {
                        for part in 0..$per {
                            // SAFETY: the row is within the matrix; lines are aligned.
                            let values = unsafe {
                                $load(matrix.as_ptr().add(start + line).cast::<f32>().add(part * FLOATS))
                            };
                            let values = if R::TIMES { $mul(values, times) } else { values };
                            sums[line][part] = $add(sums[line][part], values);
                        }
                    }
                }
                for (line, sums) in into.iter_mut().zip(&sums) {
                    for (part, sum) in sums.iter().enumerate() {
                        // SAFETY: a line has `$per` vectors, and is aligned.
                        unsafe { $store(line.0.as_mut_ptr().add(part * FLOATS), *sum) };
                    }
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
vectors!(avx512, "avx512f", __m512, 1, 16, [1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16],
    _mm512_setzero_ps, _mm512_set1_ps, _mm512_load_ps, _mm512_store_ps, _mm512_add_ps, _mm512_mul_ps);
#[cfg(target_arch = "x86_64")]
vectors!(avx2, "avx2", __m256, 2, 4, [1 2 3 4],
    _mm256_setzero_ps, _mm256_set1_ps, _mm256_load_ps, _mm256_store_ps, _mm256_add_ps, _mm256_mul_ps);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Copy, Debug)]
    struct Often(u32, u8);

    impl Row for Often {
        const TIMES: bool = true;

        fn row(self) -> usize {
            self.0 as usize
        }

        fn times(self) -> f32 {
            self.1.into()
        }
    }

    proptest! {
        #[test]
        fn all_copies_equal_the_portable_one(
            width in 1_usize..40,
            rows in prop::collection::vec((0_u32..9, 1_u8..4), 0..60),
        ) {
            let value = |i: usize| f32::from(u16::try_from(i % 977).unwrap()).sin();
            let line = |i: usize| Line(std::array::from_fn(|j| value(i * 16 + j)));
            let matrix: Vec<Line> = (0..9 * width).map(line).collect();
            let often: Vec<Often> = rows.iter().map(|&(row, times)| Often(row, times)).collect();
            let once: Vec<u32> = rows.iter().map(|row| row.0).collect();
            let mut expected = vec![Line::default(); width];
            let mut found = vec![Line([1.0; 16]); width];
            plain(&matrix, &often, &mut expected);
            sum(&matrix, &often, &mut found);
            prop_assert_eq!(&found, &expected);
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                #[expect(unsafe_code, reason = "a copy for narrower vectors")]
                // SAFETY: the processor has AVX2; rows are below 9.
                unsafe { avx2::sum(&matrix, &often, &mut found) };
                prop_assert_eq!(&found, &expected);
            }
            plain(&matrix, &once, &mut expected);
            sum(&matrix, &once, &mut found);
            prop_assert_eq!(&found, &expected);
        }
    }
}
