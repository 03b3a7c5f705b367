//! A source of documents, as Python describes it.

use std::sync::Arc;

use gamayun_io::{Columns, Format, ReadParams, TextUnit, find_inputs as find};
use gamayun_quality::Profile;
use gamayun_run::{Error, Rules};
use pyo3::prelude::*;

use crate::errors;

/// A named origin of documents: files, how they are read, and what judges them.
#[pyclass(frozen, module = "gamayun_data._core")]
pub(crate) struct Source(pub(crate) gamayun_run::Source);

#[pymethods]
impl Source {
    #[new]
    #[pyo3(signature = (
        name, paths, *, priority = 1, domain = "web".to_owned(), licence = String::new(), language = None, rules = None,
        text_column = "text".to_owned(), id_column = Some("id".to_owned()), format = None,
        text_unit = "file".to_owned(), max_document_bytes = 64 << 20
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn new(
        py: Python<'_>,
        name: String,
        paths: Vec<String>,
        priority: i32,
        domain: String,
        licence: String,
        language: Option<String>,
        rules: Option<(String, Option<String>)>,
        text_column: String,
        id_column: Option<String>,
        format: Option<String>,
        text_unit: String,
        max_document_bytes: u64,
    ) -> PyResult<Self> {
        let parse = || -> Result<gamayun_run::Source, Error> {
            let columns = Columns { text: text_column, id: id_column };
            let format = format.as_deref().map(parse_format).transpose()?;
            let read = ReadParams {
                columns,
                format,
                text_unit: parse_unit(&text_unit)?,
                max_document_bytes,
                metadata: true,
            };
            let rules = parse_rules(rules)?;
            Ok(gamayun_run::Source {
                name,
                paths,
                priority,
                domain,
                licence,
                language,
                rules,
                read,
            })
        };
        parse().map(Self).map_err(|error| errors::to_python(py, &error))
    }
}

fn parameter(parameter: &str, found: &str, expected: impl Into<String>) -> Error {
    Error::Parameter { parameter: parameter.into(), found: found.into(), expected: expected.into() }
}

pub(crate) fn parse_format(name: &str) -> Result<Format, Error> {
    Format::from_name(name).ok_or_else(|| parameter("format", name, "jsonl, parquet or text"))
}

pub(crate) fn parse_unit(name: &str) -> Result<TextUnit, Error> {
    match name {
        "file" => Ok(TextUnit::File),
        "line" => Ok(TextUnit::Line),
        _ => Err(parameter("text_unit", name, "file or line")),
    }
}

/// A profile by its name, or by its name and its TOML.
pub(crate) fn parse_rules(rules: Option<(String, Option<String>)>) -> Result<Rules, Error> {
    Ok(match rules {
        None => Rules::ByLanguage,
        Some((name, Some(toml))) => Rules::Profile(Arc::new(Profile::parse(&toml, &name)?)),
        Some((name, None)) if name == "none" => Rules::None,
        Some((name, None)) if name == "language+junk" => Rules::ByLanguageAndJunk,
        Some((name, None)) => Rules::Profile(Arc::new(shipped(&name)?.clone())),
    })
}

/// The shipped profile of this name.
pub(crate) fn shipped(name: &str) -> Result<&'static Profile, Error> {
    let names = || {
        format!(
            "none, a TOML file, or one of {}",
            Profile::shipped_names().collect::<Vec<_>>().join(", ")
        )
    };
    Profile::shipped(name).ok_or_else(|| parameter("rules", name, names()))
}

/// The inputs of these sources: (source, name, bytes, row group), in the order they are read.
#[pyfunction]
pub(crate) fn find_inputs(
    py: Python<'_>,
    sources: Vec<Py<Source>>,
) -> PyResult<Vec<(String, String, u64, Option<usize>)>> {
    let sources = unwrap(&sources);
    let found =
        py.detach(|| -> Result<_, Error> {
            let mut found = Vec::new();
            for source in &sources {
                for path in &source.paths {
                    let inputs = find(path, &source.read)?.into_iter();
                    found.extend(inputs.map(|input| {
                        (source.name.clone(), input.name, input.bytes, input.row_group)
                    }));
                }
            }
            Ok(found)
        });
    found.map_err(|error| errors::to_python(py, &error))
}

/// The sources without their Python shells.
pub(crate) fn unwrap(sources: &[Py<Source>]) -> Vec<gamayun_run::Source> {
    sources.iter().map(|source| source.get().0.clone()).collect()
}
