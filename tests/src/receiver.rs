//! A mail server with moods: at each step of a conversation a test says what it does, and it keeps what it took.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// A step of a conversation.
#[derive(Clone, Copy, Debug)]
pub enum Moment<'a> {
    /// Somebody has connected; so many connections are open, this one included.
    Greeting(usize),
    /// `MAIL`, after so many messages on this connection.
    Mail(&'a str, usize),
    /// `RCPT`: who sends, to whom, and how often that recipient has been named.
    Rcpt(&'a str, &'a str, usize),
    /// `DATA`, for a recipient named so often.
    Data(&'a str, usize),
    /// The first line of the message has come.
    InTheMiddle(&'a str, usize),
    /// All of the message has come.
    Message(&'a str, usize),
}

/// What the server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// What it should.
    Go,
    /// Answers this.
    Say(&'static str),
    /// Answers this, and closes.
    SayAndClose(&'static str),
    /// Closes without a word.
    Close,
    /// Does nothing for a while, then what it should.
    Stall(Duration),
}

type Mood = dyn Fn(Moment<'_>) -> Act + Send + Sync;

/// What it has seen.
#[derive(Debug, Default)]
struct Book {
    named: HashMap<String, usize>,
    taken: BTreeMap<String, Vec<Instant>>,
    acts: BTreeMap<String, usize>,
}

struct Shared {
    mood: RwLock<Arc<Mood>>,
    book: Mutex<Book>,
    open: AtomicUsize,
}

/// A server that runs until it is dropped.
pub struct Receiver {
    /// Its port on loopback.
    pub port: u16,
    shared: Arc<Shared>,
    _stop: oneshot::Sender<()>,
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

impl Receiver {
    /// Starts a server with a mood.
    pub fn start(mood: impl Fn(Moment<'_>) -> Act + Send + Sync + 'static) -> Self {
        let shared = Arc::new(Shared {
            mood: RwLock::new(Arc::new(mood)),
            book: Mutex::default(),
            open: AtomicUsize::new(0),
        });
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a listener");
        let port = listener.local_addr().expect("an address").port();
        let (stop, stopped) = oneshot::channel::<()>();
        let of_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                tokio::select! {
                    () = listen(listener, of_thread) => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            port,
            shared,
            _stop: stop,
        }
    }

    /// A server that takes everything.
    pub fn kind() -> Self {
        Self::start(|_| Act::Go)
    }

    /// Changes its mood.
    pub fn turn(&self, mood: impl Fn(Moment<'_>) -> Act + Send + Sync + 'static) {
        let mut current = self.shared.mood.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(mood);
    }

    /// When it took what for whom.
    pub fn taken(&self) -> BTreeMap<String, Vec<Instant>> {
        self.shared.book().taken.clone()
    }

    /// How many messages it took.
    pub fn count(&self) -> usize {
        self.shared.book().taken.values().map(Vec::len).sum()
    }

    /// How often recipients were named.
    pub fn named(&self) -> usize {
        self.shared.book().named.values().sum()
    }

    /// What it did that it should not have, and how often.
    pub fn acts(&self) -> BTreeMap<String, usize> {
        self.shared.book().acts.clone()
    }
}

impl Shared {
    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn act(&self, at: &str, moment: Moment<'_>) -> Act {
        let mood = Arc::clone(&self.mood.read().unwrap_or_else(PoisonError::into_inner));
        let act = mood(moment);
        let noted = match act {
            Act::Go => return act,
            Act::Say(words) => words.chars().take(3).collect(),
            Act::SayAndClose(words) => format!("{} and closed", words.get(..3).unwrap_or(words)),
            Act::Close => "closed".to_owned(),
            Act::Stall(_) => "stalled".to_owned(),
        };
        *self.book().acts.entry(format!("{noted} at {at}")).or_default() += 1;
        act
    }
}

async fn listen(listener: std::net::TcpListener, shared: Arc<Shared>) {
    let listener = TcpListener::from_std(listener).expect("a listener");
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let open = shared.open.fetch_add(1, Ordering::SeqCst) + 1;
            let mut conversation = Conversation::new(stream, Arc::clone(&shared));
            // A client that breaks off is the client's affair.
            let _ = conversation.run(open).await;
            shared.open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

struct Conversation {
    stream: BufReader<TcpStream>,
    shared: Arc<Shared>,
    from: String,
    /// To whom, and how often they have been named.
    to: Option<(String, usize)>,
    messages: usize,
}

/// Why a conversation is over.
struct Over;

impl From<std::io::Error> for Over {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

fn address(argument: &str) -> String {
    let within = argument
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    within.map_or(String::new(), |(address, _)| address.to_owned())
}

impl Conversation {
    fn new(stream: TcpStream, shared: Arc<Shared>) -> Self {
        let _ = stream.set_nodelay(true);
        Self {
            stream: BufReader::new(stream),
            shared,
            from: String::new(),
            to: None,
            messages: 0,
        }
    }

    async fn say(&mut self, words: &str) -> Result<(), Over> {
        let line = format!("{words}\r\n");
        self.stream.get_mut().write_all(line.as_bytes()).await?;
        Ok(())
    }

    /// Does as the mood says, and tells whether to do what should be done.
    async fn act(&mut self, act: Act) -> Result<bool, Over> {
        match act {
            Act::Go => Ok(true),
            Act::Say(words) => self.say(words).await.map(|()| false),
            Act::SayAndClose(words) => {
                self.say(words).await?;
                Err(Over)
            }
            Act::Close => Err(Over),
            Act::Stall(time) => {
                tokio::time::sleep(time).await;
                Ok(true)
            }
        }
    }

    async fn line(&mut self) -> Result<String, Over> {
        let mut line = Vec::new();
        if self.stream.read_until(b'\n', &mut line).await? == 0 {
            return Err(Over);
        }
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    async fn run(&mut self, open: usize) -> Result<(), Over> {
        let act = self.shared.act("the greeting", Moment::Greeting(open));
        if self.act(act).await? {
            self.say("220 receiver.example ESMTP").await?;
        }
        loop {
            let line = self.line().await?;
            let verb = line.get(..4).unwrap_or(&line).to_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    self.say("250-receiver.example\r\n250-PIPELINING\r\n250 8BITMIME")
                        .await?;
                }
                "MAIL" => self.mail(&line).await?,
                "RCPT" => self.rcpt(&line).await?,
                "DATA" => self.data().await?,
                "RSET" => {
                    self.to = None;
                    self.say("250 2.0.0 forgotten").await?;
                }
                "QUIT" => return self.say("221 2.0.0 bye").await,
                _ => self.say("500 5.5.1 what?").await?,
            }
        }
    }

    async fn mail(&mut self, line: &str) -> Result<(), Over> {
        (self.from, self.to) = (address(line), None);
        let act = self.shared.act("MAIL", Moment::Mail(&self.from, self.messages));
        if self.act(act).await? {
            self.say("250 2.1.0 go on").await?;
        }
        Ok(())
    }

    async fn rcpt(&mut self, line: &str) -> Result<(), Over> {
        let to = address(line);
        let named = {
            let mut book = self.shared.book();
            let named = book.named.entry(to.clone()).or_default();
            *named += 1;
            *named
        };
        let act = self.shared.act("RCPT", Moment::Rcpt(&self.from, &to, named));
        if self.act(act).await? {
            self.to = Some((to, named));
            self.say("250 2.1.5 go on").await?;
        }
        Ok(())
    }

    async fn data(&mut self) -> Result<(), Over> {
        let Some((to, named)) = self.to.take() else {
            return self.say("503 5.5.1 to whom?").await;
        };
        let act = self.shared.act("DATA", Moment::Data(&to, named));
        if !self.act(act).await? {
            return Ok(());
        }
        self.say("354 go on").await?;
        self.line().await?;
        let act = self.shared.act("a message", Moment::InTheMiddle(&to, named));
        self.act(act).await?;
        while self.line().await? != "." {}
        let act = self
            .shared
            .act("the end of a message", Moment::Message(&to, named));
        self.messages += 1;
        if self.act(act).await? {
            // What is written down is taken, whether the client hears of it or not.
            self.shared
                .book()
                .taken
                .entry(to)
                .or_default()
                .push(Instant::now());
            self.say("250 2.0.0 taken").await?;
        }
        Ok(())
    }
}
