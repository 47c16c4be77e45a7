//! The directory of one store in the migrations crate: its list, and the modules beside it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::files;
use super::list::List;
use super::project_dir::ProjectDir;
use super::tokens::{Kind, Token, tokens};
use crate::error::Error;
use crate::source::{Pair, SqlDirectory};

pub struct StoreDir {
    pub dir: PathBuf,
    pub list: List,
}

impl StoreDir {
    /// The directory of the store `named`, else of the project's first one.
    pub fn open(project: &ProjectDir, named: Option<&str>) -> Result<Self, Error> {
        let all = all(&project.dir)?;
        let found = match named {
            Some(name) => all.iter().find(|store| *store == name),
            None => declared(&project.dir)?
                .iter()
                .find_map(|declared| all.iter().find(|store| **store == declared.name))
                .or(all.first()),
        };
        let Some(name) = found else {
            let there = if all.is_empty() {
                format!("write `{}/main/mod.rs` with a `registry!`", project.package)
            } else {
                format!("`--store` with one of: {}", all.join(", "))
            };
            return Err(Error::usage(
                match named {
                    Some(name) => format!("there is no store {name:?} in {}", project.dir.display()),
                    None => format!("there is no list of migrations in {}", project.dir.display()),
                },
                there,
            ));
        };
        let dir = project.dir.join(name);
        match List::read(&dir.join("mod.rs"))? {
            Some(list) => Ok(Self { dir, list }),
            None => Err(Error::usage(
                format!("{} has no `registry!` any more", dir.join("mod.rs").display()),
                "repeat the command",
            )),
        }
    }

    /// Every module: in the list, in the `mod` lines, or only a file.
    pub fn modules(&self) -> Result<BTreeSet<String>, Error> {
        let mut modules: BTreeSet<String> = self.list.names().map(str::to_owned).collect();
        let files = files::names_in(&self.dir)?;
        modules.extend(files.iter().filter_map(|file| file.strip_suffix(".rs")).map(str::to_owned));
        Ok(modules)
    }

    /// The highest number in the directory of SQL that comes before the list, where there is one.
    pub fn highest_before(&self, project: &ProjectDir) -> Result<u64, Error> {
        let Some(said) = &self.list.directory else { return Ok(0) };
        let path = match said.strip_prefix("$CARGO_MANIFEST_DIR/") {
            Some(rest) => project.dir.join(rest),
            None => project.root.join(said),
        };
        let pairs = SqlDirectory::at(path).pairs_to_continue()?.1;
        Ok(pairs.iter().filter_map(Pair::number).max().unwrap_or(0))
    }

    /// Whether most of the listed ones go up in steps: then the next one does as well.
    pub fn is_mostly_in_steps(&self) -> Result<bool, Error> {
        let (mut steps, mut all) = (0, 0);
        for module in self.list.names() {
            let file = self.file(module);
            if !files::exists(&file)? {
                continue;
            }
            let text = files::read(&file)?;
            let tokens = tokens(&text);
            all += 1;
            let is_up = |token: &Token<'_>| token.is("Up") || token.is("Change");
            steps += usize::from(
                tokens.windows(3).any(|three| is_up(&three[0]) && three[1].is("<") && three[2].is("Steps")),
            );
        }
        Ok(2 * steps > all)
    }

    pub fn file(&self, module: &str) -> PathBuf {
        self.dir.join(format!("{module}.rs"))
    }

    /// A path as it is shown: from the workspace's root.
    pub fn shown(&self, project: &ProjectDir, module: &str) -> PathBuf {
        let file = self.file(module);
        file.strip_prefix(&project.root).map_or(file.clone(), Path::to_owned)
    }
}

/// The directories with a list, by name. One that is a symbolic link is somebody else's.
fn all(dir: &Path) -> Result<Vec<String>, Error> {
    let mut stores = Vec::new();
    for name in files::names_in(dir)? {
        let list = dir.join(&name).join("mod.rs");
        let own = dir.join(&name).symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
        if own && files::exists(&list)? && has_registry(&list)? {
            stores.push(name);
        }
    }
    Ok(stores)
}

fn has_registry(list: &Path) -> Result<bool, Error> {
    let text = files::read(list)?;
    let tokens = tokens(&text);
    Ok(tokens.windows(2).any(|pair| pair[0].is("registry") && pair[1].is("!")))
}

/// A store as `project!` names it.
#[derive(Debug, PartialEq, Eq)]
pub struct Declared {
    pub name: String,
    /// Of its `#[cfg(feature = "…")]`.
    pub feature: Option<String>,
}

/// The stores in the order in which `project!` names them in `lib.rs`; what cannot be made out there
/// is left out.
pub fn declared(dir: &Path) -> Result<Vec<Declared>, Error> {
    let file = dir.join("lib.rs");
    if !files::exists(&file)? {
        return Ok(Vec::new());
    }
    let text = files::read(&file)?;
    let tokens = tokens(&text);
    let start = tokens.windows(2).position(|pair| pair[0].is("project") && pair[1].is("!"));
    let inside = &tokens[start.map_or(tokens.len(), |start| start + 2)..];
    // A name is what stands before a single colon: not before that of a path.
    let is_name = |three: &[Token<'_>]| three[0].kind == Kind::Word && three[1].is(":") && !three[2].is(":");
    let names = inside.windows(3).enumerate().filter(|(_, three)| is_name(three));
    let stores =
        names.map(|(at, three)| Declared { name: three[0].text.to_owned(), feature: feature(&inside[..at]) });
    Ok(stores.collect())
}

/// Of the attribute that ends these.
fn feature(before: &[Token<'_>]) -> Option<String> {
    let [.., hash, open, cfg, bracket, feature, equals, name, close, end] = before else { return None };
    let is_there = [
        (hash, "#"),
        (open, "["),
        (cfg, "cfg"),
        (bracket, "("),
        (feature, "feature"),
        (equals, "="),
        (close, ")"),
        (end, "]"),
    ];
    is_there.iter().all(|(token, text)| token.is(text)).then(|| name.text.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_store_is_the_one_that_the_project_names_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path();
        let open = |named| StoreDir::open(&ProjectDir::of_tests(path), named);
        assert!(open(None).is_err());
        for store in ["alpha", "main", "other"] {
            std::fs::create_dir(path.join(store)).unwrap();
        }
        for store in ["alpha", "main"] {
            std::fs::write(path.join(store).join("mod.rs"), "updown::registry! { static M: C = [] }")
                .unwrap();
        }
        std::fs::write(path.join("other/mod.rs"), "// registry! { }").unwrap();
        assert!(open(None).unwrap().dir.ends_with("alpha"));
        std::fs::write(
            path.join("lib.rs"),
            "fn project() -> P { updown::project! { main: main::M, #[cfg(feature = \"x\")] alpha: alpha::M } }",
        )
        .unwrap();
        assert!(open(None).unwrap().dir.ends_with("main"));
        let store = |name: &str, feature: Option<&str>| Declared {
            name: name.to_owned(),
            feature: feature.map(str::to_owned),
        };
        assert_eq!(declared(path).unwrap(), [store("main", None), store("alpha", Some("x"))]);
        assert!(open(Some("alpha")).unwrap().dir.ends_with("alpha"));
        for wrong in ["other", "../main", "", "nowhere"] {
            assert_eq!(open(Some(wrong)).err().unwrap().exit_code(), 2, "{wrong}");
        }
    }

    #[test]
    fn most_of_the_list_says_how_the_next_one_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let store = dir.path().join("main");
        std::fs::create_dir(&store).unwrap();
        let list = "mod m1_a;\nmod m2_b;\nmod m3_c;\nupdown::registry! { static M: C = [m1_a, m2_b, m3_c] }";
        std::fs::write(store.join("mod.rs"), list).unwrap();
        let is_in_steps = |sources: [&str; 3]| {
            for (name, source) in ["m1_a", "m2_b", "m3_c"].iter().zip(sources) {
                std::fs::write(store.join(format!("{name}.rs")), source).unwrap();
            }
            StoreDir::open(&ProjectDir::of_tests(dir.path()), None).unwrap().is_mostly_in_steps().unwrap()
        };
        let (steps, plain) = ("impl Up<Steps<'_, C>> for M {}", "// Up<Steps>\nimpl Up<C> for M {}");
        let typed = "impl Change<Steps<'_, C>> for M {}";
        assert!(!is_in_steps([steps, plain, plain]));
        assert!(is_in_steps([steps, plain, steps]));
        assert!(is_in_steps([typed, plain, steps]));
        assert!(!is_in_steps([typed, plain, "impl Change<C> for M {}"]));
    }
}
