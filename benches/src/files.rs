//! Directories of SQL: what it costs to read one, in time of the processor, and what of that is what.

use std::path::Path;

use updown::__private::{Language, hash, of_bytes, statement_count};
use updown::{AnyConnection, SqlDirectory, SqlFormat};

use crate::compare::{Times, load, met};
use crate::{Result, directory};

const FILES: usize = 1000;
const BYTES: usize = 3 * 1024;
const REPETITIONS: usize = 15;
/// At most so many milliseconds for all of it.
const TARGET: f64 = 200.0;

/// What grown projects have in their files; the tests run them.
const TEMPLATES: &str = include_str!("../../tests/suite/real_size/postgres.sql");

pub fn run() -> Result {
    let directory = directory("bench-files")?.join("to-read");
    let texts = texts();
    write(&directory, &texts)?;
    let bytes: usize = texts.iter().map(String::len).sum();
    println!(
        "{FILES} files of SQL, {bytes} bytes: time of one core, medians of {REPETITIONS} (fastest); load {}",
        load()
    );
    let read = measured(|| {
        for entry in std::fs::read_dir(&directory)? {
            std::hint::black_box(std::fs::read_to_string(entry?.path())?);
        }
        Ok(())
    })?;
    let listed = measured(|| {
        let files = SqlDirectory::at(&directory).format(SqlFormat::Pairs);
        std::hint::black_box(files.registry::<AnyConnection>()?);
        Ok(())
    })?;
    let each = |work: fn(&str)| {
        measured(|| {
            texts.iter().for_each(|text| work(text));
            Ok(())
        })
    };
    let divided = each(|text| {
        std::hint::black_box(statement_count(text));
    })?;
    let hashed = each(|text| drop(std::hint::black_box(hash(text, Language::Sql))))?;
    let bytes = each(|text| drop(std::hint::black_box(of_bytes(text))))?;
    println!("{:<34}{:>22}", "the list of a directory", listed.to_string());
    println!("{:<34}{:>22}", "  of which reading the files", read.to_string());
    println!("{:<34}{:>22}", "divided into statements", divided.to_string());
    println!("{:<34}{:>22}", "hashes of the words", hashed.to_string());
    println!("{:<34}{:>22}", "fingerprints of the bytes", bytes.to_string());
    let all = [&listed, &divided, &hashed, &bytes].iter().map(|part| part.median).sum::<f64>();
    println!(
        "{:<34}{:>22}   at most {TARGET:.0} ms: {}",
        "all of it",
        format!("{all:.1} ms"),
        met(all <= TARGET)
    );
    Ok(())
}

/// Different ones, of that size or a little more.
fn texts() -> Vec<String> {
    let mut templates = TEMPLATES.split("-- migration: ").skip(1).cycle();
    let mut text = |number: usize| {
        let mut text = format!("-- What has to be done for number {number}; and why.\n");
        while text.len() < BYTES {
            text.push_str("-- ");
            text.extend(templates.next());
        }
        ["{t}", "{s}", "{p}", "{n}", "{x}"].iter().fold(text, |text, name| text.replace(name, "things"))
    };
    (1..=FILES).map(&mut text).collect()
}

fn write(directory: &Path, texts: &[String]) -> Result {
    std::fs::create_dir_all(directory)?;
    for (text, number) in texts.iter().zip(1..) {
        std::fs::write(directory.join(format!("{number:06}_change.up.sql")), text)?;
    }
    Ok(())
}

fn measured(work: impl Fn() -> Result) -> Result<Times> {
    let mut ms = Vec::new();
    for _ in 0..REPETITIONS {
        let began = on_the_processor()?;
        work()?;
        ms.push(on_the_processor()? - began);
    }
    Ok(Times::of(ms))
}

/// How long this thread was on a processor, in milliseconds: what others do meanwhile does not count.
fn on_the_processor() -> Result<f64> {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = said.split_whitespace().next().ok_or("it says nothing")?.parse()?;
    Ok(nanoseconds / 1e6)
}
