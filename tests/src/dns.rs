//! A name server of the tests' own, on loopback: it knows what a test publishes, and nothing else (RFC 1035).

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use assent_domain::sending_domain::{DnsRecord, RecordType, character_strings};
use assent_worker::settings::SenderSettings;

const A: u16 = 1;
const TXT: u16 = 16;
const CNAME: u16 = 5;
const NO_SUCH_NAME: u8 = 3;
const BROKEN: u8 = 2;
const TTL_SECONDS: u32 = 300;

type Zone = BTreeMap<String, Vec<(u16, String)>>;

/// A server that runs until it is dropped.
#[derive(Debug)]
pub struct NameServer {
    /// Where it listens.
    pub address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
    asked: Arc<Mutex<Vec<String>>>,
    rebound: Arc<Mutex<BTreeMap<String, String>>>,
    is_broken: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// One that knows nothing, for the whole process: tests that are about something else ask nobody in the world.
static KNOWS_NOTHING: LazyLock<NameServer> = LazyLock::new(NameServer::default);

/// Settings that look for sending domains where there are none.
pub fn unknown_everywhere() -> SenderSettings {
    KNOWS_NOTHING.settings()
}

impl Default for NameServer {
    fn default() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let patience = Some(Duration::from_millis(100));
        socket.set_read_timeout(patience).expect("a time-out");
        let (zone, is_broken, stop) = <(Arc<_>, Arc<_>, Arc<_>)>::default();
        let (asked, rebound) = <(Arc<Mutex<Vec<String>>>, Arc<Mutex<BTreeMap<String, String>>>)>::default();
        let noted = (Arc::clone(&asked), Arc::clone(&rebound));
        let address = socket.local_addr().expect("an address");
        let own = (Arc::clone(&zone), Arc::clone(&is_broken), Arc::clone(&stop));
        let thread = std::thread::spawn(move || serve(&socket, &own.0, &own.1, &own.2, &noted));
        Self {
            address,
            zone,
            asked,
            rebound,
            is_broken,
            stop,
            thread: Some(thread),
        }
    }
}

impl NameServer {
    /// Publishes a text.
    pub fn publish_text(&self, name: &str, text: &str) {
        self.add(name, TXT, text);
    }

    /// Publishes another name for the same.
    pub fn publish_alias(&self, name: &str, target: &str) {
        self.add(name, CNAME, target);
    }

    /// Publishes an address (IPv4).
    pub fn publish_address(&self, name: &str, address: &str) {
        self.add(name, A, address);
    }

    /// How often an address of a name was asked for.
    pub fn asked(&self, name: &str) -> usize {
        let asked = self.asked.lock().expect("questions");
        asked.iter().filter(|of| *of == name).count()
    }

    /// Lets a name have another address from the moment that it was asked for once.
    pub fn rebind(&self, name: &str, first: &str, then: &str) {
        self.publish_address(name, first);
        let mut rebound = self.rebound.lock().expect("names");
        rebound.insert(name.to_owned(), then.to_owned());
    }

    /// Publishes what is to be published for a domain.
    pub fn publish(&self, records: &[DnsRecord]) {
        for record in records {
            let value = record.value.as_deref().unwrap_or("v=spf1 mx ~all");
            match record.record_type {
                RecordType::Txt => self.publish_text(&record.name, value),
                RecordType::Cname => self.publish_alias(&record.name, value),
            }
        }
    }

    /// Takes away all that is published at a name.
    pub fn take_away(&self, name: &str) {
        self.zone.lock().expect("a zone").remove(name);
    }

    /// Answers from now on that it cannot answer, or answers again.
    pub fn set_broken(&self, is_broken: bool) {
        self.is_broken.store(is_broken, Ordering::SeqCst);
    }

    /// Settings that ask this server.
    pub fn settings(&self) -> SenderSettings {
        SenderSettings {
            dns_server: Some(self.address),
            ..SenderSettings::default()
        }
    }

    fn add(&self, name: &str, of: u16, value: &str) {
        let mut zone = self.zone.lock().expect("a zone");
        zone.entry(name.to_owned())
            .or_default()
            .push((of, value.to_owned()));
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

type Noted = (Arc<Mutex<Vec<String>>>, Arc<Mutex<BTreeMap<String, String>>>);

fn serve(
    socket: &UdpSocket,
    all: &Mutex<Zone>,
    is_broken: &AtomicBool,
    stop: &AtomicBool,
    (asked, rebound): &Noted,
) {
    let mut question = [0; 512];
    while !stop.load(Ordering::SeqCst) {
        let Ok((octets, from)) = socket.recv_from(&mut question) else {
            continue;
        };
        let zone = all.lock().expect("a zone").clone();
        let question = question.get(..octets).unwrap_or_default();
        if let Some((name, end)) = read_name(question, 12)
            && question.get(end..end + 2) == Some(&A.to_be_bytes())
        {
            if let Some(then) = rebound.lock().expect("names").remove(&name) {
                all.lock().expect("a zone").insert(name.clone(), vec![(A, then)]);
            }
            asked.lock().expect("questions").push(name);
        }
        if let Some(answer) = answer(question, &zone, is_broken.load(Ordering::SeqCst)) {
            let _ = socket.send_to(&answer, from);
        }
    }
}

/// The answer to a question; `None` to what is none.
fn answer(question: &[u8], zone: &Zone, is_broken: bool) -> Option<Vec<u8>> {
    let (name, end) = read_name(question, 12)?;
    let wanted = u16::from_be_bytes([*question.get(end)?, *question.get(end + 1)?]);
    let mut found = Vec::new();
    let mut at = Some(name.clone());
    while let Some(name) = at.take() {
        for (of, value) in zone.get(&name).into_iter().flatten() {
            if *of == wanted {
                found.push(record(&name, *of, value));
            } else if *of == CNAME {
                found.push(record(&name, *of, value));
                at = Some(value.clone());
            }
        }
    }
    let code = match () {
        () if is_broken => BROKEN,
        () if zone.contains_key(&name) => 0,
        () => NO_SUCH_NAME,
    };
    if is_broken {
        found.clear();
    }
    let mut answer = question.get(..2)?.to_vec();
    // An authoritative answer to a question that asked for recursion.
    answer.extend([0x85, 0x80 | code]);
    answer.extend([0, 1]);
    answer.extend(u16::try_from(found.len()).ok()?.to_be_bytes());
    answer.extend([0; 4]);
    answer.extend(question.get(12..end + 4)?);
    answer.extend(found.concat());
    Some(answer)
}

fn read_name(message: &[u8], from: usize) -> Option<(String, usize)> {
    let (mut labels, mut at) = (Vec::new(), from);
    loop {
        let octets = usize::from(*message.get(at)?);
        at += 1;
        if octets == 0 {
            return Some((labels.join("."), at));
        }
        let label = message.get(at..at + octets)?;
        labels.push(String::from_utf8_lossy(label).to_ascii_lowercase());
        at += octets;
    }
}

fn written(name: &str) -> Vec<u8> {
    let labels = name.split('.').map(str::as_bytes);
    let mut octets: Vec<u8> = labels.flat_map(counted).collect();
    octets.push(0);
    octets
}

/// A string with its length in front.
fn counted(text: &[u8]) -> Vec<u8> {
    let octets = u8::try_from(text.len()).expect("a string of at most 255 octets");
    [&[octets], text].concat()
}

fn record(name: &str, of: u16, value: &str) -> Vec<u8> {
    let data: Vec<u8> = match of {
        TXT => character_strings(value)
            .into_iter()
            .flat_map(|text| counted(text.as_bytes()))
            .collect(),
        A => value
            .split('.')
            .map(|part| part.parse().expect("an address"))
            .collect(),
        _ => written(value),
    };
    let mut record = written(name);
    record.extend(of.to_be_bytes());
    record.extend([0, 1]);
    record.extend(TTL_SECONDS.to_be_bytes());
    record.extend(u16::try_from(data.len()).expect("a short record").to_be_bytes());
    record.extend(data);
    record
}
