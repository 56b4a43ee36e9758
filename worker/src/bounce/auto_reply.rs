//! Automatic replies (RFC 3834): people who are away, tickets, confirmations.

use std::sync::LazyLock;

use regex::Regex;

use super::entity::Mail;
use super::rules::pattern;

static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\s*(?:(?:re|aw|sv|fwd?)\s*:\s*)*(?:\[?auto(?:mat(?:ic|ed|isch\w*|ique|[iy]cz\w*))?[- ]?(?:reply|response|responder|antwort|svar)|automatische antwort|automatisch antwoord|r[ée]ponse automatique|risposta automatica|respuesta autom[áa]tica|resposta autom[áa]tica|автоответ|автоматический ответ|自動応答|自動返信|自动回复|자동 ?회신|out of (?:the )?office|away from (?:the |my )?(?:office|mail|e-mail)|abwesen|nicht im (?:hause|b[üu]ro)|afwezig|absence du bureau|absent|fuera de (?:la )?oficina|fuori (?:sede|ufficio)|vacation\b|on (?:vacation|holiday|leave)\b|urlaub|i am (?:on vacation|out of)|不在)",
    )
});

/// Whether the mail says so itself: by the standard, or by what there was before it.
fn is_labelled(mail: &Mail) -> bool {
    let header = &mail.header;
    let submitted = header.get("auto-submitted").trim().to_ascii_lowercase();
    let precedence = header.get("precedence").trim().to_ascii_lowercase();
    submitted.starts_with("auto-replied")
        || matches!(precedence.as_str(), "auto_reply" | "auto-reply")
        || [
            "x-autoreply",
            "x-autorespond",
            "x-autoresponder",
            "x-auto-response-from",
            "x-autoreply-from",
        ]
        .iter()
        .any(|name| header.has(name))
}

/// Whether it surely is one, whatever words it holds: the subject says so, and no server says that something failed.
pub(super) fn says_so(mail: &Mail) -> bool {
    let is_report = mail.header.has("x-failed-recipients") || mail.header.report_type().is_some();
    !is_report && SUBJECT.is_match(mail.header.get("subject"))
}

/// Whether a mail that is no report looks like one.
pub(super) fn looks_like_one(mail: &Mail) -> bool {
    is_labelled(mail)
}
