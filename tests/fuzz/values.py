"""What goes into an operation: for each argument, something that exists, something near it, or something wild.

hypothesis-graphql makes operations that fit the schema, with values that fit their types and nothing else; nearly all of them
would be refused at the door. `told` puts values there that get further, as the names of fields suggest.
"""

import graphql
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
WHOLE = [0, 1, -1, 10, 101, 2147483647, -2147483648, 2147483648, 10**30]


class Replacement(Visitor):
    """Puts other values in place of those that hypothesis-graphql chose."""

    def __init__(self, info, draw, operation, ids):
        super().__init__()
        self.info, self.draw, self.operation, self.ids = info, draw, operation, ids

    def leave(self, node, key, parent, path, ancestors):
        kind = graphql.get_named_type(self.info.get_input_type())
        if not isinstance(node, graphql.ValueNode) or kind is None:
            return None
        if isinstance(node, ObjectValueNode):
            # Of a @oneOf, one field.
            if kind.name == "SegmentRuleInput" and node.fields and self.draw(st.integers(0, 9)):
                return ObjectValueNode(fields=(self.draw(st.sampled_from(node.fields)),))
            return None
        if isinstance(node, (graphql.ListValueNode, graphql.EnumValueNode, graphql.BooleanValueNode)):
            return None
        name = next((n.name.value for n in [parent, *reversed(ancestors)] if isinstance(n, NAMING)), "")
        values = suggested(kind, name, ids_for(name, self.operation, self.ids))
        if values is None or self.draw(st.integers(0, 4)) == 0:
            return None
        value = self.draw(values)
        return graphql.IntValueNode(value=str(value)) if isinstance(value, int) else StringValueNode(value=value)


def suggested(kind, name, ids):
    """What such a field may hold, if its name or type says so."""
    if kind.name == "ID":
        near = [i for group in ids.values() for i in group]
        wild = [f"{prefix}_00000000000000000000000000" for prefix in ids] + ["", "subscriber_", "1", "x" * 3000, "tenant_1\u0000"]
        return st.one_of(st.sampled_from(near), st.sampled_from(near), st.sampled_from(wild))
    if kind.name == "String":
        return st.sampled_from(NAMED[name] if name in NAMED else TEXTS)
    if kind.name == "Int":
        return st.sampled_from(WHOLE)
    return None


def ids_for(name, operation, ids):
    """The ids that fit what an operation is about come first."""
    about = {
        "member": "member", "memberSessions": "member", "subscriber": "subscriber", "subscriberId": "subscriber",
        "mailingListId": "list", "mailingListIds": "list", "segment": "segment", "segmentId": "segment", "campaignId": "campaign",
        "collectionPointId": "form", "sendingDomainId": "domain", "subscriberIds": "subscriber",
    }  # fmt: skip
    wanted = about.get(name)
    if not wanted:
        words = {
            "campaign": "campaign", "policy": "policy", "segment": "segment", "subscriber": "subscriber", "collectionpoint": "form",
            "transport": "transport", "domain": "domain", "dkim": "domain", "warmup": "domain", "order": "order", "member": "member",
            "request": "request", "token": "token", "import": "import", "suppression": "suppression", "field": "field",
            "session": "session", "mailinglist": "list", "deliveries": "campaign", "ifunknown": "campaign",
        }  # fmt: skip
        wanted = next((prefix for word, prefix in words.items() if word in operation.lower()), None)
    fitting = [i for prefix, group in ids.items() if wanted and prefix.startswith(wanted) for i in group]
    return {"fitting": fitting * 3} | ids if fitting else ids


@st.composite
def told(draw, document, operation, ids):
    """The text of a document, with values that get further."""
    info = TypeInfo(SCHEMA)
    return graphql.print_ast(graphql.visit(document, TypeInfoVisitor(info, Replacement(info, draw, operation, ids))))
