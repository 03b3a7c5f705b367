//! A reference: a finished run or an index, whose parts have band files and texts that can be read again.

use std::path::{Path, PathBuf};

use gamayun_dedup::{BandFile, BandLayout, Bands, DedupParams};
use gamayun_io::table_rows;
use gamayun_text::DocId;

use crate::error::{Error, Result};
use crate::fate;
use crate::index::{BANDS, DOCUMENTS, IndexManifest};
use crate::layout::Layout;
use crate::part::{self, Part};
use crate::tables::{Rows, id_at};

/// An earlier run, as it is read.
pub(crate) struct Reference {
    /// What its user calls it.
    pub name: String,
    root: PathBuf,
    kind: Kind,
    /// The shingle length that texts are compared with.
    pub shingle: usize,
    layout: BandLayout,
}

enum Kind {
    Index(IndexManifest),
    Run(Layout, Vec<Part>),
}

/// What is read of a document without its text.
pub(crate) struct Known {
    pub id: DocId,
    pub source: String,
    pub users_id: Option<String>,
}

impl Reference {
    pub(crate) fn open(name: &str, root: &Path, params: &DedupParams) -> Result<Self> {
        let kind = if IndexManifest::is_at(root) {
            Kind::Index(IndexManifest::open(root)?)
        } else {
            Kind::Run(Layout::new(root), finished(root)?)
        };
        let layout = BandLayout::of(params);
        let (name, shingle) = (name.to_owned(), params.shingle());
        let reference = Self { name, root: root.to_owned(), kind, shingle, layout };
        if let Kind::Index(index) = &reference.kind {
            reference.check(index.layout())?;
        }
        Ok(reference)
    }

    fn check(&self, found: BandLayout) -> Result<()> {
        match found.difference(self.layout) {
            Some((parameter, there, here)) => Err(Error::Parameter {
                parameter: format!("against: {parameter} of {}", self.name),
                found: there.to_string(),
                expected: format!("{here}, as in this run"),
            }),
            None => Ok(()),
        }
    }

    /// How many parts it has.
    pub(crate) fn parts(&self) -> usize {
        match &self.kind {
            Kind::Index(index) => index.parts.len(),
            Kind::Run(_, parts) => parts.len(),
        }
    }

    /// The documents of a part, those included that were not kept.
    pub(crate) fn documents(&self, part: usize) -> u64 {
        match &self.kind {
            Kind::Index(index) => index.parts[part].documents,
            Kind::Run(_, parts) => parts[part].documents,
        }
    }

    /// Gives the rows of a part that were kept to `f`.
    pub(crate) fn kept(&self, part: usize, f: &mut dyn FnMut(u64)) -> Result<()> {
        match &self.kind {
            Kind::Index(index) => (0..index.parts[part].documents).for_each(f),
            Kind::Run(layout, parts) => {
                let selected = fate::selected(layout, &parts[part])?;
                let rows = (0..).zip(selected).filter(|(_, id)| id.is_some());
                rows.for_each(|(row, _)| f(row));
            }
        }
        Ok(())
    }

    /// The band file of a part.
    pub(crate) fn bands(&self, part: usize) -> Result<BandFile> {
        let file = match &self.kind {
            Kind::Index(index) => index.parts[part].open_bands(&self.root)?,
            Kind::Run(layout, parts) => {
                BandFile::open(layout.path(format!("{BANDS}/{}.bands", parts[part].stem)))?
            }
        };
        self.check(file.layout())?;
        if file.documents() == self.documents(part) {
            return Ok(file);
        }
        let (found, said) = (file.documents(), self.documents(part));
        Err(Error::damaged(file.path(), format!("{found} documents, expected {said}")))
    }

    /// The table with the texts of a part, row by row as in its band file.
    pub(crate) fn table(&self, part: usize) -> PathBuf {
        match &self.kind {
            Kind::Index(index) => index.parts[part].table_path(&self.root),
            Kind::Run(layout, parts) => fate::table(layout, DOCUMENTS, &parts[part]),
        }
    }

    /// What is known of these rows of a part, which ascend.
    pub(crate) fn known(&self, part: usize, rows: &[u64]) -> Result<Vec<Known>> {
        let table = self.table(part);
        let said = table_rows(&table)?;
        if said != self.documents(part) {
            let what = format!("{said} documents, expected {}", self.documents(part));
            return Err(Error::damaged(table, what));
        }
        let ids = match &self.kind {
            Kind::Index(_) => ids(&table, rows)?,
            Kind::Run(layout, parts) => ids(&fate::table(layout, "dedup", &parts[part]), rows)?,
        };
        let mut ids = ids.into_iter();
        let mut known = Vec::with_capacity(rows.len());
        for batch in gamayun_io::read_rows(&table, Some(&["source", "id"]), rows)? {
            let batch = Rows::new(batch?, &table);
            let (sources, users_ids) = (batch.strings("source")?, batch.strings("id")?);
            for row in 0..batch.len() {
                known.push(Known {
                    id: ids.next().unwrap_or_default(),
                    source: sources.value(row).to_owned(),
                    users_id: crate::tables::string_at(users_ids, row).map(str::to_owned),
                });
            }
        }
        Ok(known)
    }
}

fn ids(path: &Path, rows: &[u64]) -> Result<Vec<DocId>> {
    let mut found = Vec::with_capacity(rows.len());
    for batch in gamayun_io::read_rows(path, Some(&["doc_id"]), rows)? {
        let batch = Rows::new(batch?, path);
        let ids = batch.ids("doc_id")?;
        found.extend((0..batch.len()).map(|row| id_at(ids, row)));
    }
    Ok(found)
}

/// The parts of a run that came to its selection.
fn finished(root: &Path) -> Result<Vec<Part>> {
    let layout = Layout::new(root);
    if layout.path("steps/select.json").is_file() {
        return part::parts(&layout);
    }
    Err(Error::Parameter {
        parameter: "against".into(),
        found: root.display().to_string(),
        expected: "the folder of a finished run, or of an index".into(),
    })
}
