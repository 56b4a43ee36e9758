//! What can be done with suppressions.

use assent_domain::address::EmailAddress;
use assent_domain::suppression::SuppressionScope;
use assent_entity::suppression::list::{self, Entry};
use assent_entity::{StoreError, TenantTx, Write, mailing_list, purpose};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::super::context::World;
use super::super::error::{ApiError, Result};
use super::super::id;
use super::csv::{self, Names, SuppressionProblem};
use super::{Suppression, SuppressionReason};

/// An address that is to be held back.
#[derive(InputObject)]
pub(crate) struct AddSuppressionInput {
    /// The address.
    email: String,
    /// Why: `LISTED` if not said, or `HARD_BOUNCED`, `COMPLAINED`, `OPTED_OUT_OF_ALL`, as another provider may know.
    reason: Option<SuppressionReason>,
    /// The list whose mail is held back: an id that begins with list_. All, if neither this nor a purpose is given.
    mailing_list_id: Option<ID>,
    /// The code of the purpose whose mail is held back.
    purpose: Option<String>,
}

/// What became of it.
#[derive(SimpleObject)]
pub(crate) struct AddSuppressionPayload {
    /// The suppression.
    suppression: Suppression,
    /// Whether the address was held back so before.
    was_known: bool,
}

/// The entry that is to go.
#[derive(InputObject)]
pub(crate) struct RemoveSuppressionInput {
    /// An id that begins with suppression_.
    id: ID,
}

/// What went.
#[derive(SimpleObject)]
pub(crate) struct RemoveSuppressionPayload {
    /// The suppression as it was.
    suppression: Suppression,
}

/// A list that is to be brought along.
#[derive(InputObject)]
pub(crate) struct ImportSuppressionsInput {
    /// A CSV text with the names of its columns in the first line: `email`, and perhaps `reason`, `list` (an id or a
    /// name) and `purpose` (a code). At most 1,000 rows.
    csv: String,
}

/// What became of the rows.
#[derive(SimpleObject)]
pub(crate) struct ImportSuppressionsPayload {
    /// How many addresses are held back from now on.
    added: u64,
    /// How many were held back so before.
    known: u64,
    /// The lines that were left out.
    problems: Vec<SuppressionProblem>,
}

/// What can be done with suppressions.
#[derive(Default)]
pub(crate) struct SuppressionMutation;

#[Object]
impl SuppressionMutation {
    /// Holds mail to an address back.
    #[graphql(complexity = "50 + child_complexity")]
    async fn add_suppression(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which address, why, and from what.")] input: AddSuppressionInput,
    ) -> Result<AddSuppressionPayload> {
        let email = EmailAddress::parse(&input.email).map_err(|error| ApiError::bad_input("email", error))?;
        let list = input.mailing_list_id.as_ref();
        let list = list.map(|id| id::parse("mailingListId", id)).transpose()?;
        let mut tx = ctx.write().await?;
        let scope = match (list, &input.purpose) {
            (None, None) => SuppressionScope::All,
            (Some(list), None) => SuppressionScope::List(list),
            (None, Some(code)) => SuppressionScope::Purpose(purpose::by_code(&tx, "purpose", code).await?.id),
            (Some(_), Some(_)) => {
                let advice = "give a list or a purpose, or add two suppressions";
                return Err(ApiError::bad_input("purpose", advice));
            }
        };
        let reason = input.reason.unwrap_or(SuppressionReason::Listed).into();
        let entry = Entry { email, reason, scope };
        let added = list::enter(&mut tx, &entry).await?;
        let suppression = Suppression(list::find(&tx, &entry).await?);
        tx.commit_if_noted().await?;
        Ok(AddSuppressionPayload {
            suppression,
            was_known: !added,
        })
    }

    /// Takes an entry off the lists: one that the tenant made, or a mailbox that exists again. `CONFLICT` where it is a
    /// person's own no, which only they take back.
    #[graphql(complexity = "50 + child_complexity")]
    async fn remove_suppression(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entry.")] input: RemoveSuppressionInput,
    ) -> Result<RemoveSuppressionPayload> {
        let id = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        let suppression = Suppression(list::remove(&mut tx, id).await?);
        tx.commit().await?;
        Ok(RemoveSuppressionPayload { suppression })
    }

    /// Brings a suppression list along, as from another provider. A line that is wrong is left out and named; the same
    /// list once more adds nothing.
    #[graphql(complexity = "500 + child_complexity")]
    async fn import_suppressions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list.")] input: ImportSuppressionsInput,
    ) -> Result<ImportSuppressionsPayload> {
        let mut tx = ctx.write().await?;
        let names = Names {
            lists: mailing_list::all(&tx).await?,
            purposes: purpose::all(&tx).await?,
        };
        let mut read = csv::read(&input.csv, &names)?;
        let (mut added, mut known) = (0, 0);
        for (line, entry) in std::mem::take(&mut read.entries) {
            match enter(&mut tx, &entry).await? {
                Ok(true) => added += 1,
                Ok(false) => known += 1,
                Err(problem) => read.add_problem(line, problem),
            }
        }
        tx.commit_if_noted().await?;
        read.problems.sort_by_key(SuppressionProblem::line_number);
        Ok(ImportSuppressionsPayload {
            added,
            known,
            problems: read.problems,
        })
    }
}

/// Enters one line; what is wrong with it is not the end of the others.
async fn enter(tx: &mut TenantTx<Write>, entry: &Entry) -> Result<std::result::Result<bool, String>> {
    match list::enter(tx, entry).await {
        Ok(added) => Ok(Ok(added)),
        Err(StoreError::Invalid { field, message }) => Ok(Err(format!("{field}: {message}"))),
        Err(error) => Err(error.into()),
    }
}
