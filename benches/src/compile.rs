//! What `registry!` costs the compiler: a crate of a thousand modules with it, and the same modules
//! declared alone.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::workload::On;
use crate::{Result, directory, median, workload};

const MODULES: usize = 1000;
const REPETITIONS: usize = 3;
const CRATES: [(&str, bool); 2] = [("with-registry", true), ("modules-alone", false)];

pub fn run() -> Result {
    let root = directory("bench-compile")?;
    println!(
        "{MODULES} modules of {} bytes, unoptimised, medians of {REPETITIONS}\n",
        workload::module(On::Sqlite, 1).len()
    );
    println!("{:<28}{:>14}{:>14}{:>12}", "", "with registry!", "modules alone", "registry!");
    let crates = CRATES.map(|(name, registered)| Crate { root: root.join(name), name, registered });
    for one in &crates {
        one.write()?;
        // Their dependencies, which are not what is measured.
        one.cargo("check")?;
        one.cargo("build")?;
    }
    for command in ["check", "build"] {
        for (title, prepare) in [
            ("all of it", Crate::forget as fn(&Crate, usize) -> Result),
            ("after an edit of one module", Crate::edit),
        ] {
            let mut seconds: [Vec<f64>; 2] = Default::default();
            for repetition in 0..REPETITIONS {
                for (one, seconds) in crates.iter().zip(&mut seconds) {
                    prepare(one, repetition)?;
                    let began = Instant::now();
                    one.cargo(command)?;
                    seconds.push(began.elapsed().as_secs_f64());
                }
            }
            let [with, alone] = seconds.each_mut().map(|values| median(values));
            let title = format!("cargo {command}, {title}");
            println!("{title:<40}{with:>8.2} s{alone:>8.2} s{:>+8.2} s", with - alone);
        }
    }
    Ok(())
}

struct Crate {
    root: PathBuf,
    name: &'static str,
    registered: bool,
}

impl Crate {
    fn write(&self) -> Result {
        let product =
            Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the bench stands in no project")?;
        fs::create_dir_all(self.root.join("src"))?;
        // The same versions of everything as the product has.
        fs::copy(product.join("Cargo.lock"), self.root.join("Cargo.lock"))?;
        fs::write(
            self.root.join("Cargo.toml"),
            format!(
                "[workspace]\n\n[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
                 updown = {{ path = {:?}, default-features = false, features = [\"sqlite\"] }}\n",
                self.name, product
            ),
        )?;
        let mut list = String::new();
        for number in 1..=MODULES {
            fs::write(self.module(number), workload::module(On::Sqlite, number))?;
            // Public, so that code is made of those that no list names, too.
            writeln!(list, "pub mod m{number:04};")?;
        }
        if self.registered {
            list.push_str("\nupdown::registry! { pub static MAIN: updown::prelude::SqliteConnection = [\n");
            for number in 1..=MODULES {
                writeln!(list, "    m{number:04},")?;
            }
            list.push_str("] }\n");
        }
        Ok(fs::write(self.root.join("src/lib.rs"), list)?)
    }

    fn module(&self, number: usize) -> PathBuf {
        self.root.join(format!("src/m{number:04}.rs"))
    }

    /// Makes the next command compile the crate from nothing, and its dependencies not.
    fn forget(&self, _: usize) -> Result {
        self.cargo_with(&["clean", "--package", self.name])
    }

    fn edit(&self, repetition: usize) -> Result {
        let edited = workload::module(On::Sqlite, 500)
            .replace("Ok(())", &format!("let _ = {repetition};\n        Ok(())"));
        Ok(fs::write(self.module(500), edited)?)
    }

    fn cargo(&self, command: &str) -> Result {
        self.cargo_with(&[command])
    }

    fn cargo_with(&self, arguments: &[&str]) -> Result {
        let output = Command::new("cargo")
            .args(arguments)
            .current_dir(&self.root)
            // Both crates share what their dependencies were built to.
            .env("CARGO_TARGET_DIR", self.root.with_file_name("target"))
            .output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!("cargo {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)).into())
    }
}
