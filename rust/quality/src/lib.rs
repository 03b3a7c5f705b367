//! Text to measurements, and measurements to verdicts by named rules.
