//! An identity provider on loopback that says what a test wants it to say, true or not.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use assent_domain::clock::Timestamp;
use assent_tests::hook::{Call, Hook, Reply};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    RsaPublicKeyComponents,
};
use aws_lc_rs::{digest, hmac};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};

pub(crate) const CLIENT: &str = "assent-as-they-know-it";
pub(crate) const SECRET: &str = "kept.by+both/sides=of:it";

/// How a token is forged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forged {
    /// It is not.
    No,
    /// RS256, by the provider's other key.
    Rsa,
    /// Nobody signed it.
    AlgNone,
    /// Nobody signed it, and it says so in other letters.
    AlgNoneMixed,
    /// HS256, by the client's secret.
    ClientSecret,
    /// HS256, by the public key as everybody can read it.
    PublicKey,
    /// By a key that nobody knows, under the id of the one that all do.
    OtherKey,
    /// By a key that stands in the header.
    OwnHeader,
    /// What it says was changed after it was signed.
    Payload,
    /// It is not one.
    Nonsense,
    /// There is none.
    Missing,
}

/// What the provider says of whoever signs in.
#[derive(Clone, Debug)]
pub(crate) struct Says {
    /// Claims to be put in, or taken out where they are null.
    pub(crate) claims: Value,
    /// What `userinfo` says.
    pub(crate) user_info: Value,
    pub(crate) forged: Forged,
}

impl Says {
    /// That an account has an address, verified.
    pub(crate) fn of(subject: &str, email: &str) -> Self {
        Self {
            claims: json!({ "sub": subject, "email": email, "email_verified": true }),
            user_info: json!({}),
            forged: Forged::No,
        }
    }

    /// The same, with another claim.
    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        self.claims[name] = value;
        self
    }

    /// The same, forged.
    pub(crate) fn forged(self, forged: Forged) -> Self {
        Self { forged, ..self }
    }
}

/// A code that was given out.
struct Issued {
    says: Says,
    nonce: String,
    challenge: String,
    redirect: String,
    at: Timestamp,
}

#[derive(Default)]
struct Desk {
    issued: BTreeMap<String, Issued>,
    /// What goes out by an access token.
    user_info: BTreeMap<String, Value>,
    /// What the description says in place of the truth.
    description: Value,
}

struct Keys {
    own: EcdsaKeyPair,
    rsa: RsaKeyPair,
    other: EcdsaKeyPair,
}

pub(crate) struct Provider {
    pub(crate) hook: Hook,
    desk: Arc<Mutex<Desk>>,
}

fn text(octets: impl AsRef<[u8]>) -> String {
    BASE64URL_NOPAD.encode(octets.as_ref())
}

fn ec_jwk(key: &EcdsaKeyPair, id: &str) -> Value {
    let point = key.public_key().as_ref();
    json!({ "kty": "EC", "crv": "P-256", "kid": id, "use": "sig", "alg": "ES256",
            "x": text(&point[1..33]), "y": text(&point[33..65]) })
}

impl Keys {
    fn new() -> Self {
        let ec = || EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self {
            own: ec(),
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            other: ec(),
        }
    }

    fn set(&self) -> Value {
        let RsaPublicKeyComponents { n, e } = RsaPublicKeyComponents::<Vec<u8>>::from(self.rsa.public_key());
        json!({ "keys": [
            ec_jwk(&self.own, "own"),
            { "kty": "RSA", "kid": "rsa", "use": "sig", "alg": "RS256", "n": text(n), "e": text(e) },
            { "kty": "OKP", "crv": "X25519", "kid": "of another kind", "x": "AA" },
        ] })
    }

    fn sign(&self, claims: &Value, forged: Forged) -> String {
        let (alg, kid) = match forged {
            Forged::Rsa => ("RS256", "rsa"),
            Forged::AlgNone => ("none", "own"),
            Forged::AlgNoneMixed => ("nOnE", "own"),
            Forged::ClientSecret | Forged::PublicKey => ("HS256", "own"),
            Forged::Nonsense => return "ey.no.token".to_owned(),
            _ => ("ES256", "own"),
        };
        let mut header = json!({ "alg": alg, "kid": kid, "typ": "JWT" });
        if forged == Forged::OwnHeader {
            header["jwk"] = ec_jwk(&self.other, "own");
        }
        let mut claims = claims.clone();
        let mut signed = format!("{}.{}", text(header.to_string()), text(claims.to_string()));
        let random = SystemRandom::new();
        let signature = match forged {
            Forged::AlgNone | Forged::AlgNoneMixed => Vec::new(),
            Forged::ClientSecret => mac(SECRET.as_bytes(), &signed),
            Forged::PublicKey => mac(self.own.public_key().as_ref(), &signed),
            Forged::OtherKey | Forged::OwnHeader => {
                let signature = self.other.sign(&random, signed.as_bytes());
                signature.unwrap().as_ref().to_vec()
            }
            Forged::Rsa => {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                let rule = &RSA_PKCS1_SHA256;
                self.rsa
                    .sign(rule, &random, signed.as_bytes(), &mut signature)
                    .unwrap();
                signature
            }
            _ => {
                let signature = self.own.sign(&random, signed.as_bytes());
                signature.unwrap().as_ref().to_vec()
            }
        };
        if forged == Forged::Payload {
            claims["sub"] = json!("somebody else");
            signed = format!("{}.{}", text(header.to_string()), text(claims.to_string()));
        }
        format!("{signed}.{}", text(signature))
    }
}

fn mac(key: &[u8], signed: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, signed.as_bytes()).as_ref().to_vec()
}

fn body(value: &Value) -> Reply {
    answer(200, &value.to_string())
}

pub(crate) fn answer(status: u16, body: &str) -> Reply {
    let length = body.len();
    Reply::Raw(format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    ))
}

pub(crate) fn query_of(text: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| {
        let mut octets = Vec::new();
        let mut rest = text.bytes();
        while let Some(octet) = rest.next() {
            match octet {
                b'+' => octets.push(b' '),
                b'%' => {
                    let digits: String = rest.by_ref().take(2).map(char::from).collect();
                    octets.push(u8::from_str_radix(&digits, 16).unwrap());
                }
                octet => octets.push(octet),
            }
        }
        String::from_utf8(octets).unwrap()
    };
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

impl Provider {
    pub(crate) fn start() -> Self {
        Self::answering(|_, _| None)
    }

    /// One that answers some requests in another way.
    pub(crate) fn answering(plan: impl Fn(&Call, &Value) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let (keys, desk) = (Keys::new(), Arc::<Mutex<Desk>>::default());
        let own = Arc::clone(&desk);
        let hook = Hook::start(move |_, call| {
            let issuer = format!("http://{}", call.fields["host"]);
            let mut desk = own.lock().unwrap();
            let described = description(&issuer, &desk.description);
            if let Some(reply) = plan(call, &described) {
                return reply;
            }
            match call.target.split('?').next().unwrap() {
                "/.well-known/openid-configuration" => body(&described),
                "/keys" => body(&keys.set()),
                "/token" => desk.redeem(call, &keys, &issuer),
                "/me" => desk.tell(call),
                _ => Reply::Status(404),
            }
        });
        Self { hook, desk }
    }

    pub(crate) fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.hook.port)
    }

    /// Lets the description say something else.
    pub(crate) fn describe(&self, name: &str, value: Value) {
        let mut desk = self.desk.lock().unwrap();
        if desk.description.is_null() {
            desk.description = json!({});
        }
        desk.description[name] = value;
    }

    /// Lets somebody sign in who was sent there, and gives the code that goes back.
    pub(crate) fn sign_in(&self, asked: &BTreeMap<String, String>, says: Says, at: Timestamp) -> String {
        let mut desk = self.desk.lock().unwrap();
        let code = format!("code-{}", desk.issued.len());
        let issued = Issued {
            says,
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            redirect: asked["redirect_uri"].clone(),
            at,
        };
        desk.issued.insert(code.clone(), issued);
        code
    }

    /// Which addresses were asked for, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.hook.calls().into_iter().map(|call| call.target).collect()
    }
}

fn description(issuer: &str, but: &Value) -> Value {
    let mut described = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/me"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code", "code id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["none", "HS256", "ES256", "RS256", "of the future"],
    });
    for (name, value) in but.as_object().into_iter().flatten() {
        described[name] = value.clone();
    }
    described
}

impl Desk {
    fn redeem(&mut self, call: &Call, keys: &Keys, issuer: &str) -> Reply {
        let form = query_of(&call.body);
        let credentials = call
            .fields
            .get("authorization")
            .and_then(|field| field.strip_prefix("Basic "));
        let credentials =
            credentials.map(|text| String::from_utf8(BASE64.decode(text.as_bytes()).unwrap()).unwrap());
        let known = match credentials.as_deref().and_then(|text| text.split_once(':')) {
            Some((id, secret)) => query_of(&format!("id={id}&secret={secret}")) == pair(CLIENT, SECRET),
            None => {
                form.get("client_id").map(String::as_str) == Some(CLIENT) && form["client_secret"] == SECRET
            }
        };
        if !known {
            return answer(
                401,
                r#"{"error":"invalid_client","error_description":"<b>ann@example.org</b>"}"#,
            );
        }
        let Some(given) = self.issued.remove(&form["code"]) else {
            return answer(400, r#"{"error":"invalid_grant"}"#);
        };
        let verifier = digest::digest(&digest::SHA256, form["code_verifier"].as_bytes());
        if text(verifier) != given.challenge || form["redirect_uri"] != given.redirect {
            return answer(400, r#"{"error":"invalid_grant"}"#);
        }
        let seconds = given.at.micros() / 1_000_000;
        let mut claims = json!({ "iss": issuer, "aud": CLIENT, "nonce": given.nonce, "iat": seconds, "exp": seconds + 300 });
        for (name, value) in given.says.claims.as_object().unwrap() {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            } else {
                claims[name] = value.clone();
            }
        }
        let access = format!("access-{}", form["code"]);
        self.user_info.insert(access.clone(), given.says.user_info);
        let mut said = json!({ "access_token": access, "token_type": "Bearer", "expires_in": 60 });
        if given.says.forged != Forged::Missing {
            said["id_token"] = json!(keys.sign(&claims, given.says.forged));
        }
        body(&said)
    }

    fn tell(&self, call: &Call) -> Reply {
        let token = call.fields["authorization"].strip_prefix("Bearer ").unwrap();
        body(&self.user_info[token])
    }
}

fn pair(id: &str, secret: &str) -> BTreeMap<String, String> {
    [("id", id), ("secret", secret)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}
