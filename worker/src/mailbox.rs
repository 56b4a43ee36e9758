//! The built-in mailbox: a directory in which mail is kept instead of being sent, to be read in a browser. For
//! trying things out; production refuses it.

use std::io;
use std::path::PathBuf;

use assent_domain::clock::Timestamp;
use assent_domain::id::DeliveryId;

/// The directory. Cheap to clone; several processes may share it.
#[derive(Clone, Debug)]
pub struct Mailbox {
    directory: PathBuf,
}

/// The newest messages, by name.
#[derive(Clone, Debug, Default)]
pub struct Newest {
    /// Names, newest first, for [`Mailbox::read`].
    pub ids: Vec<String>,
    /// How many older ones there are.
    pub not_listed: usize,
}

impl Mailbox {
    /// Opens the directory, and makes it if need be.
    pub fn open(directory: PathBuf) -> io::Result<Self> {
        std::fs::create_dir_all(&directory)?;
        Ok(Self { directory })
    }

    /// Keeps a message. The same delivery kept again replaces what was there.
    pub async fn put(&self, at: Timestamp, delivery: DeliveryId, message: &[u8]) -> io::Result<()> {
        let id = format!("{:020}-{delivery}", at.micros());
        // Whoever looks sees all of a message or nothing of it.
        let part = self.directory.join(format!("{id}.part"));
        tokio::fs::write(&part, message).await?;
        tokio::fs::rename(part, self.directory.join(format!("{id}.eml"))).await
    }

    /// The deliveries of which a message is kept.
    pub fn deliveries(&self) -> io::Result<Vec<DeliveryId>> {
        let ids = self.newest(usize::MAX)?.ids;
        Ok(ids.iter().filter_map(|id| delivery_of(id)).collect())
    }

    /// Takes the messages away whose delivery is not to be kept. What is no message of ours stays.
    pub fn retain(&self, keep: impl Fn(DeliveryId) -> bool) -> io::Result<()> {
        for name in self.names()? {
            let id = name.strip_suffix(".eml").or(name.strip_suffix(".part"));
            if id.and_then(delivery_of).is_none_or(&keep) {
                continue;
            }
            match std::fs::remove_file(self.directory.join(&name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// The newest messages.
    pub fn newest(&self, limit: usize) -> io::Result<Newest> {
        let names = self.names()?.into_iter();
        let mut ids: Vec<String> = names
            .filter_map(|name| name.strip_suffix(".eml").map(str::to_owned))
            .collect();
        ids.sort_unstable_by(|one, other| other.cmp(one));
        let not_listed = ids.len().saturating_sub(limit);
        ids.truncate(limit);
        Ok(Newest { ids, not_listed })
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let entries = std::fs::read_dir(&self.directory)?;
        Ok(entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect())
    }

    /// The message with this name, if there is one.
    pub fn read(&self, id: &str) -> io::Result<Option<Vec<u8>>> {
        if !id
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        {
            return Ok(None);
        }
        match std::fs::read(self.directory.join(format!("{id}.eml"))) {
            Ok(message) => Ok(Some(message)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Which delivery a message is of: its name is the time and the delivery, see [`Mailbox::put`].
fn delivery_of(id: &str) -> Option<DeliveryId> {
    let (_, delivery) = id.split_once('-')?;
    delivery.parse().ok()
}
