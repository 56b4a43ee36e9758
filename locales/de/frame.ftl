### What surrounds every page, and what many pages say. In HTML messages, keep the elements as they are and move them where the sentence wants them.

## The language's name for itself, in the links at the end of each page.

language-name = Deutsch
language-choose = Sprache

## Points in time. The first names the language and country by whose custom a date is written, as a tag (BCP 47).

date-locale = de-DE
date-minute = { $date }, { $time } Uhr UTC

## Below each page of a company, and of the server.

footer-policy = Datenschutzrichtlinie
footer-privacy = Fragen zu Ihren Daten stellen
footer-questions = Fragen zu Ihren Daten: <a href="mailto:{ $address }">{ $address }</a>
footer-server = Assent, ein Server für E-Mails mit Einwilligung. Ohne Einwilligung verlässt ihn keine E-Mail.
closed-note = <strong>{ $tenant } ist hier seit dem { $day } geschlossen.</strong> Es versendet keine E-Mails und nimmt niemanden auf. Alles, was es hat, wird am { $moment } gelöscht. Bis dahin können Sie zu allem Nein sagen und über Ihre Daten bestimmen; ein Ja wird nicht angenommen.

## Titles of pages after a form was sent.

title-check = Bitte prüfen: { $title }
title-put-right = Zu berichtigen: { $title }
title-saved = Gespeichert: { $title }
title-not-saved = Nicht gespeichert: { $title }
title-done = Erledigt: { $title }

## What forms are made of.

form-errors =
    { $count ->
        [one] Eine Angabe ist zu berichtigen
        *[other] { $count } Angaben sind zu berichtigen
    }
form-optional = (freiwillig)
form-save = Speichern
form-send = Absenden
form-saved = Gespeichert. So ist jetzt der Stand.
form-nothing-ticked = Wir haben nichts für Sie angekreuzt. Was Sie offen lassen, gilt als Nein, und Sie können Ihre Meinung jederzeit ändern.
form-no = Nein
form-name = Name
form-company = Unternehmen
form-address = E-Mail-Adresse

## Links that lead to other sites.

leaves-site = (verlässt diese Website)

## Who else gets data.

party-gets = Was sie bekommen
party-would-get = Was sie bekommen würden
party-why = Wozu
party-policy = Die Datenschutzrichtlinie von dort
party-may = Darf { $party } { $what } bekommen?
party-statement = { $party } darf { $what } bekommen. Wozu: { $why } Was: { $receives }
party-yes = Ja, das ist erlaubt
field-email = Ihre E-Mail-Adresse
field-name = Ihren Namen
field-company = Ihr Unternehmen
