"""What goes into an operation: for each argument, something that exists, something near it, or something wild.

hypothesis-graphql makes operations that fit the schema, with values that fit their types and nothing else; nearly all of them
would be refused at the door. `told` puts values there that get further, as the names of fields suggest.
"""

import random

import graphql
from furniture import changed, leaves
from graphql import ObjectValueNode, StringValueNode, TypeInfo, TypeInfoVisitor, Visitor
from hypothesis import strategies as st
from hypothesis_graphql import nodes
from target import OWNER, PASSWORD, SDL

SCHEMA = graphql.build_schema(SDL)
NAMING = graphql.ArgumentNode, graphql.ObjectFieldNode

INSTANTS = [
    "2026-03-01T09:00:00Z", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z",
    "2026-12-31T23:59:60Z", "-271821-04-20T00:00:00Z", "+262142-12-31T23:59:59Z", "2026-02-30T00:00:00Z",
    "2026-03-01T09:00:00+23:59", "2026-03-01", "now", "", "2026-03-01T09:00:00.123456789123Z", "10000-01-01T00:00:00Z",
]  # fmt: skip
CUSTOM = {
    "DateTime": st.one_of(
        st.sampled_from(INSTANTS), st.datetimes().map(lambda at: at.isoformat() + "Z"),
        st.integers(0, 500).map(lambda days: f"{2026 + days // 336:04}-{1 + days // 28 % 12:02}-{1 + days % 28:02}T08:00:00Z"),
    ).map(nodes.String),
    "JSON": st.just(nodes.String("{}")),
    "SegmentRule": st.just(nodes.String("{}")),
}  # fmt: skip

EMAILS = [
    "ada@people.example", "new@people.example", OWNER, "Ada <ada@people.example>", "ada@xn--mnchen-3ya.example",
    "ädä@münchen.example", f"{'a' * 64}@{'b' * 63}.{'c' * 63}.example", '"quoted local"@people.example', "a@[127.0.0.1]",
    "ada@people.example\r\nBcc: eve@people.example", "ada@people.example, eve@people.example", "@", "a@b", " ada@people.example ",
]  # fmt: skip
TEXTS = [
    "Garden tools", "", " ", "x" * 200, "x" * 201, "ä" * 2001, "two\nlines", "\u0000", "\u202egnp.exe", "{{ name }}", "{{ 7 * 7 }}",
    "{% for a in range(1000000000) %}{% for b in range(1000000000) %}x{% endfor %}{% endfor %}", "{{ name", "{% if %}",
    "' OR '1'='1", "'; DROP TABLE tenant; --", "<script>alert(1)</script>", "<mjml><mj-body></mj-body></mjml>", "<mjml>",
    "<mjml>" * 500, "# Title\n\n[link](javascript:alert(1))", "> " * 3000 + "x", "[" * 5000, "<div>" * 3000, "\ufeffemail\nada@people.example",
    "email,name\nnew@people.example,Ann\n", 'email,name\n"new@people.example,Ann\n', "email;name;name\n;;;;;\n", "%s%n", "${jndi:ldap://a}",
]  # fmt: skip
NAMED = {
    "email": EMAILS,
    "purpose": ["newsletter", "offers", "news", "no-such-purpose", "confirmation", "policy_notice", "Newsletter"],
    "purposes": ["newsletter", "offers", "no-such-purpose", "confirmation"],
    "analyticsPurpose": ["newsletter", "offers", "clicks"],
    "code": ["123456", "000000", "newsletter", "offers", "fresh-code", "x" * 41],
    "tenant": ["riverside", "harbour", "nobody"],
    "password": [PASSWORD, "wrong", "", "x" * 5000],
    "currentPassword": [PASSWORD, "wrong"],
    "collectionPoint": ["spring", "newsletter", "nowhere"],
    "slug": ["spring", "a-new-form", "-", "A", "x" * 41],
    "key": ["city", "born", "bill-1", "a_new_key", "1", "x" * 41],
    "host": ["127.0.0.1", "localhost", "smtp.example.com", "[::1]", "169.254.169.254", "a..b", "x" * 300, "0x7f.1"],
    "hosts": ["cdn.example.com", "*.example.com", "localhost", "cdn.example.com:80"],
    "origins": ["https://shop.example", "null", "*", "http://shop.example/path", "javascript:alert(1)"],
    "language": ["en", "de", "de-AT", "x", "en-" * 40, "zz-ZZ", "ar"],
    "timeZone": ["Europe/Vienna", "UTC", "Mars/Olympus", "../../etc/passwd"],
    "from": ["22:00", "24:00", "7", "22:00:00"],
    "until": ["07:00", "22:00", "-1:00"],
    "receivingDomain": ["people.example", "gmail.com", "münchen.example", "."],
    "after": ["", "AAAA", "MQ", "x" * 3000, "eyJhIjoxfQ"],
    "refreshToken": ["assent_refresh_AAAAAAAAAAAAAAAA", ""],
    "value": ["12", "-3.5", "1e400", "NaN", "2026-11-30", "0000-00-00", "true", "red", "x" * 201],
}  # fmt: skip
GOOD = {
    "first": [1, 5], "port": [587], "rank": [1, 2], "weight": [1], "connections": [2], "perSecond": [10], "perHour": [1000], "perDay": [5000],
    "expiresAfterDays": [365], "withinDays": [30], "moreThanDaysAgo": [10], "schedule": [50, 100], "source": ["<p>Hello {{ subscriber.name }}</p>", "Hello"],
    "name": ["colour", "Garden tools"], "csv": ["email,name\nnew2@people.example,Ann\n"], "key": ["colour"], "receivingDomain": ["people.example"],
}  # fmt: skip
WHOLE = [0, 1, -1, 10, 101, 2147483647, -2147483648, 2147483648, 10**30]


class Replacement(Visitor):
    """Puts other values in place of those that hypothesis-graphql chose: in most documents good ones throughout, or all but one."""

    def __init__(self, info, dice, operation, ids):
        super().__init__()
        self.info, self.dice, self.operation, self.ids = info, dice, operation, ids
        self.share_of_good = dice.choice([1, 1, 0.9, 0.8, 0.3])

    def is_good(self):
        return self.dice.random() < self.share_of_good

    def leave(self, node, key, parent, path, ancestors):
        if isinstance(node, NAMING) and self.is_good():
            # What is not said is taken to be fine; a cursor that nobody gave is not.
            may_go = (
                not graphql.is_required_argument(self.info.get_argument())
                if isinstance(node, graphql.ArgumentNode)
                else True
            )
            if may_go and (
                isinstance(node.value, graphql.NullValueNode) or node.name.value in ("after", "segmentId", "segment")
            ):
                return graphql.REMOVE
            return None
        kind = graphql.get_named_type(self.info.get_input_type())
        if not isinstance(node, graphql.ValueNode) or kind is None:
            return None
        if isinstance(node, ObjectValueNode):
            # Of a @oneOf, one field.
            if kind.name in ("SegmentRuleInput", "TextTestInput") and node.fields and self.is_good():
                return ObjectValueNode(fields=(self.dice.choice(node.fields),))
            return None
        if isinstance(
            node, (graphql.ListValueNode, graphql.EnumValueNode, graphql.BooleanValueNode, graphql.NullValueNode)
        ):
            return None
        name = next((n.name.value for n in [parent, *reversed(ancestors)] if isinstance(n, NAMING)), "")
        values = good(kind, name, self.operation, self.ids) if self.is_good() else wild(kind, name, self.ids)
        if not values:
            return None
        value = self.dice.choice(values)
        return graphql.IntValueNode(value=str(value)) if isinstance(value, int) else StringValueNode(value=value)


ABOUT = {
    "subscriberId": "subscriber", "subscriberIds": "subscriber", "mailingListId": "list", "mailingListIds": "list", "segment": "segment",
    "segmentId": "segment", "campaignId": "campaign", "collectionPointId": "form", "sendingDomainId": "domain", "memberIds": "member",
    "suppressionId": "suppression",
}  # fmt: skip
WORDS = {
    "memberSessions": "member", "secondFactor": "member", "session": "session", "campaign": "campaign", "deliver": "campaign",
    "ifUnknown": "campaign", "policy": "policy", "segment": "segment", "subscriber": "subscriber", "collectionPoint": "form",
    "transport": "transport", "domain": "domain", "dkim": "domain", "warmUp": "domain", "order": "order", "member": "member",
    "request": "request", "token": "token", "import": "import", "suppression": "suppression", "customField": "field", "list": "list",
}  # fmt: skip


def good(kind, name, operation, ids):
    """What such a field may well hold."""
    if kind.name == "ID":
        wanted = ABOUT.get(name) or next(
            (kind for word, kind in WORDS.items() if word.lower() in operation.lower()), None
        )
        return ids.get(wanted) or [one for group in ids.values() for one in group]
    if kind.name == "DateTime":
        return ["2026-12-20T09:00:00Z", "2027-01-15T09:00:00+01:00", "2026-05-01T00:00:00Z"]
    if name in GOOD:
        return GOOD[name]
    if kind.name == "String":
        return NAMED[name][:2] if name in NAMED else TEXTS[:1]
    return [3] if kind.name == "Int" else None


def wild(kind, name, ids):
    """What such a field had better not hold; or None, to keep what hypothesis-graphql made up."""
    if kind.name == "ID":
        near = [one for group in ids.values() for one in group[:3]]
        return (
            near
            + [f"{prefix}_00000000000000000000000000" for prefix in ids]
            + ["", "subscriber_", "x" * 3000, "tenant_1\u0000"]
        )
    if kind.name == "String":
        return NAMED.get(name, []) + TEXTS
    return WHOLE if kind.name == "Int" else None


@st.composite
def told(draw, document, operation, ids):
    """The text of a document, with values that get further."""
    dice = random.Random(draw(st.integers(0, 2**32)))
    info = TypeInfo(SCHEMA)
    return graphql.print_ast(graphql.visit(document, TypeInfoVisitor(info, Replacement(info, dice, operation, ids))))


@st.composite
def altered(draw, given):
    """A good input, with a value or two that are not."""
    dice = random.Random(draw(st.integers(0, 2**32)))
    for _ in range(dice.choice([0, 1, 1, 1, 2])):
        path = dice.choice(list(leaves(given)))
        name = next((key for key in reversed(path) if isinstance(key, str)), "")
        values = (
            NAMED.get(name, [])
            + TEXTS
            + INSTANTS
            + [None, True, [], {}, 0, -1, 2**31 - 1, 1e308, 10**30, "\ud800", [[[]]]]
        )
        given = changed(given, path, dice.choice(values))
    return given
