"""A company on a server of its own: `assent serve` on a free port of this machine, with its SQLite files in a directory
that is thrown away. Its owner works through GraphQL, by the operations that clients rely on; mail is read from
`/dev/mailbox`.
"""

import email
import email.policy
import html
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
OPERATIONS = (CHECKOUT / "tests/it/contract.graphql").read_text()

VERSIONS = "{ policyVersions(first: 20) { edges { node { number status effectiveAt } } } }"

COMPANY = "Acme Garden Tools"
OWNER = "owner@acme.example"
PASSWORD = "seven unrelated garden words"
COURIER = "Courier Ltd"

NEWS = {
    "code": "news",
    "name": "Newsletter",
    "description": "What is new in the shop and in the garden, once a month.",
    "kind": "MARKETING",
}
OFFERS = {
    "code": "offers",
    "name": "Offers",
    "description": "Special prices on tools that go with what you have bought.",
    "kind": "MARKETING",
}
TO_COURIER = {
    "name": COURIER,
    "why": "They bring parcels to your door.",
    "what": "Your e-mail address and your name, to tell you when a parcel comes.",
    "fields": ["EMAIL", "NAME"],
}
TO_PRINTER = {
    "name": "Paper & Ink Ltd",
    "why": "They print the yearly catalogue and post it.",
    "what": "Your name and your company, for the label.",
    "fields": ["NAME", "COMPANY"],
}
FIRST_TEXT = """# What we do with your data

We ask before we write. We keep your **address**, your name and your company, and nothing about how you read.

## Who sees it

Those of us who write to you. See also the [guide of the authority](https://authority.example/guide).
"""


def program():
    """The program under test."""
    target = os.environ.get("CARGO_TARGET_DIR", CHECKOUT / "target")
    return os.environ.get("ASSENT_PROGRAM") or str(Path(target) / "debug/assent")


def eventually(what, found, seconds=30):
    """What `found` returns, as soon as that is something."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if result := found():
            return result
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} seconds: {what}")


class Refused(AssertionError):
    """GraphQL answered with errors."""


class Mail:
    """A message from the built-in mailbox."""

    def __init__(self, id, raw):
        self.id = id
        self.message = email.message_from_bytes(raw, policy=email.policy.default)
        self.to = self.message["To"].addresses[0].addr_spec
        self.subject = self.message["Subject"]

    @property
    def text(self):
        return self.message.get_body(("plain",)).get_content()

    def link(self, act):
        """The link to `/{act}/...` in the text part."""
        found = re.search(rf"https?://\S+/{act}/[\w.~-]+", self.text)
        assert found, f"no link to /{act}/ in {self.subject!r}:\n{self.text}"
        return found.group()


class House:
    """The company, its server and its owner."""

    def __init__(self, directory):
        self.directory = directory
        self.process = None
        self.token = None
        self.days_ahead = 0
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self.run("migrate")
        self.run(
            "tenant", "create", "--slug=acme", f"--name={COMPANY}", "--sender-address=hello@acme.example",
            "--privacy-contact=privacy@acme.example", "--postal-address=1 Main Street\nSpringfield",
            f"--owner={OWNER}", stdin=PASSWORD,
        )  # fmt: skip
        self.serve()

    # The server.

    def settings(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ASSENT_")}
        return kept | {
            "ASSENT_DATA_DIR": str(self.directory / "data"),
            "ASSENT_LISTEN": f"127.0.0.1:{self.port}",
            "ASSENT_BASE_URL": self.url,
        }

    def run(self, *arguments, stdin=""):
        done = subprocess.run(
            [program(), *arguments], input=stdin, env=self.settings(), cwd=self.directory, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, f"assent {arguments[0]}: {done.stdout}"

    def serve(self):
        command = [program(), "serve"]
        if self.days_ahead:
            command = ["faketime", "-m", "-f", f"+{self.days_ahead}d", *command]
        settings = self.settings() | {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
        with open(self.directory / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                command, env=settings, cwd=self.directory, stdout=log, stderr=log, start_new_session=True
            )
        eventually("the server is ready", self.is_ready)
        self.token = self.change("SignIn", tenant="acme", email=OWNER, password=PASSWORD)["accessToken"]

    def is_ready(self):
        assert self.process.poll() is None, (self.directory / "server.log").read_text()
        try:
            return self.get("/readyz")
        except urllib.error.URLError:
            return None

    def stop(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def days_later(self, days):
        """Goes on with the clock that many days ahead."""
        self.stop()
        self.days_ahead += days
        self.serve()

    def now(self):
        return datetime.now(timezone.utc) + timedelta(days=self.days_ahead)

    # What its owner does.

    def ask(self, operation, variables, token=None, query=OPERATIONS):
        """Runs one operation of the contract, or of another document."""
        body = {"query": query, "variables": variables} | ({"operationName": operation} if operation else {})
        headers = {"content-type": "application/json"}
        if token := token or self.token:
            headers["authorization"] = f"Bearer {token}"
        request = urllib.request.Request(f"{self.url}/graphql", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer = json.load(answer)
        if answer.get("errors"):
            raise Refused(f"{operation}: {answer['errors']}")
        return answer["data"]

    def change(self, mutation, **input):
        """Runs a mutation of the contract."""
        (payload,) = self.ask(mutation, {"input": input}).values()
        return payload

    def post_policy(self, body, summary, purposes, parties, days=0):
        """Drafts a version and posts it, to take effect after so many days; the first may at once."""
        drafted = self.change(
            "DraftPolicyVersion", body=body, summary=summary, purposes=purposes, outsideParties=parties
        )
        # A little more than the days: the server's clock goes on until it is asked.
        at = self.now() + timedelta(days=days, seconds=30 if days else 0)
        posted = self.change(
            "PostPolicyVersion", id=drafted["policyVersion"]["id"], effectiveAt=f"{at:%Y-%m-%dT%H:%M:%SZ}"
        )
        return posted["policyVersion"]

    def open_form(self, *purposes):
        """A list that is used for these purposes, and a form that leads to it; gives the form's address."""
        codes = [purpose["code"] for purpose in purposes]
        self.list = self.change("CreateMailingList", name="Garden post", optIn="DOUBLE", purposes=codes)["mailingList"]
        return self.change(
            "CreateCollectionPoint",
            slug="garden-post",
            name="Garden post",
            mailingListIds=[self.list["id"]],
            fields=[{"name": "name", "required": False}, {"name": "company", "required": False}],
            choices=[
                {"purpose": purpose["code"], "statement": f"Yes, write to me: {purpose['description']}"}
                for purpose in purposes
            ],
        )["collectionPoint"]["formUrl"]

    def take_in(self, address, *purposes, name="Ann Gardener", company="Gardener & Daughters"):
        """Lets somebody join and confirm without a browser."""
        choices = [{"purpose": purpose["code"], "given": True} for purpose in purposes]
        self.change(
            "Subscribe", collectionPoint="garden-post", email=address, name=name, company=company, choices=choices,
            evidence="at the garden fair",
        )  # fmt: skip
        link = self.mail(address, "please confirm").link("confirm")
        urllib.request.urlopen(link, data=b"", timeout=30).close()

    def send_campaign(self, purpose):
        campaign = self.change(
            "CreateCampaign",
            name="Spring",
            purpose=purpose["code"],
            mailingListIds=[self.list["id"]],
            subject="Spring has come",
            body={"format": "MARKDOWN", "source": "Sharpen the *shears*."},
        )["campaign"]
        self.change("ScheduleCampaign", id=campaign["id"])

    def subscriber(self, address):
        people = self.ask("Subscribers", {"filter": {"email": address}})["subscribers"]["edges"]
        (edge,) = people
        return edge["node"]

    def consents(self, address, purpose):
        """The states of somebody's consent for one purpose, oldest first."""
        history = self.ask("ConsentHistory", {"subscriberId": self.subscriber(address)["id"], "first": 50})
        rows = [edge["node"] for edge in history["subscriber"]["consents"]["edges"]]
        return [row["state"] for row in rows if row["purpose"]["code"] == purpose["code"]]

    def versions(self):
        """The versions of the policy, the first one first."""
        edges = self.ask(None, {}, query=VERSIONS)["policyVersions"]["edges"]
        return sorted((edge["node"] for edge in edges), key=lambda version: version["number"])

    def when_in_force(self, number):
        eventually(f"version {number} is in force", lambda: self.versions()[number - 1]["status"] == "IN_FORCE")

    def token_for(self, party):
        """The secret of a token with which an outside party reads what people let it have."""
        made = self.change("CreateApiToken", name=party, scopes=["READ_SUBSCRIBERS"], outsideParty=party)
        return made["secret"]

    def people_seen_by(self, token):
        people = self.ask(None, {}, token, query="{ subscribers { edges { node { email name } } } }")
        return [edge["node"] for edge in people["subscribers"]["edges"]]

    # Its mail.

    def get(self, path):
        with urllib.request.urlopen(f"{self.url}{path}", timeout=30) as answer:
            return answer.read()

    def mails(self, to=None):
        """All mail so far, the newest first."""
        listed = self.get("/dev/mailbox").decode()
        ids = re.findall(r'href="/dev/mailbox/([^"/]+)"', listed)
        mails = [Mail(html.unescape(id), self.get(f"/dev/mailbox/{id}/raw")) for id in ids]
        return [mail for mail in mails if to in (None, mail.to)]

    def mail(self, to, subject):
        """The newest mail to somebody with these words in its subject, as soon as there is one."""

        def found():
            return next((mail for mail in self.mails(to) if subject in mail.subject), None)

        return eventually(f"a mail to {to} about {subject!r}", found)
