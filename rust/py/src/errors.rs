//! Rust errors to the exceptions of `gamayun_data.errors`, and to the `OSError` family.

use std::io;

use gamayun_run::Error;
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// What of Python's an error is.
enum Class {
    /// A parameter, recipe or command line that cannot be used.
    Config,
    /// An input that cannot be read.
    Input { path: String, record: Option<u64> },
    /// A file of ours with a broken structure.
    Format { path: Option<String>, offset: Option<u64> },
    /// A file of ours whose content is not what was written.
    Integrity { path: String },
    /// What the system said.
    System { kind: io::Error, path: String },
    /// The monitor stopped the work.
    Interrupted,
}

/// The exception for an error of a step or an engine.
pub(crate) fn to_python(py: Python<'_>, error: &Error) -> PyErr {
    let message = error.to_string();
    match class(error) {
        Class::Config => raised(py, "ConfigError", &message, &[]),
        Class::Input { path, record } => raised(
            py,
            "InputError",
            &message,
            &[("path", Some(path)), ("record", record.map(|n| n.to_string()))],
        ),
        Class::Format { path, offset } => raised(
            py,
            "FormatError",
            &message,
            &[("path", path), ("offset", offset.map(|n| n.to_string()))],
        ),
        Class::Integrity { path } => {
            raised(py, "IntegrityError", &message, &[("path", Some(path))])
        }
        Class::System { kind, path } => system(&kind, &path),
        Class::Interrupted => PyKeyboardInterrupt::new_err(()),
    }
}

/// An `OSError` of the right kind, with errno, message and file name.
fn system(error: &io::Error, path: &str) -> PyErr {
    match error.raw_os_error() {
        Some(code) => {
            let text = error.to_string();
            let text = text.split(" (os error").next().unwrap_or_default().to_owned();
            pyo3::exceptions::PyOSError::new_err((code, text, path.to_owned()))
        }
        None => pyo3::exceptions::PyOSError::new_err(format!("{path}: {error}")),
    }
}

fn raised(py: Python<'_>, class: &str, message: &str, facts: &[(&str, Option<String>)]) -> PyErr {
    let build = || -> PyResult<PyErr> {
        let keywords = PyDict::new(py);
        for (name, fact) in facts {
            match (*name, fact) {
                ("record" | "offset", Some(number)) => {
                    keywords.set_item(name, number.parse::<u64>()?)?;
                }
                (_, fact) => keywords.set_item(name, fact)?,
            }
        }
        let class = py.import("gamayun_data.errors")?.getattr(class)?;
        Ok(PyErr::from_value(class.call((message,), Some(&keywords))?))
    };
    build().unwrap_or_else(|error| error)
}

fn class(error: &Error) -> Class {
    match error {
        Error::Interrupted => Class::Interrupted,
        Error::BadRecord { path, record, .. } => {
            Class::Input { path: path.clone(), record: *record }
        }
        Error::MemoryTooSmall { .. }
        | Error::ReadOnce { .. }
        | Error::Parameter { .. }
        | Error::Quality(_) => Class::Config,
        Error::Damaged { path, .. } => Class::Integrity { path: path.display().to_string() },
        Error::File { path, source } => system_class(source, path.display().to_string()),
        Error::Io(error) => io_class(error),
        Error::Language(error) => language_class(error),
        Error::Dedup(error) => dedup_class(error),
        Error::Counts { path, source } => match bpe_class(source) {
            Class::Format { offset, .. } => {
                Class::Format { path: Some(path.display().to_string()), offset }
            }
            Class::Integrity { .. } => Class::Integrity { path: path.display().to_string() },
            other => other,
        },
        Error::Bpe(error) => bpe_class(error),
        Error::Shard(error) => shard_class(error),
    }
}

fn system_class(source: &io::Error, path: String) -> Class {
    let kind = source.raw_os_error().map_or_else(
        || io::Error::new(source.kind(), source.to_string()),
        io::Error::from_raw_os_error,
    );
    Class::System { kind, path }
}

fn io_class(error: &gamayun_io::Error) -> Class {
    use gamayun_io::Error as E;
    match error {
        E::NotFound { .. } | E::BadGlob { .. } | E::NoInputs { .. } => Class::Config,
        E::Unreadable { path, source } | E::Unwritable { path, source } => {
            system_class(source, path.display().to_string())
        }
        E::ColumnMissing { path, .. }
        | E::ColumnType { path, .. }
        | E::Unsupported { path, .. }
        | E::Corrupt { path, .. } => Class::Input { path: path.clone(), record: None },
        E::BadBatch { path, .. } => Class::Integrity { path: path.display().to_string() },
    }
}

fn language_class(error: &gamayun_language::Error) -> Class {
    use gamayun_language::Error as E;
    match error {
        E::Io { path, source } => system_class(source, path.display().to_string()),
        E::Truncated { name, offset, .. } => {
            Class::Format { path: Some(name.clone()), offset: Some(*offset) }
        }
        E::NotAModel { name, .. } | E::Version { name, .. } | E::Malformed { name, .. } => {
            Class::Format { path: Some(name.clone()), offset: None }
        }
        E::Parameter { .. }
        | E::TooFewLabels { .. }
        | E::UnknownLabel { .. }
        | E::TooManyWords { .. }
        | E::Diverged { .. } => Class::Config,
        E::Interrupted => Class::Interrupted,
    }
}

fn dedup_class(error: &gamayun_dedup::Error) -> Class {
    use gamayun_dedup::Error as E;
    match error {
        E::Parameter { .. }
        | E::Mismatch { .. }
        | E::Memory { .. }
        | E::Threads { .. }
        | E::PartTooLarge { .. } => Class::Config,
        E::Io { path, source } => system_class(source, path.display().to_string()),
        E::Damaged { path, .. } => Class::Integrity { path: path.display().to_string() },
        // The corpus of a run fails with an error of the run.
        E::Corpus(inner) => match inner.downcast_ref::<Error>() {
            Some(error) => class(error),
            None => Class::Integrity { path: String::new() },
        },
        E::Missing { .. } => Class::Integrity { path: String::new() },
        E::Interrupted => Class::Interrupted,
    }
}

fn bpe_class(error: &gamayun_bpe::Error) -> Class {
    use gamayun_bpe::Error as E;
    match error {
        E::SplitMismatch { .. }
        | E::UnknownSplit(_)
        | E::SplitRegex { .. }
        | E::Parameter { .. }
        | E::UnknownLanguage(_)
        | E::TooManyBytes { .. }
        | E::CountOverflow
        | E::TrainMemory { .. }
        | E::UnknownId { .. }
        | E::UnknownSpecial(_)
        | E::Inexpressible { .. }
        | E::Threads(_) => Class::Config,
        E::InText { source, .. } => bpe_class(source),
        E::Ranks(_)
        | E::CountsFormat(_)
        | E::Segments(_)
        | E::Json(_)
        | E::Unsupported { .. }
        | E::MergeToken { .. } => Class::Format { path: None, offset: None },
        E::SplitEngine { .. } | E::SpecialInText { .. } | E::NormalisedOffsets => {
            Class::Input { path: String::new(), record: None }
        }
        E::CountsChecksum { .. } => Class::Integrity { path: String::new() },
        E::Interrupted => Class::Interrupted,
        E::Io(source) => system_class(source, String::new()),
    }
}

fn shard_class(error: &gamayun_shard::Error) -> Class {
    use gamayun_shard::Error as E;
    match error {
        E::Io { path, source } => system_class(source, path.display().to_string()),
        E::Format { path, offset, .. } => {
            Class::Format { path: Some(path.display().to_string()), offset: Some(*offset) }
        }
        E::Damaged { path, .. } => Class::Integrity { path: path.display().to_string() },
        E::Params { .. } | E::TooLarge { .. } => Class::Config,
        E::Interrupted => Class::Interrupted,
        E::EmptyDocument { .. }
        | E::DocumentTooLong { .. }
        | E::TokenOutOfRange { .. }
        | E::MissingEos { .. }
        | E::EosInside { .. }
        | E::DuplicateDocument { .. }
        | E::UnknownCode { .. } => Class::Integrity { path: String::new() },
    }
}
