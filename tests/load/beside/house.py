"""The server under test on a PostgreSQL database of its own, and tenants whose people came in by imports."""

import json
import os
import socket
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

PASSWORD = "seven unrelated garden words"
OPERATIONS = (Path(__file__).parents[3] / "api/operations.graphql").read_text()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Database:
    """A database that is thrown away, seen by its owner's role and by the superuser's."""

    def __init__(self):
        url = urllib.parse.urlsplit(os.environ["ASSENT_TEST_POSTGRES_URL"])
        self.host = urllib.parse.parse_qs(url.query)["host"][0]
        self.name = f"beside_{os.getpid()}"
        self.url = f"postgres://assent@localhost/{self.name}?host={self.host}"
        self.log = Path(self.host) / "data/server.log"
        self.psql("CREATE DATABASE " + self.name, user="assent", database="postgres")

    def psql(self, *statements, user="postgres", database=None):
        commands = [part for statement in statements for part in ("-c", statement)]
        command = ["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", self.host, "-U", user, database or self.name]
        return subprocess.run(command + commands, check=True, capture_output=True, text=True).stdout


class Server:
    """`assent serve`."""

    def __init__(self, database):
        self.directory = Path(tempfile.mkdtemp(prefix="assent-beside."))
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.settings = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ASSENT_")},
            "ASSENT_DATABASE_URL": database.url,
            "ASSENT_DATA_DIR": str(self.directory),
            "ASSENT_LISTEN": f"127.0.0.1:{self.port}",
            "ASSENT_BASE_URL": self.url,
            "ASSENT_LOG": "warn",
            # All of its clients come from one network, and sign in hundreds of times.
            "ASSENT_FORM_POSTS_PER_SOURCE": "0",
        }
        self.process = None

    def run(self, *arguments, stdin=""):
        command = [os.environ["ASSENT_BIN"], *arguments]
        done = subprocess.run(command, env=self.settings, input=stdin, capture_output=True, text=True)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"

    def start(self, *arguments):
        log = open(self.directory / "server.log", "ab")
        command = [os.environ["ASSENT_BIN"], "serve", *arguments]
        self.process = subprocess.Popen(command, env=self.settings, stdout=log, stderr=log)
        until = time.monotonic() + 60
        while True:
            try:
                return urllib.request.urlopen(f"{self.url}/readyz", timeout=5).read()
            except OSError:
                assert time.monotonic() < until, (self.directory / "server.log").read_text()
                time.sleep(0.1)

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def ask(self, query, variables=None, token=None, operation=None):
        body = {"query": query, "variables": variables or {}, "operationName": operation}
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        request = urllib.request.Request(f"{self.url}/graphql", json.dumps(body).encode(), headers)
        answer = json.load(urllib.request.urlopen(request, timeout=120))
        assert not answer.get("errors"), answer["errors"]
        return answer["data"]

    def sign_in(self, tenant, who):
        query = "mutation ($input: SignInInput!) { signIn(input: $input) { accessToken } }"
        given = {"tenant": tenant, "email": f"{who}@{tenant}.example", "password": PASSWORD}
        return self.ask(query, {"input": given})["signIn"]["accessToken"]


class Tenant:
    """A tenant: a policy, a list, and people who said yes elsewhere."""

    def __init__(self, server, number):
        self.server = server
        self.slug = f"house{number}"
        self.owner = None

    def found(self):
        self.server.run(
            "tenant", "create", f"--slug={self.slug}", f"--name=House {self.slug}",
            f"--sender-address=news@{self.slug}.example", "--postal-address=1 Main Street",
            f"--owner=owner@{self.slug}.example", stdin=PASSWORD,
        )  # fmt: skip
        self.server.run(
            "member", "create", f"--tenant={self.slug}", f"--email=analyst@{self.slug}.example", "--role=ANALYST",
            stdin=PASSWORD,
        )  # fmt: skip

    def change(self, operation, **given):
        return self.server.ask(OPERATIONS, {"input": given}, self.owner, operation)

    def bring(self, people):
        """Begins an import of so many people, each with the evidence of a yes."""
        self.owner = self.server.sign_in(self.slug, "owner")
        news = {"code": "news", "name": "News", "description": "What is new.", "kind": "MARKETING"}
        version = self.change("DraftPolicyVersion", body="We ask first.", summary="The first.", purposes=[news])
        version = version["draftPolicyVersion"]["policyVersion"]["id"]
        now = f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
        self.change("PostPolicyVersion", id=version, effectiveAt=now)
        made = self.change("CreateMailingList", name="News", purposes=["news"], optIn="DOUBLE")
        rows = (f"person{number}@{self.slug}.example,Person {number}\n" for number in range(people))
        said = datetime.now(timezone.utc) - timedelta(days=400)
        evidence = {
            "source": "the shop's till", "collectedAt": f"{said:%Y-%m-%dT%H:%M:%SZ}",
            "statement": "Yes, send me the news.", "purposes": ["news"],
        }  # fmt: skip
        given = {
            "mailingListId": made["createMailingList"]["mailingList"]["id"],
            "evidence": evidence, "csv": "email,name\n" + "".join(rows),
        }  # fmt: skip
        self.importing = self.change("ImportSubscribers", **given)["importSubscribers"]["import"]["id"]

    def is_there(self):
        found = self.server.ask(OPERATIONS, {"id": self.importing}, self.owner, "Import")["import"]
        assert found["status"] not in ("FAILED", "CANCELLED"), found
        return found["status"] == "FINISHED"


def settle(server, tenants, people):
    """Founds so many tenants and waits until all their people are there."""
    houses = [Tenant(server, number) for number in range(tenants)]
    server.run("migrate")
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(Tenant.found, houses))
    server.start()
    for house in houses:
        house.bring(people)
    for house in houses:
        while not house.is_there():
            time.sleep(0.5)
    server.stop()
    return houses
