//! People as a file for an outside party: it holds whom and what the gate releases (P14), and the ledger has it before it is
//! given out.

use actix_web::web::Data;
use assent_domain::address::EmailAddress;
use assent_domain::disclosure::{Fields, PersonField};
use assent_entity::TenantCtx;
use assent_entity::disclosure::{Asker, Disclosed};
use assent_entity::export::{self, ExportFormat};
use serde_json::{Map, Value};

use super::{Broken, Part, Place, finished, writer};
use crate::app::App;
use crate::csv_cell::safe;

/// A file of people for an outside party that is being written.
pub(super) struct File {
    app: Data<App>,
    ctx: TenantCtx,
    asker: Asker,
    format: ExportFormat,
    columns: Fields,
    at: Place,
}

/// What a column is called.
fn name_of(field: PersonField) -> &'static str {
    match field {
        PersonField::Email => "email",
        PersonField::Name => "name",
        PersonField::Company => "company",
    }
}

/// What was released of a person; none, too, where there is nothing.
fn value_of(person: &Disclosed, field: PersonField) -> Option<String> {
    match field {
        PersonField::Email => person.email().map(EmailAddress::expose),
        PersonField::Name => person.name().map(str::to_owned),
        PersonField::Company => person.company().map(str::to_owned),
    }
}

impl File {
    pub(super) async fn begin(
        app: &Data<App>,
        ctx: TenantCtx,
        asker: Asker,
        format: ExportFormat,
    ) -> Result<Self, Broken> {
        Ok(Self {
            columns: export::obtainable(&app.store, ctx, asker.party).await?,
            app: app.clone(),
            ctx,
            asker,
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
        let people = export::some_permitted(store, self.ctx, self.asker, &self.columns, after).await?;
        let Some(last) = people.last() else {
            return Ok(None);
        };
        self.at = Place::Behind(Some(last.person().uuid()));
        let part = match self.format {
            ExportFormat::Csv => self.rows(&people)?,
            ExportFormat::JsonLines => self.lines(&people)?,
        };
        Ok(Some((part, self)))
    }

    fn head(&self) -> Result<Vec<u8>, Broken> {
        let mut csv = writer();
        csv.write_record(
            ["id"]
                .into_iter()
                .chain(self.columns.iter().copied().map(name_of)),
        )?;
        finished(csv)
    }

    fn rows(&self, people: &[Disclosed]) -> Result<Vec<u8>, Broken> {
        let mut csv = writer();
        for person in people {
            csv.write_field(person.person().to_string())?;
            for field in &self.columns {
                let cell = value_of(person, *field).unwrap_or_default();
                csv.write_field(safe(&cell).as_ref())?;
            }
            csv.write_record(None::<&[u8]>)?;
        }
        finished(csv)
    }

    fn lines(&self, people: &[Disclosed]) -> Result<Vec<u8>, Broken> {
        let mut text = Vec::new();
        for person in people {
            let mut line = Map::from_iter([("id".to_owned(), person.person().to_string().into())]);
            line.extend(self.columns.iter().map(|field| {
                let value = value_of(person, *field).map_or(Value::Null, Value::from);
                (name_of(*field).to_owned(), value)
            }));
            serde_json::to_writer(&mut text, &line)?;
            text.push(b'\n');
        }
        Ok(text)
    }
}
