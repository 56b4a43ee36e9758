//! What the demo prints: who got the campaign, who did not and why, and where to look next.

use std::path::Path;

use assent_domain::delivery::DeliveryStatus;
use assent_domain::permit::Refusal;

use super::say;
use super::story::Told;

fn because(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::TenantClosed => "the tenant is closed",
        Refusal::TenantSuspended => "the operator stopped the tenant",
        Refusal::OptedOutOfAll => "wants no mail of any sort",
        Refusal::Complained => "reported mail as spam",
        Refusal::Erased => "had their data erased",
        Refusal::HardBounced => "the mailbox does not exist",
        Refusal::Suppressed => "on a suppression list",
        Refusal::HeldByOperator => "held back by the operator",
        Refusal::Restricted => "had the use of their data restricted",
        Refusal::PurposeNotInPolicy => "the policy does not name this purpose",
        Refusal::ChoicePending => "joined before the policy named this purpose, and has not chosen yet",
        Refusal::NotConfirmed => "never confirmed that it was they who signed up",
        Refusal::Unsubscribed => "left the list",
        Refusal::NoConsent => "was asked, and did not say yes",
        Refusal::ConsentWithdrawn => "took their consent back",
        Refusal::Expired => "the consent's time is over",
        Refusal::AlreadySent => "has had this message",
        Refusal::NoWayOut => "the message would have had no way out",
        Refusal::NotRendered => "the message could not be made",
        Refusal::OutsidePartyNotInPolicy => "the policy does not name whom the content brings in",
        Refusal::TooLate => "the time for it had passed",
        Refusal::NotAMember => "a test goes to members of the tenant only",
    }
}

pub(super) fn print(told: &Told, base_url: &str, data_dir: &Path) {
    let sent = told.progress.of(DeliveryStatus::Sent);
    let refused: u64 = told.progress.refused.iter().map(|(_, people)| people).sum();
    say(format_args!(
        "\nCampaign {:?}, for the purpose \"offers\", to {} people:",
        told.campaign,
        told.progress.total()
    ));
    say(format_args!("  {sent:>3}  allowed and sent"));
    say(format_args!("  {refused:>3}  refused"));
    for (refusal, people) in &told.progress.refused {
        say(format_args!(
            "       {people:>3}  {:<20} {}",
            refusal.to_string(),
            because(*refusal)
        ));
    }
    say(format_args!(
        "\nA new policy version was announced to {} people by mail; {} want no mail and were left out, and counted.",
        told.notices.of(DeliveryStatus::Sent),
        told.notices.of(DeliveryStatus::Refused),
    ));
    say("\nOpen next:");
    for (what, address) in [
        ("the mail that went out", format!("{base_url}/dev/mailbox")),
        (
            "the form: sign up, and confirm from the mailbox",
            format!("{base_url}/t/riverside/join/spring"),
        ),
        (
            "the policy: in force, upcoming, earlier",
            format!("{base_url}/t/riverside/policy"),
        ),
        ("what Jonas agreed to, and can change", told.preferences.clone()),
        ("one click, and Jonas has left", told.unsubscribe.clone()),
        ("the API, signed in as below", format!("{base_url}/graphql")),
    ] {
        say(format_args!("  {what}\n    {address}"));
    }
    say("\nSign in: mutation { signIn(input: {tenant: \"riverside\", email: \"owner@riverside.example\",");
    say(
        "         password: \"a demo password\"}) { accessToken } }   (or tenant \"harbour\", owner@harbour.example)",
    );
    say(format_args!(
        "Check the ledger: cargo run -- verify --data-dir {}",
        data_dir.display()
    ));
}
