//! Messages of Amazon's notification service (SNS), and whether they are its own: each is signed with the key of a
//! certificate that lies on one of the service's own hosts, and nowhere else.

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use data_encoding::BASE64;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;
use url::Url;
use webpki::EndEntityCert;

/// What the service posts. The names are its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "the names are Amazon's")]
pub(super) struct Message {
    #[serde(rename = "Type")]
    pub(super) kind: String,
    pub(super) message_id: String,
    pub(super) topic_arn: String,
    subject: Option<String>,
    pub(super) message: String,
    pub(super) timestamp: String,
    signature_version: String,
    signature: String,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: String,
    #[serde(rename = "SubscribeURL")]
    subscribe_url: Option<String>,
    token: Option<String>,
}

impl Message {
    /// Where the certificate lies, if that is one of the service's hosts, in the region of the topic.
    pub(super) fn certificate_url(&self) -> Option<Url> {
        let url = self.url_of_service(&self.signing_cert_url)?;
        let name = url.path().strip_prefix("/SimpleNotificationService-")?;
        let name = name.strip_suffix(".pem")?;
        let is_plain = name.bytes().all(|octet| octet.is_ascii_alphanumeric());
        (is_plain && url.query().is_none()).then_some(url)
    }

    /// Where the subscription is confirmed, if that is one of the service's hosts.
    pub(super) fn confirmation_url(&self) -> Option<Url> {
        let url = self.url_of_service(self.subscribe_url.as_deref()?)?;
        let confirms = url
            .query_pairs()
            .any(|(name, value)| name == "Action" && value == "ConfirmSubscription");
        (url.path() == "/" && confirms).then_some(url)
    }

    /// An address on `sns.REGION.amazonaws.com`, where the region is that of the topic. Nothing else may stand in it that
    /// could lead elsewhere.
    fn url_of_service(&self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        let mut arn = self.topic_arn.split(':').skip(1);
        let (partition, region) = (arn.next()?, arn.nth(1)?);
        let suffix = if partition == "aws-cn" {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        let is_plain = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-';
        let is_region = !region.is_empty() && region.bytes().all(is_plain);
        let is_its_own = is_region
            && url.scheme() == "https"
            && url.host_str() == Some(&format!("sns.{region}.{suffix}"))
            && url.port().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none();
        is_its_own.then_some(url)
    }

    /// Whether the message is signed with the key of this certificate (PEM).
    pub(super) fn is_signed_with(&self, certificate: &[u8]) -> bool {
        let Some(algorithm) = self.algorithm() else {
            return false;
        };
        let (Some(signed), Ok(signature)) = (self.signed(), BASE64.decode(self.signature.as_bytes())) else {
            return false;
        };
        let Ok(certificate) = CertificateDer::from_pem_slice(certificate) else {
            return false;
        };
        let Ok(certificate) = EndEntityCert::try_from(&certificate) else {
            return false;
        };
        let key = certificate.subject_public_key_info();
        UnparsedPublicKey::new(algorithm, key.as_ref())
            .verify(signed.as_bytes(), &signature)
            .is_ok()
    }

    fn algorithm(&self) -> Option<&'static dyn VerificationAlgorithm> {
        match self.signature_version.as_str() {
            "1" => Some(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
            "2" => Some(&RSA_PKCS1_2048_8192_SHA256),
            _ => None,
        }
    }

    /// The text that is signed: names and values in turn, in alphabetical order, a line each.
    pub(super) fn signed(&self) -> Option<String> {
        let mut fields = vec![
            ("Message", self.message.as_str()),
            ("MessageId", &self.message_id),
        ];
        match self.kind.as_str() {
            "Notification" => fields.extend(self.subject.as_deref().map(|subject| ("Subject", subject))),
            "SubscriptionConfirmation" | "UnsubscribeConfirmation" => {
                fields.push(("SubscribeURL", self.subscribe_url.as_deref()?));
            }
            _ => return None,
        }
        fields.push(("Timestamp", &self.timestamp));
        if self.kind != "Notification" {
            fields.push(("Token", self.token.as_deref()?));
        }
        fields.extend([("TopicArn", self.topic_arn.as_str()), ("Type", &self.kind)]);
        let lines = fields.iter().flat_map(|(name, value)| [name, "\n", value, "\n"]);
        Some(lines.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(topic: &str, url: &str) -> Message {
        serde_json::from_value(json!({
            "Type": "Notification", "MessageId": "m", "TopicArn": topic, "Message": "hello", "Timestamp": "t",
            "SignatureVersion": "2", "Signature": "", "SigningCertURL": url, "SubscribeURL": url, "Token": "k",
        }))
        .unwrap()
    }

    const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:bounces";

    #[test]
    fn a_certificate_lies_on_the_host_of_the_topics_region_and_nowhere_else() {
        let good = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem";
        assert!(message(TOPIC, good).certificate_url().is_some());
        let china = "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0.pem";
        assert!(
            message("arn:aws-cn:sns:cn-north-1:1:b", china)
                .certificate_url()
                .is_some()
        );
        for bad in [
            "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem",
            "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0.pem",
            "https://evil.example/SimpleNotificationService-0.pem",
            "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-0.pem",
            "https://a:b@sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem",
            "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-0.pem",
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0.pem",
            "https://bucket.s3.amazonaws.com/SimpleNotificationService-0.pem",
            "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-../x.pem",
            "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem?x=y",
            "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem#y",
            "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
            "file:///etc/passwd",
            "",
        ] {
            assert!(message(TOPIC, bad).certificate_url().is_none(), "{bad}");
        }
        for topic in [
            "",
            "arn:aws:sns",
            "arn:aws:sns:eu-west-1.evil.example/:1:b",
            "arn:aws:sns::1:b",
        ] {
            assert!(message(topic, good).certificate_url().is_none(), "{topic}");
        }
    }

    #[test]
    fn a_subscription_is_confirmed_there_too() {
        let good = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=x&Token=y";
        assert!(message(TOPIC, good).confirmation_url().is_some());
        for bad in [
            "https://sns.eu-west-1.amazonaws.com/?Action=DeleteTopic",
            "https://sns.eu-west-1.amazonaws.com/other?Action=ConfirmSubscription",
            "https://169.254.169.254/?Action=ConfirmSubscription",
        ] {
            assert!(message(TOPIC, bad).confirmation_url().is_none(), "{bad}");
        }
    }

    #[test]
    fn what_is_signed_is_in_the_order_of_the_documentation() {
        let mut message = message(TOPIC, "u");
        let plain =
            format!("Message\nhello\nMessageId\nm\nTimestamp\nt\nTopicArn\n{TOPIC}\nType\nNotification\n");
        assert_eq!(message.signed().as_deref(), Some(plain.as_str()));
        message.subject = Some("s".to_owned());
        assert!(
            message
                .signed()
                .unwrap()
                .contains("MessageId\nm\nSubject\ns\nTimestamp")
        );
        message.kind = "SubscriptionConfirmation".to_owned();
        let confirmation = message.signed().unwrap();
        assert!(confirmation.contains("MessageId\nm\nSubscribeURL\nu\nTimestamp\nt\nToken\nk\nTopicArn"));
        message.kind = "Other".to_owned();
        assert_eq!(message.signed(), None);
    }
}
