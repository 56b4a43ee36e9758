//! What name servers say, asked anew each time: somebody who has just published a record wants to see it.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use assent_domain::sending_domain::Answer;
use mail_auth::hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use mail_auth::hickory_resolver::net::NetError;
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use mail_auth::hickory_resolver::system_conf::read_system_conf;
use mail_auth::{DnsError, Error, MessageAuthenticator};

/// How long a question is waited for before it is asked anew, and how often that is.
const TIMEOUT: Duration = Duration::from_millis(1900);
const RETRIES: usize = 1;

/// How long an answer is waited for in all.
const WHOLE: Duration = Duration::from_secs(4);

/// The most records of one name that are looked at, and the longest that one may be, in octets.
const MAX_RECORDS: usize = 50;
const MAX_OCTETS: usize = 4096;

/// A resolver for a few questions.
pub(crate) struct Dns {
    resolver: MessageAuthenticator,
}

impl Dns {
    /// Asks `server`, or those that the system is set up with.
    pub(crate) fn open(server: Option<SocketAddr>) -> Result<Self, String> {
        let (config, mut options) = match server {
            Some(server) => (only(server), ResolverOpts::default()),
            None => read_system_conf().map_err(|error| error.to_string())?,
        };
        options.timeout = TIMEOUT;
        options.attempts = RETRIES;
        options.use_hosts_file = ResolveHosts::Never;
        let resolver = MessageAuthenticator::new(config, options).map_err(|error| error.to_string())?;
        Ok(Self { resolver })
    }

    /// The texts at a name, each with its strings put together.
    pub(crate) async fn texts(&self, name: &str) -> Answer {
        self.ask(name, RecordType::TXT, |data| match data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        })
        .await
    }

    /// What a name is another name for.
    pub(crate) async fn aliases(&self, name: &str) -> Answer {
        self.ask(name, RecordType::CNAME, |data| match data {
            RData::CNAME(target) => Some(target.0.to_utf8()),
            _ => None,
        })
        .await
    }

    /// The addresses of a host, of both sorts.
    pub(crate) async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, String> {
        let (v4, v6) = tokio::join!(
            self.ask(host, RecordType::A, |data| match data {
                RData::A(address) => Some(address.0.to_string()),
                _ => None,
            }),
            self.ask(host, RecordType::AAAA, |data| match data {
                RData::AAAA(address) => Some(address.0.to_string()),
                _ => None,
            }),
        );
        let (mut found, mut silent) = (Vec::new(), None);
        for answer in [v4, v6] {
            match answer {
                Answer::Records(texts) => {
                    found.extend(texts.iter().filter_map(|text| text.parse::<IpAddr>().ok()));
                }
                Answer::None => {}
                Answer::Unreachable(why) => silent = Some(why),
            }
        }
        match silent {
            Some(why) if found.is_empty() => Err(why),
            _ => Ok(found),
        }
    }

    async fn ask(&self, name: &str, of: RecordType, read: impl Fn(&RData) -> Option<String>) -> Answer {
        // The dot keeps the search list of the system out of it.
        let Ok(name) = Name::from_str_relaxed(format!("{name}.")) else {
            return Answer::Unreachable("it is no name that can be asked for".to_owned());
        };
        let asking = tokio::time::timeout(WHOLE, self.resolver.resolver().lookup(name, of));
        match asking.await.unwrap_or(Err(NetError::Timeout)) {
            Ok(found) => {
                let read = |record: &Record| read(&record.data);
                let fits = |text: &String| text.len() <= MAX_OCTETS;
                let texts = found.answers().iter().filter_map(read).filter(fits);
                Answer::Records(texts.take(MAX_RECORDS).collect())
            }
            Err(error) => no_answer(error),
        }
    }
}

fn only(server: SocketAddr) -> ResolverConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = server.port();
        connection
    });
    ResolverConfig::from_name_servers(vec![NameServerConfig::new(server.ip(), true, connections.into())])
}

/// That there is no such record is an answer; that a server is broken or silent is none.
fn no_answer(error: NetError) -> Answer {
    if matches!(error, NetError::Timeout) {
        // Which servers they are is nothing for tenants.
        let silent = "the name servers that are asked here were silent: if it stays so, whoever runs this server looks at them";
        return Answer::Unreachable(silent.to_owned());
    }
    match Error::from(error) {
        Error::Dns(DnsError::RecordNotFound(ResponseCode::NXDomain | ResponseCode::NoError)) => Answer::None,
        error => Answer::Unreachable(error.to_string()),
    }
}
