"""The company plans a new use and a new outside party. Ann reads what changes and chooses; a week later it applies."""

from house import COURIER, FIRST_TEXT, NEWS, OFFERS, TO_COURIER, TO_PRINTER

ANN = "ann@example.org"
SUMMARY = "We would like to ask what you think of our tools, and to post a catalogue."
SURVEYS = {
    "code": "surveys",
    "name": "Surveys",
    "description": "A few questions about the tools you use, twice a year.",
    "kind": "MARKETING",
}
SECOND_TEXT = FIRST_TEXT.replace("We ask before we write.", "We ask before we write, and before we share.")
PRINTER = TO_PRINTER["name"]


def announce(house):
    """Version 2, to take effect in seven days, and the notice of it to Ann."""
    house.take_in(ANN, NEWS)
    house.post_policy(SECOND_TEXT, SUMMARY, [NEWS, OFFERS, SURVEYS], [TO_COURIER, TO_PRINTER], days=7)
    return house.mail(ANN, "our privacy policy changes")


def p11_each_addition_is_a_question_with_nothing_ticked(house, visitor):
    notice = announce(house)
    for said in (SUMMARY, SURVEYS["name"], PRINTER):
        assert said in " ".join(notice.text.split())
    choices = notice.link("choices")
    visitor.opens(choices, "Your choice", "choices")
    visitor.reads("Version 2", SUMMARY, SURVEYS["description"], PRINTER, TO_PRINTER["why"])
    visitor.reads_nowhere(NEWS["description"], COURIER)
    visitor.finds_nothing_ticked()
    visitor.chooses(SURVEYS["name"], "No")
    visitor.chooses(f"May {PRINTER} get your name?", "Yes, they may")
    visitor.presses("Save", "Your choice", "choices-saved")
    visitor.reads("Saved. This is how it stands now.")

    visitor.opens(choices, "Your choice", "choices-again")
    assert visitor.chosen(SURVEYS["name"]) == ["No"]
    assert visitor.chosen(f"May {PRINTER} get your name?") == ["Yes, they may"]
    assert visitor.chosen(f"May {PRINTER} get your company?") == [], "what was left open stays open"
    assert house.consents(ANN, SURVEYS)[-1] == "REFUSED"


def p11_a_party_that_is_added_alone_is_asked_for_too(house, visitor):
    house.take_in(ANN, NEWS)
    summary = "We would like to post a catalogue."
    house.post_policy(FIRST_TEXT, summary, [NEWS, OFFERS], [TO_COURIER, TO_PRINTER], days=7)
    notice = house.mail(ANN, "our privacy policy changes")
    assert PRINTER in notice.text
    visitor.opens(notice.link("choices"), "Your choice", "choices-party")
    visitor.reads(PRINTER, TO_PRINTER["what"])
    visitor.finds_nothing_ticked()


def p09_a_change_stands_at_the_top_and_every_version_stays(house, visitor):
    announce(house)
    policy = f"{house.url}/t/acme/policy"
    visitor.opens(policy, "Privacy policy", "policy-upcoming")
    upcoming = visitor.page.get_by_role("region", name="This policy is going to change")
    effective = house.versions()[1]["effectiveAt"]
    visitor.reads(SUMMARY, "version 1, in force since", COURIER)
    assert visitor.top_of(upcoming) < visitor.top_of(visitor.page.get_by_role("heading", name="The text"))
    assert upcoming.locator("time").get_attribute("datetime") == effective
    visitor.follows("Compare it with version 1", "From version 1 to version 2", "policy-comparison")
    visitor.reads(f"Now: {SURVEYS['name']}", f"Now: {PRINTER}", ", and before we share", "Who sees it")
    visitor.reads_nowhere("##", "**")
    visitor.opens(f"{policy}/2", "Privacy policy, version 2", "policy-version-upcoming")
    visitor.reads("Not in force yet.", SUMMARY, PRINTER)

    house.days_later(8)
    house.when_in_force(2)
    visitor.opens(policy, "Privacy policy", "policy-in-force")
    visitor.reads("version 2, in force since", PRINTER, "in force from")
    visitor.reads_nowhere("This policy is going to change")
    visitor.follows("Version 1", "Privacy policy, version 1", "policy-version-superseded")
    visitor.reads("No longer in force.", "We ask before we write.")
