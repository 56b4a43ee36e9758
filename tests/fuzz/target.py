"""The server under attack: `assent serve` on a copy of what `assent demo` leaves behind, two tenants with a past; and how
it is spoken to, octet by octet where need be.
"""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

from server import CHECKOUT, Server, eventually, program

SDL = (CHECKOUT / "api/schema.graphql").read_text()
OWNER = "owner@riverside.example"
PASSWORD = "a demo password"
OTHER_OWNER = "owner@harbour.example"


def rich_data(directory):
    """Runs the demo until it has told its story, and gives a copy of its data."""
    port = Server(directory).port
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASSENT_")}
    settings = kept | {"TMPDIR": str(directory), "ASSENT_LISTEN": f"127.0.0.1:{port}"}
    log = directory / "demo.log"
    with open(log, "wb") as output:
        demo = subprocess.Popen([program(), "demo"], env=settings, cwd=directory, stdout=output, stderr=output)
    try:

        def told():
            assert demo.poll() is None, log.read_text()
            return "Serving until" in log.read_text()

        eventually("the demo has told its story", told, seconds=120)
        (living,) = directory.glob("assent-demo-*")
        copy = directory / "data"
        # Personal data: no other user of this machine is to read it.
        copy.mkdir(0o700)
        copy_data(living, copy)
        for path in copy.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
        return copy
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(30)


def copy_data(source, copy):
    """Copies SQLite files while they are in use, and all others as they are."""
    for path in source.rglob("*"):
        to = copy / path.relative_to(source)
        if path.is_dir() or path.name.endswith(("-wal", "-shm")):
            continue
        to.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".db" or path.read_bytes()[:15] == b"SQLite format 3":
            with sqlite3.connect(path) as living, sqlite3.connect(to) as kept:
                living.backup(kept)
        else:
            shutil.copy2(path, to)


def nameless():
    """Starts a name server that knows no name (RFC 1035, 4.1.1: RCODE 3), so that nothing leaves this machine and nobody waits;
    gives its port."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 0))

    def answer():
        while True:
            question, asker = line.recvfrom(4096)
            # Of what came, the header and the question; not what EDNS adds.
            end = question.index(0, 12) + 5
            line.sendto(question[:2] + b"\x81\x83" + b"\0\1" + bytes(6) + question[12:end], asker)

    threading.Thread(target=answer, daemon=True).start()
    return line.getsockname()[1]


class LockedOut(AssertionError):
    """A sign-in was refused: the password is another by now, say, or there were too many tries."""


class Answer:
    """What came back of a request."""

    def __init__(self, status, headers, body, seconds):
        self.status, self.headers, self.body, self.seconds = status, headers, body, seconds

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def codes(self):
        """The codes of its errors."""
        return [error.get("extensions", {}).get("code") for error in self.json.get("errors") or []]


class Target(Server):
    """A server on data of its own, which is thrown away with it."""

    # No form is counted, since all come from one address.
    OWN = {"ASSENT_FORM_POSTS_PER_SOURCE": "0", "ASSENT_DNS_SERVER": f"127.0.0.1:{nameless()}"}

    def __init__(self, directory, data=None, **settings):
        super().__init__(directory)
        self.own = self.OWN | settings
        if data:
            shutil.copytree(data, directory / "data")

    def settings(self):
        return super().settings() | self.own

    @property
    def log(self):
        return (self.directory / "server.log").read_text(errors="replace")

    def is_ready(self):
        assert self.process.poll() is None, self.log
        try:
            return self.send("GET", "/readyz", timeout=5).status == 200
        except OSError:
            return None

    def send(self, method, path, body=None, headers=(), timeout=40):
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        began = time.monotonic()
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read(), time.monotonic() - began)
        finally:
            connection.close()

    def operation(self, query, variables=None, token=None, **more):
        """One GraphQL operation; what it came to is the caller's to judge."""
        body = {"query": query} | ({"variables": variables} if variables is not None else {}) | more
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        return self.send("POST", "/graphql", json.dumps(body), headers)

    def sign_in(self, tenant="riverside", email=OWNER, password=PASSWORD):
        """The access token of a member."""
        given = {"tenant": tenant, "email": email, "password": password}
        query = "mutation ($input: SignInInput!) { signIn(input: $input) { accessToken } }"
        told = self.operation(query, {"input": given}).json
        if told.get("errors"):
            raise LockedOut(told["errors"])
        return told["data"]["signIn"]["accessToken"]

    def api_token(self, owner, *scopes):
        """A token of few scopes."""
        given = {"name": "A program", "scopes": list(scopes)}
        query = "mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret } }"
        return self.operation(query, {"input": given}, owner).json["data"]["createApiToken"]["secret"]

    def assert_alive(self):
        """It runs, answers others, and nothing in it panicked."""
        assert self.process.poll() is None, f"the server is gone: {self.log[-2000:]}"
        assert self.send("GET", "/readyz", timeout=10).status == 200
        assert "panicked" not in self.log, self.log

    def memory(self):
        """What it holds in memory, in octets."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024
