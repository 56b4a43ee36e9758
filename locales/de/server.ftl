### Pages of the server itself: the front page, setting it up, and the built-in mailbox.

home-lead = Dieser Server sendet E-Mails für Unternehmen an Menschen, die eingewilligt haben. Keine E-Mail geht ohne Erlaubnis hinaus, und eine Erlaubnis kommt nur aus einer Entscheidung über die Einwilligung.
home-not-set-up = Er ist noch nicht eingerichtet
home-set-up-how = Legen Sie das erste Unternehmen und das Konto seines Inhabers an. Das dauert eine Minute und braucht den Code, den der Server beim Start ausgegeben hat.
home-set-up = Einrichten
home-had-mail = Wenn Sie von hier E-Mails bekommen haben
home-had-mail-how = Jede E-Mail hat am Ende Links, um sich abzumelden und Ihre Einstellungen zu ändern. Sie funktionieren ohne Anmeldung.
home-work-with = Wenn Sie damit arbeiten
home-docs = Was sie bietet, wie man beginnt, und jeder Fehler, mit dem sie antworten kann.
home-graphiql = Die API im Browser, mit ihrer Dokumentation. Hier melden Sie sich an.
home-mailbox = Alle bisherigen E-Mails. Sie werden hier aufbewahrt, statt gesendet zu werden.
home-companies = Unternehmen dieser Vorführung
home-policy-of = Datenschutzrichtlinie<span class="unseen"> von { $tenant }</span>
home-version = Version { $version }

## Setting up.

setup-title = Assent einrichten
setup-heading = Diesen Server einrichten
setup-lead = Assent läuft und hat noch kein Unternehmen. Legen Sie das erste an, und das Konto seines Inhabers.
setup-is-it-you = Sind Sie es?
setup-code = Einrichtungscode
setup-code-hint = Der Server hat ihn beim Start ausgegeben.
setup-company = Das Unternehmen
setup-company-hint = Der Name, den seine Abonnenten kennen.
setup-slug = Kurzname in Adressen
setup-slug-hint = Kleinbuchstaben, Ziffern und Bindestriche. Die Seiten stehen dann unter /t/kurzname/.
setup-postal-address = Postanschrift
setup-postal-address-hint = Steht in jeder Werbe-E-Mail und unter jeder Seite, wie das Gesetz es verlangt.
setup-mail = Seine E-Mails
setup-sender-name = Name des Absenders
setup-sender-name-hint = Was Empfänger als Absender sehen.
setup-sender-address = Adresse des Absenders
setup-sender-address-hint = Verwenden Sie eine Domain, deren DNS Sie verwalten.
setup-privacy-contact = Kontakt für Datenschutz
setup-privacy-contact-hint = Wohin man mit Fragen zu den eigenen Daten schreibt.
setup-owner = Der Inhaber
setup-owner-hint = Damit melden Sie sich an.
setup-operator-policy = Wer sich hier anmeldet, für den gilt <a href="{ $href }">die Datenschutzrichtlinie von { $company }, Version { $version }</a>. { $company } betreibt diesen Server und schreibt an die Adresse oben, wenn sich diese Richtlinie ändert.
setup-password = Passwort
setup-password-hint = Mindestens 12 Zeichen. Einige Wörter ohne Zusammenhang merkt man sich leicht.
setup-create = Anlegen
setup-needed = Diese Angabe wird gebraucht
setup-wrong-code = Das ist nicht der Code, den der Server beim Start ausgegeben hat
setup-done-title = Eingerichtet
setup-done-heading = { $company } ist eingerichtet
setup-done-lead = Sie sind Inhaber. Vier Schritte führen zur ersten Kampagne.
setup-step-sign-in = <strong>Anmelden.</strong> Öffnen Sie <a href="/graphql">GraphiQL</a> und melden Sie sich mit Adresse und Passwort an. Alles geschieht dort, und jeder Typ und jedes Feld ist beschrieben.
setup-step-policy = <strong>Eine Datenschutzrichtlinie schreiben und veröffentlichen.</strong> Bevor eine in Kraft ist, wird keine Adresse erhoben und keine E-Mail gesendet. Die erste Version darf sofort gelten; sie steht dann auf <a href="{ $href }">Ihrer Seite mit der Richtlinie</a>.
setup-step-form = <strong>Eine Liste und eine Sammelstelle anlegen.</strong> Die Sammelstelle ist das Formular, bei dem man sich anmeldet.
setup-step-yourself-mailbox = <strong>Sich selbst anmelden.</strong> Die Bestätigung bleibt im <a href="/dev/mailbox">Postfach dieses Servers</a>: Keine echte E-Mail verlässt ihn, bis Sie ihm einen SMTP-Server geben.
setup-step-yourself = <strong>Sich selbst anmelden.</strong> Die Bestätigung kommt als echte E-Mail.

## The built-in mailbox.

mailbox-title = Postfach
mailbox-lead = E-Mails, die dieser Server aufbewahrt hat, statt sie zu senden, die neuesten zuerst.
mailbox-empty = Noch nichts. Füllen Sie ein Formular aus oder senden Sie eine Kampagne, und laden Sie diese Seite dann neu.
mailbox-messages = Nachrichten
mailbox-subject = Betreff
mailbox-to = An
mailbox-time = Zeit
mailbox-from = Von
mailbox-no-subject = (kein Betreff)
mailbox-not-listed =
    { $count ->
        [one] { $count } ältere Nachricht ist nicht aufgeführt.
        *[other] { $count } ältere Nachrichten sind nicht aufgeführt.
    }
mailbox-all = Alle E-Mails
mailbox-kept = Aufbewahrt am { $second }. <a href="{ $href }">Quelltext</a>
mailbox-text-part = Textteil
mailbox-html-part = HTML-Teil
mailbox-html-links = Links in diesem Rahmen funktionieren nicht. <a href="{ $href }">Öffnen Sie ihn für sich</a>, um ihnen zu folgen, oder verwenden Sie die des Textteils.
mailbox-html-title = HTML-Teil der Nachricht
mailbox-headers = Kopfzeilen
mailbox-header = Kopfzeile
mailbox-value = Wert
