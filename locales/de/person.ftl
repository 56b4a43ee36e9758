### Pages behind a person's own links: confirming, preferences, choices, renewing, sharing, leaving lists, another address.

## Confirming a sign-up.

confirm-title = Bitte bestätigen
confirm-heading = Ist es das, was Sie möchten?
confirm-lead = <strong class="address">{ $address }</strong> wurde am { $day } bei „{ $form }“ eingegeben. Mit der Bestätigung willigen Sie genau in Folgendes ein:
confirm-lists = Listen, denen Sie beitreten
confirm-purposes = Worüber wir Ihnen schreiben dürfen
confirm-parties = Andere, die bekommen, was Sie eingegeben haben
your-address = Ihre Adresse
confirm-address-only = Dass sie Ihnen gehört. Sonst haben Sie nichts gewählt, deshalb senden wir nur, was nicht wegfallen kann, etwa Hinweise auf eine geänderte Richtlinie.
confirm-button = Ja, ich bestätige
confirm-under = Sie willigen nach unserer <a href="{ $href }">Datenschutzrichtlinie, Version { $version }</a>, ein. Sie können das jederzeit widerrufen.
confirm-not-you = Wenn Sie das nicht waren, schließen Sie diese Seite: Ohne Ihre Bestätigung wird nichts gesendet.
link-works-until = Der Link gilt bis { $minute }.
confirmed-title = Bestätigt
confirmed-heading = Vielen Dank, das ist bestätigt
confirmed-lead = Am { $minute } haben Sie für <strong class="address">{ $address }</strong> in Folgendes eingewilligt:
confirmed-lists = Listen, denen Sie beigetreten sind
confirmed-address-only = Dass sie Ihnen gehört, und in sonst nichts.
confirmed-can-change = Sie können Ihre Meinung jederzeit ändern: Die E-Mails, die wir Ihnen von jetzt an senden, haben dafür einen Link.

## Preferences.

preferences-title = Ihre Einstellungen
preferences-out-of-date = Etwas auf dieser Seite hat sich geändert, seit Sie sie geöffnet haben. Gespeichert wurde deshalb nur, wozu Sie Nein gesagt haben. So ist jetzt der Stand. Bitte lesen Sie ihn und wählen Sie noch einmal.
preferences-lead = Was <strong>{ $tenant }</strong> an <strong class="address">{ $address }</strong> senden darf.
preferences-lead-under = Was <strong>{ $tenant }</strong> nach der <a href="{ $href }">Datenschutzrichtlinie, Version { $version }</a>, an <strong class="address">{ $address }</strong> senden darf.
preferences-silent = Wir senden Ihnen nichts
preferences-no-mail-since = Sie haben am { $day } „keine E-Mails, gleich welcher Art“ gewählt. Daran halten wir uns, bis Sie hier etwas anderes sagen.
preferences-complained = Am { $day } hat uns Ihr E-Mail-Anbieter mitgeteilt, dass Sie eine E-Mail von uns für Spam hielten. Seitdem senden wir Ihnen nichts, bis Sie hier etwas anderes sagen.
preferences-to-come-back = Wenn Sie wieder E-Mails möchten, kreuzen Sie unten an, was Sie wünschen, und drücken Sie die Schaltfläche am Ende. Wenn Sie nichts ankreuzen, bekommen Sie nur die E-Mails, die nicht wegfallen können.
preferences-yes-to-earlier = Ja, seit { $day }, zu diesem Wortlaut:
preferences-yes = Ja, seit { $day }, zu genau diesem Wortlaut.
preferences-no = Nein, seit { $day }.
preferences-withdrawn = Sie haben Ihre Einwilligung am { $day } widerrufen.
preferences-asked = Wir haben am { $day } gefragt und keine Antwort erhalten, was als Nein gilt.
preferences-expired = Ihre Einwilligung ist am { $day } abgelaufen, sie gilt jetzt als Nein.
preferences-never-asked = Wir haben Sie nicht gefragt, was als Nein gilt.
preferences-lists = Ihre Listen
preferences-lists-hint = Eine Liste schreibt Ihnen nur über das, wozu Sie oben Ja gesagt haben.
list-since = Angemeldet seit { $day }.
list-unconfirmed = Am { $day } gewünscht, noch nicht bestätigt.
list-ended = Beendet am { $day }.
list-never = Nicht angemeldet.
list-writes-about = Schreibt über: { $purposes }.
preferences-essential-why = Ohne dies könnten wir unser Wort Ihnen gegenüber nicht halten, deshalb gibt es hier nichts anzukreuzen. Nur „keine E-Mails, gleich welcher Art“ beendet dies.
preferences-come-back = Mit dieser Auswahl wieder E-Mails erhalten
preferences-stay-silent = Wenn Sie diese Seite verlassen, ohne zu drücken, ändert sich nichts: Wir senden Ihnen nichts.
preferences-no-mail = Senden Sie mir keine E-Mails, gleich welcher Art
preferences-no-mail-hint = Dann schreiben wir Ihnen über nichts mehr, auch nicht über eine geänderte Richtlinie, was auch immer oben angekreuzt ist. Bewahren Sie eine E-Mail von uns auf: Der Link darin zu Ihren Einstellungen ist der Weg zurück.
preferences-sharing = Wer sonst Ihre Daten bekommt
preferences-sharing-nobody = Niemand, außer Sie willigen ein oder eine Behörde ordnet es an. <a href="{ $href }">Sehen Sie, wer was bekommen darf, ändern Sie es, und sehen Sie, was hinausging</a>.
preferences-earlier = Was Sie früher geantwortet haben
preferences-earlier-why = Unsere Richtlinie nennt dies nicht mehr, deshalb schreiben wir Ihnen über nichts davon.
preferences-had-yes = Sie hatten Ja gesagt.
preferences-had-not-yes = Sie hatten nicht Ja gesagt.
preferences-address = Damit wir an eine andere Adresse schreiben, <a href="{ $href }">fordern Sie den Link zu der Seite über Ihre Daten an</a>. Er geht an die Adresse, die wir haben, falls andere diese Seite sehen.
your-data = Ihre Daten
preferences-data = Auf einer eigenen Seite können Sie alles, was wir über Sie haben, ansehen und kopieren, berichtigen, seine Verwendung einschränken oder es löschen lassen. Der Link dorthin geht an <strong>{ $address }</strong>, falls andere diese Seite sehen.
send-me-the-link = Link zusenden

## How an answer came about: “through” one of the places below.

said = Gesagt durch { $how }, nach <a href="{ $href }">Version { $version }</a> der Richtlinie.
said-at = Gesagt durch { $how } („{ $place }“), nach <a href="{ $href }">Version { $version }</a> der Richtlinie.
said-lasts = Ein Ja gilt bis { $day }.
said-receipt = Beleg
said-form = ein Formular
said-confirmation = den Link in einer Bestätigungs-E-Mail
said-import = eine mitgebrachte Liste
said-api = einen unserer Dienste
said-preferences = die Seite mit Ihren Einstellungen
said-unsubscribe = den Abmeldelink einer E-Mail
said-complaint = Ihre Beschwerde bei Ihrem E-Mail-Anbieter
said-policy-notice = den Hinweis auf eine neue Richtlinie
said-choices = die Seite zu einer neuen Richtlinie
said-renewal = die Seite, auf der Sie es noch einmal gesagt haben
said-privacy = die Seite zu Ihren Daten
said-expiry = den Ablauf der Zeit
said-merge = eine andere Adresse von Ihnen
said-restore = das, was Sie gesagt hatten, bevor wir unsere Daten wiederherstellen mussten

## What a new version of the policy asks.

choices-title = Ihre Entscheidung
choices-lead-in-force = <a href="{ $href }">Version { $version }</a> der Datenschutzrichtlinie von <strong>{ $tenant }</strong> gilt seit { $day }. Auf dieser Seite geht es um <strong class="address">{ $address }</strong>.
choices-lead-to-come = <a href="{ $href }">Version { $version }</a> der Datenschutzrichtlinie von <strong>{ $tenant }</strong> soll ab { $day } gelten. Auf dieser Seite geht es um <strong class="address">{ $address }</strong>.
choices-what-changes = Was sich ändert
choices-closed = Diese Version fragt nicht mehr: Sie wurde zurückgenommen, oder eine spätere gilt.
choices-nothing = Es gibt nichts zu entscheiden: Ihre Daten werden wie bisher verwendet.
choices-yes = Ja, Sie dürfen
choices-parties = Wer sonst Daten bekommen würde
choices-parties-only-if = Sie bekommen etwas nur, wenn Sie Ja sagen, und nur das, wozu Sie Ja sagen.

## Whether a yes still stands.

renew-title = Gilt Ihre Einwilligung noch?
renew-out-of-date = Es wurde nichts gespeichert: Unsere Richtlinie hat sich geändert, seit Sie diese Seite geöffnet haben. Bitte lesen Sie sie und wählen Sie noch einmal.
renew-none = Keine Ihrer Einwilligungen läuft ab.
renew-lasts = Ihre Einwilligung gilt bis { $day }.
renew-button = Ja, weiterhin: { $purpose }
renew-if-nothing = Wenn Sie nichts tun, endet eine Einwilligung von selbst. <a href="{ $href }">Sehen oder ändern Sie alle Ihre Entscheidungen</a>, oder sagen Sie gleich Nein.

## Who gets what of a person.

sharing-title = Wer Ihre Daten bekommt
sharing-lead = Was <strong>{ $tenant }</strong> über <strong class="address">{ $address }</strong> weiß, bekommt ohne Ihre Einwilligung niemand sonst, außer ein Gericht oder eine Behörde ordnet es an.
sharing-allow = Was Sie erlauben
sharing-nobody-named = Die Datenschutzrichtlinie nennt niemanden sonst, der Daten bekommt.
sharing-went-out = Was hinausging
sharing-nothing-so-far = Bisher nichts.
sharing-as-ordered = { $minute }: <strong>{ $party }</strong> bekam { $what }, wie es eine rechtliche Anordnung verlangte.
sharing-as-allowed = { $minute }: <strong>{ $party }</strong> bekam { $what }, wie Sie es erlaubt haben.
sharing-mere-answer = nur die Antwort, dass nach Ihnen gefragt werden darf
sharing-back = Zurück zu Ihren Einstellungen

## Leaving lists.

unsubscribe-title = Abmelden
unsubscribe-lead = Hier können Sie diese E-Mails an <strong class="address">{ $address }</strong> beenden.
unsubscribe-lead-lists = <strong class="address">{ $address }</strong> bekommt keine E-Mails mehr von:
unsubscribe-at-once = Das gilt sofort. Sie müssen sich weder anmelden noch einen Grund nennen.
unsubscribe-other = Um etwas anderes oder alle E-Mails zu beenden, verwenden Sie den anderen Link in derselben E-Mail: den zu Ihren Einstellungen.
unsubscribed-title = Sie sind abgemeldet
unsubscribed-lead = Diese E-Mails an <strong class="address">{ $address }</strong> sind beendet.
unsubscribed-lead-lists = <strong class="address">{ $address }</strong> bekommt ab jetzt keine E-Mails mehr von:
unsubscribed-withdrawn = Damit haben Sie auch Ihre Einwilligung widerrufen in:
unsubscribed-still = Was noch kommen kann
nothing = Nichts.
unsubscribed-remaining =
    { $count ->
        [one] Sie sind noch auf dieser Liste:
        *[other] Sie sind noch auf diesen Listen:
    }
unsubscribed-not-marketing = E-Mails, die keine Werbung sind:
unsubscribed-to-change = Um etwas davon zu ändern, um „keine E-Mails, gleich welcher Art“ zu wählen oder um wieder E-Mails zu erhalten, verwenden Sie den anderen Link in derselben E-Mail: den zu Ihren Einstellungen.
unsubscribed-to-change-elsewhere = Um etwas davon zu ändern, um „keine E-Mails, gleich welcher Art“ zu wählen oder um wieder E-Mails zu erhalten, verwenden Sie den Link zu Ihren Einstellungen in einer E-Mail an Ihre jetzige Adresse.

## A measured link that leads away.

leaving-title = Sie verlassen diese Website
leaving-lead = Der Link in Ihrer E-Mail von <strong>{ $tenant }</strong> führt zu einer anderen Website: <strong class="address">{ $host }</strong>
leaving-not-covered = Was dort mit Ihren Daten geschieht, liegt bei jener Website. Die Datenschutzrichtlinie von { $tenant } gilt dort nicht.
leaving-go-on = Weiter zu { $host }
leaving-close = Wenn Sie lieber nicht möchten, schließen Sie diese Seite.

## Another address.

address-lead = <strong>{ $tenant }</strong> schreibt an <strong class="address">{ $address }</strong>. Wohin sollen die E-Mails stattdessen gehen?
address-new = Neue E-Mail-Adresse
address-new-hint = Wir senden einen Link dorthin. Es ändert sich nichts, bevor Sie ihn öffnen und bestätigen.
address-send-link = Link senden
address-goes-with-you = Ihre Einwilligungen gehen mit. Wenn wir die neue Adresse schon kennen, gilt ein Nein, das bei einer der beiden gesagt wurde, für beide.
address-confirm-title = Ihre neue Adresse
address-confirm-heading = Ist das Ihre neue Adresse?
address-confirm-lead = Am { $day } hat jemand <strong>{ $tenant }</strong> gebeten, an <strong class="address">{ $new }</strong> statt an <strong class="address">{ $old }</strong> zu schreiben.
address-confirm-button = Ja, schreiben Sie mir dorthin
address-not-you = Wenn Sie das nicht waren, schließen Sie diese Seite: Ohne Ihre Bestätigung ändert sich nichts. Der Link gilt bis { $minute }.
address-back-heading = Sollen wir Ihnen wieder hierher schreiben?
address-back-lead = Seit dem { $day } schreibt <strong>{ $tenant }</strong> an <strong class="address">{ $now }</strong> statt an <strong class="address">{ $here }</strong>, weil jemand darum gebeten hat.
address-back-button = Ja, schreiben Sie mir wieder hierher
address-back-not = Wenn die Änderung richtig war, schließen Sie diese Seite: Es bleibt dabei. Der Link gilt bis { $minute }.
