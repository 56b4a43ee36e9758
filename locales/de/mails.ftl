### The mails of the system. What stands in braces is filled in when a mail is written; keep the elements as they are.

## At the end of mails.

mail-policy = Wie { $tenant } Daten verwendet, steht in der <a href="{ $href }">Datenschutzrichtlinie</a>.
mail-unsubscribe = Abmelden
mail-preferences = Einstellungen ändern
mail-data = Ihre Daten

## Was it you who signed up?

confirmation-subject = { $tenant }: Bitte bestätigen Sie, dass Sie es waren
confirmation-heading = Waren Sie das?
confirmation-lead = Jemand, hoffentlich Sie, hat { $address } bei { $tenant } eingegeben und Folgendes gewünscht:
confirmation-button = Ja, das war ich
confirmation-if-not = Wenn Sie es nicht waren, tun Sie nichts: Ohne Ihre Bestätigung wird Ihnen nichts davon gesendet. Der Link gilt 7 Tage.

## Is this your new address?

new-address-subject = { $tenant }: Ist das Ihre neue Adresse?
new-address-heading = Ist das Ihre neue Adresse?
new-address-lead = Jemand, hoffentlich Sie, hat { $tenant } gebeten, von jetzt an an { $address } zu schreiben statt an eine andere Adresse.
new-address-button = Ja, das ist meine Adresse
new-address-if-not = Wenn Sie es nicht waren, tun Sie nichts: Ohne Ihre Bestätigung ändert sich nichts. Der Link gilt 7 Tage.

## Word to the address that was left.

left-address-subject = { $tenant }: wir schreiben jetzt an eine andere Adresse
left-address-heading = Wir schreiben jetzt an eine andere Adresse
left-address-lead = Jemand, hoffentlich Sie, hat { $tenant } gebeten, an eine andere Adresse zu schreiben statt an { $address }, und hat das von dort bestätigt. Was { $tenant } Ihnen schreibt, geht von jetzt an dorthin.
left-address-if-not = Wenn Sie es waren, müssen Sie nichts tun. Wenn nicht, machen Sie es rückgängig: Der Link gilt 7 Tage.
left-address-button = Rückgängig machen: Schreiben Sie mir hierher
left-address-joined = Jene Adresse war schon bekannt, deshalb gelten die Einwilligungen beider jetzt als die einer Person. Wenn Sie es nicht waren, <a href="{ $href }">schreiben Sie an die Stelle, die für Ihre Daten zuständig ist</a>.

## Does a yes still stand?

renewal-subject = { $tenant }: Dürfen wir Ihnen weiter schreiben?
renewal-heading = Dürfen wir Ihnen weiter schreiben?
renewal-lead = Vor einiger Zeit haben Sie bei { $tenant } in Folgendes eingewilligt:
renewal-until = Ihre Einwilligung gilt bis { $date }. <a href="{ $href }">Sagen Sie, ob sie noch gilt</a>.
renewal-if-nothing = Wenn Sie nichts tun, endet sie von selbst, und wir fragen nicht noch einmal.
renewal-choices = <a href="{ $href }">Sehen oder ändern Sie alle Ihre Entscheidungen</a>.

## News of the privacy policy.

notice-posted-subject = { $tenant }: Unsere Datenschutzrichtlinie ändert sich am { $date }
notice-posted-heading = Unsere Datenschutzrichtlinie ändert sich
notice-posted-lead = Ab { $date } gilt eine neue Version der Datenschutzrichtlinie von { $tenant }. Bis dahin gilt die jetzige.
notice-what-changes = Was sich ändert
notice-read = <a href="{ $href }">Lesen Sie die neue Version</a>.
notice-read-or-compare = <a href="{ $href }">Lesen Sie die neue Version</a> oder <a href="{ $comparison }">vergleichen Sie sie mit der jetzigen</a>.
notice-what-we-ask = Was wir Sie fragen
notice-more-uses = Damit möchte { $tenant } Ihre Daten für mehr verwenden, als wofür sie erhoben wurden:
notice-more-parties = Damit möchte { $tenant } anderen Daten über Sie geben:
notice-up-to-you = Das entscheiden Sie. <a href="{ $href }">Sagen Sie Ja oder Nein</a>. Wenn Sie nichts sagen, gilt das als Nein.
notice-stays = Ihre Einwilligungen bleiben, wie sie sind. <a href="{ $href }">Sehen oder ändern Sie Ihre Entscheidungen</a>.
notice-postponed-subject = { $tenant }: Unsere Datenschutzrichtlinie ändert sich später, am { $date }
notice-postponed-heading = Unsere Datenschutzrichtlinie ändert sich später
notice-postponed-lead = Die neue Version der Datenschutzrichtlinie von { $tenant }, von der wir Ihnen geschrieben haben, gilt später als angekündigt: ab { $date }. Bis dahin gilt die jetzige.
notice-withdrawn-subject = { $tenant }: Unsere Datenschutzrichtlinie ändert sich doch nicht
notice-withdrawn-heading = Unsere Datenschutzrichtlinie ändert sich doch nicht
notice-withdrawn-lead = { $tenant } hat die neue Version der Datenschutzrichtlinie zurückgenommen, die ab { $date } gelten sollte. <a href="{ $href }">Die jetzige</a> gilt weiter.
notice-withdrawn-read = Was zurückgenommen wurde, <a href="{ $href }">kann noch gelesen werden</a>.
notice-why = Sie bekommen diese Nachricht, weil { $tenant } Daten über Sie hat und zugesagt hat, Ihnen Änderungen der Richtlinie mitzuteilen, bevor sie gelten.

## What a person is told of their request about their data.

answer-why = Sie bekommen diese Nachricht, weil Sie oder jemand in Ihrem Namen darum gebeten hat.
answer-link-subject = { $tenant }: Ihre Seite zu Ihren Daten
answer-link-heading = Ihre Seite zu Ihren Daten
answer-link-lead = Am { $received } hat jemand, hoffentlich Sie, { $tenant } wegen der Daten zu { $address } geschrieben. Die Antwort ist bis { $due } fällig.
answer-link-what = Sie müssen nicht darauf warten: Auf <a href="{ $href }">Ihrer eigenen Seite</a> können Sie sofort alles ansehen und kopieren, was über Sie gespeichert ist, es berichtigen, seine Verwendung einschränken oder es löschen lassen. Sagen Sie dort auch, dass Sie es waren, der geschrieben hat.
answer-link-keep = Der Link gilt 30 Tage und öffnet Ihre Daten jedem, der ihn hat: Leiten Sie diese Nachricht nicht weiter. Wenn nicht Sie geschrieben haben, müssen Sie nichts tun.
answer-link-alone-lead = Jemand, hoffentlich Sie selbst, hat { $tenant } um den Link zu der Seite über die Daten gebeten, die zu { $address } gespeichert sind.
answer-link-alone-what = Auf <a href="{ $href }">Ihrer eigenen Seite</a> können Sie alles, was über Sie gespeichert ist, sofort einsehen und kopieren, berichtigen, eine andere Adresse nennen, seine Nutzung einschränken oder es löschen lassen.
answer-link-alone-keep = Der Link gilt 30 Tage und öffnet Ihre Daten jedem, der ihn hat: Geben Sie diese Nachricht nicht weiter. Wenn nicht Sie gefragt haben, brauchen Sie nichts zu tun.
answer-extended-subject = { $tenant }: Die Antwort auf Ihre Anfrage dauert länger
answer-extended-heading = Die Antwort dauert länger
answer-extended-lead = Am { $received } haben Sie { $tenant } nach Ihren Daten gefragt. Sie bekommen die Antwort bis { $due }. Sie dauert länger aus diesem Grund:
answer-extended-rights = <a href="{ $href }">Ihre eigene Seite</a> steht Ihnen die ganze Zeit offen. Sie können sich bei einer Datenschutzbehörde beschweren oder vor Gericht gehen.
answer-done-subject = { $tenant }: Die Antwort auf Ihre Anfrage
answer-done-heading = Die Antwort auf Ihre Anfrage
answer-asked = Am { $received } haben Sie { $tenant } nach Ihren Daten gefragt.
answer-done-simply = Wir haben getan, worum Sie gebeten haben.
answer-done-standing = Den Stand sehen Sie auf <a href="{ $href }">Ihrer eigenen Seite</a>.
answer-refused-subject = { $tenant }: Wir können nicht tun, worum Sie gebeten haben
answer-refused-heading = Wir können nicht tun, worum Sie gebeten haben
answer-refused-lead = Am { $received } haben Sie { $tenant } nach Ihren Daten gefragt. Wir tun es nicht, aus diesem Grund:
answer-refused-rights = Sie können sich bei einer Datenschutzbehörde beschweren oder vor Gericht gehen. <a href="{ $href }">Ihre eigene Seite</a> steht Ihnen die ganze Zeit offen.
