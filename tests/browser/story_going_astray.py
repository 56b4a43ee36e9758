"""What people see who follow a link that does not work: what happened, and what to do next."""

from house import NEWS

ANN = "ann@example.org"


def the_address_that_nobody_has_is_said_to_be_one(house, visitor):
    nothing = "There is no page here"
    visitor.opens(f"{house.url}/nowhere", nothing, "not-found", status=404)
    visitor.reads("What to do next", "Check the address.")
    visitor.opens(f"{house.url}/t/nobody/policy", nothing, "not-found-company", status=404)
    visitor.opens(f"{house.url}/t/acme/join/nowhere", nothing, "not-found-form", status=404)
    visitor.opens(f"{house.url}/t/acme/policy/7", nothing, "not-found-version", status=404)


def p18_a_link_that_was_altered_or_has_run_out_changes_nothing(house, visitor):
    house.change(
        "Subscribe", collectionPoint="garden-post", email=ANN, choices=[{"purpose": NEWS["code"], "given": True}],
        evidence="at the garden fair",
    )  # fmt: skip
    link = house.mail(ANN, "please confirm").link("confirm")
    # The last letters of a token may hold bits that do not count.
    altered = link[:-9] + ("a" if link[-9] != "a" else "b") + link[-8:]
    visitor.opens(altered, "We cannot read this link", "link-altered", status=404)
    visitor.reads("Nothing was changed.", "What to do next")
    house.days_later(8)
    visitor.opens(link, "This link has run out", "link-expired", status=410)
    visitor.reads("Nothing was changed.", "fill in the form again")
    assert house.subscriber(ANN)["status"] == "PENDING"


def the_first_page_of_the_server_is_one_to_look_at(house, visitor):
    visitor.opens(house.url, "Assent", "home")
