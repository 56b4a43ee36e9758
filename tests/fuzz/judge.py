"""What every answer has to be, whatever was asked: well-formed GraphQL, with codes of the closed list, in time, and
without a word about what is inside the server.
"""

import re

from target import SDL

# The codes are those that the schema tells of, at the type Query.
TOLD = re.search(r'"""([^"]*)"""\s*type Query \{', SDL)[1]
CODES = set(re.findall(r"`([A-Z_]+)`", TOLD))
assert {"UNAUTHENTICATED", "INTERNAL"} <= CODES and len(CODES) >= 14, CODES

# A server stops an operation after ten seconds.
MOST_SECONDS = 11

# What says how the server is made. It is looked for in messages, never in data, which may say anything.
INSIDE = re.compile(
    r"sqlx|sea[_-]orm|rusqlite|\bSELECT \w|\bINSERT INTO\b|\bUPDATE \w+ SET\b|\bDELETE FROM\b|panicked|\bsrc/|\.rs\b|/root/|"
    r"/home/|/usr/|/tmp/|/var/|\bconstraint\b|stack backtrace|RUST_BACKTRACE|\bthread '|unwrap\(\)|::\w+::|"
    r"database is locked|SQLITE_|syntax error at or near|no such (table|column)|assent_(entity|domain|api|worker)",
    re.IGNORECASE,
)


def faults(answer, sent=""):
    """What is wrong with an answer; nothing, if all is well. What the client itself `sent` may come back to it."""
    found = []
    if answer.status >= 500 and answer.status != 503:
        found.append(f"status {answer.status}")
    if answer.seconds > MOST_SECONDS:
        found.append(f"took {answer.seconds:.1f} s")
    try:
        told = answer.json
    except ValueError:
        return [*found, f"no JSON: {answer.text[:200]!r}"]
    if not isinstance(told, dict) or not told or set(told) - {"data", "errors", "extensions"}:
        return [*found, f"no answer of GraphQL: {answer.text[:200]!r}"]
    errors = told.get("errors")
    if "errors" in told and not (isinstance(errors, list) and errors):
        return [*found, "errors that are none"]
    for error in errors or []:
        message, code = error.get("message"), error.get("extensions", {}).get("code")
        if not isinstance(message, str) or not message:
            found.append(f"an error without a message: {error}")
            continue
        if code not in CODES:
            found.append(f"code {code!r}, which is not of the list: {message}")
        if code == "INTERNAL":
            found.append(f"INTERNAL: {error}")
        if (inside := INSIDE.search(message)) and inside[0] not in sent:
            found.append(f"a message tells of the inside ({inside[0]!r}): {message}")
    return found
