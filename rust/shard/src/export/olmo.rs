//! OLMo-core, dolma, `MaxText`: a headerless `.npy` beside `.csv.gz` with a line a document.
//!
//! A line is `start,end,id,source,loc`, in tokens of the payload; `loc` is the document's place in our shard.

use std::io::{BufWriter, IntoInnerError, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use gamayun_text::{Monitor, Progress};

use super::chosen::Chosen;
use super::sink::{ExportedFile, Origin, Sink};
use super::{DocumentFormat, STRIDE};
use crate::{Error, Result};

pub(super) const FORMAT: DocumentFormat =
    DocumentFormat { name: "olmo", extension: "npy", subsets: false, write };

fn write(chosen: &Chosen<'_>, base: &Path, monitor: &mut dyn Monitor) -> Result<Vec<ExportedFile>> {
    let path = base.with_added_extension("csv.gz");
    // A line is written piece by piece, and a call of the compressor is dear.
    let lines = GzEncoder::new(Sink::create(&path)?, Compression::fast());
    let mut lines = BufWriter::with_capacity(1 << 16, lines);
    let sources: Vec<String> = chosen.shard.source_names().iter().map(|name| field(name)).collect();
    let (metas, ids) = (chosen.shard.metas(), chosen.shard.id_bytes());
    for (n, one) in (1_u64..).zip(chosen.each()) {
        let id = u128::from_be_bytes(ids[one.place]);
        let source = sources.get(usize::from(metas[one.place].source)).map_or("", String::as_str);
        let (start, end, place) = (one.start, one.start + one.tokens, one.place);
        writeln!(lines, "{start},{end},{id:032x},{source},{place}").map_err(Error::io(&path))?;
        if n.is_multiple_of(STRIDE) {
            monitor.advance(Progress::default())?;
        }
    }
    let lines = lines.into_inner().map_err(IntoInnerError::into_error);
    let sink = lines.and_then(GzEncoder::finish).map_err(Error::io(&path))?;
    Ok(vec![sink.finish(Origin::Written)?])
}

/// A name as a field of a table (RFC 4180).
fn field(name: &str) -> String {
    if name.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_commas_stay_one_field() {
        assert_eq!(["web", "a,b", "a \"b\""].map(field), ["web", "\"a,b\"", "\"a \"\"b\"\"\""]);
    }
}
