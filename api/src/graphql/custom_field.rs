//! Fields of a tenant's own, and what is kept of people in them.

use assent_domain::custom_field as domain;
use assent_entity::custom_field::{self, CustomField as Row, Kept, NewCustomField, NewValue};
use assent_entity::subscriber;
use async_graphql::{Context, Description, Enum, ID, InputObject, Object, SimpleObject};

use super::context::World;
use super::error::Result;
use super::id;
use super::person;
use super::subscriber::Subscriber;
use super::time::Time;

/// What sort of value a custom field has.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "domain::FieldKind")]
pub(crate) enum CustomFieldKind {
    /// One line of text, of 1 to 200 characters.
    Text,
    /// A number, such as 12 or -3.5.
    Number,
    /// A day, such as 2026-11-30.
    Date,
    /// `true` or `false`.
    Flag,
    /// One of the choices that the field has.
    Choice,
}

/// Something that the tenant keeps of people beside their address, name and company.
#[derive(Description)]
pub(crate) struct CustomField(pub(crate) Row);

#[Object(use_type_description)]
impl CustomField {
    /// The field's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// What segments and imports call it; it never changes.
    async fn key(&self) -> &str {
        self.0.key.as_str()
    }

    /// What people read: a person sees it in the copy of their data.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What sort of value it has; it never changes.
    async fn kind(&self) -> CustomFieldKind {
        self.0.kind.into()
    }

    /// The choices, in the tenant's order; none where it is of another kind.
    async fn choices(&self) -> &[String] {
        &self.0.choices
    }

    /// When it was made.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }
}

/// What is kept of somebody in a custom field.
#[derive(Description)]
pub(crate) struct CustomValue {
    pub(super) person: subscriber::Subscriber,
    pub(super) kept: Kept,
}

#[Object(use_type_description)]
impl CustomValue {
    /// The field.
    async fn field(&self) -> CustomField {
        CustomField(self.kept.field.clone())
    }

    /// The value as text, as `setCustomValues` takes it. Masked for roles that do not need it, and where it is shown in clear,
    /// that is noted in the audit log.
    async fn value(&self, ctx: &Context<'_>) -> Result<String> {
        person::custom_value(ctx, &self.person, &self.kept).await
    }
}

/// A custom field to be made.
#[derive(InputObject)]
pub(crate) struct CreateCustomFieldInput {
    /// What segments and imports are to call it: a letter, then up to 39 of `a-z`, `0-9` and `_`.
    key: String,
    /// What people read: one line of at most 200 characters.
    name: String,
    /// What sort of value it has. It never changes.
    kind: CustomFieldKind,
    /// Of a `CHOICE`: 1 to 100 choices.
    #[graphql(default)]
    choices: Vec<String>,
}

/// The field that was made.
#[derive(SimpleObject)]
pub(crate) struct CreateCustomFieldPayload {
    /// The field.
    custom_field: CustomField,
}

/// How a custom field is to be from now on.
#[derive(InputObject)]
pub(crate) struct UpdateCustomFieldInput {
    /// The field's id.
    id: ID,
    /// What people are to read.
    name: Option<String>,
    /// Of a `CHOICE`: more of them. Those that there are stay, as people have them.
    #[graphql(default)]
    more_choices: Vec<String>,
}

/// The field as it is now.
#[derive(SimpleObject)]
pub(crate) struct UpdateCustomFieldPayload {
    /// The field.
    custom_field: CustomField,
}

/// Which field is to go.
#[derive(InputObject)]
pub(crate) struct DeleteCustomFieldInput {
    /// The field's id.
    id: ID,
}

/// The field that went.
#[derive(SimpleObject)]
pub(crate) struct DeleteCustomFieldPayload {
    /// The field as it was.
    custom_field: CustomField,
}

/// What is to be kept of somebody in a field.
#[derive(InputObject)]
pub(crate) struct CustomValueInput {
    /// The field's key.
    key: String,
    /// The value as text: a number such as 12 or -3.5, a date such as 2026-11-30, `true` or `false`, a choice as it is
    /// written. Null: nothing is kept any more.
    value: Option<String>,
}

/// What is to be kept of somebody.
#[derive(InputObject)]
pub(crate) struct SetCustomValuesInput {
    /// Whom: an id that begins with subscriber_.
    subscriber_id: ID,
    /// The fields that change; others stay as they are.
    values: Vec<CustomValueInput>,
}

/// Of whom something else is kept now.
#[derive(SimpleObject)]
pub(crate) struct SetCustomValuesPayload {
    /// The person.
    subscriber: Subscriber,
}

/// What can be asked about custom fields.
#[derive(Default)]
pub(crate) struct CustomFieldQuery;

#[Object]
impl CustomFieldQuery {
    /// The fields of the tenant's own, in the order of their keys: at most 100.
    #[graphql(complexity = "20 + 10 * child_complexity")]
    async fn custom_fields(&self, ctx: &Context<'_>) -> Result<Vec<CustomField>> {
        let all = custom_field::all(&ctx.read().await?).await?;
        Ok(all.into_iter().map(CustomField).collect())
    }
}

/// What can be done with custom fields.
#[derive(Default)]
pub(crate) struct CustomFieldMutation;

#[Object]
impl CustomFieldMutation {
    /// Makes a custom field: 100 of them at most. `CONFLICT` where another has its key.
    #[graphql(complexity = "50 + child_complexity")]
    async fn create_custom_field(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The field to be made.")] input: CreateCustomFieldInput,
    ) -> Result<CreateCustomFieldPayload> {
        let new = NewCustomField {
            key: input.key,
            name: input.name,
            kind: input.kind.into(),
            choices: input.choices,
        };
        let mut tx = ctx.write().await?;
        let id = custom_field::create(&mut tx, new).await?;
        let custom_field = CustomField(custom_field::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(CreateCustomFieldPayload { custom_field })
    }

    /// Calls a custom field otherwise, or gives it more choices.
    #[graphql(complexity = "50 + child_complexity")]
    async fn update_custom_field(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is to be.")] input: UpdateCustomFieldInput,
    ) -> Result<UpdateCustomFieldPayload> {
        let id = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        custom_field::change(&mut tx, id, input.name.as_deref(), &input.more_choices).await?;
        let custom_field = CustomField(custom_field::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(UpdateCustomFieldPayload { custom_field })
    }

    /// Deletes a custom field, with what is kept of people in it; that is cleared away within ten minutes, but for what the
    /// audit log says of changes. `CONFLICT` while a segment tests it.
    #[graphql(complexity = "500 + child_complexity")]
    async fn delete_custom_field(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which field.")] input: DeleteCustomFieldInput,
    ) -> Result<DeleteCustomFieldPayload> {
        let id = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        let custom_field = CustomField(custom_field::by_id(&tx, id).await?);
        custom_field::delete(&mut tx, id).await?;
        tx.commit().await?;
        Ok(DeleteCustomFieldPayload { custom_field })
    }

    /// Keeps something of a person in custom fields, or keeps it no longer. All of it is kept, or nothing.
    #[graphql(complexity = "50 + child_complexity")]
    async fn set_custom_values(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be kept of whom.")] input: SetCustomValuesInput,
    ) -> Result<SetCustomValuesPayload> {
        let person = id::parse("subscriberId", &input.subscriber_id)?;
        let values: Vec<_> = input
            .values
            .into_iter()
            .map(|new| NewValue {
                key: new.key,
                value: new.value,
            })
            .collect();
        let mut tx = ctx.write().await?;
        custom_field::set(&mut tx, person, &values).await?;
        let subscriber = Subscriber::known(subscriber::by_id(&tx, person).await?);
        tx.commit().await?;
        Ok(SetCustomValuesPayload { subscriber })
    }
}
