//! The job in bounded memory against the definition: whatever the memory, the threads, the parts and their order.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use gamayun_dedup::job::{
    Clusters, Documents, Facts, Kept, Outcome, Preference, Resources, Shingles, Wanted, cluster,
    cluster_held,
};
use gamayun_dedup::{
    BandFile, BandFileWriter, CorpusError, DedupParams, Error, Evidence, Result, Signer, sorted_set,
};
use gamayun_text::DocId;
use gamayun_text::hash::mix64;
use gamayun_text::{Interrupted, Monitor, Progress};
use proptest::prelude::*;

/// A document of the tests: its shingles are its text.
#[derive(Clone, Debug)]
struct Document {
    set: Vec<u64>,
    facts: Facts,
    eligible: bool,
}

impl Document {
    fn content(&self) -> u128 {
        let half = |seed| self.set.iter().fold(seed, |hash, shingle| mix64(hash, *shingle));
        u128::from(half(1)) << 64 | u128::from(half(2))
    }
}

/// Parts of documents, and how often they are read.
struct Parts<'a> {
    all: Vec<&'a [Document]>,
    new: usize,
    read: AtomicU64,
}

impl Documents for Parts<'_> {
    fn new_parts(&self) -> usize {
        self.new
    }

    fn candidates(
        &self,
        part: usize,
        wanted: &[Wanted],
        f: &mut dyn FnMut(Facts, Shingles) -> Result<()>,
    ) -> std::result::Result<(), CorpusError> {
        for want in wanted {
            self.read.fetch_add(1, Ordering::Relaxed);
            let document = &self.all[part][usize::try_from(want.row)?];
            let set = if want.set { document.set.clone() } else { Vec::new() };
            f(document.facts.clone(), Shingles::Set(set))?;
        }
        Ok(())
    }
}

fn params(containment: Option<f64>) -> DedupParams {
    DedupParams::new(6, 2, 5, 0.7, 3).unwrap().with_containment(containment).unwrap()
}

fn keys(params: &DedupParams, set: &[u64]) -> Vec<u64> {
    let signer = Signer::new(params);
    let (mut signature, mut keys) = (vec![0; signer.values()], vec![0; params.bands()]);
    signer.sign(set, &mut signature);
    signer.band_keys(&signature, &mut keys);
    keys
}

fn write(folder: &Path, params: &DedupParams, parts: &[&[Document]]) -> Vec<BandFile> {
    let write = |(number, part): (usize, &&[Document])| {
        let mut writer = BandFileWriter::new(folder.join(format!("{number}.bands")), params);
        for document in *part {
            let count = u32::try_from(document.set.len()).unwrap();
            writer.push(&keys(params, &document.set), count, document.content());
        }
        writer.finish().unwrap()
    };
    parts.iter().enumerate().map(write).collect()
}

/// A way to run the job.
#[derive(Clone, Debug)]
struct How {
    sizes: Vec<usize>,
    threads: usize,
    memory: u64,
    containment: Option<f64>,
    /// How many parts are new.
    new: usize,
}

/// All parts are new.
const ALL: usize = usize::MAX;

fn split<'a>(documents: &'a [Document], sizes: &[usize]) -> Vec<&'a [Document]> {
    let (mut rest, mut parts) = (documents, Vec::new());
    for size in sizes.iter().cycle() {
        let (part, later) = rest.split_at(rest.len().min(*size));
        parts.push(part);
        rest = later;
        if rest.is_empty() {
            break;
        }
    }
    parts
}

/// Runs the job in a folder that may have been used before.
fn run(
    documents: &[Document],
    how: &How,
    folder: &Path,
    monitor: &mut dyn Monitor,
) -> Result<Clusters> {
    let params = params(how.containment);
    let parts = split(documents, &how.sizes);
    let files = write(folder, &params, &parts);
    let texts = Parts { all: parts, new: how.new, read: AtomicU64::new(0) };
    let resources =
        Resources { threads: how.threads, memory: how.memory, scratch: folder.join("scratch") };
    let eligible = |row: u64| documents[usize::try_from(row).unwrap()].eligible;
    cluster(&files, &eligible, &texts, &params, &resources, monitor)
}

fn outcomes(documents: &[Document], how: &How) -> Vec<Outcome> {
    let folder = tempfile::tempdir().unwrap();
    let clusters = run(documents, how, folder.path(), &mut ()).unwrap();
    let all = clusters.outcomes(0..documents.len() as u64).unwrap();
    assert_eq!(all.len() as u64, clusters.candidates());
    let mut pieces = Vec::new();
    for row in (0..documents.len() as u64).step_by(97) {
        pieces.extend(clusters.outcomes(row..row + 97).unwrap());
    }
    assert_eq!(pieces, all);
    clusters.remove_scratch().unwrap();
    assert!(!folder.path().join("scratch").exists());
    all
}

/// The definition: components over all pairs that share a key among new ones or with one, then the walk.
fn slow(documents: &[Document], how: &How) -> Vec<Outcome> {
    let params = params(how.containment);
    let new: usize = split(documents, &how.sizes).iter().take(how.new).map(|part| part.len()).sum();
    let mut label: Vec<usize> = (0..documents.len()).collect();
    let mut buckets: BTreeMap<(usize, u128), usize> = BTreeMap::new();
    for (row, document) in documents.iter().enumerate().filter(|(_, document)| document.eligible) {
        let bands = keys(&params, &document.set).into_iter().map(|key| u128::from(key >> 10));
        let bands = bands.enumerate().filter(|_| !document.set.is_empty());
        for bucket in bands.chain([(99, document.content())]) {
            // New rows come first, so a bucket that begins with an earlier one holds no new one.
            let other = *buckets.entry(bucket).or_insert(row);
            if other >= new {
                continue;
            }
            let (from, to) = (label[row].max(label[other]), label[row].min(label[other]));
            label.iter_mut().filter(|label| **label == from).for_each(|label| *label = to);
        }
    }
    let mut components: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    (0..documents.len()).for_each(|row| components.entry(label[row]).or_default().push(row));
    let mut outcomes: Vec<Outcome> = components
        .into_values()
        .filter(|rows| rows.len() > 1)
        .flat_map(|rows| walk(documents, rows, &params))
        .collect();
    outcomes.sort_by_key(|outcome| outcome.document);
    outcomes
}

fn walk(documents: &[Document], mut rows: Vec<usize>, params: &DedupParams) -> Vec<Outcome> {
    let key = |row: &usize| {
        let facts = &documents[*row].facts;
        (!facts.pinned, !facts.passed && !facts.pinned, facts.preference, facts.id)
    };
    rows.sort_by_key(key);
    let mut heads: Vec<usize> = Vec::new();
    let mut homes: BTreeMap<usize, (usize, Evidence)> = BTreeMap::new();
    for row in &rows {
        let document = &documents[*row];
        let equal = rows
            .iter()
            .find(|other| homes.contains_key(other) && documents[**other].set == document.set);
        let home = if document.facts.pinned {
            None
        } else if let Some(equal) = equal {
            let (head, evidence) = homes[equal];
            Some((head, if evidence == Evidence::Survivor { Evidence::Exact } else { evidence }))
        } else {
            let compare = |head: &usize| {
                Some((*head, params.measure().compare(&documents[*head].set, &document.set)?))
            };
            heads.iter().find_map(compare)
        };
        if home.is_none() {
            heads.push(*row);
        }
        homes.insert(*row, home.unwrap_or((*row, Evidence::Survivor)));
    }
    let outcome = |(row, (head, evidence)): (&usize, &(usize, Evidence))| {
        let facts = &documents[*head].facts;
        let size = homes.values().filter(|(other, _)| other == head).count() as u64;
        let kept = (facts.passed || facts.pinned).then(|| Kept {
            document: *head as u64,
            id: facts.id,
            name: facts.name.clone(),
            pinned: facts.pinned,
        });
        let evidence = if size == 1 { Evidence::Alone } else { *evidence };
        Outcome { document: *row as u64, cluster: facts.id, size, kept, evidence }
    };
    homes.iter().map(outcome).collect()
}

/// Families of alike sets over a template, with equal and empty ones among them.
fn documents() -> impl Strategy<Value = Vec<Document>> {
    let one = (0u64..8, 0u64..6, 0u64..4, any::<(u8, u8, bool)>()).prop_map(
        |(family, edits, edit, (flags, prefer, eligible))| {
            let mut set: Vec<u64> = (0..family * 5)
                .map(|i| mix64(if i < 12 { i } else { family * 100 + i }, 0))
                .collect();
            set.extend((0..edits * 2).map(|i| mix64(i, edit + family)));
            let facts = Facts {
                id: DocId::default(),
                preference: Preference([u64::from(prefer % 4), 0, u64::from(prefer / 64), 0, 0, 0]),
                passed: flags % 4 > 0,
                pinned: flags % 16 > 13,
                name: format!("page {flags}").into(),
            };
            Document { set: sorted_set(set), facts, eligible: eligible || flags > 40 }
        },
    );
    prop::collection::vec(one, 1..250).prop_map(|mut documents| {
        for (row, document) in documents.iter_mut().enumerate() {
            document.facts.id = DocId(u128::from(mix64(row as u64, 5)));
        }
        documents
    })
}

fn how() -> impl Strategy<Value = How> {
    (
        prop::collection::vec(30usize..120, 1..4),
        1usize..4,
        prop::sample::select(vec![5_000, 12_000, 60_000, 1 << 28]),
        prop::sample::select(vec![None, Some(0.6), Some(0.9)]),
        prop::sample::select(vec![0, 1, 2, ALL, ALL]),
    )
        .prop_map(|(sizes, threads, memory, containment, new)| How {
            sizes,
            threads,
            memory,
            containment,
            new,
        })
}

/// Outcomes by id, which does not change with the order.
fn by_id(
    documents: &[Document],
    outcomes: &[Outcome],
) -> BTreeMap<DocId, (DocId, u64, Option<DocId>, String)> {
    let value = |o: &Outcome| {
        (o.cluster, o.size, o.kept.as_ref().map(|kept| kept.id), format!("{:?}", o.evidence))
    };
    outcomes
        .iter()
        .map(|o| (documents[usize::try_from(o.document).unwrap()].facts.id, value(o)))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn outcomes_are_those_of_the_definition(documents in documents(), how in how()) {
        prop_assert_eq!(outcomes(&documents, &how), slow(&documents, &how));
    }

    #[test]
    fn in_memory_outcomes_are_those_of_the_job(mut documents in documents(), mut how in how()) {
        how.new = ALL;
        for document in &mut documents {
            document.eligible = true;
        }
        let (folder, params) = (tempfile::tempdir().unwrap(), params(how.containment));
        let parts = split(&documents, &how.sizes);
        let files = write(folder.path(), &params, &parts);
        let texts = Parts { all: parts, new: ALL, read: AtomicU64::new(0) };
        let held = cluster_held(&files, &texts, &params, how.threads, &mut ()).unwrap();
        prop_assert_eq!(held, outcomes(&documents, &how));
    }

    #[test]
    fn order_does_not_matter(documents in documents(), how in how(), seed in any::<u64>()) {
        let mut moved: Vec<(u64, Document)> = (0..).map(|i| mix64(i, seed)).zip(documents.clone()).collect();
        moved.sort_by_key(|(place, _)| *place);
        let how = How { new: ALL, ..how };
        let moved: Vec<Document> = moved.into_iter().map(|(_, document)| document).collect();
        prop_assert_eq!(
            by_id(&documents, &outcomes(&documents, &how)),
            by_id(&moved, &outcomes(&moved, &how))
        );
    }
}

#[test]
fn earlier_documents_are_read_only_where_a_new_one_shares_a_key() {
    // Pages of one template, which would all be candidates of one another, and one more of them.
    let (mut documents, folder) = (pages(400), tempfile::tempdir().unwrap());
    documents.iter_mut().skip(1).for_each(|document| document.facts.pinned = true);
    documents[0] = documents[381].clone();
    documents[0].facts = Facts { id: DocId(7_000), pinned: false, ..documents[0].facts.clone() };
    let params = params(None);
    let (new, earlier) = documents.split_at(1);
    let parts = vec![new, earlier];
    let files = write(folder.path(), &params, &parts);
    let resources =
        Resources { threads: 1, memory: 1 << 24, scratch: folder.path().join("scratch") };
    let read = |new: usize| {
        let texts = Parts { all: parts.clone(), new, read: AtomicU64::new(0) };
        let clusters = cluster(&files, &|_| true, &texts, &params, &resources, &mut ()).unwrap();
        let found = clusters.outcomes(0..1).unwrap().remove(0);
        assert_eq!(found.kept.unwrap().document, 381);
        assert_eq!(found.evidence, Evidence::Exact);
        texts.read.into_inner()
    };
    let (all, few) = (read(ALL), read(1));
    assert!(all > 300 && few < all, "{all} and {few} were read");
}

/// Stops at a given call.
struct Stop(u64);

impl Monitor for Stop {
    fn advance(&mut self, _: Progress) -> std::result::Result<(), Interrupted> {
        self.0 = self.0.saturating_sub(1);
        if self.0 == 0 { Err(Interrupted) } else { Ok(()) }
    }
}

/// Pages of a template that is a given share of each, a tenth of them with an edited copy.
fn pages(count: u64) -> Vec<Document> {
    let page = |n: u64| {
        let (template, copy) = (60 + n / 2 % 16, n % 20 == 1);
        let own = if copy { n - 1 } else { n };
        let mut set: Vec<u64> = (0..template).map(|i| mix64(i, 1)).collect();
        set.extend((0..100 - template).map(|i| mix64(own * 100 + i, 2)));
        set.extend(copy.then(|| mix64(n, 3)));
        let facts = Facts {
            id: DocId(u128::from(n)),
            preference: Preference::default(),
            passed: true,
            pinned: false,
            name: n.to_string().into(),
        };
        Document { set: sorted_set(set), facts, eligible: true }
    };
    (0..count).map(page).collect()
}

#[test]
fn a_large_template_loses_only_the_copies_whatever_the_memory() {
    let documents = pages(2_000);
    for memory in [400_000, 1 << 30] {
        let how = How { sizes: vec![700], threads: 2, memory, containment: None, new: ALL };
        let found = outcomes(&documents, &how);
        assert!(found.len() > 1_500, "{} candidates", found.len());
        let removed =
            |o: &&Outcome| o.kept.as_ref().is_some_and(|kept| kept.document != o.document);
        let removed: Vec<_> = found
            .iter()
            .filter(removed)
            .map(|o| (o.document, o.kept.as_ref().unwrap().document))
            .collect();
        assert!(
            removed.len() > 95
                && removed.iter().all(|(copy, kept)| copy % 20 == 1 && copy - 1 == *kept),
            "{removed:?}"
        );
    }
}

#[test]
fn a_job_goes_on_where_it_was_stopped_and_mends_what_is_damaged() {
    let documents = pages(600);
    let how = How { sizes: vec![100], threads: 2, memory: 1 << 24, containment: None, new: ALL };
    let whole = outcomes(&documents, &how);
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(&documents, &how, folder.path(), &mut ()).unwrap().reused(), 0);
    let all = run(&documents, &how, folder.path(), &mut ()).unwrap();
    let files = std::fs::read_dir(folder.path().join("scratch")).unwrap().count() as u64;
    assert_eq!(all.reused(), files - 2, "all but the note and the folder for sorting");
    let names = ["join-2-0.edges", "gather-3.blocks", "resolve-0.blocks"];
    for (number, name) in names.iter().enumerate() {
        let path = folder.path().join("scratch").join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        match number {
            0 => bytes.truncate(bytes.len() / 2),
            _ => bytes[number * 3] ^= 1,
        }
        std::fs::write(&path, bytes).unwrap();
    }
    std::fs::remove_file(folder.path().join("scratch/gather-1.blocks")).unwrap();
    let mended = run(&documents, &how, folder.path(), &mut ()).unwrap();
    assert_eq!(mended.reused(), all.reused() - 4);
    assert_eq!(mended.outcomes(0..600).unwrap(), whole);
    // Other documents, another job.
    let mut others = documents.clone();
    others[5].eligible = false;
    assert_eq!(run(&others, &how, folder.path(), &mut ()).unwrap().reused(), 0);
}

#[test]
fn the_monitor_stops_the_job_anywhere_and_it_can_go_on() {
    let documents = pages(300);
    let how = How { sizes: vec![100], threads: 2, memory: 60_000, containment: None, new: ALL };
    let (whole, folder) = (outcomes(&documents, &how), tempfile::tempdir().unwrap());
    let (mut stopped, mut call) = (0, 1);
    loop {
        match run(&documents, &how, folder.path(), &mut Stop(call)) {
            Ok(clusters) => {
                assert_eq!(clusters.outcomes(0..300).unwrap(), whole);
                break;
            }
            Err(error) => assert!(matches!(error, Error::Interrupted), "{error}"),
        }
        stopped += 1;
        call += 1 + call / 4;
    }
    assert!(stopped > 5);
}

#[test]
fn errors_of_the_caller_come_back() {
    struct Broken(bool);
    impl Documents for Broken {
        fn candidates(
            &self,
            _: usize,
            _: &[Wanted],
            _: &mut dyn FnMut(Facts, Shingles) -> Result<()>,
        ) -> std::result::Result<(), CorpusError> {
            if self.0 { Err("the disk is gone".into()) } else { Ok(()) }
        }
    }
    let (documents, params) = (pages(40), params(None));
    let folder = tempfile::tempdir().unwrap();
    let files = write(folder.path(), &params, &[&documents]);
    let run = |texts| {
        let resources =
            Resources { threads: 2, memory: 1 << 20, scratch: folder.path().join("scratch") };
        cluster(&files, &|_| true, &texts, &params, &resources, &mut ()).unwrap_err()
    };
    assert!(run(Broken(true)).to_string().ends_with("the disk is gone"));
    assert!(matches!(run(Broken(false)), Error::Missing { .. }));
}

#[test]
fn a_document_beyond_the_memory_is_refused() {
    let mut documents = pages(2);
    documents[1].set = documents[0].set.clone();
    documents[1].set.push(u64::MAX);
    let how = How { sizes: vec![2], threads: 1, memory: 2_000, containment: None, new: ALL };
    let folder = tempfile::tempdir().unwrap();
    let error = run(&documents, &how, folder.path(), &mut ()).unwrap_err();
    assert!(matches!(error, Error::Memory { documents: 1, budget: 2_000, .. }), "{error}");
}

#[test]
fn files_of_different_parameters_are_not_mixed() {
    let (documents, folder) = (pages(4), tempfile::tempdir().unwrap());
    let mut files = write(folder.path(), &params(None), &[&documents]);
    let other = BandFileWriter::new(folder.path().join("other"), &DedupParams::default());
    files.push(other.finish().unwrap());
    let texts = Parts { all: vec![&documents, &[]], new: ALL, read: AtomicU64::new(0) };
    let resources =
        Resources { threads: 1, memory: 1 << 20, scratch: folder.path().join("scratch") };
    let error = cluster(&files, &|_| true, &texts, &params(None), &resources, &mut ()).unwrap_err();
    assert!(matches!(error, Error::Mismatch { .. }), "{error}");
}
