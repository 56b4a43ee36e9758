//! The hosted pages as a visitor gets them: a real server on a port of its own, asked over HTTP by a client
//! that keeps no cookies and follows no redirects.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use assent_api::app::{App, Stopping};
use assent_api::bounces::Bounces;
use assent_api::failed_sign_ins::FailedSignIns;
use assent_api::graphql::documents::Documents;
use assent_api::limits::Limits;
use assent_api::server::{self, Running};
use assent_api::setup::SetupCode;
use assent_api::uploads::Uploads;
use assent_api::visits::{VisitSettings, Visits};
use assent_api::webhooks::Webhooks;
use assent_domain::address::EmailAddress;
use assent_domain::id::{
    AddressChangeId, CampaignId, ConsentRecordId, MailingId, OptInId, PolicyVersionId, SubscriberId,
};
use assent_domain::tenant_life::GraceDays;
use assent_entity::link::{Act, LinkSigner, Reader};
use assent_entity::{Store, address_change, subscriber};
use assent_worker::identity_provider::Web;
use assent_worker::mailbox::Mailbox;
use assent_worker::settings::{IdentitySettings, RelaySettings, SenderSettings, WebhookSettings};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use scraper::{Html, Selector};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::database::TestStore;
use crate::dns;
use crate::house::{House, address};

/// What browsers send by a form.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// A server for a test's store, and a visitor.
#[derive(Debug)]
pub struct Site {
    /// The mailbox that stands in for SMTP.
    pub mailbox: Mailbox,
    /// The code of the one-time address, to be issued.
    pub setup: SetupCode,
    /// Where the server listens.
    pub address: SocketAddr,
    visits: Visits,
    failed_sign_ins: FailedSignIns,
    store: Store,
    client: Client,
    running: Running,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, as text.
    pub body: String,
}

/// What a server has to do with the world of mail.
struct Outside {
    bounces: Bounces,
    webhooks: Webhooks,
    sender: SenderSettings,
    relays: RelaySettings,
    endpoints: WebhookSettings,
    identity: IdentitySettings,
    documents: Documents,
    uploads: Uploads,
}

/// Nothing.
fn outside() -> Outside {
    Outside {
        uploads: Uploads::in_dir(&std::env::temp_dir()),
        bounces: Bounces::default(),
        webhooks: Webhooks::default(),
        sender: dns::unknown_everywhere(),
        relays: RelaySettings::default(),
        endpoints: WebhookSettings::default(),
        identity: IdentitySettings::default(),
        documents: Documents::default(),
    }
}

impl TestStore {
    /// Starts a server for this store.
    pub fn site(&self) -> Site {
        self.site_that_notes(VisitSettings::default())
    }

    /// Starts a server that notes something of its requests.
    pub fn site_that_notes(&self, settings: VisitSettings) -> Site {
        // A test sends all its forms from one machine in one moment.
        self.start_site(settings, Limits::none(&self.store))
    }

    /// Starts a server that takes so many forms from one source in ten minutes.
    pub fn site_taking(&self, forms: u32) -> Site {
        self.start_site(VisitSettings::default(), Limits::new(&self.store, forms, 6000))
    }

    /// Starts a server that takes so many operations of one tenant in a minute.
    pub fn site_answering(&self, operations: u32) -> Site {
        self.start_site(
            VisitSettings::default(),
            Limits::new(&self.store, 1000, operations),
        )
    }

    /// Starts a server behind a proxy on this machine, which says where requests come from.
    pub fn site_behind_a_proxy(&self) -> Site {
        self.site_that_notes(VisitSettings {
            trusted_proxies: "127.0.0.1".parse().expect("a network"),
            ..VisitSettings::default()
        })
    }

    /// Starts a server that takes in what comes back.
    pub fn site_with_bounces(&self, bounces: Bounces) -> Site {
        self.start(
            VisitSettings::default(),
            Limits::none(&self.store),
            Outside { bounces, ..outside() },
        )
    }

    /// Starts a server that listens to mail providers.
    pub fn site_with_webhooks(&self, bounces: Bounces, webhooks: Webhooks) -> Site {
        let outside = Outside {
            bounces,
            webhooks,
            ..outside()
        };
        self.start(VisitSettings::default(), Limits::none(&self.store), outside)
    }

    /// Starts a server that looks for sending domains somewhere.
    pub fn site_with_sender(&self, sender: SenderSettings) -> Site {
        let outside = Outside { sender, ..outside() };
        self.start(VisitSettings::default(), Limits::none(&self.store), outside)
    }

    /// Starts a server that takes files of some sizes.
    pub fn site_with_uploads(&self, uploads: Uploads) -> Site {
        let outside = Outside { uploads, ..outside() };
        self.start(VisitSettings::default(), Limits::none(&self.store), outside)
    }

    /// Starts a server that reaches mail servers of tenants somewhere.
    pub fn site_with_relays(&self, relays: RelaySettings) -> Site {
        let outside = Outside { relays, ..outside() };
        self.start(VisitSettings::default(), Limits::none(&self.store), outside)
    }

    /// Starts a server that lets endpoints of webhooks be somewhere.
    pub fn site_with_endpoints(&self, endpoints: WebhookSettings) -> Site {
        let outside = Outside {
            endpoints,
            ..outside()
        };
        self.start(VisitSettings::default(), Limits::none(&self.store), outside)
    }

    /// Starts a server that lets identity providers be on this machine, by plain HTTP.
    pub fn site_with_providers(&self) -> Site {
        let identity = IdentitySettings {
            networks: "127.0.0.0/8".parse().expect("a network"),
            takes_plain_http: true,
            timeout: Duration::from_secs(2),
            ..IdentitySettings::default()
        };
        let outside = Outside {
            identity,
            ..outside()
        };
        self.start(VisitSettings::default(), Limits::none(&self.store), outside)
    }

    /// Starts a server that knows operations beforehand.
    pub fn site_with_documents(&self, documents: Documents) -> Site {
        let outside = Outside {
            documents,
            ..outside()
        };
        self.start(VisitSettings::default(), Limits::none(&self.store), outside)
    }

    fn start_site(&self, settings: VisitSettings, limits: Limits) -> Site {
        self.start(settings, limits, outside())
    }

    /// Starts a server as another process would, over connections of its own.
    pub fn site_on(&self, store: &Store) -> Site {
        let limits = Limits::none(store);
        self.start_on(store, VisitSettings::default(), limits, outside())
    }

    fn start(&self, settings: VisitSettings, limits: Limits, outside: Outside) -> Site {
        self.start_on(&self.store, settings, limits, outside)
    }

    fn start_on(&self, store: &Store, settings: VisitSettings, limits: Limits, outside: Outside) -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let mailbox = Mailbox::open(self.data_dir().join("mailbox")).expect("a mailbox");
        let setup = SetupCode::default();
        let visits = Visits::new(settings);
        let failed_sign_ins = FailedSignIns::default();
        let app = App {
            store: store.clone(),
            base_url: format!("http://{address}"),
            secure_cookies: false,
            explorer: true,
            documents: outside.documents,
            lists_tenants: true,
            mailbox: Some(mailbox.clone()),
            tenant_grace: GraceDays::default(),
            limits,
            failed_sign_ins: failed_sign_ins.clone(),
            setup: setup.clone(),
            visits: visits.clone(),
            bounces: outside.bounces,
            webhooks: outside.webhooks,
            sender: outside.sender,
            relays: outside.relays,
            endpoints: outside.endpoints,
            identity: Web::new(&outside.identity, None),
            uploads: outside.uploads,
            stopping: Stopping::new(),
        };
        let client = Client::builder()
            .redirect(Policy::none())
            .pool_max_idle_per_host(0)
            .no_proxy()
            .timeout(Duration::from_secs(30))
            .build()
            .expect("a client");
        Site {
            running: server::start(app, listener).expect("a server"),
            mailbox,
            setup,
            visits,
            failed_sign_ins,
            store: store.clone(),
            address,
            client,
        }
    }
}

impl Site {
    /// A request to a path, to be completed.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("http://{}{path}", self.address);
        self.client.request(method, url)
    }

    /// Reads a page.
    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    /// Sends a body of some type.
    pub async fn post(&self, path: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header("content-type", content_type);
        answer(request.body(body.into())).await
    }

    /// Sends a form, as a browser does: it goes on to the page that it is led to.
    pub async fn fill_in(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let sent = answer(self.request(Method::POST, path).form(fields)).await;
        match sent.header("location") {
            to if sent.status == StatusCode::SEE_OTHER && to.starts_with('/') => self.get(to).await,
            _ => sent,
        }
    }

    /// Sends a page that names what it shows, as it stands now, with these answers.
    pub async fn answer_page(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let shown = self.get(path).await.shown();
        let shown = [("shown", shown.as_str())];
        self.fill_in(path, &[&shown, fields].concat()).await
    }

    /// Writes down what was noted of the requests so far.
    pub async fn write_down(&self) {
        self.visits.write(&self.store).await;
        self.failed_sign_ins
            .note_before(&self.store, self.store.now())
            .await;
    }

    /// Stops the server.
    pub async fn close(self) {
        drop(self.client);
        self.running.stop().await;
    }
}

/// Sends a request and takes in the whole answer.
pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    Answer {
        status: response.status(),
        headers: response.headers().clone(),
        body: response.text().await.expect("a body"),
    }
}

impl Answer {
    /// Makes sure of the status, and that nothing was set in the visitor's browser.
    #[track_caller]
    pub fn must_be(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert!(!self.headers.contains_key("set-cookie"), "a cookie was set");
        assert!(
            !self.headers.contains_key("location"),
            "an answer leads elsewhere"
        );
        self
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// What a reader sees, in one line.
    pub fn text(&self) -> String {
        let page = Html::parse_document(&self.body);
        let main = page.select(&selector("main")).next();
        let text: String = main
            .unwrap_or_else(|| page.root_element())
            .text()
            .collect::<Vec<_>>()
            .join(" ");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// How many elements of the page a selector finds.
    pub fn count(&self, css: &str) -> usize {
        Html::parse_document(&self.body).select(&selector(css)).count()
    }

    /// An attribute of every element that a selector finds.
    pub fn attributes(&self, css: &str, name: &str) -> Vec<String> {
        let page = Html::parse_document(&self.body);
        let selector = selector(css);
        page.select(&selector)
            .filter_map(|of| of.value().attr(name).map(str::to_owned))
            .collect()
    }

    /// What is filled in: the value of each `input` that is not a box to tick, by its name.
    pub fn filled_in(&self) -> BTreeMap<String, String> {
        let page = Html::parse_document(&self.body);
        let inputs = selector("input:not([type=checkbox])");
        page.select(&inputs)
            .filter_map(|input| {
                let attribute = |name| input.value().attr(name).map(str::to_owned);
                Some((attribute("name")?, attribute("value").unwrap_or_default()))
            })
            .collect()
    }

    /// The hidden value that names the words of this page.
    pub fn shown(&self) -> String {
        let mut shown = self.attributes("input[name=shown]", "value");
        assert_eq!(shown.len(), 1, "{}", self.text());
        shown.remove(0)
    }
}

impl Answer {
    /// The hidden value that names the words of this page, where each of several forms has it.
    pub fn shown_of_first(&self) -> String {
        let mut shown = self.attributes("input[name=shown]", "value");
        assert!(!shown.is_empty(), "{}", self.text());
        shown.remove(0)
    }
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).expect("a selector")
}

impl House<'_> {
    /// What stands in a mail that is made now: it is for the mailbox at which the person is reached now, or whose they
    /// say it is. A link to nobody is made for nobody's.
    fn link(&self, of: SubscriberId, act: Act) -> String {
        let mailbox = block_in_place(|| Handle::current().block_on(self.mailbox_of(of, act)));
        let to = Reader {
            subscriber: of,
            mailbox: &mailbox,
        };
        LinkSigner::new(&self.db.store, self.ctx).sign(to, act, self.db.store.now())
    }

    async fn mailbox_of(&self, of: SubscriberId, act: Act) -> EmailAddress {
        let tx = self.read().await;
        let change = match act {
            Act::ChangeAddress { change } => address_change::view(&tx, change, of).await.ok(),
            _ => None,
        };
        let wanted = change.map(|change| change.email);
        let present = subscriber::by_id(&tx, of).await.ok().map(|person| person.email);
        wanted
            .or(present)
            .unwrap_or_else(|| address("nobody@nowhere.example"))
    }

    /// The address in a confirmation mail.
    pub fn confirm_path(&self, of: SubscriberId, opt_in: OptInId) -> String {
        format!("/confirm/{}", self.link(of, Act::Confirm { opt_in }))
    }

    /// The address in the `List-Unsubscribe` of a mailing.
    pub fn unsubscribe_path(&self, of: SubscriberId, mailing: MailingId) -> String {
        format!("/unsubscribe/{}", self.link(of, Act::Unsubscribe { mailing }))
    }

    /// The address at which a person answers to what a policy version adds.
    pub fn choices_path(&self, of: SubscriberId, version: PolicyVersionId) -> String {
        format!("/choices/{}", self.link(of, Act::Choices { version }))
    }

    /// The address at which a person sees who gets their information.
    pub fn sharing_path(&self, of: SubscriberId) -> String {
        format!("/sharing/{}", self.link(of, Act::Preferences))
    }

    /// The address of the page about a person's data.
    pub fn privacy_path(&self, of: SubscriberId) -> String {
        format!("/privacy/{}", self.link(of, Act::Privacy))
    }

    /// The address that stands behind a measured link of a campaign.
    pub fn follow_path(&self, of: SubscriberId, campaign: CampaignId, link: i32) -> String {
        format!("/l/{}", self.link(of, Act::Follow { campaign, link }))
    }

    /// The address at which a person says whether a yes still stands.
    pub fn renew_path(&self, of: SubscriberId) -> String {
        format!("/renew/{}", self.link(of, Act::Renew))
    }

    /// The address of a receipt.
    pub fn receipt_path(&self, of: SubscriberId, record: ConsentRecordId) -> String {
        format!("/receipt/{}", self.link(of, Act::Receipt { record }))
    }

    /// The address in a mail that asks whether an address is somebody's.
    pub fn address_path(&self, of: SubscriberId, change: AddressChangeId) -> String {
        format!("/address/{}", self.link(of, Act::ChangeAddress { change }))
    }

    /// The address of a person's preferences.
    pub fn preferences_path(&self, of: SubscriberId) -> String {
        format!("/preferences/{}", self.link(of, Act::Preferences))
    }
}
