//! Which files: the paths given, and everything below them, in a stable order.
//!
//! In: paths and the user's filters. Out: entries, and what cannot be one (a folder without permission, a pipe), so
//! that the ledger accounts for every path. Left out: opening files. Hidden files are scanned and `.gitignore` is not
//! honoured, on purpose: what is about to be published does not care for either.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ignore::gitignore::Gitignore;
use ignore::overrides::{Override, OverrideBuilder};
use serde::{Deserialize, Serialize};

use crate::model::{Gap, GapReason, SkipReason, Span, show_path};

/// A file the walk found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Position in the walk, from 0; reports come out in this order.
    pub id: u64,
    /// The file.
    pub path: OsString,
    /// Its path below the root it was found under; for a root that is a file, its name. What the name rules see.
    pub name: String,
    /// Its size in bytes when the walk saw it.
    pub size: u64,
    /// The content itself when there is no file: standard input.
    pub content: Option<Vec<u8>>,
    /// The part of it that is to be read; `None` for all of it.
    pub span: Option<Span>,
}

/// What the walk gives, in order.
#[derive(Debug)]
pub enum Found {
    /// A file to be read.
    Entry(Entry),
    /// A path that is accounted for without being read.
    Unread {
        /// The path.
        path: OsString,
        /// Why it cannot be read; `None` when it was left out on purpose.
        gap: Option<Gap>,
        /// Why it was left out.
        skipped: Option<SkipReason>,
    },
}

/// What to walk and what to leave out.
#[derive(Debug, Clone, Default)]
pub struct Walk {
    /// Files and folders.
    pub roots: Vec<PathBuf>,
    /// Globs as `-g` takes them: gitignore syntax, `!` excludes.
    pub globs: Vec<String>,
    /// Files in gitignore syntax that the user named.
    pub ignore_files: Vec<PathBuf>,
    /// Follow symbolic links found below the roots. Links given as roots are always followed.
    pub follow: bool,
}

/// A filter that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// A glob is wrong.
    #[error("glob `{glob}`: {error}")]
    Glob {
        /// As given.
        glob: String,
        /// What is wrong.
        error: ignore::Error,
    },
    /// An ignore file is wrong or cannot be read.
    #[error("ignore file: {0}")]
    IgnoreFile(ignore::Error),
}

/// A walk whose filters were compiled.
pub struct Walker {
    roots: Vec<(PathBuf, Override)>,
    ignores: Vec<Gitignore>,
    follow: bool,
}

impl Walk {
    /// Compiles the filters.
    ///
    /// # Errors
    /// The glob or ignore file that is wrong.
    pub fn prepare(&self) -> Result<Walker, WalkError> {
        let mut roots = Vec::new();
        for root in &self.roots {
            let base = if root.is_dir() { root.as_path() } else { root.parent().unwrap_or(Path::new("")) };
            let mut overrides = OverrideBuilder::new(base);
            for glob in &self.globs {
                overrides.add(glob).map_err(|error| WalkError::Glob { glob: glob.clone(), error })?;
            }
            let overrides =
                overrides.build().map_err(|error| WalkError::Glob { glob: self.globs.join(" "), error })?;
            roots.push((root.clone(), overrides));
        }
        let mut ignores = Vec::new();
        for file in &self.ignore_files {
            let (ignore, error) = Gitignore::new(file);
            if let Some(error) = error {
                return Err(WalkError::IgnoreFile(error));
            }
            ignores.push(ignore);
        }
        Ok(Walker { roots, ignores, follow: self.follow })
    }
}

/// A folder half-way through.
struct Open {
    path: PathBuf,
    /// Names still to come, last first.
    names: Vec<OsString>,
}

impl Walker {
    /// Walks everything; `found` gets each path in order and says whether to go on. `first` numbers the first entry.
    pub fn run(&self, first: u64, found: &mut dyn FnMut(Found) -> bool) {
        let mut next = first;
        for (root, overrides) in &self.roots {
            if !self.root(root, overrides, &mut next, found) {
                return;
            }
        }
    }

    fn root(
        &self,
        root: &Path,
        overrides: &Override,
        next: &mut u64,
        found: &mut dyn FnMut(Found) -> bool,
    ) -> bool {
        let mut stack: Vec<Open> = Vec::new();
        let mut visited: HashSet<(u64, u64)> = HashSet::new();
        let name = root.file_name().map_or_else(|| show_path(root.as_os_str()), show_path);
        if !self.visit(root.to_owned(), name, true, overrides, next, &mut stack, &mut visited, found) {
            return false;
        }
        while let Some(open) = stack.last_mut() {
            let Some(name) = open.names.pop() else {
                stack.pop();
                continue;
            };
            let path = open.path.join(&name);
            let below = path.strip_prefix(root).unwrap_or(&path);
            let shown = show_path(below.as_os_str());
            if !self.visit(path, shown, false, overrides, next, &mut stack, &mut visited, found) {
                return false;
            }
        }
        true
    }

    #[expect(clippy::too_many_arguments, reason = "the state of one walk, spelled out")]
    fn visit(
        &self,
        path: PathBuf,
        name: String,
        is_root: bool,
        overrides: &Override,
        next: &mut u64,
        stack: &mut Vec<Open>,
        visited: &mut HashSet<(u64, u64)>,
        found: &mut dyn FnMut(Found) -> bool,
    ) -> bool {
        let unread = |path: &Path, gap: Option<Gap>, skipped| Found::Unread {
            path: path.as_os_str().to_owned(),
            gap,
            skipped,
        };
        let link = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) => return found(unread(&path, Some(io_gap(&error)), None)),
        };
        let is_link = link.is_symlink();
        if is_link && !is_root && !self.follow {
            return found(unread(&path, None, Some(SkipReason::Symlink)));
        }
        let metadata = if is_link { fs::metadata(&path) } else { Ok(link) };
        let metadata = match metadata {
            Ok(metadata) => metadata,
            Err(error) => return found(unread(&path, Some(io_gap(&error)), None)),
        };
        let is_dir = metadata.is_dir();
        if !is_root && self.is_filtered(&path, is_dir, overrides) {
            return found(unread(&path, None, Some(SkipReason::Filter)));
        }
        if is_dir {
            // Only links can make a loop; without them every folder is met once.
            if self.follow && !visited.insert(identity(&metadata)) {
                return found(unread(&path, None, Some(SkipReason::Symlink)));
            }
            return match names(&path) {
                Ok(names) => {
                    stack.push(Open { path, names });
                    true
                }
                Err(error) => found(unread(&path, Some(io_gap(&error)), None)),
            };
        }
        if !metadata.is_file() {
            let gap = Gap::new(GapReason::Unsupported, "not a regular file (pipe, socket or device)");
            return found(unread(&path, Some(gap), None));
        }
        let (id, size) = (*next, metadata.len());
        let entry = Entry { id, path: path.into_os_string(), name, size, content: None, span: None };
        *next += 1;
        found(Found::Entry(entry))
    }

    /// Folders above were asked before their files, so the path itself is enough.
    fn is_filtered(&self, path: &Path, is_dir: bool, overrides: &Override) -> bool {
        overrides.matched(path, is_dir).is_ignore()
            || self.ignores.iter().any(|ignore| ignore.matched(path, is_dir).is_ignore())
    }
}

/// Names in a folder, last first. Names only: a folder of a million files must fit in memory.
fn names(path: &Path) -> io::Result<Vec<OsString>> {
    let mut names = fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort_unstable_by(|a, b| b.cmp(a));
    Ok(names)
}

/// The gap of a path that the system refuses.
#[must_use]
pub fn io_gap(error: &io::Error) -> Gap {
    let reason = match error.kind() {
        io::ErrorKind::PermissionDenied => GapReason::Permission,
        _ => GapReason::Io,
    };
    Gap::new(reason, error.to_string())
}

#[cfg(unix)]
fn identity(metadata: &fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(metadata: &fs::Metadata) -> (u64, u64) {
    // Without inode numbers a folder is told by its times; a false twin is only left out when links are followed.
    let time = |time: io::Result<std::time::SystemTime>| {
        time.ok()
            .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
            .map_or(0, |time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
    };
    (time(metadata.created()), time(metadata.modified()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(walk: &Walk) -> Vec<String> {
        let mut out = Vec::new();
        walk.prepare().unwrap().run(0, &mut |found| {
            out.push(match found {
                Found::Entry(entry) => entry.name,
                Found::Unread { path, skipped, .. } => {
                    let path = show_path(&path);
                    format!(
                        "{}:{}",
                        path.rsplit('/').next().unwrap_or_default(),
                        skipped.map_or("gap", SkipReason::as_str)
                    )
                }
            });
            true
        });
        out
    }

    #[test]
    fn order_hidden_files_and_filters() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.txt", "a/z.txt", "a/.hidden", ".git/x", "c.pdf", ".gitignore"] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "*\n").unwrap();
        }
        let roots = vec![dir.path().to_owned()];
        let all = walk(&Walk { roots: roots.clone(), ..Walk::default() });
        assert_eq!(all, [".git/x", ".gitignore", "a/.hidden", "a/z.txt", "b.txt", "c.pdf"]);
        let some = walk(&Walk { roots: roots.clone(), globs: vec!["!*.txt".into()], ..Walk::default() });
        assert_eq!(some, [".git/x", ".gitignore", "a/.hidden", "z.txt:filter", "b.txt:filter", "c.pdf"]);
        let own = dir.path().join("own-ignore");
        fs::write(&own, "a/\n").unwrap();
        let less = walk(&Walk { roots, ignore_files: vec![own], ..Walk::default() });
        assert!(less.contains(&"a:filter".to_owned()), "{less:?}");
    }

    #[test]
    #[cfg(unix)]
    fn links_loops_and_pipes() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("d")).unwrap();
        fs::write(dir.path().join("d/f.txt"), "x").unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("d/loop")).unwrap();
        std::os::unix::fs::symlink("nowhere", dir.path().join("broken")).unwrap();
        let roots = vec![dir.path().to_owned()];
        assert_eq!(
            walk(&Walk { roots: roots.clone(), ..Walk::default() }),
            ["broken:symlink", "d/f.txt", "loop:symlink"]
        );
        let followed = walk(&Walk { roots, follow: true, ..Walk::default() });
        assert_eq!(followed, ["broken:gap", "d/f.txt", "loop:symlink"]);
    }
}
