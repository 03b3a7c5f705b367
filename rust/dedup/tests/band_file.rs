//! Band files: what is written is read, and nothing that was altered is.
#![expect(clippy::unwrap_used, reason = "a test")]

use gamayun_dedup::{
    BandFile, BandFileWriter, BandTable, Bands, DedupParams, Error, candidate_components,
};
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
    fn any_changed_byte_is_noticed(rows in rows(), place in any::<prop::sample::Index>(), bit in 0u8..8) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bands");
        write(&path, &rows);
        let mut bytes = std::fs::read(&path).unwrap();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        std::fs::write(&path, &bytes).unwrap();
        let read = BandFile::open(&path).and_then(|file| candidate_components(&[file], &|_| true, 1, &mut ()));
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
    assert_eq!(size(1000) - size(0), 118 * 1000);
}

#[test]
fn files_of_different_parameters_are_not_mixed() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (file, _) = write(&path("a.bands"), &[]);
    let other = BandFileWriter::new(path("b.bands"), &DedupParams::default()).finish().unwrap();
    let error = candidate_components(&[file, other], &|_| true, 1, &mut ()).unwrap_err();
    assert!(matches!(&error, Error::Mismatch { .. }), "{error}");
}

#[test]
fn a_missing_folder_is_an_io_error_with_its_path() {
    let error = BandFileWriter::new("/nonexistent/a.bands", &params()).finish().unwrap_err();
    assert!(matches!(&error, Error::Io { .. }));
    assert!(error.to_string().starts_with("/nonexistent/a.bands"), "{error}");
}
