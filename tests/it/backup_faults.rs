//! What goes wrong while a backup is made or put back: a disk that is full, programs that are missing or fail, a process
//! that is killed. Whatever it is, there is a whole backup or none, the old database or the new, and the next try works
//! (P06).

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use assent_domain::clock::{Clock, SystemClock};
use assent_tests::process::{Assent, command, program};
use assent_tests::sink::Sink;
use assent_tests::{Backend, TestStore, on_both};
use tempfile::TempDir;

use crate::backup::{assent, elsewhere, holds, path, said};

/// The names in the directory of a database.
fn names(db: &TestStore) -> BTreeSet<OsString> {
    let entries = std::fs::read_dir(db.data_dir()).expect("a directory");
    // What SQLite keeps beside the file comes and goes with connections.
    let entries = entries.map(|entry| entry.expect("an entry").file_name());
    entries
        .filter(|name| !matches!(name.to_str(), Some("assent.db-wal" | "assent.db-shm")))
        .collect()
}

/// A directory with a program of our own, and where programs are looked for then.
fn instead(name: &str, script: &str) -> (TempDir, String) {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join(name);
    std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a script");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o700)).expect("a script");
    let search = format!("{}:{SYSTEM}", dir.path().display());
    (dir, search)
}

const SYSTEM: &str = "/usr/local/bin:/usr/bin:/bin";

fn with_path(db: &TestStore, sink: &Sink, search: &str, arguments: &[&str]) -> Result<String, String> {
    said(
        command(db, sink, "127.0.0.1:0")
            .env("PATH", search)
            .args(arguments),
    )
}

/// The program where no file can grow beyond some octets, as on a disk that is full.
fn with_little_room(db: &TestStore, sink: &Sink, octets: u64, file: &Path) -> Result<String, String> {
    let mut limited = Command::new("/bin/bash");
    let run = format!(
        "trap '' XFSZ; ulimit -f {}; exec '{}' backup '{}'",
        octets / 1024,
        program().display(),
        file.display()
    );
    let settings = command(db, sink, "127.0.0.1:0");
    let settings = settings
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    limited
        .env_clear()
        .envs(settings)
        .env("PATH", SYSTEM)
        .current_dir(db.data_dir())
        .args(["-c", &run]);
    said(&mut limited)
}

on_both!(
    p06_a_disk_that_is_full_leaves_no_backup_and_nothing_else,
    async |db| {
        let (house, sink) = (db.house("acme").await, Sink::discarding());
        house.news().await;
        let whole = db.data_dir().join("whole");
        assent(db, &sink, &["backup", path(&whole)]).expect("a backup");
        let octets = std::fs::read(&whole).unwrap();
        let line = octets.iter().position(|octet| *octet == b'\n').unwrap();
        // With nobody connected all is in the file itself: what is short of room is the backup, not the database.
        db.let_go().await;
        let before = names(db);
        let file = db.data_dir().join("backup");
        // The copy does not fit; then the copy does, and the file that is sealed does not.
        let copy = octets.len() - line;
        for room in [64 * 1024, u64::try_from(copy + line / 2).unwrap()] {
            let refused = with_little_room(db, &sink, room, &file).expect_err("no room");
            assert_eq!(names(db), before, "{refused}");
            let says_so = ["too large", "full", "I/O error", "could not write"];
            assert!(says_so.iter().any(|words| refused.contains(words)), "{refused}");
            assert!(!refused.contains("opened"), "{refused}");
        }
        assent(db, &sink, &["backup", path(&file)]).expect("a backup when there is room again");
    }
);

#[test]
fn p06_a_dump_that_is_missing_or_broken_off_makes_no_backup() {
    assent_tests::run(Backend::Postgres, async |db| {
        let (house, sink) = (db.house("acme").await, Sink::discarding());
        house.news().await;
        let file = db.data_dir().join("backup");
        let cases = [
            (
                "echo half; echo 'pg_dump: error: the server went away' >&2; exit 1",
                "error: the server went away",
            ),
            ("/usr/bin/pg_dump \"$@\" | head -c 20000", "pg_restore failed"),
            ("kill -9 $$", "pg_dump failed"),
        ];
        let before = names(db);
        let refused = with_path(db, &sink, "/nowhere", &["backup", path(&file)]).unwrap_err();
        assert!(refused.contains("pg_dump was not found"), "{refused}");
        assert_eq!(names(db), before);
        for (script, why) in cases {
            let (dir, search) = instead("pg_dump", script);
            let refused = with_path(db, &sink, &search, &["backup", path(&file)]).expect_err(why);
            assert!(refused.contains(why), "{why}: {refused}");
            assert_eq!(names(db), before, "{why}");
            drop(dir);
        }
        assent(db, &sink, &["backup", path(&file)]).expect("a backup");
    });
}

/// Starts a restore and kills it after a while.
fn kill_a_restore(place: &TestStore, sink: &Sink, file: &Path, after: Duration) {
    let mut restore = command(place, sink, "127.0.0.1:0")
        .args(["restore", path(file), "--replace"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("assent starts");
    std::thread::sleep(after);
    restore.kill().expect("a process");
    restore.wait().expect("a process");
}

on_both!(
    p06_a_restore_that_is_killed_leaves_the_old_database_or_none_that_is_served_and_works_again,
    async |db| {
        let (house, sink) = (db.house("acme").await, Sink::discarding());
        house.news().await;
        let file = db.data_dir().join("backup");
        assent(db, &sink, &["backup", path(&file)]).expect("a backup");
        let mut place = elsewhere(db.backend).await;
        place.come_back().await;
        place.house("other").await;
        place.let_go().await;
        for millis in [20, 60, 120, 200, 300, 450, 650] {
            kill_a_restore(&place, &sink, &file, Duration::from_millis(millis));
            // Whatever is served now is one of the two, whole; else it says what to do.
            match assent(&place, &sink, &["verify"]) {
                Ok(told) => assert!(
                    told.contains("other") || told.contains("acme"),
                    "{millis}: {told}"
                ),
                Err(refused) => assert!(
                    refused.contains("restore --replace` again"),
                    "{millis}: {refused}"
                ),
            }
        }
        // What was started by the last one that was killed may have to end first.
        let mut tries = 0;
        while let Err(refused) = assent(&place, &sink, &["restore", path(&file), "--replace"]) {
            assert!(refused.contains("another process") && tries < 100, "{refused}");
            tokio::time::sleep(Duration::from_millis(100)).await;
            tries += 1;
        }
        place.come_back().await;
        assert_eq!(place.column::<String>("SELECT slug FROM tenant").await, ["acme"]);
        holds(&place).await;
        place.remove().await;
    }
);

/// A restore that has put everything in and is killed before it has checked it.
fn half_restored(place: &TestStore, sink: &Sink, file: &Path) {
    match place.backend {
        Backend::Sqlite => {
            let ready = place.data_dir().join("assent.db.restored");
            std::fs::copy(place.data_dir().join("assent.db"), ready).expect("a copy");
        }
        Backend::Postgres => {
            let (_dir, search) = instead("psql", "/usr/bin/psql \"$@\" && kill -9 $PPID");
            with_path(place, sink, &search, &["restore", path(file), "--replace"]).expect_err("it is killed");
        }
    }
}

on_both!(
    p06_a_half_restored_database_is_not_opened_until_it_is_restored_again,
    async |db| {
        let (house, sink) = (db.house("acme").await, Sink::discarding());
        house.news().await;
        let file = db.data_dir().join("backup");
        assent(db, &sink, &["backup", path(&file)]).expect("a backup");
        let mut place = elsewhere(db.backend).await;
        half_restored(&place, &sink, &file);
        let copy = place.data_dir().join("copy");
        for arguments in [
            &["verify"][..],
            &["serve"],
            &["migrate"],
            &["backup", path(&copy)],
        ] {
            let refused = assent(&place, &sink, arguments).unwrap_err();
            assert!(refused.contains("restore --replace` again"), "{refused}");
        }
        assent(&place, &sink, &["restore", path(&file), "--replace"]).expect("a restore");
        place.come_back().await;
        assert_eq!(place.column::<String>("SELECT slug FROM tenant").await, ["acme"]);
        holds(&place).await;
        place.remove().await;
    }
);

on_both!(
    p06_a_database_that_is_being_served_is_not_restored_into,
    async |db| {
        db.clock.set(SystemClock.now());
        let (house, sink) = (db.house("acme").await, Sink::discarding());
        house.news().await;
        let file = db.data_dir().join("backup");
        assent(db, &sink, &["backup", path(&file)]).expect("a backup");
        db.house("since").await;
        db.let_go().await;
        let mut server = Assent::serve(db, &sink);
        let elsewhere = tempfile::tempdir().unwrap();
        for data_dir in [db.data_dir(), elsewhere.path()] {
            let mut restore = command(db, &sink, "127.0.0.1:0");
            restore.env("ASSENT_DATA_DIR", data_dir);
            let refused = said(restore.args(["restore", path(&file), "--replace"])).unwrap_err();
            assert!(refused.contains("another process"), "{refused}");
        }
        assert!(server.is_running());
        server.kill();
        let told = assent(db, &sink, &["verify"]).expect("a database");
        assert!(told.contains("since"), "{told}");
        assent(db, &sink, &["restore", path(&file), "--replace"]).expect("a restore");
        let told = assent(db, &sink, &["verify"]).expect("a database");
        assert!(!told.contains("since"), "{told}");
    }
);
