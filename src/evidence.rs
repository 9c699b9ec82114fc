//! Proof of a scan: what was scanned, when, with which rules, with what result, signed.
//!
//! In: the records of a scan with the content hash of every document, and a secret key. Out: a folder of `results.jsonl`
//! (every document, also the clean ones), `manifest.json` (who, when, how, and the hashes of the other files) and its
//! signature in minisign's format, so that anybody can check it without this program: `minisign -Vm manifest.json -p KEY`.
//!
//! Left out: time stamping by somebody else. The time in the bundle is that of the scanning machine.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use minisign::{KeyPair, PublicKey, PublicKeyBox, SecretKey, SecretKeyBox, SignatureBox};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Number of the manifest's format.
pub const FORMAT: u32 = 1;

/// Records of the scan.
pub const RESULTS: &str = "results.jsonl";
/// What binds everything together.
pub const MANIFEST: &str = "manifest.json";
/// Signature of the manifest.
pub const SIGNATURE: &str = "manifest.json.minisig";
/// Public key of who signed. It proves nothing by itself: compare it with one that came another way.
pub const SIGNER: &str = "signer.pub";

/// Why a bundle cannot be made or is not genuine.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// A file cannot be read or written.
    #[error("{file}: {error}")]
    Io {
        /// The file.
        file: String,
        /// What the system says.
        error: io::Error,
    },
    /// A key that cannot be used.
    #[error("{file}: no usable key: {message}")]
    Key {
        /// The file.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// The manifest is not one.
    #[error("{file}: not a manifest: {message}")]
    Manifest {
        /// The file.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// The signature does not fit.
    #[error("{file}: the signature does not fit: {message}")]
    Signature {
        /// The file.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// A file was changed after signing.
    #[error("{file}: was changed after signing")]
    Changed {
        /// The file.
        file: String,
    },
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> EvidenceError + '_ {
    |error| EvidenceError::Io { file: path.display().to_string(), error }
}

/// A file of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDigest {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: u64,
    /// SHA-256, hex: what `sha256sum` prints.
    pub sha256: String,
}

/// What the manifest says. Counts are those of the summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// Name and version of the program.
    pub tool: String,
    /// The arguments it was given.
    pub arguments: Vec<String>,
    /// Paths that were scanned.
    pub roots: Vec<String>,
    /// Begin, RFC 3339.
    pub started: String,
    /// End, RFC 3339.
    pub ended: String,
    /// Digest of the rules.
    pub rules_digest: String,
    /// Packs in effect.
    pub packs: Vec<String>,
    /// Limits of reading, by name.
    pub limits: std::collections::BTreeMap<String, String>,
    /// Operating system, processor, name of the machine where the system tells it.
    pub environment: std::collections::BTreeMap<String, String>,
    /// Documents.
    pub documents: u64,
    /// Read in full.
    pub full: u64,
    /// Read in part or not at all.
    pub unread: u64,
    /// Left out.
    pub skipped: u64,
    /// Documents with a possible marking.
    pub flagged: u64,
    /// `clean`, `findings`, `incomplete`, or `interrupted`.
    pub verdict: String,
    /// The other files.
    pub files: Vec<FileDigest>,
}

/// A key to sign with.
pub struct Signer {
    secret: SecretKey,
}

impl Signer {
    /// Reads a secret key of minisign's format; `password` opens a protected one.
    ///
    /// # Errors
    /// When it is none, or the password is missing or wrong.
    pub fn read(path: &Path, password: Option<String>) -> Result<Signer, EvidenceError> {
        let text = fs::read_to_string(path).map_err(io_error(path))?;
        let wrong = |error: minisign::PError| EvidenceError::Key {
            file: path.display().to_string(),
            message: error.to_string(),
        };
        let sealed = SecretKeyBox::from_string(&text).map_err(wrong)?;
        let secret = match password {
            Some(password) => sealed.into_secret_key(Some(password)),
            None => sealed.into_unencrypted_secret_key(),
        };
        Ok(Signer { secret: secret.map_err(wrong)? })
    }
}

/// Makes a key pair: the secret key for its owner only, the public one beside it as `FILE.pub`.
///
/// # Errors
/// When a file is there already or cannot be written.
pub fn make_keys(path: &Path, password: Option<String>) -> Result<PathBuf, EvidenceError> {
    let wrong = |error: minisign::PError| EvidenceError::Key {
        file: path.display().to_string(),
        message: error.to_string(),
    };
    let pair = match &password {
        Some(password) => KeyPair::generate_encrypted_keypair(Some(password.clone())),
        None => KeyPair::generate_unencrypted_keypair(),
    }
    .map_err(wrong)?;
    let secret = pair.sk.to_box(None).map_err(wrong)?.into_string();
    let public = pair.pk.to_box().map_err(wrong)?.into_string();
    let public_path = PathBuf::from({
        let mut name = path.as_os_str().to_owned();
        name.push(".pub");
        name
    });
    write_new(path, secret.as_bytes())?;
    write_new(&public_path, public.as_bytes())?;
    Ok(public_path)
}

fn write_new(path: &Path, content: &[u8]) -> Result<(), EvidenceError> {
    create(path)?.write_all(content).map_err(io_error(path))
}

fn create(path: &Path) -> Result<File, EvidenceError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(io_error(path))
}

/// A bundle that is being written.
pub struct Bundle {
    folder: PathBuf,
    signer: Signer,
}

impl Bundle {
    /// Begins a bundle in a folder that is new or empty.
    ///
    /// # Errors
    /// When the folder cannot be made or holds something.
    pub fn begin(folder: &Path, signer: Signer) -> Result<Bundle, EvidenceError> {
        fs::create_dir_all(folder).map_err(io_error(folder))?;
        if fs::read_dir(folder).map_err(io_error(folder))?.next().is_some() {
            let error = io::Error::new(io::ErrorKind::AlreadyExists, "the folder is not empty");
            return Err(EvidenceError::Io { file: folder.display().to_string(), error });
        }
        Ok(Bundle { folder: folder.to_owned(), signer })
    }

    /// Where the records go.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn results(&self) -> Result<BufWriter<File>, EvidenceError> {
        Ok(BufWriter::with_capacity(64 << 10, create(&self.folder.join(RESULTS))?))
    }

    /// Ends the bundle: hashes the records, writes the manifest and signs it.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn end(self, mut manifest: Manifest) -> Result<(), EvidenceError> {
        manifest.files = vec![digest(&self.folder, RESULTS)?];
        let mut text = serde_json::to_vec_pretty(&manifest).map_err(|error| EvidenceError::Manifest {
            file: MANIFEST.to_owned(),
            message: error.to_string(),
        })?;
        text.push(b'\n');
        let path = self.folder.join(MANIFEST);
        write_new(&path, &text)?;
        let wrong = |error: minisign::PError| EvidenceError::Key {
            file: MANIFEST.to_owned(),
            message: error.to_string(),
        };
        let comment = format!("{} {}", manifest.tool, manifest.ended);
        let public = PublicKey::from_secret_key(&self.signer.secret).map_err(wrong)?;
        let signature =
            minisign::sign(Some(&public), &self.signer.secret, text.as_slice(), Some(&comment), None)
                .map_err(wrong)?;
        write_new(&self.folder.join(SIGNATURE), signature.into_string().as_bytes())?;
        write_new(&self.folder.join(SIGNER), public.to_box().map_err(wrong)?.into_string().as_bytes())
    }
}

/// Checks a bundle. With `key`, also that this key signed it; otherwise the bundle's own public key is used, which shows
/// that nothing was changed since, and not who signed.
///
/// # Errors
/// What is missing, changed, or does not fit.
pub fn verify(folder: &Path, key: Option<&Path>) -> Result<Manifest, EvidenceError> {
    let read = |path: &Path| fs::read_to_string(path).map_err(io_error(path));
    let own = folder.join(SIGNER);
    let key_path = key.unwrap_or(&own);
    let key_text = read(key_path)?;
    let wrong_key = |error: minisign::PError| EvidenceError::Key {
        file: key_path.display().to_string(),
        message: error.to_string(),
    };
    let public =
        PublicKeyBox::from_string(&key_text).and_then(PublicKeyBox::into_public_key).map_err(wrong_key)?;
    let signature_path = folder.join(SIGNATURE);
    let manifest_path = folder.join(MANIFEST);
    let wrong = |error: minisign::PError| EvidenceError::Signature {
        file: signature_path.display().to_string(),
        message: error.to_string(),
    };
    let signature = SignatureBox::from_string(&read(&signature_path)?).map_err(wrong)?;
    let text = read(&manifest_path)?;
    minisign::verify(&public, &signature, io::Cursor::new(text.as_bytes()), true, false, false)
        .map_err(wrong)?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|error| EvidenceError::Manifest {
        file: manifest_path.display().to_string(),
        message: error.to_string(),
    })?;
    for file in &manifest.files {
        // A name that leads out of the folder is none of ours, whoever signed it.
        if file.name != RESULTS || digest(folder, &file.name)? != *file {
            return Err(EvidenceError::Changed { file: folder.join(&file.name).display().to_string() });
        }
    }
    Ok(manifest)
}

fn digest(folder: &Path, name: &str) -> Result<FileDigest, EvidenceError> {
    let path = folder.join(name);
    let mut file = File::open(&path).map_err(io_error(&path))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 256 << 10];
    let mut bytes = 0;
    loop {
        let got = file.read(&mut buffer).map_err(io_error(&path))?;
        if got == 0 {
            break;
        }
        bytes += got as u64;
        hasher.update(buffer.get(..got).unwrap_or_default());
    }
    let sha256 = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(FileDigest { name: name.to_owned(), bytes, sha256 })
}
