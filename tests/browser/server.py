"""The program under test: `assent serve` on a free port of this machine, with its SQLite files in a directory that
is thrown away, and GraphQL by the operations that clients rely on.
"""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
OPERATIONS = (CHECKOUT / "api/operations.graphql").read_text()


def program():
    """The program under test."""
    target = os.environ.get("CARGO_TARGET_DIR", CHECKOUT / "target")
    return os.environ.get("ASSENT_PROGRAM") or str(Path(target) / "debug/assent")


def eventually(what, found, seconds=30):
    """What `found` returns, as soon as that is something."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if result := found():
            return result
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} seconds: {what}")


class Refused(AssertionError):
    """GraphQL answered with errors."""


class Server:
    """A server, and whoever is signed in to it."""

    def __init__(self, directory):
        self.directory = directory
        self.process = None
        self.token = None
        self.days_ahead = 0
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://localhost:{self.port}"

    def settings(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ASSENT_")}
        return kept | {
            "ASSENT_DATA_DIR": str(self.directory / "data"),
            "ASSENT_LISTEN": f"127.0.0.1:{self.port}",
            "ASSENT_BASE_URL": self.url,
            # The identity provider of a story runs on this machine.
            "ASSENT_IDENTITY_NETWORKS": "127.0.0.0/8",
        }

    def run(self, *arguments, stdin=""):
        done = subprocess.run(
            [program(), *arguments], input=stdin, env=self.settings(), cwd=self.directory, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, f"assent {arguments[0]}: {done.stdout}"

    def serve(self):
        command = [program(), "serve"]
        if self.days_ahead:
            command = ["faketime", "-m", "-f", f"+{self.days_ahead}d", *command]
        settings = self.settings() | {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        with open(self.directory / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                command, env=settings, cwd=self.directory, stdout=log, stderr=log, start_new_session=True
            )
        eventually("the server is ready", self.is_ready)

    def is_ready(self):
        assert self.process.poll() is None, (self.directory / "server.log").read_text()
        try:
            return self.get("/readyz")
        except urllib.error.URLError:
            return None

    def stop(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def days_later(self, days):
        """Goes on with the clock that many days ahead."""
        self.stop()
        self.days_ahead += days
        self.serve()

    def now(self):
        return datetime.now(timezone.utc) + timedelta(days=self.days_ahead)

    def get(self, path):
        with urllib.request.urlopen(f"{self.url}{path}", timeout=30) as answer:
            return answer.read()

    def ask(self, operation, variables, token=None, query=OPERATIONS):
        """Runs one operation of the contract, or of another document."""
        body = {"query": query, "variables": variables} | ({"operationName": operation} if operation else {})
        headers = {"content-type": "application/json"}
        if token := token or self.token:
            headers["authorization"] = f"Bearer {token}"
        request = urllib.request.Request(f"{self.url}/graphql", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer = json.load(answer)
        if answer.get("errors"):
            raise Refused(f"{operation}: {answer['errors']}")
        return answer["data"]

    def change(self, mutation, **input):
        """Runs a mutation of the contract."""
        (payload,) = self.ask(mutation, {"input": input}).values()
        return payload
