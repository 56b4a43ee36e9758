"""Looks at a message as a receiver does who has never heard of us: DKIM with dkimpy, the form with Python's own parser.

    verify.py MESSAGE RECORDS

MESSAGE is a file with CRLF; RECORDS is JSON, from names to what is published there. Prints JSON: what became of each
signature, each defect of the form, and what a reader sees.
"""

import email
import email.policy
import json
import sys

import dkim


def signatures(message: bytes, records: dict[str, str]) -> list[dict]:
    def published(name: bytes, timeout: int = 5) -> bytes | None:
        text = records.get(name.decode().rstrip("."))
        return text.encode() if text else None

    found = []
    number = message.lower().split(b"\r\n\r\n", 1)[0].count(b"dkim-signature:")
    for index in range(number):
        verifier = dkim.DKIM(message)
        try:
            good = verifier.verify(idx=index, dnsfunc=published)
            reason = ""
        except dkim.DKIMException as error:
            good, reason = False, str(error)
        fields = verifier.signature_fields
        found.append(
            {
                "good": good,
                "reason": reason,
                "algorithm": fields.get(b"a", b"").decode(),
                "domain": fields.get(b"d", b"").decode(),
                "signed": [name.decode().strip().lower() for name in fields.get(b"h", b"").split(b":")],
            }
        )
    return found


def defects(message: bytes) -> list[str]:
    try:
        parsed = email.message_from_bytes(message, policy=email.policy.strict)
        found = []
        for part in parsed.walk():
            found += part.defects
            for name, value in part.items():
                found += [f"{name}: {defect!r}" for defect in value.defects]
            if not part.is_multipart():
                part.get_content()
        return [str(defect) for defect in found]
    except Exception as error:  # whatever a strict parser raises is a defect
        return [repr(error)]


def seen(message: bytes) -> dict[str, str]:
    parsed = email.message_from_bytes(message, policy=email.policy.default)
    parts = {sort: parsed.get_body((sort,)) for sort in ("html", "plain")}
    html, text = (part.get_content() if part else "" for part in parts.values())
    return {"subject": str(parsed["subject"]), "html": html, "text": text}


def main() -> None:
    message = open(sys.argv[1], "rb").read()
    records = json.load(open(sys.argv[2], encoding="utf-8"))
    judged = {"signatures": signatures(message, records), "defects": defects(message)}
    json.dump(judged | seen(message), sys.stdout)


main()
