"""A company on a server of its own: what its owner does through GraphQL, who joins it, and the mail it sends."""

import html
import re
import urllib.request
from datetime import timedelta

from mails import Mail
from server import Server, eventually

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


class House(Server):
    """The company, and its owner, who is signed in."""

    def open(self):
        """Sets the company up, and its server going."""
        self.run("migrate")
        self.run(
            "tenant", "create", "--slug=acme", f"--name={COMPANY}", "--sender-address=hello@acme.example",
            "--privacy-contact=privacy@acme.example", "--postal-address=1 Main Street\nSpringfield",
            f"--owner={OWNER}", stdin=PASSWORD,
        )  # fmt: skip
        self.serve()

    def serve(self):
        super().serve()
        self.token = self.change("SignIn", tenant="acme", email=OWNER, password=PASSWORD)["accessToken"]

    # What its owner does.

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
        created = self.change("CreateMailingList", name="Garden post", optIn="DOUBLE", purposes=codes)
        self.list = created["mailingList"]
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
