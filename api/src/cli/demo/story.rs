//! The story: a month of two tenants, told through the same doors that everybody uses.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use assent_domain::address::EmailAddress;
use assent_domain::campaign::{BodyFormat, IfUnknown};
use assent_domain::clock::{Clock, ShiftedClock};
use assent_domain::collection_point::FieldName;
use assent_domain::consent::ConsentSource;
use assent_domain::disclosure::PersonField;
use assent_domain::id::{CampaignId, MailingListId, OptInId, PolicyVersionId, SubscriberId};
use assent_domain::language::Language;
use assent_domain::mailing_list::OptIn;
use assent_domain::policy::PurposeDraft;
use assent_domain::purpose::{PurposeCode, PurposeKind};
use assent_domain::suppression::SuppressionReason;
use assent_domain::tenant::Slug;
use assent_entity::campaign::{self, NewCampaign};
use assent_entity::collection_point::{self, Field, NewCollectionPoint};
use assent_entity::delivery::{self, Progress};
use assent_entity::link::Reader;
use assent_entity::member::NewMember;
use assent_entity::opt_in::{self, JoinRequest};
use assent_entity::policy::{self, NewVersion, PartyDraft};
use assent_entity::preferences::{self, Choices};
use assent_entity::tenant::{self, NewTenant};
use assent_entity::{Store, TenantCtx, TenantTx, mailing_list, session, suppression};
use assent_worker::Links;
use secrecy::SecretString;

use super::people::{EARLY, LATE, Past};
use super::{Failure, drain};

const DAY: Duration = Duration::from_hours(24);

/// What the report tells.
pub(super) struct Told {
    pub(super) campaign: String,
    pub(super) progress: Progress,
    pub(super) notices: Progress,
    pub(super) preferences: String,
    pub(super) unsubscribe: String,
}

const SUBJECT: &str = "{{ subscriber.name | default(\"Hello\") }}, new bells are in";

const BODY: &str = "# Spring has come, {{ subscriber.name | default(\"friend\") }}\n\n\
    New bells, old prices, until Sunday.\n\n\
    - **Brass bell**: 12.00\n- **Compass bell**: 15.00\n\n\
    [See them all](https://riverside.example/bells)\n";

/// Tells the story, and leaves the clock at the present.
pub(super) async fn tell(store: &Store, clock: &ShiftedClock, base_url: &str) -> Result<Told, Failure> {
    clock.back(40 * DAY);
    let riverside = found(
        store,
        "riverside",
        "Riverside Bikes",
        "12 Mill Lane, 4051 Basel, Switzerland",
    )
    .await?;
    let harbour = found(
        store,
        "harbour",
        "Harbour Books",
        "3 Quay Street, Galway, Ireland",
    )
    .await?;
    let teller = Teller {
        store,
        clock,
        house: riverside,
    };
    let news = teller.begin().await?;
    for (name, past) in EARLY {
        teller.live(name, "news", &["newsletter"], *past, news).await?;
    }
    teller.name_offers(news).await?;
    for (name, offers, past) in LATE {
        let ticked: &[&str] = if *offers {
            &["newsletter", "offers"]
        } else {
            &["newsletter"]
        };
        teller.live(name, "spring", ticked, *past, news).await?;
    }
    Teller {
        store,
        clock,
        house: harbour,
    }
    .begin()
    .await?;
    clock.forward(31 * DAY);
    let upcoming = teller.announce_measuring().await?;
    let (campaign, progress) = teller.send_offers(news).await?;
    teller.told(base_url, upcoming, campaign, progress).await
}

/// The ways into a tenant.
#[derive(Clone, Copy)]
struct House {
    /// Its owner's, who answers for what they change.
    owner: TenantCtx,
    /// Everybody's, on its pages.
    anybody: TenantCtx,
}

async fn found(store: &Store, slug: &str, name: &str, postal_address: &str) -> Result<House, Failure> {
    let at = |local: &str| EmailAddress::parse(&format!("{local}@{slug}.example")).map_err(Failure::new);
    let password = SecretString::from("a demo password".to_owned());
    let owner = NewMember::new(at("owner")?, password.clone()).await?;
    let new = NewTenant {
        slug: Slug::parse(slug).map_err(Failure::new)?,
        name: name.to_owned(),
        sender_name: name.to_owned(),
        sender_address: at("hello")?,
        privacy_contact: at("privacy")?,
        postal_address: postal_address.to_owned(),
    };
    tenant::create(store, new, owner).await?;
    let missing = || Failure(format!("the demo's tenant {slug} is missing"));
    let signed_in = session::sign_in(store, slug, &at("owner")?.expose(), password, None).await?;
    Ok(House {
        owner: signed_in.ok_or_else(missing)?.access.ctx,
        anybody: tenant::by_slug(store, slug).await?.ok_or_else(missing)?,
    })
}

fn purpose(code: &str, name: &str, description: &str, kind: PurposeKind) -> Result<PurposeDraft, Failure> {
    Ok(PurposeDraft {
        code: PurposeCode::parse(code).map_err(Failure::new)?,
        name: name.to_owned(),
        description: description.to_owned(),
        kind,
    })
}

fn newsletter() -> Result<PurposeDraft, Failure> {
    let description = "News from the workshop, about once a month.";
    purpose("newsletter", "Newsletter", description, PurposeKind::Marketing)
}

fn offers() -> Result<PurposeDraft, Failure> {
    let description = "Offers on our products, at most twice a month.";
    purpose("offers", "Offers", description, PurposeKind::Marketing)
}

const POLICY: &str = "## What we hold\n\nYour e-mail address, and your name if you tell us.\n\n\
    ## What we do with it\n\nOnly what is listed here as a purpose, and only what you agreed to.\n\n\
    ## What we never do\n\nWe do not sell, rent or share it without your permission or a court order.\n";

struct Teller<'a> {
    store: &'a Store,
    clock: &'a ShiftedClock,
    house: House,
}

impl Teller<'_> {
    async fn write(&self) -> Result<TenantTx<assent_entity::Write>, Failure> {
        Ok(TenantTx::write(self.store, self.house.owner).await?)
    }

    async fn write_as_anybody(&self) -> Result<TenantTx<assent_entity::Write>, Failure> {
        Ok(TenantTx::write(self.store, self.house.anybody).await?)
    }

    async fn post(
        &self,
        summary: &str,
        purposes: Vec<PurposeDraft>,
        parties: Vec<PartyDraft>,
        in_days: u32,
    ) -> Result<PolicyVersionId, Failure> {
        let mut tx = self.write().await?;
        let (body, summary) = (POLICY.to_owned(), summary.to_owned());
        let id = policy::draft(
            &mut tx,
            NewVersion {
                body,
                summary,
                purposes,
                parties,
            },
        )
        .await?;
        let effective_at = tx.now().after(in_days * DAY);
        policy::post(&mut tx, id, effective_at).await?;
        tx.commit().await?;
        drain(self.store).await?;
        Ok(id)
    }

    /// The first policy, the list and the form.
    async fn begin(&self) -> Result<MailingListId, Failure> {
        self.post("Our first policy.", vec![newsletter()?], Vec::new(), 0)
            .await?;
        let mut tx = self.write().await?;
        let list = mailing_list::create(&mut tx, "News", OptIn::Double, &["newsletter".to_owned()]).await?;
        tx.commit().await?;
        let statement = "Send me the newsletter, about once a month.";
        self.open_form("news", "Our newsletter", list, &[("newsletter", statement)])
            .await?;
        Ok(list)
    }

    async fn open_form(
        &self,
        slug: &str,
        name: &str,
        list: MailingListId,
        choices: &[(&str, &str)],
    ) -> Result<(), Failure> {
        let choices = choices.iter().map(|(code, statement)| {
            Ok((
                PurposeCode::parse(code).map_err(Failure::new)?,
                (*statement).to_owned(),
            ))
        });
        let new = NewCollectionPoint {
            slug: Slug::parse(slug).map_err(Failure::new)?,
            name: name.to_owned(),
            lists: vec![list],
            fields: vec![Field {
                name: FieldName::Name,
                required: false,
            }],
            choices: choices.collect::<Result<_, Failure>>()?,
            parties: Vec::new(),
            language: Language::english(),
            translations: Vec::new(),
        };
        let mut tx = self.write().await?;
        collection_point::create(&mut tx, new).await?;
        Ok(tx.commit().await?)
    }

    /// A second version names offers; when it is in force, the list is used for them, and a form asks.
    async fn name_offers(&self, list: MailingListId) -> Result<(), Failure> {
        let summary = "We would like to send offers too. You get them only if you choose to.";
        self.post(summary, vec![newsletter()?, offers()?], Vec::new(), 8)
            .await?;
        self.clock.forward(9 * DAY);
        let mut tx = self.write().await?;
        mailing_list::add_purpose(&mut tx, list, "offers").await?;
        tx.commit().await?;
        let newsletter = "Send me the newsletter, about once a month.";
        let offers = "Send me offers on bicycles and parts, at most twice a month.";
        self.open_form(
            "spring",
            "News and offers",
            list,
            &[("newsletter", newsletter), ("offers", offers)],
        )
        .await
    }

    /// One person signs up, and does what they do.
    async fn live(
        &self,
        name: &str,
        form: &str,
        ticked: &[&str],
        past: Past,
        list: MailingListId,
    ) -> Result<(), Failure> {
        let email =
            EmailAddress::parse(&format!("{}@people.example", name.to_lowercase())).map_err(Failure::new)?;
        let mut tx = self.write_as_anybody().await?;
        let point = collection_point::by_slug(&tx, form).await?;
        let point = point.ok_or_else(|| Failure(format!("the demo's form {form} is missing")))?;
        let request = JoinRequest {
            email: email.clone(),
            name: name.to_owned(),
            company: String::new(),
            choices: ticked
                .iter()
                .map(|code| ((*code).to_owned(), true))
                .collect::<BTreeMap<_, _>>(),
            source: ConsentSource::Form,
            evidence: None,
        };
        let (_, person) = opt_in::join(&mut tx, point, &request).await?;
        tx.commit().await?;
        let Some(person) = person else { return Ok(()) };
        if past == Past::NeverConfirmed {
            return Ok(());
        }
        let mut tx = self.write_as_anybody().await?;
        let asked: OptInId = opt_in::latest_of(&tx, person.id).await?;
        opt_in::confirm(&mut tx, asked, person.id).await?;
        tx.commit().await?;
        self.live_on(person.id, &email, past, list).await
    }

    async fn live_on(
        &self,
        of: SubscriberId,
        email: &EmailAddress,
        past: Past,
        list: MailingListId,
    ) -> Result<(), Failure> {
        let mut tx = self.write_as_anybody().await?;
        let newsletter = BTreeSet::from(["newsletter".to_owned()]);
        match past {
            Past::Confirmed | Past::NeverConfirmed => {}
            Past::TookItBack => {
                let choices = Choices {
                    purposes: newsletter,
                    lists: BTreeSet::from([list]),
                    ..Choices::default()
                };
                preferences::save(&mut tx, of, &choices).await?;
            }
            Past::LeftTheList => {
                let purposes = BTreeSet::from(["newsletter".to_owned(), "offers".to_owned()]);
                let choices = Choices {
                    purposes,
                    ..Choices::default()
                };
                preferences::save(&mut tx, of, &choices).await?;
            }
            Past::NoMailOfAnySort => preferences::opt_out_at_form(&mut tx, email).await?,
            Past::MailboxGone => {
                suppression::add_for(&mut tx, of, SuppressionReason::HardBounced, "demo").await?;
            }
            Past::ReportedAsSpam => {
                suppression::add_for(&mut tx, of, SuppressionReason::Complained, "demo").await?;
            }
        }
        Ok(tx.commit().await?)
    }

    /// A third version, which is to come, names measuring and an outside party.
    async fn announce_measuring(&self) -> Result<PolicyVersionId, Failure> {
        let measuring = purpose(
            "measuring",
            "Measuring",
            "Counting which links are followed, to write better letters.",
            PurposeKind::Analytics,
        )?;
        let party = PartyDraft {
            name: "Parcel Post".to_owned(),
            why: "They deliver what you order.".to_owned(),
            what: "Your name and address, when you order.".to_owned(),
            fields: [PersonField::Email, PersonField::Name].into(),
            hosts: Vec::new(),
        };
        let summary = "We would like to count which links are followed, if you agree, and we name the carrier \
                       that delivers orders.";
        self.post(
            summary,
            vec![newsletter()?, offers()?, measuring],
            vec![party],
            10,
        )
        .await
    }

    async fn send_offers(&self, list: MailingListId) -> Result<(CampaignId, Progress), Failure> {
        let mut tx = self.write().await?;
        let new = NewCampaign {
            name: "Spring offers".to_owned(),
            purpose: "offers".to_owned(),
            lists: vec![list],
            segment: None,
            preheader: String::new(),
            subject: SUBJECT.to_owned(),
            body_format: BodyFormat::Markdown,
            body_source: BODY.to_owned(),
            content: Vec::new(),
            if_unknown: IfUnknown::default(),
        };
        let id = campaign::create(&mut tx, new).await?;
        let now = tx.now();
        campaign::schedule(&mut tx, id, now).await?;
        tx.commit().await?;
        drain(self.store).await?;
        let tx = TenantTx::read(self.store, self.house.owner).await?;
        let mailing = campaign::mailing_of(&tx, id).await?;
        let mailing = mailing.ok_or_else(|| Failure("the demo's campaign was not sent".to_owned()))?;
        Ok((id, delivery::progress(&tx, mailing).await?))
    }

    async fn told(
        &self,
        base_url: &str,
        upcoming: PolicyVersionId,
        campaign: CampaignId,
        progress: Progress,
    ) -> Result<Told, Failure> {
        let tx = TenantTx::read(self.store, self.house.owner).await?;
        let links = Links::new(self.store, self.house.owner, base_url, "riverside");
        let jonas = EmailAddress::parse("jonas@people.example").map_err(Failure::new)?;
        let jonas = assent_entity::subscriber::with_address(&tx, &jonas).await?;
        let jonas = jonas.ok_or_else(|| Failure("Jonas is missing from the demo".to_owned()))?;
        let to_jonas = Reader::from(&jonas);
        let mailing = campaign::mailing_of(&tx, campaign).await?;
        let mailing = mailing.ok_or_else(|| Failure("the demo's campaign was not sent".to_owned()))?;
        let now = self.clock.now();
        Ok(Told {
            campaign: campaign::by_id(&tx, campaign).await?.name,
            notices: policy::notices(&tx, upcoming).await?.unwrap_or_default(),
            preferences: links.preferences(to_jonas, now),
            unsubscribe: links.unsubscribe(to_jonas, mailing, now),
            progress,
        })
    }
}
