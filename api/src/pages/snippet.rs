//! A form to be put into a tenant's own pages: plain HTML that sends to the hosted form, without a script.

use askama::Template;
use assent_entity::collection_point::CollectionPoint;
use assent_entity::{StoreError, TenantTx};
use assent_worker::words::Words;

use super::error::PageError;
use super::join_form::JoinForm;
use super::tenant;
use super::views::{JoinPage, Snippet, Tongue};

/// The HTML of a form, as it is now; `None` while the form is closed, for want of a policy in force that names its
/// purposes and outside parties.
pub(crate) async fn snippet<M>(
    tx: &TenantTx<M>,
    point: CollectionPoint,
    base_url: &str,
) -> Result<Option<String>, StoreError> {
    let Some(form) = open(tx, point).await? else {
        return Ok(None);
    };
    let url = format!("{base_url}{}", form.path());
    let policy_url = format!(
        "{base_url}{}",
        form.chrome.policy_version_path(form.policy_number())
    );
    let form: JoinPage = form.empty();
    let snippet = Snippet {
        url,
        policy_url,
        form,
    };
    let html = snippet.render();
    html.map(Some)
        .map_err(|error| StoreError::Corrupt(error.to_string()))
}

async fn open<M>(tx: &TenantTx<M>, point: CollectionPoint) -> Result<Option<JoinForm>, StoreError> {
    let tongue = Tongue::of(Words::of(Some(&point.language)));
    let chrome = tenant::chrome(tx, tongue).await.map_err(unexpected)?;
    match JoinForm::read(tx, chrome, point).await {
        Ok(form) => Ok(Some(form)),
        Err(error) if error.is_conflict() => Ok(None),
        Err(error) => Err(unexpected(error)),
    }
}

fn unexpected(error: PageError) -> StoreError {
    StoreError::Corrupt(error.to_string())
}
