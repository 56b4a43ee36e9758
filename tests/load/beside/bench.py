"""Queries over HTTP, beside PostGraphile and pgbench. It prints; it asserts only that what is asked is answered."""

import argparse
import json
import re
import statistics
import subprocess
import tempfile
import urllib.request
from pathlib import Path

import peers
from house import Database, Server, settle

PAGE = """query ($after: String) { subscribers(first: 50, after: $after) {
  edges { cursor node { id email name createdAt confirmedAt } } pageInfo { hasNextPage endCursor } } }"""
PAGE_THERE = """query ($tenant: UUID!, $after: Cursor) {
  allSubscribers(first: 50, after: $after, condition: {tenantId: $tenant}, orderBy: [PRIMARY_KEY_ASC]) {
  edges { cursor node { id email name createdAt confirmedAt } } pageInfo { hasNextPage endCursor } } }"""
LOOKUP = """query ($email: String!) { subscribers(first: 1, filter: {email: $email}) {
  edges { node { id createdAt confirmedAt } } } }"""
LOOKUP_THERE = """query ($tenant: UUID!, $email: String!) {
  allSubscribers(first: 1, condition: {tenantId: $tenant, email: $email}) { edges { node { id createdAt confirmedAt } } } }"""
NESTED = """query ($after: String) { subscribers(first: 20, after: $after) { edges { node { id email
  subscriptions { state mailingList { id name } }
  consents(first: 10) { edges { node { id state recordedAt purpose { code } } } } } } } }"""
NESTED_THERE = """query ($tenant: UUID!, $after: Cursor) {
  allSubscribers(first: 20, after: $after, condition: {tenantId: $tenant}, orderBy: [PRIMARY_KEY_ASC]) { edges { node { id email
  subscriptionsByTenantIdAndSubscriberId { edges { node { state mailingListByTenantIdAndListId { id name } } } }
  consentsByTenantIdAndSubscriberId(first: 10) { edges { node { recordId state recordedAt
    purposeByTenantIdAndPurposeId { code } } } } } } } }"""
NOTHING = "{ __typename }"

LUA = """
local requests = dofile("REQUESTS")
request = function()
  local one = requests[math.random(#requests)]
  return wrk.format("POST", "/graphql", one.headers, one.body)
end
done = function(summary, latency, requests)
  local wrong = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format("RESULT %d %d %.3f %.3f %d\\n", summary.requests, summary.duration,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, wrong))
end
"""


def wrk(port, requests, connections, seconds):
    """Requests a second, and the 50th and 99th percentile in milliseconds."""
    with tempfile.TemporaryDirectory() as directory:
        table = Path(directory) / "requests.lua"
        quote = lambda text: "[==[" + text + "]==]"  # noqa: E731
        rows = []
        for headers, body in requests:
            all_headers = headers | {"content-type": "application/json"}
            fields = ", ".join(f"[ {quote(name)} ] = {quote(value)}" for name, value in all_headers.items())
            rows.append(f"{{ headers = {{ {fields} }}, body = {quote(json.dumps(body))} }}")
        table.write_text("return { " + ",\n".join(rows) + " }")
        script = Path(directory) / "load.lua"
        script.write_text(LUA.replace("REQUESTS", str(table)))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), f"http://127.0.0.1:{port}"]
        done = subprocess.run(command, capture_output=True, text=True)
    result = re.search(r"RESULT (\d+) (\d+) (\S+) (\S+) (\d+)", done.stdout)
    assert result and int(result[5]) == 0, done.stdout + done.stderr
    answered, took, half, most, _ = result.groups()
    return int(answered) / (int(took) / 1e6), float(half), float(most)


def memory_of(process):
    """Of a process and its children, in MiB, the most that was resident."""
    children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split()
    peaks = [re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1] for pid in [process.pid, *children]]
    return sum(map(int, peaks)) / 1024


class Figures:
    """Prints a table, the median of the repeats with the least and the most."""

    def __init__(self, repeats):
        self.repeats = repeats
        print(f"{'':34} {'a second: min / median / max':>30} {'p50 ms':>8} {'p99 ms':>8}", flush=True)

    def measure(self, what, run):
        runs = [run() for _ in range(self.repeats)]
        rates = sorted(rate for rate, _, _ in runs)
        rate = statistics.median(rates)
        half = statistics.median(half for _, half, _ in runs)
        most = statistics.median(most for _, _, most in runs)
        spread = f"{rates[0]:.0f} / {rate:.0f} / {rates[-1]:.0f}"
        print(f"{what:34} {spread:>30} {half:>8.2f} {most:>8.2f}", flush=True)
        return rate


class Bench:
    def __init__(self, given):
        self.given = given
        self.database = Database()
        self.server = Server(self.database)
        print(f"{given.tenants} tenants with {given.people} people each are coming in by imports", flush=True)
        self.houses = settle(self.server, given.tenants, given.people)
        self.database.psql("VACUUM ANALYZE")
        self.server.start("--no-worker")
        self.postgraphile = peers.PostGraphile(self.database)
        rows = self.database.psql("SELECT slug, id FROM tenant").split()
        self.tenants = dict(row.split("|") for row in rows)

    def close(self):
        self.postgraphile.stop()
        self.server.stop()
        self.database.psql(f"DROP DATABASE {self.database.name} WITH (FORCE)", database="postgres")

    def tokens(self, who):
        """Access tokens last for minutes: new ones for each figure."""
        return {house.slug: self.server.sign_in(house.slug, who) for house in self.houses}

    def ask_there(self, slug, query, variables):
        body = json.dumps({"query": query, "variables": variables | {"tenant": self.tenants[slug]}}).encode()
        headers = {"content-type": "application/json", "x-tenant": self.tenants[slug]}
        request = urllib.request.Request(self.postgraphile.url, body, headers)
        answer = json.load(urllib.request.urlopen(request))
        assert not answer.get("errors"), answer
        return answer["data"]

    def begun_here(self, slug, token):
        """The cursor of a place somewhere in the list."""
        query = "query ($after: String) { subscribers(first: 100, after: $after) { pageInfo { endCursor } } }"
        after = None
        for _ in range(1 + sum(slug.encode()) % 7):
            after = self.server.ask(query, {"after": after}, token)["subscribers"]["pageInfo"]["endCursor"] or after
        return after

    def begun_there(self, slug):
        query = PAGE_THERE.replace("first: 50", "first: 100")
        after = None
        for _ in range(1 + sum(slug.encode()) % 7):
            found = self.ask_there(slug, query, {"after": after})["allSubscribers"]
            after = found["pageInfo"]["endCursor"] or after
        return after

    def compare(self, figures, what, query, there, variables_here, variables_there, who):
        given = self.given
        tokens = self.tokens(who)
        requests, scripts, theirs = [], [], []
        for slug, token in tokens.items():
            asked = {"query": query, "variables": variables_here(slug, token)}
            requests.append(({"authorization": f"Bearer {token}"}, asked))
            asked_there = {"query": there, "variables": variables_there(slug) | {"tenant": self.tenants[slug]}}
            theirs.append(({"x-tenant": self.tenants[slug]}, asked_there))
        # They do answer, and with people.
        assert "edges': [{" in str(self.server.ask(query, requests[0][1]["variables"], next(iter(tokens.values()))))
        assert "edges': [{" in str(self.ask_there(next(iter(tokens)), there, theirs[0][1]["variables"]))
        for headers, asked in requests:
            token = headers["authorization"].removeprefix("Bearer ")
            ask = lambda: self.server.ask(query, asked["variables"], token)  # noqa: E731, B023
            [statements] = peers.statements_of(self.database, ask)
            scripts.append(peers.script_of(statements))
        ours = figures.measure(what, lambda: wrk(self.server.port, requests, given.connections, given.seconds))
        of_them = figures.measure(
            "  PostGraphile", lambda: wrk(self.postgraphile.port, theirs, given.connections, given.seconds)
        )
        bare = figures.measure(
            f"  pgbench, {scripts[0][0].count(';')} trips",
            lambda: peers.pgbench(self.database, scripts, given.connections, given.seconds),
        )
        print(f"  = {ours / of_them:.2f} of PostGraphile, {ours / bare:.2f} of pgbench\n", flush=True)

    def run(self):
        given = self.given
        figures = Figures(given.repeats)
        here = lambda slug, token: {"after": self.begun_here(slug, token)}  # noqa: E731
        there = lambda slug: {"after": self.begun_there(slug)}  # noqa: E731
        someone = lambda slug: {"email": f"person{sum(slug.encode()) % given.people}@{slug}.example"}  # noqa: E731
        self.compare(figures, "a page of 50, masked", PAGE, PAGE_THERE, here, there, "analyst")
        self.compare(figures, "a look-up by address", LOOKUP, LOOKUP_THERE, lambda slug, _: someone(slug), someone, "owner")
        self.compare(figures, "20 people, lists and consents", NESTED, NESTED_THERE, here, there, "analyst")
        self.noted(figures, here)
        self.nothing(figures)
        print(f"memory: {memory_of(self.server.process):.0f} MiB, PostGraphile {memory_of(self.postgraphile.process):.0f} MiB")

    def noted(self, figures, here):
        """The same page with the addresses in clear, each reading noted in the audit log before it is answered."""
        requests = [
            ({"authorization": f"Bearer {token}"}, {"query": PAGE, "variables": here(slug, token)})
            for slug, token in self.tokens("owner").items()
        ]
        given = self.given
        figures.measure("a page of 50 in clear, noted", lambda: wrk(self.server.port, requests, given.connections, given.seconds))

    def nothing(self, figures):
        given = self.given
        tokens = self.tokens("analyst")
        ours = [({"authorization": f"Bearer {token}"}, {"query": NOTHING}) for token in tokens.values()]
        theirs = [({"x-tenant": self.tenants[slug]}, {"query": NOTHING}) for slug in tokens]
        ours = figures.measure(NOTHING, lambda: wrk(self.server.port, ours, given.connections, given.seconds))
        of_them = figures.measure(
            "  PostGraphile", lambda: wrk(self.postgraphile.port, theirs, given.connections, given.seconds)
        )
        print(f"  = {ours / of_them:.2f} of PostGraphile\n", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tenants", type=int, default=100)
    parser.add_argument("--people", type=int, default=10_000, help="of each tenant")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=int, default=10, help="of each run")
    parser.add_argument("--repeats", type=int, default=3)
    bench = Bench(parser.parse_args())
    try:
        bench.run()
    finally:
        bench.close()


main()
