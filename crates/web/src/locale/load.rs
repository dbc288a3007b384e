//! Files of translations on disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::catalogue::{Catalogue, MAX_FILE_SIZE};
use super::code::normalise;
use super::error::LocaleError;

/// Where translations come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    Csv { directory: PathBuf },
    Gettext { directory: PathBuf, domain: String },
}

/// By what a change of the files is seen: path, time and length of each.
pub(super) type Stamp = Vec<(PathBuf, Option<SystemTime>, u64)>;

impl Source {
    /// Reads all files.
    pub(super) fn read(&self) -> Result<Vec<(String, Catalogue)>, LocaleError> {
        let mut catalogues = Vec::new();
        for (code, path) in self.files()? {
            let Some(code) = normalise(&code) else {
                tracing::error!(
                    target: "waterspout::general",
                    "Unrecognized locale {code:?} (path: {})", path.display()
                );
                continue;
            };
            let file = read_file(&path)?;
            let catalogue = match self {
                Self::Csv { .. } => Catalogue::from_csv(&file),
                Self::Gettext { .. } => Catalogue::from_mo(&file),
            };
            catalogues.push((code, catalogue.map_err(|error| error.at(&path))?));
        }
        Ok(catalogues)
    }

    pub(super) fn stamp(&self) -> Result<Stamp, LocaleError> {
        let stamps = self.files()?.into_iter().filter_map(|(_, path)| {
            let metadata = fs::metadata(&path).ok()?;
            Some((path, metadata.modified().ok(), metadata.len()))
        });
        Ok(stamps.collect())
    }

    /// The names of locales and their files, sorted.
    fn files(&self) -> Result<Vec<(String, PathBuf)>, LocaleError> {
        let directory = match self {
            Self::Csv { directory } | Self::Gettext { directory, .. } => directory,
        };
        let read_error = |error| LocaleError::read(directory, error);
        let mut files = Vec::new();
        for entry in fs::read_dir(directory).map_err(read_error)? {
            let path = entry.map_err(read_error)?.path();
            files.extend(self.file_at(path));
        }
        files.sort();
        Ok(files)
    }

    fn file_at(&self, path: PathBuf) -> Option<(String, PathBuf)> {
        match self {
            Self::Csv { .. } => {
                path.extension().filter(|extension| *extension == "csv")?;
                Some((path.file_stem()?.to_str()?.to_owned(), path))
            }
            Self::Gettext { domain, .. } => {
                let name = path.file_name()?.to_str()?.to_owned();
                let file = path.join("LC_MESSAGES").join(format!("{domain}.mo"));
                file.is_file().then_some((name, file))
            }
        }
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, LocaleError> {
    let error = |error| LocaleError::read(path, error);
    let size = fs::metadata(path).map_err(error)?.len();
    if usize::try_from(size).is_ok_and(|size| size > MAX_FILE_SIZE) {
        return Err(LocaleError::new("is larger than 16 MiB").at(path));
    }
    fs::read(path).map_err(error)
}

#[cfg(test)]
mod tests {
    use super::super::Locales;
    use super::*;

    #[test]
    fn a_directory_of_csv_files_is_loaded() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
        write("es_LA.csv", "school,escuela\n");
        write("readme.txt", "\"");
        write("not a locale.csv", "a,b\n");
        let locales = Locales::load_csv(directory.path()).unwrap();
        assert_eq!(locales.codes().collect::<Vec<_>>(), ["en_US", "es_LA"]);
        assert_eq!(locales.get("es_LA").unwrap().translate("school"), "escuela");

        let locales = locales.with_csv("fa", "school,مدرسه\n").unwrap();
        let locales = locales.default_locale("es-la").unwrap();
        assert!(locales.reload().is_none());
        write("es_LA.csv", "school,la escuela\n");
        let locales = locales.reload().unwrap().unwrap();
        assert_eq!(
            locales.get("es_LA").unwrap().translate("school"),
            "la escuela"
        );
        assert_eq!(locales.get("fa").unwrap().translate("school"), "مدرسه");
        assert_eq!(locales.fallback().translate("school"), "la escuela");

        write("fr_FR.csv", "\"school,école\n");
        let error = locales.reload().unwrap().unwrap_err().to_string();
        assert!(
            error.contains("fr_FR.csv: line 1: a quote is not closed"),
            "{error}"
        );
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        let error = Locales::load_csv("/no/such/directory").unwrap_err();
        assert_eq!(error.path(), Some(Path::new("/no/such/directory")));
        assert!(std::error::Error::source(&error).is_some());
        assert!(Locales::load_gettext("/no/such/directory", "web").is_err());
    }
}
