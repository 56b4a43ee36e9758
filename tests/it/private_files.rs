//! What lies on the disk is for nobody else who has an account on the machine (P06).

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use assent_tests::process;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn files_in(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn assent(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(process::program());
    command
        .env_clear()
        .env("ASSENT_DATA_DIR", dir)
        .current_dir(dir.parent().unwrap())
        .args(arguments);
    command
}

#[test]
fn p06_the_data_directory_and_what_is_in_it_are_their_users_alone() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("data");
    let made = assent(&dir, &["migrate"]).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    assert_eq!(mode(&dir), 0o700);
    let files = files_in(&dir);
    assert!(files.iter().any(|file| file.ends_with("assent.db")), "{files:?}");
    for file in files {
        assert_eq!(mode(&file) & 0o077, 0, "{}", file.display());
    }
}

#[test]
fn p06_production_does_not_start_on_a_directory_that_is_open_to_others() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("data");
    std::fs::create_dir(&dir).unwrap();
    std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o750)).unwrap();
    let mut command = assent(&dir, &["serve"]);
    command
        .env("ASSENT_ENV", "production")
        .env("ASSENT_SECRET", "a secret for the tests, of 32 and more octets")
        .env("ASSENT_BASE_URL", "https://mail.example.org")
        .env("ASSENT_SMTP_HOST", "127.0.0.1");
    let refused = command.output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success(), "{said}");
    assert!(
        said.contains("ASSENT_DATA_DIR") && said.contains("chmod"),
        "{said}"
    );
}
