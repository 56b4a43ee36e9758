"""Ann finds the form, joins, confirms from her mail, changes her mind, and in the end wants no mail of any sort."""

from house import COMPANY, NEWS, OFFERS

ANN = "ann@example.org"


def p12_each_use_is_a_choice_of_its_own_and_p04_only_the_button_confirms(house, visitor):
    visitor.opens(house.form, "Garden post", "join")
    visitor.finds_nothing_ticked()
    visitor.reads("What is up to you", NEWS["description"], OFFERS["description"], "What cannot be left out")
    visitor.fills("E-mail address", ANN)
    visitor.fills("Name", "Ann Gardener")
    visitor.fills("Company", "Gardener & Daughters")
    visitor.ticks(NEWS["name"])
    visitor.presses("Sign up", "Now look into your mail", "join-sent")
    visitor.reads(ANN)

    mail = house.mail(ANN, "please confirm")
    visitor.opens(f"{house.url}/dev/mailbox", "Mailbox", "mailbox")
    visitor.follows(mail.subject, mail.subject, "mailbox-message")
    visitor.follows("/confirm/", "Is this what you want?", "confirm")
    visitor.reads(NEWS["name"])
    visitor.reads_nowhere(OFFERS["name"])
    visitor.opens(visitor.page.url, "Is this what you want?", "confirm-again")
    assert house.subscriber(ANN)["status"] == "PENDING", "reading changes nothing"
    assert house.consents(ANN, NEWS) == ["REQUESTED"]

    visitor.presses("Yes, I confirm", "Thank you, that is confirmed", "confirm-done")
    assert house.subscriber(ANN)["status"] == "CONFIRMED"
    assert house.consents(ANN, NEWS) == ["REQUESTED", "GIVEN"]
    assert "GIVEN" not in house.consents(ANN, OFFERS)


def p05_preferences_are_changed_without_cookies_and_p03_no_mail_of_any_sort_ends_all(house, visitor):
    house.take_in(ANN, NEWS)
    house.send_campaign(NEWS)
    preferences = house.mail(ANN, "Spring has come").link("preferences")
    visitor.opens(preferences, "Your preferences", "preferences")
    visitor.finds_ticked(NEWS["name"])
    visitor.finds_unticked(OFFERS["name"])
    visitor.ticks(OFFERS["name"])
    visitor.unticks(NEWS["name"])
    visitor.presses("Save", "Your preferences", "preferences-saved")
    visitor.reads("Saved. This is how it stands now.", "You took back your yes")
    assert house.consents(ANN, OFFERS)[-1] == "GIVEN"
    assert house.consents(ANN, NEWS)[-1] == "WITHDRAWN"

    visitor.ticks("Send me no mail of any sort")
    visitor.presses("Save", "Your preferences", "preferences-no-mail")
    visitor.reads("We send you nothing", "We keep to that until you say otherwise")
    visitor.opens(preferences, "Your preferences", "preferences-silent")
    assert house.subscriber(ANN)["status"] == "OPTED_OUT"

    visitor.ticks(NEWS["name"])
    visitor.presses("Come back, with these choices", "Your preferences", "preferences-back")
    assert house.subscriber(ANN)["status"] == "CONFIRMED", f"{COMPANY} may write again"


def p03_the_form_offers_no_mail_of_any_sort(house, visitor):
    visitor.opens(house.form, "Garden post", "join")
    visitor.presses("Sign up", "Garden post", "join-wrong", status=422)
    visitor.fills("E-mail address", ANN)
    visitor.ticks("Send no mail of any sort to this address")
    visitor.presses("Send me nothing", "We will send you nothing", "join-nothing")
    assert house.mails(ANN) == []
