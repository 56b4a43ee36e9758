"""Signing in by the company's identity provider, as far as a browser comes that refuses cookies: to the provider, since
the page's policy lets its button lead there, and back to a page that says what is missing.
"""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from house import COMPANY, OWNER, PASSWORD
from playwright.sync_api import expect

SET = """mutation ($input: SetIdentityProviderInput!) {
  setIdentityProvider(input: $input) { identityProvider { signInUrl redirectUrl } } }"""
# The base point of P-256 (FIPS 186): a key that nobody signs with.
POINT = {
    "x": "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
    "y": "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
}


class Provider(BaseHTTPRequestHandler):
    """Says what it is, and leads on to another host before it shows its page, as large ones do."""

    def do_GET(self):
        issuer = f"http://localhost:{self.server.server_port}"
        path = urlsplit(self.path).path
        if path == "/authorize":
            self.send_response(302)
            self.send_header("location", self.path.replace("/authorize", f"http://127.0.0.1:{self.server.server_port}/login"))
            self.end_headers()
        elif path == "/login":
            self.answer("text/html", "<!doctype html><title>Provider</title><h1>Who are you?</h1>")
        elif path == "/keys":
            key = {name: base64.urlsafe_b64encode(bytes.fromhex(hex)).decode().rstrip("=") for name, hex in POINT.items()}
            self.answer("application/json", json.dumps({"keys": [key | {"kty": "EC", "crv": "P-256"}]}))
        else:
            described = {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
            }
            self.answer("application/json", json.dumps(described))

    def answer(self, content_type, body):
        self.send_response(200)
        self.send_header("content-type", content_type)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def provider():
    """The issuer of a provider on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def p05_who_refuses_cookies_comes_to_the_provider_and_is_told_what_is_missing(house, visitor, provider):
    input = {"issuer": provider, "clientId": "acme", "clientSecret": "a secret of the two".replace(" ", "_"), "password": PASSWORD}
    set = house.ask(None, {"input": input}, query=SET)["setIdentityProvider"]["identityProvider"]
    visitor.opens(set["signInUrl"], f"Sign in for {COMPANY}", "sign-in")
    host = urlsplit(provider).netloc
    visitor.reads(f"{COMPANY} lets its members sign in by their account at {host}.", "a cookie keeps that it was this browser in which you began")
    visitor.goes_on_by(visitor.page.get_by_role("button", name=f"Go on to {host}", exact=True))
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Who are you?")
    asked = parse_qs(urlsplit(visitor.page.url).query)
    assert asked["redirect_uri"] == [set["redirectUrl"]]
    assert visitor.context.cookies() == []
    visitor.opens(
        f"{set['redirectUrl']}?code=a&state={asked['state'][0]}", "This sign-in counts no more", "sign-in-over", status=410
    )
    visitor.reads("which has to take a cookie for that time", "Begin again")
    visitor.follows("Begin again", f"Sign in for {COMPANY}", "sign-in")
    visitor.opens(f"{set['signInUrl']}/done", "You are signed in", "sign-in-done")


def p05_a_forgotten_password_is_asked_for_and_chosen_anew(house, visitor):
    page = f"{house.url}/t/acme/reset"
    visitor.opens(page, "Forgotten password", "forgotten")
    visitor.presses("Send me the link", "Forgotten password", "forgotten-wrong", status=422)
    visitor.fills("Your e-mail address", "nobody@example.org")
    visitor.presses("Send me the link", "Look into your mailbox", "forgotten-sent")
    visitor.opens(page, "Forgotten password", "forgotten-again")
    visitor.fills("Your e-mail address", OWNER)
    visitor.presses("Send me the link", "Look into your mailbox", "forgotten-sent-to-a-member")
    visitor.opens(house.mail(OWNER, "choose a new password").link("reset"), "Choose a new password", "reset")
    visitor.fills("New password", f"{PASSWORD} and a horse")
    visitor.presses("Save the password", "Your password was changed", "reset-done")
    assert house.mails("nobody@example.org") == []
    assert visitor.context.cookies() == []
