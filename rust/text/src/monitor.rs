//! How long work tells of its progress, and how it is stopped.

/// How far a step has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Units done of `total`: bytes of input, documents, merges, as the step says.
    pub done: u64,
    /// All units; 0 when unknown.
    pub total: u64,
    /// Documents seen so far.
    pub documents: u64,
    /// Bytes of text seen so far.
    pub bytes: u64,
}

/// The monitor asked for the work to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

/// Hears of progress on the thread that called, several times a second, and may stop the work.
pub trait Monitor {
    /// Takes note of the progress; an error stops the work as soon as it safely can.
    fn advance(&mut self, progress: Progress) -> Result<(), Interrupted>;
}

/// The monitor that neither listens nor stops.
impl Monitor for () {
    fn advance(&mut self, _: Progress) -> Result<(), Interrupted> {
        Ok(())
    }
}
