//! Band files: what is written is read, and nothing that was altered is.
#![expect(clippy::unwrap_used, reason = "a test")]

use gamayun_dedup::{
    BandFile, BandFileWriter, BandLayout, BandRow, BandRows, BandTable, Bands, DedupParams, Error,
    PART_DOCUMENTS,
};
use gamayun_text::hash::mix64;
use proptest::prelude::*;

fn rows() -> impl Strategy<Value = Vec<(Vec<u64>, u32, u128)>> {
    let key = 0u64..1 << 56;
    prop::collection::vec((prop::collection::vec(key, 3), 0u32..5, any::<u128>()), 0..50)
}

fn params() -> DedupParams {
    DedupParams::new(3, 2, 5, 0.8, 9).unwrap()
}

fn columns<B: Bands>(bands: &B) -> (Vec<Vec<u64>>, Vec<u32>, Vec<u128>) {
    let (mut keys, mut counts, mut contents) = (vec![Vec::new(); 3], vec![1], vec![1]);
    for (band, keys) in keys.iter_mut().enumerate() {
        bands.read_band(band, keys).unwrap();
    }
    bands.read_shingles(&mut counts).unwrap();
    bands.read_contents(&mut contents).unwrap();
    (keys, counts, contents)
}

/// Every slice and every column, one after the other.
fn read_all(file: &BandFile) -> Result<(), Error> {
    for column in 0..file.columns() {
        file.read_slice(column, 0..1 << 46, &mut |_, _| ())?;
    }
    file.read_shingles(&mut Vec::new())?;
    file.read_contents(&mut Vec::new())
}

fn write(path: &std::path::Path, rows: &[(Vec<u64>, u32, u128)]) -> (BandFile, BandTable) {
    let (mut writer, mut table) = (BandFileWriter::new(path, &params()), BandTable::new(&params()));
    for (keys, shingles, content) in rows {
        writer.push(keys, *shingles, *content);
        table.push(keys, *shingles, *content);
    }
    (writer.finish().unwrap(), table)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_file_holds_what_the_table_holds(rows in rows()) {
        let folder = tempfile::tempdir().unwrap();
        let (file, table) = write(&folder.path().join("a.bands"), &rows);
        prop_assert_eq!(file.documents(), rows.len() as u64);
        prop_assert_eq!(file.layout(), table.layout());
        prop_assert_eq!(columns(&file), columns(&table));
        prop_assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn rows_of_files_make_the_file_that_hashing_makes(
        rows in rows(),
        other in rows(),
        wanted in prop::collection::vec(any::<bool>(), 50),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (path, expected) = (folder.path().join("c.bands"), folder.path().join("d.bands"));
        let (first, _) = write(&folder.path().join("a.bands"), &rows);
        let (second, _) = write(&folder.path().join("b.bands"), &other);
        let mut copy = BandFileWriter::of_layout(&path, first.layout());
        let (mut bytes, mut keys) = (Vec::new(), Vec::new());
        for file in [&first, &second] {
            let all = BandRows::read(file).unwrap();
            prop_assert_eq!(all.len() as u64, file.documents());
            prop_assert!(all.get(all.len()).is_none());
            for row in (0..all.len()).filter(|row| wanted[*row]) {
                all.get(row).unwrap().write(&mut bytes);
            }
        }
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            copy.copy(BandRow::read(&mut rest, 3, &mut keys).unwrap());
        }
        prop_assert!(BandRow::read(&mut &bytes[..bytes.len().min(7)], 3, &mut keys).is_none());
        copy.finish().unwrap();
        let chosen = rows.iter().zip(&wanted).chain(other.iter().zip(&wanted));
        let chosen: Vec<_> = chosen.filter(|(_, wanted)| **wanted).map(|(row, _)| row.clone()).collect();
        write(&expected, &chosen);
        prop_assert_eq!(std::fs::read(path).unwrap(), std::fs::read(expected).unwrap());
    }

    #[test]
    fn any_changed_byte_is_noticed(rows in rows(), place in any::<prop::sample::Index>(), bit in 0u8..8) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bands");
        write(&path, &rows);
        let mut bytes = std::fs::read(&path).unwrap();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        std::fs::write(&path, &bytes).unwrap();
        let read = BandFile::open(&path).and_then(|file| read_all(&file));
        let noticed = matches!(read, Err(Error::Damaged { .. }));
        prop_assert!(noticed);
    }

    #[test]
    fn any_cut_is_noticed(rows in rows(), place in any::<prop::sample::Index>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bands");
        write(&path, &rows);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..place.index(bytes.len())]).unwrap();
        let noticed = matches!(BandFile::open(&path), Err(Error::Damaged { .. }));
        prop_assert!(noticed);
    }
}

#[test]
fn the_bytes_of_a_document_are_as_stated() {
    let folder = tempfile::tempdir().unwrap();
    let size = |rows: usize| {
        let path = folder.path().join("a.bands");
        let mut writer = BandFileWriter::new(&path, &DedupParams::default());
        for _ in 0..rows {
            writer.push(&[1; 14], 1, 1);
        }
        writer.finish().unwrap();
        std::fs::metadata(path).unwrap().len()
    };
    for rows in [1_000, 1_025, 5_000, 70_000] {
        assert!(size(rows) < 126 * rows as u64, "{} bytes for {rows} documents", size(rows));
    }
}

#[test]
fn a_missing_folder_is_an_io_error_with_its_path() {
    let error = BandFileWriter::new("/nonexistent/a.bands", &params()).finish().unwrap_err();
    assert!(matches!(&error, Error::Io { .. }));
    assert!(error.to_string().starts_with("/nonexistent/a.bands"), "{error}");
}

#[test]
fn a_slice_holds_the_entries_of_its_keys_in_order() {
    let folder = tempfile::tempdir().unwrap();
    for documents in [0u64, 1, 3, 1_024, 1_025, 9_000] {
        let mut writer = BandFileWriter::new(folder.path().join("a.bands"), &params());
        let key = |row: u64, band: u64| mix64(row / 2, band) >> 8;
        for row in 0..documents {
            let keys = [key(row, 0), key(row, 1), key(row, 2)];
            writer.push(&keys, u32::from(row % 7 > 0), u128::from(mix64(row, 9)));
        }
        let file = writer.finish().unwrap();
        assert_eq!(file.columns(), 4);
        for column in 0..4 {
            let all = (0..documents).filter(|row| column == 3 || row % 7 > 0);
            let kept = |row| match column {
                3 => mix64(row, 9) & ((1 << 46) - 1),
                band => key(row, band) >> 10,
            };
            let mut all: Vec<(u64, u64)> = all.map(|row| (kept(row), row)).collect();
            all.sort_unstable();
            for keys in
                [0..1 << 46, 0..0, 1 << 44..1 << 45, (1 << 45) + 12_345..1 << 46, 7..1 << 39]
            {
                let mut found = Vec::new();
                let at = usize::try_from(column).unwrap();
                file.read_slice(at, keys.clone(), &mut |key, row| found.push((key, row))).unwrap();
                let expected: Vec<_> =
                    all.iter().filter(|(key, _)| keys.contains(key)).copied().collect();
                assert_eq!(found, expected);
            }
        }
    }
}

#[test]
fn a_part_that_is_too_large_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let params = DedupParams::new(1, 1, 5, 0.8, 0).unwrap();
    let mut writer = BandFileWriter::new(folder.path().join("a.bands"), &params);
    (0..=PART_DOCUMENTS).for_each(|row| writer.push(&[row], 1, u128::from(row)));
    let error = writer.finish().unwrap_err();
    assert!(matches!(&error, Error::PartTooLarge { documents: 262_145, .. }), "{error}");
}

#[test]
fn layouts_say_what_differs() {
    let layout = BandLayout::of(&params());
    assert_eq!(layout.difference(layout), None);
    assert_eq!(layout.difference(BandLayout { rows: 8, ..layout }), Some(("rows", 2, 8)));
    assert_eq!(layout.difference(BandLayout { seed: 1, ..layout }), Some(("seed", 9, 1)));
}
