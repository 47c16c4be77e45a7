//! Where a backup goes. Until it is verified it is in a directory of its own that nobody else can enter, whatever
//! the one around it allows and whatever the tool sets; then it is renamed.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::path::{Path, PathBuf};

use chrono::Utc;

pub struct Place {
    directory: PathBuf,
    private: PathBuf,
    partial: PathBuf,
    name: String,
}

impl Place {
    /// `names` and the time are in the file's name, and a part of the run's `token`: another database of the same
    /// name may have its backups in the same directory.
    pub fn prepare(directory: &Path, names: [&str; 2], token: &str, ending: &str) -> io::Result<Self> {
        let mut name: String =
            names.iter().filter(|name| !name.is_empty()).map(|name| safe(name) + "-").collect();
        name.push_str(&Utc::now().format("%Y%m%dT%H%M%SZ-").to_string());
        name.extend(token.chars().take(6));
        let name = format!("{name}.{ending}");
        private(true).create(directory)?;
        let directory = std::path::absolute(directory)?;
        let inside = directory.join(format!(".{name}.partial"));
        private(false).create(&inside)?;
        let partial = inside.join(&name);
        Ok(Self { directory, private: inside, partial, name })
    }

    /// What is to be written.
    pub fn partial(&self) -> &Path {
        &self.partial
    }

    /// Made for its owner alone.
    #[cfg(feature = "postgres")]
    pub fn create(&self) -> io::Result<File> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.partial)
    }

    /// Whether there is something in it.
    pub fn is_there(&self) -> bool {
        match fs::symlink_metadata(&self.partial) {
            Ok(found) if found.is_dir() => {
                fs::read_dir(&self.partial).is_ok_and(|mut entries| entries.next().is_some())
            }
            Ok(found) => found.is_file() && found.len() > 0,
            Err(_) => false,
        }
    }

    /// Gives it its name, once it is on the disk.
    pub fn finish(self) -> io::Result<PathBuf> {
        let is_directory = fs::symlink_metadata(&self.partial)?.is_dir();
        restrict(&self.partial, is_directory)?;
        File::open(&self.partial)?.sync_all()?;
        let finished = self.directory.join(&self.name);
        fs::rename(&self.partial, &finished)?;
        // Not every file system lets a directory be synchronised.
        let _ = File::open(&self.directory).and_then(|directory| directory.sync_all());
        Ok(finished)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.private);
    }
}

fn safe(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect()
}

fn private(recursive: bool) -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(recursive);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

#[cfg(unix)]
fn restrict(path: &Path, is_directory: bool) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(if is_directory { 0o700 } else { 0o600 }))
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: bool) -> io::Result<()> {
    Ok(())
}
