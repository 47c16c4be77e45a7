//! Where libpq is missing, says so in a sentence. `pq-sys` does not: what it hands on fails at the very
//! end, in the linker's words.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(all(feature = "postgres", not(feature = "bundled")))]
    libpq::check();
}

/// Looks where `pq-sys` looks, and in doubt lets the build go on.
#[cfg(all(feature = "postgres", not(feature = "bundled")))]
mod libpq {
    use std::env;
    use std::path::Path;
    use std::process::{Command, Stdio};

    const MISSING: &str = "libpq was not found: install libpq-dev (Debian, Ubuntu, Alpine), libpq-devel (Fedora) or \
                           libpq (Homebrew, and set PQ_LIB_DIR to its lib), or turn on updown's feature `bundled`, \
                           which builds it from source";

    pub fn check() {
        let target = env::var("TARGET").unwrap_or_default();
        let of_target = target.to_ascii_uppercase().replace('-', "_");
        let told = |name: &str| {
            println!("cargo::rerun-if-env-changed={name}");
            env::var(name).ok()
        };
        // Who compiles for another machine, or for Windows, has told pq-sys by other means.
        let other_machine =
            env::var("HOST").is_ok_and(|host| host != target) || env::var_os("CARGO_CFG_WINDOWS").is_some();
        if other_machine || told("DOCS_RS").is_some() || is_bundled_by_another() {
            return;
        }
        let by_name = told(&format!("PQ_LIB_DIR_{of_target}")).or_else(|| told("PQ_LIB_DIR"));
        if let Some(found) = by_name.map(|dir| vec![dir]).or_else(by_pkg_config) {
            return found.iter().for_each(|dir| search(dir));
        }
        let libdir = by_pg_config(told(&format!("PG_CONFIG_{of_target}")));
        // The linker has the last word, unless nothing at all can be linked.
        if links(&["-lpq"], libdir.as_deref()) {
            libdir.iter().for_each(|dir| search(dir));
        } else if links(&[], None) {
            println!("cargo::error={MISSING}");
        }
    }

    /// pq-sys says so too, but where libpq was missing at first, cargo does not ask it again.
    fn search(dir: &str) {
        println!("cargo::rustc-link-search=native={dir}");
    }

    fn by_pkg_config() -> Option<Vec<String>> {
        let found = pkg_config::Config::new().cargo_metadata(false).probe("libpq").ok()?;
        Some(found.link_paths.iter().map(|dir| dir.display().to_string()).collect())
    }

    fn by_pg_config(program: Option<String>) -> Option<String> {
        let program = program.as_deref().unwrap_or("pg_config");
        let said = Command::new(program).arg("--libdir").output().ok()?;
        said.status.success().then(|| String::from_utf8_lossy(&said.stdout).trim().to_owned())
    }

    /// An application may turn on `pq-sys/bundled` itself. Features of others cannot be seen here, but
    /// the directory in which cargo has just built libpq can.
    fn is_bundled_by_another() -> bool {
        let out = env::var("OUT_DIR").unwrap_or_default();
        let above = Path::new(&out).ancestors().skip(2).take(2);
        above.filter_map(|dir| std::fs::read_dir(dir).ok()).flatten().flatten().any(|entry| {
            let name = entry.file_name();
            name == "pq-src" || name.to_string_lossy().starts_with("pq-src-")
        })
    }

    /// Whether rustc links an empty program with these, as it would link the real one.
    fn links(libraries: &[&str], libdir: Option<&str>) -> bool {
        let out = env::var("OUT_DIR").unwrap_or_default();
        let probe = Path::new(&out).join("probe.rs");
        if std::fs::write(&probe, "fn main() {}").is_err() {
            return true;
        }
        let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc.arg(&probe).args(["--crate-type=bin", "--out-dir", &out]).args(libraries);
        if let Some(libdir) = libdir {
            rustc.arg(format!("-Lnative={libdir}"));
        }
        if let Some(linker) = env::var_os("RUSTC_LINKER") {
            let mut option = std::ffi::OsString::from("-Clinker=");
            option.push(linker);
            rustc.arg(option);
        }
        let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
        rustc.args(flags.split('\x1f').filter(|flag| !flag.is_empty()));
        rustc.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }
}
