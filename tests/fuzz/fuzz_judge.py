"""Whether those who judge here would see what they are to see: a judge who finds all fine proves nothing."""

import json

import pytest
from judge import faults
from page import hostile, skeleton
from target import Answer


def error(message, code="BAD_USER_INPUT"):
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


WRONG = {
    "a status of 500": (500, {"data": {}}, 0), "too long": (200, {"data": {}}, 11.5), "no JSON": (200, None, 0), "nothing": (200, {}, 0),
    "a list": (200, [], 0), "something else": (200, {"message": "no"}, 0), "errors that are none": (200, {"errors": []}, 0),
    "no code": (200, {"errors": [{"message": "no"}]}, 0), "an unknown code": (200, error("no", "ODD"), 0), "INTERNAL": (200, error("no", "INTERNAL"), 0),
    "no message": (200, error(""), 0), "SQL": (200, error("SELECT id FROM tenant"), 0), "a place": (200, error("at entity/src/tx.rs:10"), 0),
    "a file": (200, error("cannot open /tmp/a"), 0), "a rule of the database": (200, error("UNIQUE constraint failed: a.b"), 0),
    "a library": (200, error("sqlx: pool timed out"), 0), "a panic": (200, error("task panicked"), 0), "a type": (200, error("a::b::C is odd"), 0),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def the_judge_sees(what):
    status, told, seconds = WRONG[what]
    octets = b"<html>" if told is None else json.dumps(told).encode()
    assert faults(Answer(status, {}, octets, seconds))


def the_judge_lets_good_answers_pass():
    for told in (
        {"data": {"a": None}},
        error("the name is too long"),
        {"data": None, **error("no such thing", "NOT_FOUND")},
    ):
        assert faults(Answer(200, {}, json.dumps(told).encode(), 1)) == []
    # What the client said itself is no secret.
    assert (
        faults(Answer(200, {}, json.dumps(error('there is no purpose "/tmp/a"')).encode(), 1), "purpose: /tmp/a") == []
    )


@pytest.mark.parametrize(
    "markup",
    [
        "<script>a</script>", "<p onclick=a>", "<img src=x onerror=a>", "<a href='java\nscript:a'>", "<a href=' JAVASCRIPT:a'>", "<iframe>",
        "<svg/onload=a>", "<form action=javascript:a>", "<meta http-equiv=refresh content=0>", "<base href=//a>", "<a href=data:a>",
        "<textarea></textarea><script>", "<p title='a'onfocus=a autofocus>", "<math><a xlink:href=javascript:a>", "<object data=a>",
    ],
)  # fmt: skip
def the_reader_of_pages_sees(markup):
    assert hostile(f"<!doctype html><body>{markup}")
    assert skeleton(f"<body>{markup}") != skeleton("<body>a")


def the_reader_of_pages_lets_texts_pass():
    assert (
        hostile(
            "<!doctype html><p title='onclick=a'>&lt;script&gt; javascript:a <a href='https://a.example/javascript:a'>a</a>"
        )
        == []
    )
