//! People as a file, for one of the tenant.

use std::collections::BTreeMap;

use actix_web::web::Data;
use assent_domain::id::{MailingListId, SegmentId};
use assent_domain::language::Language;
use assent_entity::TenantCtx;
use assent_entity::export::{self, ExportFormat, ExportedPerson};
use serde::Serialize;

use super::{Broken, Part, Place, finished, writer};
use crate::app::App;
use crate::csv_cell::safe;

/// The columns that every tenant has. Behind them come those of its own fields, by their keys.
const COLUMNS: [&str; 10] = [
    "id",
    "email",
    "name",
    "company",
    "status",
    "language",
    "collectedUnder",
    "createdAt",
    "confirmedAt",
    "restrictedAt",
];

/// A file of people that is being written.
pub(super) struct File {
    app: Data<App>,
    ctx: TenantCtx,
    list: Option<MailingListId>,
    segment: Option<SegmentId>,
    format: ExportFormat,
    keys: Vec<String>,
    at: Place,
}

/// A person as an object of a line.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    id: String,
    email: String,
    name: &'a str,
    company: &'a str,
    status: String,
    language: Option<&'a str>,
    collected_under: i32,
    created_at: String,
    confirmed_at: Option<String>,
    restricted_at: Option<String>,
    custom_values: &'a BTreeMap<String, String>,
}

impl<'a> From<&'a ExportedPerson> for Line<'a> {
    fn from(of: &'a ExportedPerson) -> Self {
        let person = &of.person;
        let text = |at: Option<assent_domain::clock::Timestamp>| at.map(|at| at.to_string());
        Self {
            id: person.id.to_string(),
            email: person.email.expose(),
            name: &person.name,
            company: &person.company,
            status: of.status.to_string(),
            language: person.language.as_ref().map(Language::as_str),
            collected_under: of.collected_under,
            created_at: person.created_at.to_string(),
            confirmed_at: text(person.confirmed_at),
            restricted_at: text(person.restricted_at),
            custom_values: &of.fields,
        }
    }
}

impl File {
    pub(super) async fn begin(
        app: &Data<App>,
        ctx: TenantCtx,
        list: Option<MailingListId>,
        segment: Option<SegmentId>,
        format: ExportFormat,
    ) -> Result<Self, Broken> {
        Ok(Self {
            keys: export::field_keys(&app.store, ctx).await?,
            app: app.clone(),
            ctx,
            list,
            segment,
            format,
            at: Place::first(format),
        })
    }

    pub(super) async fn next(mut self: Box<Self>) -> Result<Part<Box<Self>>, Broken> {
        let Place::Behind(after) = self.at else {
            self.at = Place::Behind(None);
            return Ok(Some((self.head()?, self)));
        };
        let store = &self.app.store;
        let people = export::some_people(store, self.ctx, self.list, self.segment, after).await?;
        let Some(last) = people.last() else {
            return Ok(None);
        };
        self.at = Place::Behind(Some(last.person.id.uuid()));
        let part = match self.format {
            ExportFormat::Csv => self.rows(&people)?,
            ExportFormat::JsonLines => lines(&people)?,
        };
        Ok(Some((part, self)))
    }

    fn head(&self) -> Result<Vec<u8>, Broken> {
        let mut csv = writer();
        csv.write_record(COLUMNS.into_iter().chain(self.keys.iter().map(String::as_str)))?;
        finished(csv)
    }

    fn rows(&self, people: &[ExportedPerson]) -> Result<Vec<u8>, Broken> {
        let mut csv = writer();
        for of in people {
            let line = Line::from(of);
            let number = line.collected_under.to_string();
            let cells = [
                line.id.as_str(),
                &line.email,
                line.name,
                line.company,
                &line.status,
                line.language.unwrap_or_default(),
                &number,
                &line.created_at,
                line.confirmed_at.as_deref().unwrap_or_default(),
                line.restricted_at.as_deref().unwrap_or_default(),
            ];
            let own = self
                .keys
                .iter()
                .map(|key| of.fields.get(key).map_or("", String::as_str));
            for cell in cells.into_iter().chain(own) {
                csv.write_field(safe(cell).as_ref())?;
            }
            csv.write_record(None::<&[u8]>)?;
        }
        finished(csv)
    }
}

fn lines(people: &[ExportedPerson]) -> Result<Vec<u8>, Broken> {
    let mut text = Vec::new();
    for of in people {
        serde_json::to_writer(&mut text, &Line::from(of))?;
        text.push(b'\n');
    }
    Ok(text)
}
