"""Anna reads German: the form, the mail, the button and her preferences speak it, without a cookie that keeps it."""

from house import NEWS

ANNA = "anna@example.org"


def p03_a_form_is_read_in_ones_own_language(house, visitor):
    visitor.opens(house.form, "Garden post", "join")
    visitor.follows("Deutsch", "Garden post", "join-german")
    visitor.finds_nothing_ticked()
    visitor.reads("Was Sie entscheiden", "Was nicht wegfallen kann", "Wir haben nichts für Sie angekreuzt.")
    visitor.presses("Anmelden", "Garden post", "join-german-wrong", status=422)
    visitor.reads("Es wird eine E-Mail-Adresse gebraucht")
    visitor.fills("E-Mail-Adresse", ANNA)
    visitor.ticks(NEWS["name"])
    visitor.presses("Anmelden", "Sehen Sie jetzt in Ihre E-Mails", "join-german-sent")


def p17_preferences_and_rights_are_read_in_ones_own_language(house, visitor):
    house.take_in(ANNA, NEWS)
    house.send_campaign(NEWS)
    preferences = house.mail(ANNA, "Spring has come").link("preferences")
    visitor.opens(f"{preferences}?lang=de", "Ihre Einstellungen", "preferences-german")
    visitor.reads("Worüber wir Ihnen schreiben dürfen", "Senden Sie mir keine E-Mails, gleich welcher Art")
    visitor.follows("Datenschutzrichtlinie", "Datenschutzrichtlinie, Version 1", "policy-german")
    visitor.follows("Français", "Politique de confidentialité, version 1", "policy-french")
    visitor.follows("Español", "Política de privacidad, versión 1", "policy-spanish")
