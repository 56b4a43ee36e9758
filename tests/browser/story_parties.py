"""A form brings an outside party in: Ann reads who they are before anything is asked of her, leaves once, and joins."""

from house import COURIER, NEWS, OFFERS, TO_COURIER

ANN = "ann@example.org"


def form_with_courier(house):
    created = house.change(
        "CreateCollectionPoint",
        slug="to-your-door",
        name="To your door",
        mailingListIds=[house.list["id"]],
        fields=[{"name": "name", "required": False}],
        choices=[
            {"purpose": purpose["code"], "statement": f"Yes, write to me: {purpose['description']}"}
            for purpose in (NEWS, OFFERS)
        ],
        outsideParties=[{"name": COURIER}],
    )
    return created["collectionPoint"]["formUrl"]


def p13_who_else_gets_it_is_said_before_any_field(house, visitor):
    form = form_with_courier(house)
    visitor.opens(form, "To your door", "parties-first")
    visitor.reads("Before you go on", COURIER, TO_COURIER["why"], TO_COURIER["what"], "Nothing has been asked of you yet")
    visitor.finds_no_field()
    visitor.follows("Leave", "You have left the form", "parties-left")
    visitor.reads("Nothing was entered", "nothing was passed on")
    assert house.mails(ANN) == []

    visitor.opens(form, "To your door", "parties-again")
    visitor.follows("Go on to the form", "To your door", "parties-form")
    visitor.reads(COURIER, TO_COURIER["why"])
    visitor.finds_nothing_ticked()
    visitor.fills("E-mail address", ANN)
    visitor.ticks(NEWS["name"])
    visitor.presses("Sign up", "Now look into your mail", "parties-sent")

    visitor.opens(house.mail(ANN, "please confirm").link("confirm"), "Is this what you want?", "parties-confirm")
    visitor.reads(COURIER, TO_COURIER["what"])
    visitor.presses("Yes, I confirm", "Thank you, that is confirmed", "parties-confirmed")
    assert house.consents(ANN, NEWS) == ["REQUESTED", "GIVEN"]
    assert house.people_seen_by(house.token_for(COURIER)) == [], "to join is not to let others have it"
