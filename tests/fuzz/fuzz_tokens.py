"""Access tokens that nobody issued: each attack on JSON Web Tokens that has a name (RFC 8725), as one row. All of them are
refused as if no token had been sent; in the same run a good token is taken, before and after.
"""

import base64
import json
import time
import uuid

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from judge import faults
from target import OTHER_OWNER
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

WHO = "{ viewer { member { id } tenant { slug } } }"
SOMEBODYS_KEY = Ed25519PrivateKey.generate()


def encoded(value):
    octets = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def signed(header, claims, key=SOMEBODYS_KEY):
    """A token with a good signature of some key; header and claims may be octets."""
    text = f"{encoded(header)}.{encoded(claims)}"
    return f"{text}.{encoded(key.sign(text.encode()))}"


class Good:
    """A token that counts, and what forgers know: all of it, another tenant's, and the public key."""

    def __init__(self, server):
        self.token = server.sign_in()
        self.others = server.sign_in("harbour", OTHER_OWNER)
        self.other_claims = json.loads(decoded(self.others.split(".")[1]))
        self.head, self.body, self.signature = self.token.split(".")
        self.header, self.claims = json.loads(decoded(self.head)), json.loads(decoded(self.body))
        self.jwk = server.send("GET", "/.well-known/jwks.json").json["keys"][0]
        self.key = jwt.PyJWK(self.jwk).key
        # What nobody outside has: the server's own key, as domain/src/keys.rs derives it, to try what stands behind the signature.
        secret = (server.directory / "data/secret").read_bytes().strip()
        seed = HKDF(SHA256(), 32, None, b"assent access token v2").derive(secret)
        self.own = Ed25519PrivateKey.from_private_bytes(seed)

    def with_header(self, **members):
        """Our header with some members changed, everything else right, signed by somebody."""
        return signed(self.header | members, self.claims)

    def with_claims(self, **members):
        return signed(self.header, self.claims | members)

    def rewritten(self, header=None, claims=None):
        """Another header or other claims under the good signature."""
        return ".".join([encoded(header or self.header), encoded(claims or self.claims), self.signature])

    def hmac(self, algorithm, secret):
        header = self.header | {"alg": algorithm}
        text = f"{encoded(header)}.{encoded(self.claims)}"
        made = jwt.get_algorithm_by_name(algorithm)
        # PyJWT refuses to take a public key for a secret, so what it would check is left out.
        return f"{text}.{encoded(made.sign(text.encode(), secret))}"


def own_jwk():
    public = SOMEBODYS_KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "x": encoded(public), "alg": "EdDSA", "use": "sig"}


def pem(good):
    return good.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def by_rsa(good):
    key = generate_private_key(65537, 2048)
    return jwt.encode(good.claims, key, "RS256", headers=good.header | {"alg": "RS256"})


def other_bits(good):
    """The good signature with its last bits, which Base64 does not need, set otherwise: the same octets, another text."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return good.token[:-1] + letters[letters.index(good.token[-1]) ^ 1]


def swapped(good):
    """The other tenant's claims, with the signature of one's own token."""
    return f"{good.head}.{good.others.split('.')[1]}.{good.signature}"


NONES = ["none", "None", "NONE", "nOnE", ""]
KIDS = {
    "of a path": "../../../../../../dev/null", "of SQL": "' UNION SELECT 'key' --", "unknown": "nobody", "an array": ["a", "b"],
    "an object": {"$ne": None}, "a number": 0, "null": None, "huge": "x" * 1500, "of an address": "http://127.0.0.1:1/key",
    "with NUL": "a\u0000b", "of a command": "$(id)", "empty": "",
}  # fmt: skip
ATTACKS = {
    **{
        f"alg {alg!r} without signature": lambda good, alg=alg: f"{encoded(good.header | {'alg': alg})}.{good.body}."
        for alg in NONES
    },
    **{
        f"alg {alg!r} with the signature": lambda good, alg=alg: good.rewritten(good.header | {"alg": alg})
        for alg in NONES
    },
    "HS256 with the public key as PEM": lambda good: good.hmac("HS256", pem(good)),
    "HS256 with the octets of the public key": lambda good: good.hmac("HS256", decoded(good.jwk["x"])),
    "HS256 with x of the public key": lambda good: good.hmac("HS256", good.jwk["x"].encode()),
    "HS512 with the octets of the public key": lambda good: good.hmac("HS512", decoded(good.jwk["x"])),
    "HS256 with an empty secret": lambda good: good.hmac("HS256", b""),
    "RS256 with a key of one's own": by_rsa,
    "alg Ed25519, the other name of it": lambda good: good.with_header(alg="Ed25519"),
    "alg of another kind": lambda good: good.rewritten(good.header | {"alg": 7}),
    "a signature of somebody, under our kid": lambda good: signed(good.header, good.claims),
    **{f"a kid that is {what}": lambda good, kid=kid: good.with_header(kid=kid) for what, kid in KIDS.items()},
    **{
        f"a kid that is {what}, under the good signature": lambda good, kid=kid: good.rewritten(
            good.header | {"kid": kid}
        )
        for what, kid in KIDS.items()
    },
    "no kid": lambda good: signed({k: v for k, v in good.header.items() if k != "kid"}, good.claims),
    "a key of one's own in jwk": lambda good: good.with_header(jwk=own_jwk()),
    "an address of keys in jku": lambda good: good.with_header(jku="http://127.0.0.1:1/jwks.json"),
    "an address of a certificate in x5u": lambda good: good.with_header(x5u="http://127.0.0.1:1/a.pem"),
    "a certificate in x5c": lambda good: good.with_header(x5c=["MIIB"]),
    "crit with something unknown": lambda good: good.with_header(crit=["exp"], exp=1),
    "b64 false": lambda good: good.with_header(crit=["b64"], b64=False),
    "zip": lambda good: good.with_header(zip="DEF"),
    "cty of a token within": lambda good: good.with_header(cty="JWT"),
    "typ JWT": lambda good: good.with_header(typ="JWT"),
    "typ in capitals": lambda good: good.with_header(typ="AT+JWT"),
    "no typ": lambda good: signed({k: v for k, v in good.header.items() if k != "typ"}, good.claims),
    "another member in the header, under the good signature": lambda good: good.rewritten(good.header | {"more": 1}),
    "a header that is no object": lambda good: signed(b"[]", good.claims),
    "a header that is no JSON": lambda good: signed(b"{", good.claims),
    "a header with alg twice": lambda good: signed(
        b'{"alg":"none",' + json.dumps(good.header).encode()[1:], good.claims
    ),
    "expired": lambda good: good.with_claims(exp=int(time.time()) - 3600),
    "expired, under the good signature": lambda good: good.rewritten(
        claims=good.claims | {"exp": good.claims["exp"] + 10**6}
    ),
    "an exp of infinity": lambda good: signed(good.header, json.dumps(good.claims | {"exp": float("inf")}).encode()),
    "an exp that is text": lambda good: good.with_claims(exp=str(good.claims["exp"])),
    "an exp beyond 64 bits": lambda good: good.with_claims(exp=10**30),
    "an exp below zero": lambda good: good.with_claims(exp=-(2**63)),
    "not yet valid": lambda good: good.with_claims(nbf=int(time.time()) + 3600),
    "another audience": lambda good: good.with_claims(aud="somebody-else"),
    "several audiences": lambda good: good.with_claims(aud=["assent-api", "somebody-else"]),
    "another issuer": lambda good: good.with_claims(iss="https://evil.example"),
    "several issuers": lambda good: good.with_claims(iss=[good.claims["iss"], "https://evil.example"]),
    "another tenant's claims, signed by somebody": lambda good: signed(good.header, decoded(good.others.split(".")[1])),
    "another tenant's claims, under the good signature": swapped,
    "another tenant's id": lambda good: good.rewritten(claims=good.claims | {"tenant": good.other_claims["tenant"]}),
    "another member": lambda good: good.rewritten(claims=good.claims | {"sub": "member_00000000000000000000000000"}),
    "another session": lambda good: good.rewritten(claims=good.claims | {"sid": f"session_{uuid.uuid4().hex[:26]}"}),
    "a tenant of SQL": lambda good: good.with_claims(tenant="' OR 1=1 --"),
    "a claim left out": lambda good: signed(good.header, {k: v for k, v in good.claims.items() if k != "sid"}),
    "a claim twice": lambda good: signed(good.header, json.dumps(good.claims)[:-1].encode() + b',"sub":"member_1"}'),
    "claims in another order": lambda good: good.rewritten(claims=dict(reversed(good.claims.items()))),
    "claims that are no object": lambda good: signed(good.header, b"null"),
    "claims nested deep": lambda good: signed(good.header, b"[" * 1000),
    "claims that are not UTF-8": lambda good: signed(good.header, b'{"iss":"\xff"}'),
    "an empty signature": lambda good: f"{good.head}.{good.body}.",
    "a signature of zeros": lambda good: f"{good.head}.{good.body}.{encoded(bytes(64))}",
    "a signature of ones": lambda good: f"{good.head}.{good.body}.{encoded(bytes([255] * 64))}",
    "a signature cut short": lambda good: good.token[:-4],
    "a signature with more behind it": lambda good: good.token + "AAAA",
    "a signature with other bits behind it": other_bits,
    "a signature with padding": lambda good: good.token + "==",
    "two parts": lambda good: f"{good.head}.{good.body}",
    "four parts": lambda good: good.token + ".AAAA",
    "five parts, as of JWE": lambda good: f"{encoded({'alg': 'dir', 'enc': 'A128GCM'})}..AAAA.AAAA.AAAA",
    "dots alone": lambda good: "..",
    "a JWS as JSON": lambda good: json.dumps(
        {"payload": good.body, "protected": good.head, "signature": good.signature}
    ),
    "the letters of standard Base64": lambda good: good.token.replace("-", "+").replace("_", "/") + "=",
    "the public key itself": lambda good: good.jwk["x"],
    "2,049 octets": lambda good: good.token + "A" * (2049 - len(good.token)),
    "16 KiB": lambda good: good.token + "A" * (16 * 1024),
    "a receipt's, a link's: another token of this server": lambda good: "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30.AAAA",
    "a partner's prefix with nothing": lambda good: "assent_token_",
    "a partner's prefix with SQL": lambda good: "assent_token_' OR 1=1 --",
    "a partner's prefix and a megabyte less a little": lambda good: "assent_token_" + "A" * 30_000,
    "a refresh token's prefix": lambda good: "assent_refresh_" + "A" * 40,
}


# Signed with the server's own key, as by a mistake of its own: each claim is looked at all the same.
MISTAKES = {
    "expired": lambda good: {"exp": int(time.time()) - 1},
    "expired at the beginning of time": lambda good: {"exp": -(2**63)},
    "an exp beyond 64 bits": lambda good: {"exp": 10**30},
    "an exp that is text": lambda good: {"exp": str(good.claims["exp"])},
    "an exp of null": lambda good: {"exp": None},
    "another audience": lambda good: {"aud": "somebody-else"},
    "several audiences": lambda good: {"aud": ["assent-api", "somebody-else"]},
    "no audience": lambda good: {"aud": None},
    "another issuer": lambda good: {"iss": "https://evil.example"},
    "the issuer with a slash": lambda good: {"iss": good.claims["iss"] + "/"},
    "several issuers": lambda good: {"iss": [good.claims["iss"], "https://evil.example"]},
    "another tenant": lambda good: {"tenant": good.other_claims["tenant"]},
    "another member": lambda good: {"sub": good.other_claims["sub"]},
    "another session": lambda good: {"sid": good.other_claims["sid"]},
    "another tenant's member": lambda good: {"sub": good.other_claims["sub"], "tenant": good.other_claims["tenant"]},
    "another tenant's session": lambda good: {"sid": good.other_claims["sid"], "tenant": good.other_claims["tenant"]},
    "a session that there is not": lambda good: {"sid": "session_01m5g8dwt2e6db3r7j894jdw59"},
    "a session of another kind of id": lambda good: {"sid": good.claims["sub"]},
    "a tenant of SQL": lambda good: {"tenant": "' OR 1=1 --"},
}


@pytest.fixture(scope="module")
def good(server):
    return Good(server)


def who(server, token):
    return server.operation(WHO, token=token)


@pytest.mark.parametrize("attack", ATTACKS)
def no_forged_token_is_taken(server, good, attack):
    forged = ATTACKS[attack](good)
    assert forged != good.token
    answer = who(server, forged)
    assert faults(answer) == []
    assert answer.codes == ["UNAUTHENTICATED"], answer.text
    assert not answer.json.get("data"), answer.text


@pytest.mark.parametrize("mistake", MISTAKES)
def no_claim_goes_unseen(server, good, mistake):
    answer = who(server, signed(good.header, good.claims | MISTAKES[mistake](good), good.own))
    assert faults(answer) == []
    assert answer.codes == ["UNAUTHENTICATED"], answer.text


def the_good_token_is_taken_all_the_same(server, good):
    assert who(server, good.token).json["data"]["viewer"]["tenant"]["slug"] == "riverside"
    assert who(server, good.others).json["data"]["viewer"]["tenant"]["slug"] == "harbour"
    # The way in which forged ones are put together makes a good one where nothing is changed.
    assert ".".join([encoded(decoded(good.head)), encoded(decoded(good.body)), good.signature]) == good.token
    own = signed(good.header, good.claims | {"jti": "another"}, good.own)
    assert who(server, own).json["data"]["viewer"]["tenant"]["slug"] == "riverside"
    assert jwt.decode(good.token, good.key, ["EdDSA"], audience="assent-api", issuer=server.url)


def no_token_so_long_that_it_is_no_header_does_harm(server, good):
    for octets in 200_000, 2_000_000:
        try:
            answer = who(server, good.token + "A" * octets)
        except OSError:
            # The server does not read to the end.
            continue
        assert 400 <= answer.status < 500, answer.status
    server.assert_alive()


def no_forged_token_opens_a_websocket(server, good):
    def greet(token):
        with connect(f"ws://127.0.0.1:{server.port}/graphql", subprotocols=["graphql-transport-ws"]) as socket:
            socket.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}))
            return json.loads(socket.recv(timeout=10))["type"]

    assert greet(good.token) == "connection_ack"
    for attack in (
        "alg 'none' without signature",
        "HS256 with the public key as PEM",
        "a key of one's own in jwk",
        "an empty signature",
    ):
        with pytest.raises(ConnectionClosed) as closed:
            greet(ATTACKS[attack](good))
        assert closed.value.rcvd.code == 4403, attack


def no_token_counts_under_another_name_or_after_its_time(start):
    """The same session, keys and data: only the issuer is another, or a quarter of an hour has passed."""
    server = start("another_name")
    token = server.sign_in()
    own, server.url = server.url, "http://another.example"
    server.stop()
    server.serve()
    assert who(server, token).codes == ["UNAUTHENTICATED"]
    server.url = own
    server.stop()
    server.serve()
    assert who(server, token).codes == []
    server.days_ahead = 0.0105
    server.stop()
    server.serve()
    assert who(server, token).codes == ["UNAUTHENTICATED"]
