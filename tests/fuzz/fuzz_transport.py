"""Clients that break HTTP, JSON, GraphQL or WebSockets, or take their time: each is refused or waited for, and others are answered
meanwhile, in no more memory.
"""

import base64
import gzip
import json
import os
import socket
import time
from contextlib import ExitStack, contextmanager

import pytest
from judge import faults
from target import Answer
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

HEAD = b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
ASK = b'{"query":"{ __typename }"}'
FINE = HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(ASK), ASK)
MEGABYTE = 1024 * 1024
LIMIT = 2 * MEGABYTE
SUBSCRIPTION = "subscription ($id: ID!) { campaignProgress(id: $id) { total } }"


def body(octets, *headers):
    return (
        HEAD
        + b"".join(header + b"\r\n" for header in headers)
        + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(octets)
        + octets
    )


def speak(server, octets, close=True, seconds=15):
    """Says just this, and no more if `close`; what the server says until it closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds) as line:
        try:
            line.sendall(octets)
            if close:
                line.shutdown(socket.SHUT_WR)
        except OSError:
            # It did not want to hear the rest.
            pass
        heard = b""
        try:
            while part := line.recv(65536):
                heard += part
        except (TimeoutError, ConnectionResetError):
            pass
        return heard


def statuses(heard):
    """The status of each answer in what was heard."""
    return [int(part[:3]) for part in heard.split(b"HTTP/1.1 ")[1:]]


def is_answered(server):
    """Somebody else, who asks for nothing special."""
    answer = server.operation("{ __typename }")
    return answer.json == {"data": {"__typename": "Query"}} and answer.seconds < 3


def many_variables(count):
    return json.dumps({"query": "{ __typename }", "variables": {f"v{i}": i for i in range(count)}}).encode()


# What goes over the line, and what is answered: a status, or several that will do; none, where the line is just closed.
BODIES = {
    "2 MiB and an octet": (body(b" " * (LIMIT + 1 - len(ASK)) + ASK), {413}),
    "2 MiB": (body(b" " * (LIMIT - len(ASK)) + ASK), {200}),
    "10 MiB": (body(b" " * 10 * MEGABYTE), {413}),
    "nothing": (body(b""), {400}),
    "no JSON": (body(b"query={__typename}"), {400}),
    "JSON that breaks off": (body(ASK[:-3]), {400}),
    "two JSON texts": (body(ASK + ASK), {400}),
    "arrays 100,000 deep": (body(b"[" * 100_000), {400}),
    "objects 100,000 deep": (body(b'{"a":' * 100_000), {400}),
    "variables 100,000 deep": (
        body(b'{"query":"{__typename}","variables":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}"),
        {400},
    ),
    "variables 100 deep": (body(b'{"query":"{__typename}","variables":{"a":' + b"[" * 100 + b"]" * 100 + b"}}"), {200}),
    "100,000 variables": (body(many_variables(100_000)), {200}),
    "a variable of 2 MB": (
        body(json.dumps({"query": "{__typename}", "variables": {"a": "x" * 2_000_000}}).encode()),
        {200},
    ),
    "a number of 100,000 digits": (
        body(b'{"query":"{__typename}","variables":{"a":' + b"9" * 100_000 + b"}}"),
        {200, 400},
    ),
    "a number beyond all": (body(b'{"query":"{__typename}","variables":{"a":1e999999999}}'), {200, 400}),
    "invalid UTF-8": (body(b'{"query":"{ __typename #\xff\xfe }"}'), {400}),
    "overlong UTF-8": (body(b'{"query":"{ __typename #\xc0\xaf }"}'), {400}),
    "half of a pair": (body(b'{"query":"{ __typename } #\\ud800"}'), {400}),
    "UTF-16": (body(ASK.decode().encode("utf-16")), {400}),
    "a byte order mark": (body(b"\xef\xbb\xbf" + ASK), {200, 400}),
    "NUL in a comment": (body(b'{"query":"{ __typename } #\\u0000"}'), {200}),
    "NUL in a name": (body(b'{"query":"{ __typename\\u0000 }"}'), {200}),
    "NULs": (body(b"\0" * 1000), {400}),
    "a batch": (body(b"[" + ASK + b"]"), {400}),
    "a batch of 10,000": (body(b"[" + b",".join([ASK] * 10_000) + b"]"), {400}),
    "a bomb": (body(gzip.compress(b" " * 100 * MEGABYTE), b"Content-Encoding: gzip"), {415}),
    "a bomb by another name": (body(gzip.compress(ASK), b"Content-Encoding: br"), {415}),
    "another charset": (
        HEAD.replace(b"json", b"json; charset=utf-7") + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}",
        {415, 400},
    ),
}
LINES = {
    "a body that breaks off": (HEAD + b"Content-Length: 1000\r\n\r\n" + ASK, {400}),
    "a body longer than it says": (HEAD + b"Content-Length: 5\r\n\r\n" + ASK, {400}),
    "two lengths": (HEAD + b"Content-Length: 26\r\nContent-Length: 5\r\n\r\n" + ASK, {400}),
    "a length below zero": (HEAD + b"Content-Length: -1\r\n\r\n" + ASK, {400}),
    "a length with a sign": (HEAD + b"Content-Length: +26\r\n\r\n" + ASK, {400}),
    "a length beyond 64 bits": (HEAD + b"Content-Length: 99999999999999999999\r\n\r\n" + ASK, {400}),
    "a length of 4 EB": (HEAD + b"Content-Length: 4611686018427387904\r\n\r\n" + ASK, {400, 413}),
    "a length and chunks": (HEAD + b"Content-Length: 26\r\nTransfer-Encoding: chunked\r\n\r\n1a\r\n" + ASK + b"\r\n0\r\n\r\n", {400}),
    "chunks that are none": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + ASK, {400}),
    "a chunk beyond 64 bits": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n" + ASK, {400}),
    "chunks encoded otherwise": (HEAD + b"Transfer-Encoding: xchunked\r\n\r\n1a\r\n" + ASK + b"\r\n0\r\n\r\n", {400}),
    "an octet a chunk": (
        HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(b"1\r\n%c\r\n" % octet for octet in ASK) + b"0\r\n\r\n", {200},
    ),
    "500 headers": (FINE.replace(b"Host: a", b"Host: a" + b"".join(b"\r\nX-%d: a" % i for i in range(500))), {400, 431}),
    "a header of 1 MB": (FINE.replace(b"Host: a", b"Host: a\r\nX-A: " + b"a" * 1_000_000), {400, 431}),
    "an address of 1 MB": (b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", {400, 414, 431}),
    "NUL in a header": (FINE.replace(b"Host: a", b"Host: a\r\nX-A: a\0b"), {400}),
    "a header without a name": (FINE.replace(b"Host: a", b"Host: a\r\n: a"), {400}),
    "a header on two lines": (FINE.replace(b"Host: a", b"Host: a\r\nX-A: a\r\n b"), {400}),
    "a space before the colon": (FINE.replace(b"Host: a", b"Host: a\r\nX-A : b"), {400}),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(100), {400}),
    "HTTP/0.9": (b"GET /\r\n\r\n", {400}),
    "HTTP/9.9": (FINE.replace(b"HTTP/1.1", b"HTTP/9.9"), {400, 505}),
    "HTTP/2 by surprise": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400}),
    "a method of its own": (b"BREW /graphql HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", {405}),
    "a way out": (b"GET /../../../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", {400, 404}),
    "a way out, encoded": (b"GET /assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", {400, 404}),
    "a path of no text": (b"GET /t/%ff%fe/policy HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", {400, 404}),
    "a path with NUL": (b"GET /t/river%00side/policy HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", {400, 404}),
    "a number too large in a path": (b"GET /t/riverside/policy/99999999999999999999 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", {400, 404}),
    "two requests, the second no HTTP": (FINE.replace(b"Connection: close\r\n", b"") + b"\0\0\0\0\r\n\r\n", {400}),
}  # fmt: skip


@pytest.mark.parametrize("what", BODIES)
def no_body_does_harm(server, what):
    octets, will_do = BODIES[what]
    before, began = server.memory(), time.monotonic()
    heard = speak(server, octets, close=False)
    assert set(statuses(heard)) <= will_do, heard[:600]
    # Who is refused in the middle of a long body may not hear why: the line is reset.
    if statuses(heard):
        text = heard.partition(b"\r\n\r\n")[2]
        assert faults(Answer(statuses(heard)[0], {}, text, time.monotonic() - began), octets.decode("latin-1")) == []
    else:
        assert 413 in will_do
    assert server.memory() - before < 100 * MEGABYTE
    assert is_answered(server)


@pytest.mark.parametrize("what", LINES)
def no_line_does_harm(server, what):
    octets, will_do = LINES[what]
    heard = speak(server, octets)
    found = statuses(heard)
    assert all(status < 500 or status == 505 for status in found), heard[:600]
    # The last is the answer to what is odd. Who is refused in the middle of a megabyte may not hear it: the line is reset.
    assert found[-1] in will_do if found else len(octets) > MEGABYTE // 2, heard[:600]
    for inside in b"panicked", b"src/", b"/root", b"root:x:0":
        assert inside not in heard
    assert is_answered(server)


def no_key_twice_is_taken_for_once(server):
    """Two readers of such a body may see two operations (RFC 8259, 4): the one that is run is not the one that was looked at."""
    twice = b'{"query":"{ __typename }","query":"{ a: __typename }"}'
    heard = speak(server, body(twice), close=False)
    assert statuses(heard) == [400], heard[-200:]


@pytest.fixture(scope="module", autouse=True)
def unfinished(server):
    """A connection whose client sends one octet of a body and no more, opened before all else."""
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
        yield line, time.monotonic()


def no_slow_clients_keep_others_waiting(server):
    before = server.memory()
    with ExitStack() as lines:
        slow = []
        for number in range(200):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            line.sendall(
                b"POST /graphql HTTP/1.1\r\nHost: a\r\nX-" if number % 2 else HEAD + b"Content-Length: 1000\r\n\r\n{"
            )
            slow.append(line)
        for _ in range(12):
            for line in slow:
                try:
                    line.sendall(b"a")
                except OSError:
                    # It has been given up.
                    pass
            assert is_answered(server)
            time.sleep(0.6)
        assert server.memory() - before < 50 * MEGABYTE
        # Who has not sent the head of a request after some seconds is not waited for.
        slow[1].settimeout(10)
        try:
            heard = slow[1].recv(1000)
        except ConnectionResetError:
            heard = b""
        assert heard == b"" or statuses(heard) == [408], heard
    assert is_answered(server)


def no_reader_who_does_not_read_costs_memory(server):
    """Asks for a page of 145 KB again and again, and reads none of it."""
    before = server.memory()
    with ExitStack() as lines:
        for _ in range(20):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.setblocking(False)
            try:
                for _ in range(200):
                    line.send(b"GET /docs HTTP/1.1\r\nHost: a\r\n\r\n")
            except BlockingIOError:
                pass
        time.sleep(2)
        assert is_answered(server)
        assert server.memory() - before < 100 * MEGABYTE, server.memory() - before
    server.assert_alive()


# WebSockets.


def opened(server, **more):
    return connect(f"ws://127.0.0.1:{server.port}/graphql", subprotocols=["graphql-transport-ws"], **more)


@contextmanager
def introduced(server, token):
    with opened(server) as line:
        line.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}))
        assert json.loads(line.recv(timeout=10))["type"] == "connection_ack"
        yield line


SAID = {
    "no JSON": ("{", 4400), "no object": ("[]", 4400), "octets": (b"\0\xff", 4400), "an unknown type": ('{"type":"start"}', 4400),
    "introduced twice": ('{"type":"connection_init"}', 4429), "an operation without an id": ('{"type":"subscribe","payload":{"query":"{a}"}}', 4400),
    "an id of 1 KB": (json.dumps({"type": "subscribe", "id": "x" * 1024, "payload": {"query": "{a}"}}), 4400),
    "nested deep": ('{"type":"subscribe","id":"1","payload":' + "[" * 20_000, 4400), "too long": ("x" * 100_000, 1009),
    "a duplicate key": ('{"type":"ping","type":"connection_init"}', 4400),
}  # fmt: skip


@pytest.mark.parametrize("what", SAID)
def no_message_does_harm(server, what):
    said, code = SAID[what]
    with introduced(server, server_token(server)) as line:
        line.send(said)
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                line.recv(timeout=10)
        assert closed.value.rcvd.code == code
    assert is_answered(server)


def server_token(server):
    if not hasattr(server, "kept_token"):
        server.kept_token = server.sign_in()
    return server.kept_token


@pytest.mark.parametrize(
    "query",
    ["{ __typename }", "mutation { signOut { __typename } }", "subscription { nothing }", "{", "", SUBSCRIPTION],
)
def no_operation_over_a_websocket_makes_the_server_fail(server, query):
    with introduced(server, server_token(server)) as line:
        for number, variables in enumerate(
            [{}, {"id": ""}, {"id": None}, {"id": 7}, {"id": "campaign_00000000000000000000000000"}, {"id": ["a"]}]
        ):
            line.send(
                json.dumps(
                    {"type": "subscribe", "id": str(number), "payload": {"query": query, "variables": variables}}
                )
            )
            told = json.loads(line.recv(timeout=12))
            assert told["type"] == "error", told
            errors = told["payload"]
            assert faults(Answer(200, {}, json.dumps({"errors": errors}).encode(), 0), query) == []


def no_watcher_who_does_not_read_costs_memory(server):
    """Sends pings and operations that are refused, and reads none of the answers."""
    before = server.memory()
    with ExitStack() as lines:
        for _ in range(10):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            key = base64.b64encode(os.urandom(16))
            line.sendall(
                b"GET /graphql HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                b"Sec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n"
            )
            assert b" 101 " in line.recv(1000)
            said = json.dumps(
                {"type": "connection_init", "payload": {"authorization": f"Bearer {server_token(server)}"}}
            ).encode()
            line.sendall(frame(1, said))
            line.settimeout(0.2)
            try:
                for number in range(20_000):
                    line.sendall(frame(9, b"x" * 125))
                    if number % 100 == 0:
                        line.sendall(frame(1, json.dumps({"type": "ping"}).encode()))
            except OSError:
                pass
        assert is_answered(server)
        assert server.memory() - before < 50 * MEGABYTE, server.memory() - before
    server.assert_alive()


def frame(opcode, octets):
    """A frame as clients send it (RFC 6455, 5.2), masked with zeros."""
    length = bytes([128 | len(octets)]) if len(octets) < 126 else bytes([128 | 126]) + len(octets).to_bytes(2, "big")
    return bytes([128 | opcode]) + length + bytes(4) + octets


def no_idle_websockets_keep_others_waiting(server):
    before = server.memory()
    with ExitStack() as lines:
        idle = [lines.enter_context(opened(server)) for _ in range(300)]
        assert is_answered(server)
        assert server.memory() - before < 100 * MEGABYTE
        for line in idle[:5]:
            with pytest.raises(ConnectionClosed) as closed:
                line.recv(timeout=15)
            assert closed.value.rcvd.code == 4408
    assert is_answered(server)
    server.assert_alive()


def no_body_is_waited_for_without_end(unfinished):
    """Last, so that the time for it has passed meanwhile."""
    line, since = unfinished
    line.settimeout(max(1, since + 45 - time.monotonic()))
    heard = line.recv(1000)
    assert heard == b"" or statuses(heard) == [408], heard
