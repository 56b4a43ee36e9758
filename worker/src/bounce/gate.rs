//! Whether a mail without fields is a report at all. What people write may speak of mail that did not arrive, too.

use std::sync::LazyLock;

use regex::Regex;

use super::entity::Mail;
use super::notice;
use super::rules::pattern;

static FROM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)mailer-?_?daemon|post-?master|mail ?deliver|delivery (?:system|subsystem|agent)|mail[- ]?(?:admin|system|daemon|server)|maildelivery|bounce|system administrator|(?-u:\b)mmdf(?-u:\b)|antivirus|anti-spam|^\s*<>\s*$|^\s*$",
    )
});

static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)undeliver|un-deliver|non[- ]?deliver|not deliver|delivery[ -](?:status|failure|failed|report|delay|notification|notice|problem|error|unsuccess|has failed)|(?:mail|message|e-?mail) (?:status|delivery|system error|failure|could not|delay|undeliver|not deliver|rejected)|returned (?:mail|message|to sender|e-?mail)|returning (?:mail|message)|failed? (?:mail|delivery|message)|fail(?:ure|ed) (?:notice|delivery|notification|to deliver)|could not (?:be deliver|send|deliver)|couldn.t be deliver|rejected mail|rejected:|delayed mail|warning: could|unable to deliver|not be delivered|nondeliver|unzustellbar|nicht zustellbar|zustell(?:ung|fehler)|unbestellbar|mail refus|non (?:remis|distribu|recapit|entreg|consegn)|no se (?:ha podido|puede|pudo) entreg|devolvid|devuelto|mancata consegna|недоставлен|не доставлено|не может быть доставлен|配信|配送|送信できません|エラー|退信|无法投递|投递失败|loop alert|mail loop|mail error|smtp error|bounce|user unknown|mailbox full|over quota|quota exceeded",
    )
});

static TEXT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:could|can|was|were|has|have|is|be|been) ?(?:not|n.t) (?:be |been )?(?:able to )?(?:be )?(?:deliver|sent|send|reach)|cannot be (?:deliver|sent)|(?:un|not )able to (?:deliver|send|complete delivery)|undeliver|not delivered|wasn.t delivered|delivery (?:\w+ ){0,4}(?:failed|failure|error|problem|delay)|failed to (?:deliver|send)|attempting to deliver|error (?:has )?occurred|fail(?:ed|ure) (?:to|of) deliver|following (?:address|recipient|user)|(?:permanent|fatal|delivery) (?:error|failure)|did not (?:reach|receive)|has not been (?:deliver|sent)|transcript of (?:the )?session|returned to (?:the )?sender|error-for:|has been (?:delayed|postponed|rejected|returned|refused)|been automatically rejected|automatically rejected|unknown user|user unknown|no such user|mailbox (?:is )?full|over quota|message looping|nicht zugestellt|nicht zustellen|n.a pas pu|non [èe] stat|no se pudo|n[ãa]o foi poss|не может быть|не доставлено|送信でき|配信でき|届け|无法|failure reasons|duplicated message-id|not (?:a )?member of|number of messages in|wrong or no longer valid|tried to contact",
    )
});

/// What begins with this is the word of a program, whoever it says it is from.
static BEGINS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?is)^.{0,400}?(?:error message below:\s*[45]\d\d(?-u:\b)|this message was created automatically by mail delivery software|transcript of session follows|had permanent fatal errors|(?-u:\b)[45]\d\d[ -]{1,3}requested action not taken|this is the mail system at host)",
    )
});

/// Whether it is one: by what it says of itself, who sent it, and what it speaks of. One sign alone is not enough.
pub(super) fn is_report(mail: &Mail) -> bool {
    let header = &mail.header;
    if header.has("x-failed-recipients") || header.report_type() == Some("delivery-status") {
        return true;
    }
    if is_read_receipt(mail) {
        return false;
    }
    let subject = SUBJECT.is_match(header.get("subject"));
    // Programs for mailing lists that refuse what is sent to their lists.
    let from_list = header.has("x-mlserver");
    let from = from_list || FROM.is_match(header.get("from"));
    let to_nobody = header.has("return-path") && matches!(header.get("return-path").trim(), "" | "<>");
    let by_nobody = to_nobody && !is_answer(mail);
    if from && subject {
        return true;
    }
    let text = notice::text(mail);
    (from || subject || by_nobody) && TEXT.is_match(&text) || BEGINS.is_match(&text)
}

/// Mail that a person's program sends in answer to ours.
fn is_answer(mail: &Mail) -> bool {
    mail.header
        .get("auto-submitted")
        .to_ascii_lowercase()
        .starts_with("auto-replied")
        && !mail.header.has("x-failed-recipients")
}

/// Told of what somebody did with a message that arrived (RFC 8098).
fn is_read_receipt(mail: &Mail) -> bool {
    mail.header.report_type() == Some("disposition-notification")
        && mail
            .texts_of("message/disposition-notification")
            .any(|text| text.to_ascii_lowercase().contains("displayed"))
}
