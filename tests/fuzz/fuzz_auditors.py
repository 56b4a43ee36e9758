"""What auditors of GraphQL servers find, against a server as it runs in production.

The best known of them, graphql-cop, is in no registry: what PyPI has under that name is an empty placeholder, as for graphw00f.
So its list of checks is here as a table of our own, with what else its kind looks for. clairvoyance, which makes a schema out of errors,
reads only the words of graphql-js and finds nothing whatever we say; so it is left out. vamp-graphql-audit can be installed, and is
run as it is: what it finds is listed with the reason why it stays so.
"""

import json
import subprocess
import sys

import pytest
from judge import faults

# What vamp-graphql-audit says and how that is meant. What says nothing bad has the severity INFO, and is not looked at.
KNOWN = {
    "Insecure Transport": "It speaks to this machine without TLS; before a server in production stands a proxy that has it.",
    "GQL-HOTCHOC-001 Recursive Fragment DoS": "It looks for the words cycle and recursion; ours are `the fragment F2 contains itself`, "
    "with QUERY_TOO_COMPLEX. See `fragments that contain each other` below.",
    "GQL-APOLLO-001 Fragment Amplification": "Fifteen fragments of one field each are sixteen selections, and cost what sixteen cost. "
    "See `fragments that double` below for those that cost more.",
    "GQL-HASURA-001 Row-Level Permission Bypass": "It asks for `__typename` with a header of another product, and is answered as "
    "everybody is. See `a role in a header` below.",
}
WHO = "{ viewer { member { email } } }"
GRAPHQL = {"content-type": "application/json", "accept": "application/graphql-response+json"}
MANY = " ".join(f"a{i}: __typename" for i in range(101))
DIRECTIVES = " ".join(["@include(if: true)"] * 51)
DOUBLING = " ".join(f"fragment D{i} on Query {{ ...D{i + 1} a{i}: __typename ...D{i + 1} }}" for i in range(30))
TOO_MUCH = "QUERY_TOO_COMPLEX"

# What is sent as an operation, and the code it is refused with.
REFUSED = {
    "introspection": ("{ __schema { types { name } } }", "BAD_USER_INPUT"),
    "introspection of one type": ('{ __type(name: "Query") { name } }', "BAD_USER_INPUT"),
    "introspection in a fragment": ("{ ...F } fragment F on Query { __schema { types { name } } }", "BAD_USER_INPUT"),
    "introspection with a line between": ("{ __schema\n{ types\n{ name } } }", "BAD_USER_INPUT"),
    "circular introspection": (
        "{ __schema { types { fields { type { fields { type { name } } } } } } }",
        "BAD_USER_INPUT",
    ),
    "101 aliases": (f"{{ {MANY} }}", TOO_MUCH),
    "101 aliases of a sign-in": (
        "mutation {"
        + " ".join(
            f'a{i}: signIn(input: {{tenant: "a", email: "a@b.example", password: "p{i}"}}) {{ expiresAt }}'
            for i in range(101)
        )
        + "}",
        TOO_MUCH,
    ),
    "two sign-ins at once": (
        "mutation {"
        + " ".join(
            f'a{i}: signIn(input: {{tenant: "a", email: "a@b.example", password: "p{i}"}}) {{ expiresAt }}'
            for i in range(2)
        )
        + "}",
        TOO_MUCH,
    ),
    "directives upon directives": (f"{{ viewer {DIRECTIVES} {{ __typename }} }}", TOO_MUCH),
    "directives that a name of a type has no place for": (f"{{ __typename {DIRECTIVES} }}", "BAD_USER_INPUT"),
    "the same field 1,001 times": ("{ " + "__typename " * 1001 + "}", TOO_MUCH),
    "fragments that contain each other": (
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        TOO_MUCH,
    ),
    "a fragment that contains itself": ("{ ...A } fragment A on Query { ...A }", TOO_MUCH),
    "fragments that double": (f"{{ ...D0 }} {DOUBLING} fragment D30 on Query {{ __typename }}", TOO_MUCH),
    "brackets 10,000 deep": ("{a" * 10_000 + "}" * 10_000, TOO_MUCH),
    "lists 10,000 deep": ("{ node(id: " + "[" * 10_000 + "]" * 10_000 + ") { id } }", TOO_MUCH),
    "a document of 64 KiB and more": ("{ __typename }" + " " * 65_536, TOO_MUCH),
    "an unknown field": ("{ nothing }", "BAD_USER_INPUT"),
    "an unknown directive": ("{ viewer @nothing { member { id } } }", "BAD_USER_INPUT"),
    "an unknown argument": ('{ node(id: "a", more: 1) { id } }', "BAD_USER_INPUT"),
    "an unknown operation": ("nothing { a }", "BAD_USER_INPUT"),
    "a subscription": ('subscription { importProgress(id: "a") { id } }', "BAD_USER_INPUT"),
    "nobody's question": (WHO, "UNAUTHENTICATED"),
    "nothing": ("", "BAD_USER_INPUT"),
    "no closing bracket": ("{ viewer", "BAD_USER_INPUT"),
}
# What is sent as a request, and with which status it is refused.
ODD = {
    "a batch": ("POST", "/graphql", json.dumps([{"query": "{ __typename }"}] * 10), {}, 400),
    "a mutation by GET": ("GET", "/graphql?query=mutation%7BsignOut%7B__typename%7D%7D", None, {}, 405),
    "a form": ("POST", "/graphql", "query=%7B__typename%7D", {"content-type": "application/x-www-form-urlencoded"}, 415),
    "a form with files": ("POST", "/graphql", '--a\r\n\r\n{"query":"{__typename}"}\r\n--a--', {"content-type": "multipart/form-data; boundary=a"}, 415),
    "JSON that says it is text": ("POST", "/graphql", '{"query":"{__typename}"}', {"content-type": "text/plain"}, 415),
    "no content type": ("POST", "/graphql", '{"query":"{__typename}"}', {"content-type": ""}, 415),
    "PUT": ("PUT", "/graphql", '{"query":"{__typename}"}', {}, 405),
    "TRACE": ("TRACE", "/graphql", None, {}, 405),
    "a persisted query of Apollo's": (
        "POST", "/graphql", json.dumps({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}), {}, 400,
    ),
}  # fmt: skip
# Where a tool for developers might answer.
TOOLS = [
    "/graphql",
    "/graphiql",
    "/playground",
    "/altair",
    "/voyager",
    "/console",
    "/docs",
    "/dev/mailbox",
    "/.git/config",
    "/metrics",
    "/debug",
]


@pytest.fixture(scope="module")
def closed(start, data):
    """As in production: behind a proxy that has the certificate, with a mail server, which nobody asks for anything."""
    server = start(
        "closed", ASSENT_ENV="production", ASSENT_SECRET=(data / "secret").read_text().strip(), ASSENT_BASE_URL="https://mail.example",
        ASSENT_SMTP_HOST="127.0.0.1", ASSENT_SMTP_PORT="9",
    )  # fmt: skip
    yield server
    server.assert_alive()


@pytest.fixture(scope="module")
def signed_in(closed):
    return closed.sign_in()


@pytest.mark.parametrize("is_signed_in", [False, True])
def the_auditor_finds_what_is_known(closed, signed_in, tmp_path, is_signed_in):
    report = tmp_path / "report.json"
    who = ["--header", f"Authorization: Bearer {signed_in}"] if is_signed_in else []
    command = [
        "-m",
        "vamp_graphql_audit",
        "--target",
        f"http://127.0.0.1:{closed.port}/graphql",
        "--json",
        str(report),
        *who,
    ]
    ran = subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=120)
    assert report.exists(), ran.stdout + ran.stderr
    told = json.loads(report.read_text())["findings"]
    bad = {finding["type"] for finding in told if finding["severity"] != "INFO"}
    assert bad == set(KNOWN), told


@pytest.mark.parametrize("what", REFUSED)
def no_operation_of_the_auditors_is_run(closed, what):
    query, code = REFUSED[what]
    answer = closed.send("POST", "/graphql", json.dumps({"query": query}), GRAPHQL)
    assert faults(answer, query) == []
    assert answer.codes and set(answer.codes) == {code}, answer.text
    assert answer.seconds < 5, answer.seconds


@pytest.mark.parametrize("what", ODD)
def no_request_of_the_auditors_is_taken(closed, what):
    method, path, body, headers, status = ODD[what]
    answer = closed.send(method, path, body, GRAPHQL | headers)
    assert answer.status == status, answer.text
    assert faults(answer) == []


@pytest.mark.parametrize("path", TOOLS)
def no_tool_for_developers_is_offered(closed, path):
    answer = closed.send("GET", path, headers={"accept": "text/html"})
    assert answer.status in (404, 401, 403), answer.text[:500]
    assert "<script" not in answer.text


def no_other_site_may_read_answers(closed):
    for method in "POST", "OPTIONS":
        headers = GRAPHQL | {"origin": "https://evil.example", "access-control-request-method": "POST"}
        answer = closed.send(method, "/graphql", json.dumps({"query": "{ __typename }"}), headers)
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def no_header_makes_somebody_of_nobody(closed):
    """A role in a header, an address, another method: what other products go by."""
    odd = {
        "x-hasura-role": "admin", "x-hasura-user-id": "1", "x-forwarded-user": "owner@riverside.example", "x-forwarded-for": "127.0.0.1",
        "x-original-url": "/", "x-http-method-override": "DELETE", "x-apollo-operation-name": "a", "apollo-require-preflight": "true",
        "cookie": "assent_session=' OR 1=1 --", "host": "evil.example", "forwarded": "for=127.0.0.1;host=evil.example",
    }  # fmt: skip
    for name, value in odd.items():
        answer = closed.send("POST", "/graphql", json.dumps({"query": WHO}), GRAPHQL | {name: value})
        assert answer.codes == ["UNAUTHENTICATED"], (name, answer.text)


def no_answer_traces_what_the_server_did(closed):
    answer = closed.send(
        "POST", "/graphql", json.dumps({"query": "{ __typename }"}), GRAPHQL | {"apollo-tracing": "1", "x-trace": "1"}
    )
    assert answer.json == {"data": {"__typename": "Query"}}
    assert not {"server", "x-powered-by", "x-runtime"} & {name.lower() for name in answer.headers}


def no_error_tells_the_schema_where_introspection_is_off(closed, signed_in):
    for query in "{ viewr { a } }", "{ viewer { membr { id } } }", "mutation { signOt { __typename } }":
        assert "Did you mean" not in closed.operation(query, token=signed_in).text, query


# The specification (GraphQL, 5) forbids each of these; the validation of the library lets them pass.
LAX = {
    "an unknown directive at __typename": "{ __typename @nothing }",
    "an argument of __typename": "{ __typename(a: 1) }",
    "fields of __typename": "{ __typename { a } }",
    "@skip without its argument at __typename": "{ __typename @skip }",
    "@include with a number at __typename": "{ __typename @include(if: 7) }",
    "@include twice at __typename": "{ __typename @include(if: true) @include(if: true) }",
    "a directive for schemas at __typename": "{ __typename @deprecated }",
    "a field of an input object twice": "mutation { setLeavingPage(input: {shown: false, shown: true}) { tenant { id } } }",
}


@pytest.mark.parametrize("what", LAX)
def no_operation_that_breaks_the_specification_is_run(closed, signed_in, what):
    answer = closed.operation(LAX[what], token=signed_in)
    assert faults(answer) == []
    assert answer.codes and set(answer.codes) == {"BAD_USER_INPUT"}, answer.text
