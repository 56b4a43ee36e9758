### A person's rights over their data: their own page, the form for those without a link, the copy, the receipt.

privacy-lead = Was <strong>{ $tenant }</strong> über <strong class="address">{ $address }</strong> gespeichert hat, und was Sie tun können. Alles hier gilt sofort, und niemand fragt nach dem Grund.
privacy-see = Ansehen und eine Kopie mitnehmen
privacy-see-what = Alles, was gespeichert ist: wer Sie für uns sind, worin Sie eingewilligt haben und in welchen Wortlaut, was Ihnen gesendet wurde und wer Ihre Daten gelesen hat.
privacy-show = Anzeigen
privacy-download = Herunterladen
privacy-download-hint = Der Download ist eine ZIP-Datei mit einem JSON-Dokument für Programme und Tabellen für die Tabellenkalkulation.
privacy-correct = Berichtigen
privacy-address = Sie können uns stattdessen <a href="{ $href }">an eine andere Adresse schreiben lassen</a>.
privacy-restrict = Verwendung einschränken
privacy-restricted-since = Die Verwendung Ihrer Daten ist seit { $day } eingeschränkt: Wir bewahren sie auf und senden Ihnen dazu nichts, außer Hinweisen auf eine geänderte Richtlinie und Antworten auf Ihre Fragen.
privacy-lift = Einschränkung aufheben
privacy-restrict-what = Wir bewahren Ihre Daten auf und senden Ihnen dazu nichts, bis Sie hier etwas anderes sagen, außer Hinweisen auf eine geänderte Richtlinie und Antworten auf Ihre Fragen.
privacy-restrict-button = Verwendung einschränken
privacy-object = Jeder Verwendung widersprechen
privacy-object-done = Sie bekommen keine E-Mails von uns, gleich welcher Art. Das haben Sie selbst gesagt, oder jemand, der Ihre Adresse in ein Formular eingetragen hat.
privacy-come-back = E-Mails wieder zulassen
privacy-object-what = Wir heben jede Ihrer Einwilligungen auf, beenden alle Ihre Listen und senden Ihnen keine E-Mails, gleich welcher Art. Was gespeichert ist, bleibt, damit wir wissen, dass wir Ihnen nicht schreiben dürfen.
privacy-object-button = Für nichts verwenden
privacy-ask = Etwas anderes fragen
privacy-message = Ihre Nachricht
privacy-message-hint = Sie geht an die Stelle, die in diesem Unternehmen für Daten zuständig ist. Die Antwort steht Ihnen innerhalb eines Monats zu und kommt per E-Mail.
privacy-so-far = Was bisher gefragt wurde
privacy-request = <strong>{ $kind }</strong>, { $day }: { $state }.
privacy-request-due = <strong>{ $kind }</strong>, { $day }: { $state }, fällig bis { $day-due }.
privacy-the-answer = Die Antwort:
privacy-was-it-you = Es kam über ein Formular, das jeder ausfüllen kann, mit Ihrer Adresse. Waren Sie das?
privacy-it-was-me = Ja, das war ich
privacy-erase = Löschen
privacy-erase-what = Wir löschen Ihre Adresse, Ihren Namen und alles andere, was verrät, wer Sie sind, sofort und endgültig. Was bleibt, ist eine Zahl, die niemand in Ihre Adresse zurückverwandeln kann; an ihr erkennen wir, dass wir Ihnen nicht wieder schreiben dürfen. Das lässt sich nicht rückgängig machen: Nehmen Sie vorher eine Kopie, wenn Sie eine möchten.
privacy-erase-sure = Ja, löschen Sie alles, was Sie über mich haben
privacy-erase-tick = Kreuzen Sie auch das Kästchen an: Dies lässt sich nicht rückgängig machen
privacy-erase-button = Meine Daten löschen

## What was done just now.

privacy-done-corrected = Berichtigt. So ist jetzt der Stand.
privacy-done-restricted = Die Verwendung Ihrer Daten ist eingeschränkt: Wir bewahren sie auf und senden Ihnen dazu nichts.
privacy-done-lifted = Die Einschränkung ist aufgehoben: Ihre früheren Einwilligungen gelten wieder.
privacy-done-objected = Wir verwenden Ihre Daten für nichts mehr und senden Ihnen keine E-Mails, gleich welcher Art.
privacy-done-came-back = Es dürfen wieder E-Mails kommen, für das, worin Sie eingewilligt haben. Wenn Sie mehr möchten, füllen Sie eines unserer Formulare aus.
privacy-done-sent = Ihre Nachricht ist gesendet. Die Antwort kommt per E-Mail.
privacy-done-vouched = Vielen Dank: Wir wissen jetzt, dass die Nachricht von Ihnen ist.

## What was asked, and where it stands.

request-copy = Eine Kopie
request-correction = Eine Berichtigung
request-restriction = Einschränkung der Verwendung
request-restriction-lift = Aufhebung der Einschränkung
request-erasure = Löschung
request-objection = Keinerlei Verwendung
request-question = Eine Nachricht
request-link = Der Link zu dieser Seite
request-received = wartet auf Antwort
request-in-progress = dauert länger
request-done = erledigt
request-refused = abgelehnt

## The form for people who have no link at hand.

privacy-form-lead = Sehen und kopieren Sie alles, was <strong>{ $tenant }</strong> über Sie hat, berichtigen Sie es, schränken Sie seine Verwendung ein oder lassen Sie es löschen: auf einer eigenen Seite, zu der wir Ihnen einen Link senden.
privacy-form-address = Ihre E-Mail-Adresse
privacy-form-address-hint = Wenn wir sie kennen, geht der Link dorthin.
privacy-form-or = Oder schreiben Sie uns
privacy-form-owed = Ihre Nachricht geht an die Stelle, die hier für Daten zuständig ist. Die Antwort steht Ihnen innerhalb eines Monats zu.
privacy-form-message = Was möchten Sie wissen, oder was sollen wir tun?
privacy-form-send = Nachricht absenden
privacy-form-hint = Wir verwenden, was Sie hier eingeben, um Ihnen zu antworten, und für nichts anderes.
privacy-link-title = Die Seite über Ihre Daten
privacy-link-lead = Dort können Sie alles, was <strong>{ $tenant }</strong> über Sie hat, ansehen und kopieren, berichtigen, eine andere Adresse nennen, seine Verwendung einschränken oder es löschen lassen.
privacy-link-goes = Der Link dorthin geht an <strong>{ $address }</strong> und gilt 30 Tage.
privacy-link-back = Zurück zu Ihren Einstellungen
privacy-sent-title = Gesendet
privacy-sent-heading = Wir haben Ihre Nachricht
privacy-sent-lead = Die Antwort geht an <strong class="address">{ $address }</strong> und ist bis { $day } fällig.
privacy-sent-link = Wenn wir diese Adresse kennen, ist eine E-Mail mit einem Link dorthin unterwegs, sofern nicht vor einigen Minuten schon eine gesendet wurde. Auf der Seite hinter dem Link können Sie das meiste selbst tun, sofort.
privacy-sent-no-link = Wenn wir die Adresse nicht kennen, kommt kein Link, und ein Mensch antwortet Ihnen.

## The copy as a page.

copy-title = Was wir über Sie haben
copy-lead = Alles, was <strong>{ $tenant }</strong> über Sie gespeichert hat, Stand { $minute }. Die Codes sind die unserer Aufzeichnungen; um zu fragen, was einer bedeutet, gehen Sie zurück und schreiben Sie uns.

## The receipt of a consent record.

receipt-title = Einwilligungsbeleg
receipt-lead = Was <strong>{ $tenant }</strong> zu einem Zweck aufgezeichnet hat, signiert, sodass es jeder prüfen kann.
receipt-record = Eintrag
receipt-person = Person
receipt-pseudonym = { $id }, ein Pseudonym
receipt-issued = Ausgestellt
receipt-receipt = Beleg
receipt-by-schema = { $id }, nach { $schema }
receipt-answers = Wer dafür einsteht
receipt-policy = Datenschutzrichtlinie
receipt-version = Version { $version }
receipt-covers = Was es umfasst
receipt-ground = Rechtsgrundlage
receipt-information = Welche Daten
receipt-language = Sprache des Gelesenen
receipt-others = Wer sie sonst bekommen darf
receipt-withdrawal = Widerruf
receipt-withdrawal-by = Durch <span lang="en">{ $method }</span>
receipt-happened = Was geschah
receipt-event = <strong>{ $state }</strong> am { $time }, durch { $method }, nach Version { $version } der Richtlinie.
receipt-event-at = <strong>{ $state }</strong> am { $time }, durch { $method } „{ $place }“, nach Version { $version } der Richtlinie.
receipt-this-record = { $time } (dieser Eintrag)
receipt-lasts = Gilt bis { $time }.
receipt-check = Zum Prüfen
receipt-check-how = Dies ist der Beleg in signierter Form (JWS, RFC 7515, mit Ed25519, RFC 8037). Die Schlüssel stehen unter <a href="{ $keys-path }">{ $keys }</a>. <a href="{ $file }">Den signierten Beleg als Datei mitnehmen</a>.
