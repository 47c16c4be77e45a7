//! `updown renumber`: moves a migration that is not applied yet behind the others, for two branches
//! that took the same number.

use super::files;
use super::names::{self, Style};
use super::project_dir::ProjectDir;
use super::store_dir::StoreDir;
use crate::error::Error;

/// Moves `name` behind the others, and returns its old and its new name. The list need not compile.
pub(crate) fn renumber(
    project: &ProjectDir,
    name: &str,
    store: Option<&str>,
    is_applied: &dyn Fn(&str) -> bool,
) -> Result<(String, String), Error> {
    let mut store = StoreDir::open(project, store)?;
    let old = store.list.entry(name)?.name.clone();
    if is_applied(&old) {
        return Err(Error::usage(
            format!("{old} is applied already, and its name stands in the ledger"),
            format!("updown rollback --name {old}"),
        ));
    }
    let Some((number, what)) = names::split(&old) else {
        return Err(Error::usage(
            format!("{old} has no number"),
            "name it `m0001_what_it_does`: the file, the `mod` line and the entry",
        ));
    };
    let modules = store.modules()?;
    let highest = names::highest(modules.iter().map(String::as_str).filter(|module| *module != old));
    let is_highest = names::highest([old.as_str()].into_iter()) > highest;
    if is_highest && store.list.entries.last().is_some_and(|last| last.name == old) {
        return Err(Error::usage(format!("{old} stands behind the others already"), "updown migrate"));
    }
    let new = if is_highest { old.clone() } else { format!("m{}_{what}", Style::of(number).next(highest)?) };

    store.list.move_behind(&old, &new)?;
    if new == old {
        store.list.write()?;
        return Ok((old, new));
    }
    // The old file goes last: at every moment, the module that the list names is there.
    files::copy_new(&store.file(&old), &store.file(&new))?;
    if let Err(error) = store.list.write() {
        let _ = files::remove(&store.file(&new));
        return Err(error);
    }
    files::remove(&store.file(&old))?;
    Ok((old, new))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn write(dir: &Path, modules: &[&str]) {
        std::fs::create_dir_all(dir.join("main")).unwrap();
        let mut text = String::new();
        for module in modules {
            std::fs::write(dir.join("main").join(format!("{module}.rs")), format!("// {module}")).unwrap();
            text += &format!("mod {module};\n");
        }
        text += &format!("updown::registry! {{ pub static MAIN: C = [{}] }}", modules.join(", "));
        std::fs::write(dir.join("main/mod.rs"), text).unwrap();
    }

    #[test]
    fn one_of_two_with_the_same_number_moves() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &["m0001_a", "m0002_b", "m0002_c", "m0003_d"]);
        let project = ProjectDir::of_tests(dir.path());
        let renumber = |name: &str| renumber(&project, name, None, &|name| name == "m0001_a");

        assert_eq!(renumber("m0001_a").unwrap_err().hint().unwrap(), "updown rollback --name m0001_a");
        assert_eq!(renumber("m0002_x").unwrap_err().exit_code(), 2);
        assert_eq!(renumber("m0003_d").unwrap_err().hint().unwrap(), "updown migrate");
        assert_eq!(renumber("m0002_b").unwrap(), ("m0002_b".to_owned(), "m0004_b".to_owned()));
        assert!(!dir.path().join("main/m0002_b.rs").exists());
        assert_eq!(std::fs::read_to_string(dir.path().join("main/m0004_b.rs")).unwrap(), "// m0002_b");
        let list = std::fs::read_to_string(dir.path().join("main/mod.rs")).unwrap();
        assert!(list.ends_with("[m0001_a, m0002_c, m0003_d, m0004_b] }"), "{list}");

        // A file that no list names has its number too.
        std::fs::write(dir.path().join("main/m0005_e.rs"), "").unwrap();
        assert_eq!(renumber("m0004_b").unwrap().1, "m0006_b");
    }

    #[test]
    fn a_time_stays_a_time_and_a_higher_number_stays() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &["m20240101000000_a", "m20230101000000_b"]);
        let project = ProjectDir::of_tests(dir.path());
        let (old, new) = renumber(&project, "m20240101000000_a", None, &|_| false).unwrap();
        assert_eq!(old, new, "only its place was wrong");
        let (_, new) = renumber(&project, "m20230101000000_b", None, &|_| false).unwrap();
        assert!(new.len() == "m20240101000000_b".len() && new.as_str() > "m20240101000000_b", "{new}");
    }
}
