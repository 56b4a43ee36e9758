//! Looking for the records of a sending domain in DNS.

use assent_domain::id::SendingDomainId;
use assent_domain::sending_domain::{Alignment, Answer, Finding, dmarc, dmarc_names, key, return_path, spf};
use assent_entity::sending_domain::{self, Checked, SendingDomain, record_check};
use assent_entity::{Store, StoreError, TenantCtx, TenantTx};
use futures::future::join_all;

use crate::dns::Dns;
use crate::settings::SenderSettings;

/// Looks for the records of a domain and records what was found. Takes as long as name servers take; no transaction is
/// open meanwhile.
pub async fn check(
    store: &Store,
    ctx: TenantCtx,
    id: SendingDomainId,
    settings: &SenderSettings,
) -> Result<(), StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    let domain = sending_domain::by_id(&tx, id).await?;
    drop(tx);
    let checked = Look::at(&domain, settings).all().await;
    let mut tx = TenantTx::write(store, ctx).await?;
    record_check(&mut tx, id, checked).await?;
    tx.commit().await
}

/// Looks at those of a tenant's domains whose time has come.
pub(crate) async fn check_due(
    store: &Store,
    ctx: TenantCtx,
    settings: &SenderSettings,
) -> Result<(), StoreError> {
    for id in sending_domain::due(store, ctx).await? {
        match check(store, ctx, id, settings).await {
            // Somebody has taken it away meanwhile.
            Err(StoreError::NotFound(_)) => {}
            other => other?,
        }
    }
    Ok(())
}

struct Look<'a> {
    domain: &'a SendingDomain,
    settings: &'a SenderSettings,
    dns: Result<Dns, String>,
}

impl<'a> Look<'a> {
    fn at(domain: &'a SendingDomain, settings: &'a SenderSettings) -> Self {
        Self {
            domain,
            settings,
            dns: Dns::open(settings.dns_server),
        }
    }

    async fn texts(&self, name: &str) -> Answer {
        match &self.dns {
            Ok(dns) => dns.texts(name).await,
            Err(error) => Answer::Unreachable(error.clone()),
        }
    }

    /// Everything is asked at the same time, so that a silent name server is waited for once.
    async fn all(&self) -> Checked {
        let (return_path, keys, own, delegated, (dmarc, alignment)) = futures::join!(
            self.return_path(),
            self.keys(),
            self.spf(false),
            self.spf_if_delegated(),
            self.dmarc()
        );
        let is_delegated = match &return_path {
            Some(newer) => self.domain.return_path.clone().then(newer.clone()).is_published(),
            None => false,
        };
        Checked {
            keys,
            spf: delegated.filter(|_| is_delegated).unwrap_or(own),
            dmarc,
            alignment,
            return_path,
        }
    }

    async fn keys(&self) -> Vec<(assent_domain::id::DkimKeyId, Finding)> {
        join_all(self.domain.keys.iter().map(async |of| {
            let name = of.selector.record_name(self.domain.name.as_str());
            let answer = self.texts(&name).await;
            (of.id, key(&name, &answer, of.algorithm, &of.public_key))
        }))
        .await
    }

    async fn spf(&self, is_delegated: bool) -> Finding {
        let around = &self.settings.around;
        let name = around.return_path_domain(&self.domain.name, is_delegated);
        spf(&name, &self.texts(&name).await, around.spf_include.as_ref())
    }

    /// What it would be if the return path were the domain's own; nothing where that can be in no case.
    async fn spf_if_delegated(&self) -> Option<Finding> {
        self.settings.around.bounce_domain.as_ref()?;
        Some(self.spf(true).await)
    }

    async fn dmarc(&self) -> (Finding, Alignment) {
        let names = dmarc_names(&self.domain.name);
        let answers = join_all(names.into_iter().map(async |name| {
            let answer = self.texts(&name).await;
            (name, answer)
        }));
        dmarc(&answers.await)
    }

    async fn return_path(&self) -> Option<Finding> {
        let ours = self.settings.around.bounce_domain.as_ref()?;
        let own = self.domain.name.delegated_return_path(ours)?;
        let answer = match &self.dns {
            Ok(dns) => dns.aliases(own.as_str()).await,
            Err(error) => Answer::Unreachable(error.clone()),
        };
        Some(return_path(&own, &answer, ours))
    }
}
