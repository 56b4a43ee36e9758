"""Operations made up from the schema, by hypothesis-graphql, the part of Schemathesis that makes them (its runner takes one
set of headers for a whole run, and no values that depend on what the server holds; so it is left out here).

Each operation of the schema is asked by a visitor who is nobody, by an owner, by an owner of the other tenant, and by a
program with a token of few scopes. Most examples fit the schema, and carry ids and names that exist; the rest break it in one place.
What ends things (sessions, the tenant, members) is asked of a server of its own, which comes last.
"""

import json
import random

import pytest
from furniture import INPUTS, fill, firsts, furnish, wanted
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis_graphql import Mode, from_schema
from judge import faults
from target import OTHER_OWNER, LockedOut
from values import CUSTOM, SCHEMA, altered, told

VISITORS = ["nobody", "owner", "neighbour", "program"]
ENDING = {
    "signOut", "endSession", "endOtherSessions", "endMemberSessions", "beginSecondFactor", "confirmSecondFactor",
    "removeSecondFactor", "resetSecondFactor", "changePassword", "revokeApiToken", "removeMember", "closeTenant", "signIn",
    "refreshSession",
}  # fmt: skip
# What takes things away comes after what makes them.
OPERATIONS = sorted(
    [*SCHEMA.query_type.fields, *SCHEMA.mutation_type.fields],
    key=lambda name: name.startswith(("delete", "remove", "close")),
)
IDS = """{
  viewer { member { id } tenant { id } sessions(first: 9) { edges { node { id } } } }
  policyVersions(first: 9) { edges { node { id } } }
  mailingLists(first: 9) { edges { node { id } } }
  collectionPoints(first: 9) { edges { node { id } } }
  subscribers(first: 40) { edges { node { id } } }
  campaigns(first: 9) { edges { node { id deliveries(first: 9) { edges { node { id } } } } } }
  members(first: 9) { edges { node { id } } }
  auditLog(first: 9) { edges { node { id } } }
  apiTokens(first: 9) { edges { node { id } } }
  privacyRequests(first: 9) { edges { node { id } } }
  legalOrders(first: 9) { edges { node { id } } }
  suppressions(first: 9) { edges { node { id } } }
  sendingDomains(first: 9) { edges { node { id } } }
  transports(first: 9) { edges { node { id } } }
  imports(first: 9) { edges { node { id } } }
  segments(first: 9) { edges { node { id } } }
  customFields { id }
}"""


class Crowd:
    """Those who ask, and what they know of."""

    def __init__(self, server, another=None):
        self.server, self.another = server, another
        self.tokens = {"nobody": None}
        self.seen = {}

    def token(self, visitor):
        """A token that counts, of another server where this one lets nobody in any more."""
        try:
            return self.token_here(visitor)
        except LockedOut:
            if not self.another:
                raise
        self.server.assert_alive()
        self.server.stop()
        self.__init__(self.another(), self.another)
        self.furnished()
        return self.token_here(visitor)

    def token_here(self, visitor):
        """They run out after a while, and some operations end them."""
        token = self.tokens.get(visitor)
        if visitor == "nobody" or (token and self.counts(token)):
            return token
        if visitor == "program":
            # A token may ask 600 times a minute; each operation gets one of its own.
            scopes = "READ_SUBSCRIBERS", "READ_LISTS", "SUBSCRIBE"
            self.tokens[visitor] = self.server.api_token(self.token_here("owner"), *scopes)
        elif visitor == "owner":
            self.tokens[visitor] = self.server.sign_in()
        else:
            self.tokens[visitor] = self.server.sign_in("harbour", OTHER_OWNER)
        return self.tokens[visitor]

    def counts(self, token):
        return "UNAUTHENTICATED" not in self.server.operation("{ viewer { tenant { id } } }", token=token).codes

    def ids(self, visitor="owner"):
        """Ids of what there is in a tenant, by what they begin with, older ones first."""
        if visitor in ("nobody", "program"):
            visitor = "owner"
        token = self.token(visitor)
        told = self.server.operation(IDS, token=token).json
        assert "errors" not in told, told
        seen = self.seen.setdefault(visitor, {})
        self.note(told["data"], seen)
        return {prefix: sorted(ids)[:60] for prefix, ids in seen.items()}

    def furnished(self):
        furnish(self.server, self.token("owner"), self.ids)
        return self

    def note(self, value, seen):
        if isinstance(value, dict):
            if isinstance(value.get("id"), str):
                seen.setdefault(value["id"].split("_")[0], set()).add(value["id"])
            value = list(value.values())
        for part in value if isinstance(value, list) else ():
            self.note(part, seen)


@pytest.fixture(scope="module")
def crowd(server):
    return Crowd(server).furnished()


@pytest.fixture(scope="module")
def doomed(start):
    crowd = Crowd(start("fuzz_endings"), lambda: start("fuzz_endings")).furnished()
    yield crowd
    crowd.server.assert_alive()


def documents(operation, ids):
    """Texts of one operation."""
    fitting = from_schema(SCHEMA, fields=[operation], custom_scalars=CUSTOM, print_ast=lambda document: document)
    fitting = fitting.flatmap(lambda document: told(document, operation, ids))
    field = SCHEMA.query_type.fields.get(operation) or SCHEMA.mutation_type.fields[operation]
    if not field.args:
        # There is nothing to be broken.
        return fitting
    broken = from_schema(SCHEMA, fields=[operation], custom_scalars=CUSTOM, mode=Mode.NEGATIVE)
    if operation not in INPUTS:
        return st.one_of(fitting, fitting, fitting, broken)
    given = fill(INPUTS[operation], firsts(ids))
    return st.one_of(fitting, altered(given), altered(given), broken)


def attack(crowd, operation, visitor, seed, examples):
    """Asks so many times, and gives the smallest example to which the answer is wrong."""
    # Two visitors know all ids of a tenant that is not theirs.
    ids = crowd.ids()
    token = crowd.token(visitor)

    @seeded(random.Random(f"{seed} {operation} {visitor}").getrandbits(64))
    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate, Phase.shrink], print_blob=False,
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    )  # fmt: skip
    @given(documents(operation, ids))
    def ask(document):
        if isinstance(document, str):
            answer = crowd.server.operation(document, token=token)
        else:
            answer = crowd.server.operation(wanted(operation), {"input": document}, token)
        wrong = faults(answer, document if isinstance(document, str) else json.dumps(document, ensure_ascii=False))
        if wrong:
            print(f"{visitor} asked {operation}:\n{document}\nanswer: {answer.text[:2000]}")
        assert not wrong

    ask()
    crowd.server.assert_alive()


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("operation", [operation for operation in OPERATIONS if operation not in ENDING])
def no_operation_makes_the_server_fail(crowd, operation, visitor, seed, pytestconfig):
    attack(crowd, operation, visitor, seed, pytestconfig.option.examples)


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("operation", sorted(ENDING))
def no_ending_makes_the_server_fail(doomed, operation, visitor, seed, pytestconfig):
    attack(doomed, operation, visitor, seed, pytestconfig.option.examples)
