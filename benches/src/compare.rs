//! What both sides of a comparison have: an order, the times, and whether a target is met.

use crate::median;

pub struct Times {
    pub median: f64,
    /// What the machine's other work disturbed least.
    pub fastest: f64,
}

impl Times {
    pub fn of(mut ms: Vec<f64>) -> Self {
        Self { median: median(&mut ms), fastest: ms.first().copied().unwrap_or(f64::NAN) }
    }

    /// Less what was measured of a part of it.
    #[cfg(feature = "postgres")]
    pub fn without(&self, part: &Self) -> Self {
        Self { median: self.median - part.median, fastest: self.fastest - part.fastest }
    }
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format!("{:.1} ms ({:.1})", self.median, self.fastest))
    }
}

/// Other work on the machine makes the numbers worth nothing: it has to be seen beside them.
pub fn load() -> String {
    std::fs::read_to_string("/proc/loadavg")
        .ok()
        .and_then(|text| text.split_whitespace().next().map(str::to_owned))
        .unwrap_or_else(|| "unknown".to_owned())
}

/// Neither side always comes second.
pub fn in_turn(repetition: usize, sides: usize) -> Vec<usize> {
    if repetition.is_multiple_of(2) { (0..sides).collect() } else { (0..sides).rev().collect() }
}

pub fn met(is: bool) -> &'static str {
    if is { "met" } else { "MISSED" }
}
