//! Finds the migrations crate of a workspace.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::features::Features;
use crate::error::Error;

/// The migrations crate of a workspace: the package that is marked with
/// `[package.metadata.updown]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProjectDir {
    /// The workspace's root.
    pub(crate) root: PathBuf,
    /// The package's name.
    pub(crate) package: String,
    /// Its `Cargo.toml`.
    pub(crate) manifest: PathBuf,
    /// Its directory.
    pub(crate) dir: PathBuf,
    /// The program in it that runs its migrations.
    pub(crate) program: String,
    /// Its cargo features.
    pub(crate) features: Features,
}

/// What cargo says of a workspace, as far as it is needed.
#[derive(serde::Deserialize)]
pub(super) struct Workspace {
    pub(super) workspace_root: PathBuf,
    pub(super) packages: Vec<Package>,
}

#[derive(serde::Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    manifest_path: PathBuf,
    #[serde(default)]
    metadata: Option<serde_json::Value>,
    #[serde(default)]
    default_run: Option<String>,
    targets: Vec<Target>,
    #[serde(default)]
    features: Features,
}

#[derive(serde::Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

impl Package {
    /// Whether it is one that commands may be forwarded to. No other is ever run.
    pub(super) fn is_marked(&self) -> bool {
        self.metadata.as_ref().and_then(|metadata| metadata.get("updown")).is_some()
    }
}

/// The migrations crate of the workspace around `start`. `None` where there is no workspace, or
/// none of its packages is marked.
pub(crate) fn find(start: &Path) -> Result<Option<ProjectDir>, Error> {
    let Some(workspace) = workspace(start)? else {
        return Ok(None);
    };
    let Workspace { workspace_root: root, packages } = workspace;
    let mut marked = packages.into_iter().filter(Package::is_marked);
    let Some(package) = marked.next() else {
        return Ok(None);
    };
    let others: Vec<String> = marked.map(|package| package.name).collect();
    if !others.is_empty() {
        return Err(Error::usage(
            format!(
                "more than one package is marked with `[package.metadata.updown]`: {}, {}",
                package.name,
                others.join(", ")
            ),
            "leave the mark in one of them",
        ));
    }
    let program = program(&package)?;
    let dir = package.manifest_path.parent().map_or_else(|| root.clone(), Path::to_owned);
    let Package { name, manifest_path: manifest, features, .. } = package;
    Ok(Some(ProjectDir { root, package: name, manifest, dir, program, features }))
}

/// That of the workspace that a program was built in, or that the command is typed in.
pub(crate) fn here(manifest_dir: Option<&str>) -> Result<ProjectDir, Error> {
    let start = manifest_dir.filter(|dir| !dir.is_empty()).map_or(Path::new("."), Path::new);
    find(start)?.ok_or_else(|| Error::usage("there is no migrations crate here", "`updown init` makes one"))
}

fn program(package: &Package) -> Result<String, Error> {
    let programs: Vec<&str> = package
        .targets
        .iter()
        .filter(|target| target.kind.iter().any(|kind| kind == "bin"))
        .map(|target| target.name.as_str())
        .collect();
    let chosen = match (&package.default_run, programs.as_slice()) {
        (Some(chosen), _) => Some(chosen.as_str()),
        (None, [only]) => Some(*only),
        (None, several) => several.iter().find(|program| **program == "migrate").copied(),
    };
    chosen.map(str::to_owned).ok_or_else(|| {
        Error::usage(
            match programs.len() {
                0 => format!("the package {} has no program", package.name),
                _ => format!("the package {} has several programs: {}", package.name, programs.join(", ")),
            },
            "give it `[[bin]] name = \"migrate\" path = \"migrate.rs\"`",
        )
    })
}

/// What cargo says of the workspace around `start`. `None` where no directory upwards has a
/// `Cargo.toml`.
pub(super) fn workspace(start: &Path) -> Result<Option<Workspace>, Error> {
    let start = std::path::absolute(start)
        .map_err(|source| Error::Io { what: format!("cannot find {}", start.display()), source })?;
    if !start.ancestors().any(|dir| dir.join("Cargo.toml").is_file()) {
        return Ok(None);
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // Without dependencies, cargo neither asks a registry nor writes `Cargo.lock`.
    let output = Command::new(&cargo)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(&start)
        .output()
        .map_err(|source| Error::Io { what: format!("cannot start {}", cargo.display()), source })?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        let message = message.trim().trim_start_matches("error: ");
        return Err(Error::usage(
            format!("cargo cannot read the workspace around {}: {message}", start.display()),
            "correct the `Cargo.toml`, and repeat the command",
        ));
    }
    serde_json::from_slice(&output.stdout).map(Some).map_err(|error| {
        Error::usage(
            format!("cannot read what `cargo metadata` says: {error}"),
            "`cargo metadata --no-deps --format-version 1` shows it",
        )
    })
}

#[cfg(test)]
impl ProjectDir {
    /// A crate that is its own workspace, for tests that need no cargo.
    pub fn of_tests(dir: &Path) -> Self {
        Self {
            root: dir.to_owned(),
            package: "migrations".to_owned(),
            manifest: dir.join("Cargo.toml"),
            dir: dir.to_owned(),
            program: "migrate".to_owned(),
            features: Features::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(dir: &Path, name: &str, mark: &str) {
        std::fs::create_dir_all(dir.join(name)).unwrap();
        let manifest = format!(
            "[package]\nname = \"{name}\"\nedition = \"2024\"\n{mark}\n[[bin]]\nname = \"run-{name}\"\npath = \"m.rs\"\n"
        );
        std::fs::write(dir.join(name).join("Cargo.toml"), manifest).unwrap();
        std::fs::write(dir.join(name).join("m.rs"), "fn main() {}").unwrap();
    }

    #[test]
    fn only_the_marked_package_counts() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        assert_eq!(find(&root).unwrap(), None, "there is no Cargo.toml");

        std::fs::write(
            root.join("Cargo.toml"),
            "[workspace]\nmembers = [\"migrations\", \"db\"]\nresolver = \"3\"\n",
        )
        .unwrap();
        package(&root, "migrations", "");
        package(&root, "db", "");
        assert_eq!(find(&root).unwrap(), None, "a name is no mark");

        package(&root, "db", "[package.metadata.updown]");
        let found = find(&root.join("migrations")).unwrap().unwrap();
        assert_eq!((found.root.as_path(), found.package.as_str()), (root.as_path(), "db"));
        assert_eq!((found.dir, found.program), (root.join("db"), "run-db".to_owned()));

        package(&root, "migrations", "[package.metadata.updown]");
        let two = find(&root).unwrap_err();
        assert!(two.to_string().contains("migrations") && two.to_string().contains("db"), "{two}");

        std::fs::write(root.join("Cargo.toml"), "[workspace\n").unwrap();
        let broken = find(&root).unwrap_err();
        assert_eq!(broken.exit_code(), 2);
        assert!(broken.to_string().contains("Cargo.toml"), "cargo's own message is in it: {broken}");
    }
}
