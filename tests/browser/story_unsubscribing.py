"""Ann has had enough of one list, and leaves it by the link in the mail."""

from house import NEWS, OFFERS

ANN = "ann@example.org"


def p05_one_button_ends_a_list_and_reading_the_page_does_not(house, visitor):
    house.take_in(ANN, NEWS, OFFERS)
    house.send_campaign(NEWS)
    link = house.mail(ANN, "Spring has come").link("unsubscribe")
    visitor.opens(link, "Unsubscribe", "unsubscribe")
    visitor.reads("Garden post", "You need not sign in or say why.")
    visitor.opens(link, "Unsubscribe", "unsubscribe")
    assert house.consents(ANN, NEWS)[-1] == "GIVEN", "reading changes nothing"

    visitor.presses("Unsubscribe", "You are unsubscribed", "unsubscribe-done")
    visitor.reads("Garden post", NEWS["name"], "What may still come")
    assert house.consents(ANN, NEWS)[-1] == "WITHDRAWN"
