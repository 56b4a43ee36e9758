//! The programs that come with PostgreSQL. Where the database is and how to get in stands in their environment, not in
//! their arguments, which everybody on the machine can read.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::str::FromStr;

use sea_orm::DbErr;
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::postgres::PgConnectOptions;

use crate::backup::error::{BackupError, of_file};
use crate::backup::file::BackupFile;

/// The programs, with the way to one database.
#[derive(Clone)]
pub(super) struct Tools {
    environment: Vec<(&'static str, String)>,
}

impl Tools {
    /// The way that the settings' address describes.
    pub(super) fn of(url: &str) -> Result<Self, BackupError> {
        let options = PgConnectOptions::from_str(url).map_err(|error| DbErr::Custom(error.to_string()))?;
        let host = options.get_socket().map_or_else(
            || options.get_host().to_owned(),
            |socket| socket.display().to_string(),
        );
        let user = options.get_username().to_owned();
        let database = options.get_database().map_or_else(|| user.clone(), str::to_owned);
        // Row-level security shows every row to whoever sets this, and only to them.
        let flags = format!(
            "{} -c assent.platform=on",
            options.get_options().unwrap_or_default()
        );
        let mut environment = vec![
            ("PGHOST", host),
            ("PGPORT", options.get_port().to_string()),
            ("PGUSER", user),
            ("PGDATABASE", database),
            ("PGOPTIONS", flags),
            ("PGAPPNAME", "assent restore".to_owned()),
        ];
        let mut url = options.to_url_lossy();
        for (key, value) in url.query_pairs() {
            let name = match &*key {
                "sslmode" => "PGSSLMODE",
                "sslrootcert" => "PGSSLROOTCERT",
                "sslcert" => "PGSSLCERT",
                "sslkey" => "PGSSLKEY",
                _ => continue,
            };
            environment.push((name, value.into_owned()));
        }
        if let Some(encoded) = url.password().map(str::to_owned) {
            // The address spells it in percent signs, as a query does, which can be read.
            url.set_query(Some(&format!("password={encoded}")));
            let password = url.query_pairs().next().map(|(_, value)| value.into_owned());
            environment.push(("PGPASSWORD", password.unwrap_or_default()));
        }
        Ok(Self { environment })
    }

    fn command(&self, program: &'static str) -> Command {
        let mut command = Command::new(program);
        command
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }

    /// Dumps the rows and the definitions of one schema, as a transaction that exported its moment sees them.
    pub(super) async fn dump(&self, schema: &str, snapshot: &str, into: &Path) -> Result<(), BackupError> {
        let file = File::options().write(true).open(into).map_err(of_file(into))?;
        let mut command = self.command("pg_dump");
        command
            .args([
                "--format=custom",
                "--enable-row-security",
                "--no-owner",
                "--no-privileges",
            ])
            .arg(format!("--schema=\"{schema}\""))
            .arg(format!("--snapshot={snapshot}"))
            .arg("--no-password")
            .stdout(Stdio::from(file));
        finished("pg_dump", move || command.output()).await
    }

    /// Reads an archive to its end, as a restore would: a dump that was broken off may have said nothing.
    pub(super) async fn read_through(&self, archive: &Path) -> Result<(), BackupError> {
        let mut command = self.command("pg_restore");
        command.arg("--file=-").arg(archive);
        finished("pg_restore", move || command.output()).await
    }

    /// Turns an archive into the statements that it stands for.
    pub(super) async fn unpack(&self, backup: &BackupFile, into: &Path) -> Result<(), BackupError> {
        let file = File::options().write(true).open(into).map_err(of_file(into))?;
        let mut data = backup.data().and_then(File::try_clone).map_err(of_file(into))?;
        let mut command = self.command("pg_restore");
        command
            .args([
                "--file=-",
                "--enable-row-security",
                "--no-owner",
                "--no-privileges",
            ])
            // Leaves out the schema itself, which is there.
            .arg(format!(
                "--schema={}",
                backup.about.schema.as_deref().unwrap_or("public")
            ))
            .stdin(Stdio::piped())
            .stdout(Stdio::from(file));
        finished("pg_restore", move || {
            let mut child = command.spawn()?;
            // The archive does not begin where the file does, so the program must not seek in it.
            let fed = child
                .stdin
                .take()
                .map(|mut stdin| io::copy(&mut data, &mut stdin));
            let output = child.wait_with_output()?;
            match fed {
                Some(Err(error)) if output.status.success() => Err(error),
                _ => Ok(output),
            }
        })
        .await
    }

    /// Runs statements, and then those of a file, in one transaction.
    pub(super) async fn run(&self, first: &str, file: &Path) -> Result<(), BackupError> {
        let mut command = self.command("psql");
        command
            .args(["--no-psqlrc", "--quiet", "--no-password", "--single-transaction"])
            // Terse: its other words may quote rows.
            .args(["--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse"])
            .arg(format!("--command={first}"))
            .arg("--file")
            .arg(file);
        finished("psql", move || command.output()).await
    }
}

async fn finished(
    name: &'static str,
    run: impl FnOnce() -> io::Result<Output> + Send + 'static,
) -> Result<(), BackupError> {
    let ended = tokio::task::spawn_blocking(run).await.map_err(io::Error::other);
    let output = match ended.and_then(|ended| ended) {
        Ok(output) => output,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(BackupError::ToolMissing(name)),
        Err(error) => {
            let said = error.to_string();
            return Err(BackupError::Tool { name, said });
        }
    };
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let error = words.lines().find(|line| line.to_lowercase().contains("error"));
    let said = error.or(words.lines().last()).unwrap_or("it said nothing");
    Err(BackupError::Tool {
        name,
        said: said.to_owned(),
    })
}
