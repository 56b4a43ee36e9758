"""Ann lets the courier have her address, the courier reads it, and Ann sees what went out."""

from house import COURIER, NEWS

ANN, BEN = "ann@example.org", "ben@example.org"


def p14_only_what_was_allowed_goes_out_and_the_person_sees_it(house, visitor):
    house.take_in(ANN, NEWS)
    house.take_in(BEN, NEWS)
    house.send_campaign(NEWS)
    courier = house.token_for(COURIER)
    assert house.people_seen_by(courier) == []

    visitor.opens(house.mail(ANN, "Spring has come").link("preferences"), "Your preferences", "sharing-way-in")
    visitor.follows("See who may get what", "Who gets your information", "sharing")
    visitor.finds_nothing_ticked()
    visitor.reads(COURIER, "They bring parcels to your door.", "Nothing so far.")
    visitor.chooses(f"May {COURIER} get your e-mail address?", "Yes, they may")
    visitor.presses("Save", "Who gets your information", "sharing-saved")
    visitor.reads("Saved. This is how it stands now.", "Nothing so far.")

    assert house.people_seen_by(courier) == [{"email": ANN, "name": None}]
    visitor.opens(visitor.page.url, "Who gets your information", "sharing-went-out")
    visitor.reads(f"{COURIER} got your e-mail address, as you allowed.")
    assert visitor.chosen(f"May {COURIER} get your name?") == [], "what was left open stays open"

    visitor.chooses(f"May {COURIER} get your e-mail address?", "No")
    visitor.presses("Save", "Who gets your information", "sharing-ended")
    assert house.people_seen_by(courier) == []
    visitor.follows("Back to your preferences", "Your preferences", "sharing-way-back")
