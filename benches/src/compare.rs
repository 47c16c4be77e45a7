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

/// One operation of two sides, and how the first one compares.
#[cfg(any(feature = "postgres", feature = "scylla"))]
pub fn row(title: &str, updown: &Times, diesel: &Times, target: Option<f64>) {
    let ratio = updown.median / diesel.median;
    let fastest = format!("({:.2})", updown.fastest / diesel.fastest);
    let target =
        target.map_or_else(String::new, |target| format!("   at most {target:.2}: {}", met(ratio <= target)));
    println!("{title:<21}{updown:>22}{diesel:>22}{ratio:>8.2}{fastest:>11}{target}");
}

/// The file system that a directory is on: in memory, a commit would cost nothing.
#[cfg(any(feature = "postgres", feature = "scylla"))]
pub fn file_system(directory: &std::path::Path) -> String {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mounted = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (place, kind) = (words.next()?, words.next()?);
        directory.starts_with(place).then(|| (place.len(), kind.to_owned()))
    });
    mounted
        .max_by_key(|(length, _)| *length)
        .map_or_else(|| "an unknown file system".to_owned(), |(_, kind)| kind)
}
