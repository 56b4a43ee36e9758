//! A program of a tenant's own that is told what happens: it notes what is posted to it, and answers as a test wants it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use assent_worker::settings::WebhookSettings;
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// What was posted.
#[derive(Clone, Debug)]
pub struct Call {
    /// The target of the request: path and query.
    pub target: String,
    /// The fields of its head, by their names in lower case.
    pub fields: BTreeMap<String, String>,
    /// Its body.
    pub body: String,
}

/// How to answer.
#[derive(Clone, Debug)]
pub enum Reply {
    /// With a status.
    Status(u16),
    /// With a status and one more field.
    With(u16, String),
    /// With these octets, whatever they are.
    Raw(String),
    /// Not, for so long.
    Silence(Duration),
}

type Plan = Box<dyn Fn(usize, &Call) -> Reply + Send + Sync>;

/// A receiver that runs until it is dropped.
#[derive(Debug)]
pub struct Hook {
    /// Its port on loopback.
    pub port: u16,
    calls: Arc<Mutex<Vec<Call>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Settings that let endpoints be on this machine, by plain HTTP.
pub fn on_this_machine() -> WebhookSettings {
    WebhookSettings {
        networks: "127.0.0.0/8".parse().expect("a network"),
        takes_plain_http: true,
        timeout: Duration::from_secs(2),
        ..WebhookSettings::default()
    }
}

impl Hook {
    /// Takes all that it is told.
    pub fn kind() -> Self {
        Self::start(|_, _| Reply::Status(204))
    }

    /// Answers by a plan, which is told how many calls there were before.
    pub fn start(plan: impl Fn(usize, &Call) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0", plan)
    }

    /// The same at an address.
    pub fn start_at(address: &str, plan: impl Fn(usize, &Call) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        listener.set_nonblocking(true).expect("a socket");
        let (calls, stop) = <(Arc<Mutex<Vec<Call>>>, Arc<AtomicBool>)>::default();
        let plan: Arc<Plan> = Arc::new(Box::new(plan));
        let own = (Arc::clone(&calls), Arc::clone(&stop));
        let thread = std::thread::spawn(move || serve(&listener, &own.0, &own.1, &plan));
        Self {
            port,
            calls,
            stop,
            thread: Some(thread),
        }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook?of=test", self.port)
    }

    /// What was posted so far.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().expect("calls").clone()
    }

    /// How often something was.
    pub fn count(&self) -> usize {
        self.calls().len()
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(listener: &TcpListener, calls: &Arc<Mutex<Vec<Call>>>, stop: &AtomicBool, plan: &Arc<Plan>) {
    while !stop.load(Ordering::SeqCst) {
        let Ok((stream, _)) = listener.accept() else {
            std::thread::sleep(Duration::from_millis(5));
            continue;
        };
        let (calls, plan) = (Arc::clone(calls), Arc::clone(plan));
        std::thread::spawn(move || take(stream, &calls, &plan));
    }
}

fn take(stream: TcpStream, calls: &Mutex<Vec<Call>>, plan: &Plan) {
    stream.set_nonblocking(false).expect("a socket");
    let Some(call) = read(&stream) else { return };
    let before = {
        let mut calls = calls.lock().expect("calls");
        calls.push(call.clone());
        calls.len() - 1
    };
    let answer = match plan(before, &call) {
        Reply::Status(status) => format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n"),
        Reply::With(status, field) => format!("HTTP/1.1 {status} X\r\n{field}\r\ncontent-length: 0\r\n\r\n"),
        Reply::Raw(octets) => octets,
        Reply::Silence(time) => {
            std::thread::sleep(time);
            return;
        }
    };
    let _ = (&stream).write_all(answer.as_bytes());
}

fn read(stream: &TcpStream) -> Option<Call> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let target = line.split(' ').nth(1)?.to_owned();
    let mut fields = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        fields.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let octets = fields
        .get("content-length")
        .map_or(Some(0), |text| text.parse().ok())?;
    let mut body = vec![0; octets];
    reader.read_exact(&mut body).ok()?;
    Some(Call {
        target,
        fields,
        body: String::from_utf8(body).ok()?,
    })
}

impl Call {
    /// A field of its head.
    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map(String::as_str).expect("a field")
    }

    /// The id of the event.
    pub fn id(&self) -> &str {
        self.field("webhook-id")
    }

    /// The body, read.
    pub fn event(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// How many signatures it has.
    pub fn signatures(&self) -> usize {
        self.field("webhook-signature").split(' ').count()
    }

    /// Whether one of its signatures is made with a secret, as it was shown.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = secret.strip_prefix("whsec_").expect("a secret");
        let key = BASE64.decode(key.as_bytes()).expect("base64");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
        let signed = format!("{}.{}.{}", self.id(), self.field("webhook-timestamp"), self.body);
        mac.update(signed.as_bytes());
        let wanted = format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()));
        let mut signatures = self.field("webhook-signature").split(' ');
        signatures.any(|signature| signature == wanted)
    }
}
