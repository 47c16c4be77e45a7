//! Reading and writing the author's files: whole or not at all, and never through a symbolic link.

use std::io::Write;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::error::Error;

/// What [`Path::symlink_metadata`] says; `None` where nothing is there.
fn look(path: &Path) -> Result<Option<std::fs::Metadata>, Error> {
    match path.symlink_metadata() {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Io { what: format!("cannot look at {}", path.display()), source }),
    }
}

/// The text of a file that is going to be edited. A symbolic link is refused: the edited text would
/// take its place, or land where somebody else points.
pub fn read(path: &Path) -> Result<String, Error> {
    if look(path)?.is_some_and(|metadata| metadata.is_symlink()) {
        return Err(Error::usage(
            format!("{} is a symbolic link, which updown does not write through", path.display()),
            "put the file itself there, and repeat the command",
        ));
    }
    std::fs::read_to_string(path)
        .map_err(|source| Error::Io { what: format!("cannot read {}", path.display()), source })
}

/// Whether something is there: a file, a directory, a link that leads nowhere.
pub fn exists(path: &Path) -> Result<bool, Error> {
    Ok(look(path)?.is_some())
}

/// Whether nothing stands in a directory, or there is no directory.
pub fn is_vacant(dir: &Path) -> Result<bool, Error> {
    match look(dir)? {
        None => Ok(true),
        Some(metadata) if metadata.is_dir() => Ok(names_in(dir)?.is_empty()),
        Some(_) => Ok(false),
    }
}

/// The names in a directory, sorted.
pub fn names_in(dir: &Path) -> Result<Vec<String>, Error> {
    let cannot = |source| Error::Io { what: format!("cannot read the directory {}", dir.display()), source };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(cannot)? {
        names.push(entry.map_err(cannot)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Refuses `relative` below `root` where the file is there already, or a symbolic link or a file
/// stands where a directory has to be.
pub fn check_new(root: &Path, relative: &Path) -> Result<(), Error> {
    if exists(&root.join(relative))? {
        return Err(Error::usage(
            format!("{} exists already: nothing was written", relative.display()),
            "move it away, and repeat the command",
        ));
    }
    for dir in relative.ancestors().skip(1).filter(|dir| !dir.as_os_str().is_empty()) {
        if look(&root.join(dir))?.is_some_and(|metadata| !metadata.is_dir()) {
            return Err(Error::usage(
                format!("{} is not a directory: nothing was written", dir.display()),
                "move it away, and repeat the command",
            ));
        }
    }
    Ok(())
}

/// Writes a file that is not there yet.
pub fn create(path: &Path, text: &str) -> Result<(), Error> {
    let cannot = |source| Error::Io { what: format!("cannot write {}", path.display()), source };
    let file = temporary(path, text).map_err(cannot)?;
    file.persist_noclobber(path).map(drop).map_err(|error| cannot(error.error))
}

/// Puts a new text in the place of a file's old one; the permissions stay.
pub fn replace(path: &Path, text: &str) -> Result<(), Error> {
    let cannot = |source| Error::Io { what: format!("cannot write {}", path.display()), source };
    let file = temporary(path, text).map_err(cannot)?;
    let permissions = std::fs::metadata(path).map_err(cannot)?.permissions();
    file.as_file().set_permissions(permissions).map_err(cannot)?;
    file.persist(path).map(drop).map_err(|error| cannot(error.error))
}

/// Gives a file a name that is not taken. The old name stays until [`remove`]: whoever is
/// interrupted in between finds the file twice, and never not at all.
pub fn copy_new(from: &Path, to: &Path) -> Result<(), Error> {
    create(to, &read(from)?)
}

pub fn remove(path: &Path) -> Result<(), Error> {
    std::fs::remove_file(path)
        .map_err(|source| Error::Io { what: format!("cannot remove {}", path.display()), source })
}

/// The text in a file beside `path`, on the disk. Source files are for everybody to read, as far as
/// the umask lets them be, unlike what temporary files are by default.
fn temporary(path: &Path, text: &str) -> std::io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".updown-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_exists_is_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        create(&path, "1").unwrap();
        assert!(create(&path, "2").is_err());
        assert_eq!(read(&path).unwrap(), "1");
        assert_eq!(names_in(dir.path()).unwrap(), ["a"], "no temporary file stays");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("target");
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(create(&link, "x").is_err(), "a link that leads nowhere is something that exists");
        assert!(check_new(dir.path(), Path::new("link")).is_err());
        assert!(check_new(dir.path(), Path::new("link/file")).is_err());
        std::fs::write(&target, "x").unwrap();
        assert!(read(&link).is_err());
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "x");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        create(&path, "1").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        replace(&path, "2").unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
