//! datatrove and nanotron: `.ds`, `.ds.index` of u64 document ends, `.ds.metadata` of three lines.

use std::path::Path;

use gamayun_text::{Monitor, Progress};

use super::chosen::Chosen;
use super::sink::{ExportedFile, Origin, Sink};
use super::{DocumentFormat, STRIDE};
use crate::Result;

pub(super) const FORMAT: DocumentFormat =
    DocumentFormat { name: "datatrove", extension: "ds", subsets: false, write };

/// What stands for the tokenizer in the metadata: the file that the export has.
const TOKENIZER: &str = "tokenizer.json";

fn write(chosen: &Chosen<'_>, base: &Path, monitor: &mut dyn Monitor) -> Result<Vec<ExportedFile>> {
    Ok(vec![index(chosen, base, monitor)?, metadata(chosen, base)?])
}

fn index(chosen: &Chosen<'_>, base: &Path, monitor: &mut dyn Monitor) -> Result<ExportedFile> {
    let mut sink = Sink::create(&base.with_added_extension("ds.index"))?;
    for (n, one) in (1_u64..).zip(chosen.each()) {
        sink.put(&(one.start + one.tokens).to_le_bytes())?;
        if n.is_multiple_of(STRIDE) {
            monitor.advance(Progress::default())?;
        }
    }
    sink.finish(Origin::Written)
}

fn metadata(chosen: &Chosen<'_>, base: &Path) -> Result<ExportedFile> {
    let (width, tokens) = (chosen.shard.width().bytes(), chosen.tokens());
    let mut sink = Sink::create(&base.with_added_extension("ds.metadata"))?;
    sink.put(format!("{TOKENIZER}|{width}\n{tokens}\n{}", human(tokens)).as_bytes())?;
    sink.finish(Origin::Written)
}

/// A count for people: its thousands, at most five digits before the letter.
fn human(tokens: u64) -> String {
    let (mut count, mut letter) = (tokens, "");
    for next in [" K", " M", " B", " T"] {
        if count < 100_000 {
            break;
        }
        (count, letter) = (count / 1000, next);
    }
    format!("{count}{letter} tokens")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_for_people() {
        assert_eq!(
            [0, 99_999, 100_000, 123_456_789].map(human).join("; "),
            "0 tokens; 99999 tokens; 100 K tokens; 123 M tokens"
        );
    }
}
