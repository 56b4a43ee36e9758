"""Ann asks for the link to what is held about her, takes a copy, and has it all erased."""

import csv
import io
import json
import zipfile

from house import COMPANY, NEWS

ANN = "ann@example.org"


def p17_the_link_is_asked_for_and_comes_by_mail(house, visitor):
    house.take_in(ANN, NEWS)
    house.send_campaign(NEWS)
    campaign = house.mail(ANN, "Spring has come")
    assert "/privacy/" not in campaign.text, "what opens all that is held is not in a campaign"
    assert f"Your data: {house.url}/t/acme/privacy" in campaign.text
    visitor.opens(campaign.link("preferences"), "Your preferences", "privacy-way-in")
    visitor.presses("Send me the link", "Look into your mailbox", "privacy-link-sent")
    visitor.reads("a•••@example.org")
    link = house.mail(ANN, "your page about your data").link("privacy")
    visitor.opens(link, "Your data", "privacy-by-preferences")

    visitor.opens(f"{house.url}/t/acme/privacy", "Ask about your data", "privacy-form")
    visitor.presses("Send me the link", "Ask about your data", "privacy-form-wrong", status=422)
    visitor.fills("Your e-mail address", "nobody@example.org")
    visitor.presses("Send me the link", "Look into your mailbox", "privacy-form-sent")
    assert house.mails("nobody@example.org") == []


def p17_a_copy_is_taken_and_opened_and_all_is_erased(house, visitor):
    house.take_in(ANN, NEWS)
    house.send_campaign(NEWS)
    house.mail(ANN, "Spring has come")
    visitor.opens(f"{house.url}/t/acme/privacy", "Ask about your data", "privacy-form-empty")
    visitor.fills("Your e-mail address", ANN)
    visitor.presses("Send me the link", "Look into your mailbox", "privacy-form-known")
    link = house.mail(ANN, "your page about your data").link("privacy")
    visitor.opens(link, "Your data", "privacy")
    visitor.reads(COMPANY, "a•••@example.org")

    with zipfile.ZipFile(io.BytesIO(visitor.downloads("Download it"))) as archive:
        copy = json.loads(archive.read("your-data.json"))
        consents = list(csv.DictReader(io.StringIO(archive.read("consents.csv").decode())))
    assert copy["person"]["email"] == ANN
    said = [row["State"] for row in consents if row["Purpose"] == NEWS["code"]]
    assert said == ["REQUESTED", "GIVEN"]
    assert "Spring has come" in [sent["subject"] for sent in copy["deliveries"]]
    assert copy["requests"], "that she asked for the link is held, too"
    visitor.presses("Show it", "What we hold about you", "privacy-copy")
    visitor.reads(ANN, "Spring has come", NEWS["description"])

    visitor.opens(link, "Your data", "privacy-before-erasure")
    visitor.presses("Erase my data", "Your data", "privacy-not-sure", status=422)
    visitor.reads("Tick the box, too")
    visitor.ticks("Yes, erase all that you hold about me")
    visitor.presses("Erase my data", "Your data is erased", "privacy-erased")
    visitor.opens(link, "We hold nothing about you", "privacy-nothing-held", status=410)
    people = house.ask("Subscribers", {"filter": {"email": ANN}})["subscribers"]["edges"]
    assert people == []
    before = len(house.mails(ANN))
    visitor.opens(f"{house.url}/t/acme/privacy", "Ask about your data", "privacy-form-after")
    visitor.fills("Your e-mail address", ANN)
    visitor.presses("Send me the link", "Look into your mailbox", "privacy-form-unknown")
    assert len(house.mails(ANN)) <= before, "nobody is known there any more"


def p17_an_address_is_changed_by_a_link_that_was_asked_for_and_can_be_taken_back(house, visitor):
    house.take_in(ANN, NEWS)
    house.send_campaign(NEWS)
    visitor.opens(house.mail(ANN, "Spring has come").link("preferences"), "Your preferences", "address-way-in")
    visitor.follows("ask for the link to the page about your data", "The page about your data", "address-link-ask")
    visitor.presses("Send me the link", "Look into your mailbox", "address-link-sent")
    visitor.opens(house.mail(ANN, "your page about your data").link("privacy"), "Your data", "address-privacy")
    visitor.follows("have us write to another address", "Your address", "address-ask")
    visitor.fills("New e-mail address", "ann@new.example")
    visitor.presses("Send me the link", "Look into your mailbox", "address-asked")
    link = house.mail("ann@new.example", "is this your new address?").link("address")
    visitor.opens(link, "Is this your new address?", "address-confirm")
    visitor.presses("Yes, write to me there", "Your address is changed", "address-changed")
    link = house.mail(ANN, "we write to another address now").link("address")
    visitor.opens(link, "Should we write to you here again?", "address-back")
    visitor.presses("Yes, write to me here again", "Your address is changed", "address-back-done")
    assert house.subscriber(ANN)["email"] == ANN
