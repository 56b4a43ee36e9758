//! Networks that the operator names.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// Networks of addresses; none unless the operator names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

/// A text that is no list of networks.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no network: write them as 10.0.0.0/8 or 192.0.2.7, with commas between")]
pub struct NetworkError(String);

impl FromStr for Networks {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let network = |text: &str| {
            let host = || Some(IpNet::from(text.parse::<IpAddr>().ok()?.to_canonical()));
            let network = text.parse().ok().or_else(host);
            network.ok_or_else(|| NetworkError(text.to_owned()))
        };
        let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
        texts.map(network).collect::<Result<_, _>>().map(Self)
    }
}

impl Networks {
    /// Whether an address lies in one of them.
    pub fn include(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
