"""What each tenant has beside the demo's past, so that there is something to attack: one of each thing that can be made by
the API, made from inputs that are good as they stand. Other attacks change one value of these.
"""

import json
import re

from target import OWNER, PASSWORD

INSTANT = "2027-03-01T09:00:00Z"
# In the order in which they can be made. `$list`, `$form` and so on stand for an id that is there by then.
INPUTS = {
    "createCustomField": {"key": "colour", "name": "Favourite colour", "kind": "CHOICE", "choices": ["red", "green"]},
    "createMailingList": {"name": "Garden post", "optIn": "DOUBLE", "purposes": ["newsletter"]},
    "createCollectionPoint": {
        "slug": "fuzz-form", "name": "Garden post", "mailingListIds": ["$list"], "language": "en",
        "fields": [{"name": "name", "required": False}, {"name": "company", "required": False}],
        "choices": [{"purpose": "newsletter", "statement": "Yes, write to me"}, {"purpose": "offers", "statement": "Yes, offers too"}],
        "translations": [
            {
                "language": "de", "name": "Gartenpost", "statements": [
                    {"purpose": "newsletter", "statement": "Ja"}, {"purpose": "offers", "statement": "Ja, auch das"},
                ],
            }
        ],
    },
    "updateCollectionPoint": {"id": "$form", "name": "Garden post"},
    "setAllowedOrigins": {"origins": ["https://shop.example"]},
    "createSegment": {"name": "Neighbours", "rule": {"all": [{"name": {"contains": "a"}}, {"language": ["en"]}, {"onList": {"mailingListId": "$list"}}]}},
    "updateSegment": {"id": "$segment", "name": "Neighbours", "rule": {"any": [{"joined": {"withinDays": 30}}, {"field": {"key": "colour", "among": ["red"]}}]}},
    "segmentSize": {"all": [{"company": {"startsWith": "a"}}, {"consent": {"purpose": "newsletter", "said": ["GIVEN"]}}]},
    "setCustomValues": {"subscriberId": "$subscriber", "values": [{"key": "colour", "value": "red"}]},
    "updateCustomField": {"id": "$field", "name": "Favourite colour", "moreChoices": ["blue"]},
    "draftPolicyVersion": {
        "body": "# What we do\n\nWe ask **first**.", "summary": "More about the courier.",
        "purposes": [
            {"code": "newsletter", "name": "Newsletter", "description": "News", "kind": "MARKETING"},
            {"code": "offers", "name": "Offers", "description": "Offers", "kind": "MARKETING"},
        ],
        "outsideParties": [
            {"name": "Courier Ltd", "why": "They bring parcels.", "what": "Your name.", "fields": ["NAME"], "hosts": ["cdn.example.com"]}
        ],
    },
    "createCampaign": {
        "name": "Spring", "purpose": "newsletter", "mailingListIds": ["$news"], "segment": "$segment", "subject": "Hello {{ subscriber.name }}",
        "preheader": "News", "body": {"format": "MARKDOWN", "source": "# Hello {{ subscriber.name }}\n\nGood day."}, "trackLinks": False,
    },
    "sendTransactionalMail": {
        "key": "bill-1", "purpose": "bills", "subscriberId": "$subscriber", "subject": "Your bill", "preheader": "Number 1",
        "body": {"format": "HTML", "source": "<p>You owe {{ amount }}.</p>"}, "values": [{"name": "amount", "value": "12"}],
    },
    "createTransport": {
        "name": "Ours", "host": "smtp.example.com", "port": 587, "tls": "STARTTLS", "user": "us", "password": "secret", "rank": 1,
        "weight": 1, "connections": 2, "perSecond": 5, "perHour": 1000, "enabled": False,
    },
    "updateTransport": {"id": "$transport", "name": "Ours", "rank": 2},
    "createSendingDomain": {"name": "mail.riverside.example", "algorithms": ["RSA_2048", "ED25519"]},
    "setWarmUp": {"id": "$domain", "enabled": True, "schedule": [50, 100, 200]},
    "setSendingLimit": {"receivingDomain": "slow.example", "perSecond": 5, "perHour": 100},
    "setQuietHours": {"from": "22:00", "until": "07:00", "timeZone": "Europe/Vienna"},
    "setConsentExpiry": {"purpose": "newsletter", "expiresAfterDays": 365},
    "subscribe": {
        "collectionPoint": "spring", "email": "new@people.example", "name": "Ann Gardener",
        "choices": [{"purpose": "newsletter", "given": True}], "evidence": "At the fair.",
    },
    "addSuppression": {"email": "no@people.example", "reason": "LISTED", "purpose": "newsletter"},
    "importSuppressions": {"csv": "email,reason\nno2@people.example,LISTED\n"},
    "importSubscribers": {
        "mailingListId": "$list", "csv": "email,name\nann@people.example,Ann\n",
        "evidence": {"source": "The fair", "collectedAt": "2026-05-01T09:00:00Z", "statement": "Yes", "purposes": ["newsletter"]},
        "idempotencyKey": "one",
    },
    "recordPrivacyRequest": {
        "kind": "QUESTION", "channel": "POST", "subscriberId": "$subscriber", "message": "What do you hold?", "identityVerified": True, "sendLink": False,
    },
    "extendPrivacyRequest": {"id": "$request", "until": "2027-01-10T09:00:00Z", "reason": "Many of them"},
    "answerPrivacyRequest": {"id": "$request", "outcome": "REFUSED", "text": "It has been answered."},
    "enterLegalOrder": {
        "authority": "Court of Springfield", "reference": "A 1/26", "scope": "Names", "subscriberIds": ["$subscriber"], "fields": ["NAME"],
        "validFrom": "2026-12-01T00:00:00Z", "validUntil": "2027-03-01T00:00:00Z",
    },
    "createApiToken": {"name": "A program", "scopes": ["READ_LISTS", "SUBSCRIBE"], "expiresAt": "2027-01-01T00:00:00Z"},
    "overridePolicyNotices": {"id": "$policy", "reason": "Nobody is left to be told"},
    "exportSubscribers": {"format": "CSV", "mailingListId": "$list"},
    "signIn": {"tenant": "riverside", "email": OWNER, "password": PASSWORD},
    "changePassword": {"currentPassword": PASSWORD, "newPassword": PASSWORD},
    "closeTenant": {"name": "Riverside Bike", "reason": "We stop"},
}  # fmt: skip
MUST = [name for name in INPUTS if name.startswith(("create", "draft", "add", "import", "record", "enter"))]


def fill(value, ids):
    """An input with ids in the places that wait for them."""
    text = re.sub(r'"\$(\w+)"', lambda found: json.dumps(ids.get(found[1], "none")), json.dumps(value))
    return json.loads(text)


def wanted(operation):
    """The text that runs an operation by a variable, and asks no more of it than that."""
    if operation == "segmentSize":
        return "query ($input: SegmentRuleInput!) { segmentSize(rule: $input) { __typename } }"
    type_name = operation[0].upper() + operation[1:] + "Input"
    return f"mutation ($input: {type_name}!) {{ {operation}(input: $input) {{ __typename }} }}"


def furnish(server, token, ids_of):
    """Makes one of each; `ids_of` gives ids of all that is there, by what they begin with."""
    for operation in MUST:
        given = fill(INPUTS[operation], firsts(ids_of()))
        if operation == "createCollectionPoint":
            # The list is used for one purpose.
            given["choices"] = given["choices"][:1]
            given["translations"][0]["statements"] = given["translations"][0]["statements"][:1]
        told = server.operation(wanted(operation), {"input": given}, token).json
        assert not told.get("errors"), (operation, told)


def firsts(ids):
    """One id of each sort; `news` is the list that the demo made."""
    return {prefix: group[-1] for prefix, group in ids.items() if group} | {"news": (ids.get("list") or ["none"])[0]}


def leaves(value, path=()):
    """Where the texts and numbers of an input stand."""
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(part, (*path, key))
    else:
        yield path


def changed(value, path, leaf):
    """The input with one leaf replaced."""
    if not path:
        return leaf
    value = dict(value) if isinstance(value, dict) else list(value)
    value[path[0]] = changed(value[path[0]], path[1:], leaf)
    return value
