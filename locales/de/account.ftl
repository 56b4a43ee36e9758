### Mitglied werden und ein Passwort wählen: E-Mails und Seiten.

## Was Mitglieder sind.

role-owner = Inhaber/in
role-privacy-officer = Datenschutzbeauftragte/r
role-marketer = Marketing
role-analyst = Auswertung
role-developer = Entwicklung

## Eine Einladung: die E-Mail, ihre Seite und was danach kommt.

invitation-subject = { $tenant }: Sie sind eingeladen
invitation-heading = Sie sind eingeladen
invitation-lead = { $tenant } lädt Sie, { $address }, ein, mit einem eigenen Konto an den E-Mails des Unternehmens zu arbeiten. Ihre Rolle: { $role }.
invitation-button = Einladung annehmen
invitation-if-not = Der Link gilt 7 Tage und einmal. Wenn Sie diese E-Mail nicht erwartet haben, tun Sie nichts: Ohne Sie entsteht kein Konto.
invitation-page-title = Ihre Einladung
invitation-page-heading = { $tenant } lädt Sie ein
invitation-page-lead = Wählen Sie ein Passwort. Damit und mit Ihrer Adresse, { $address }, melden Sie sich für { $tenant } an. Ihre Rolle: { $role }.
invitation-page-name = Ihr Name
invitation-page-name-hint = Ihre Kolleginnen und Kollegen sehen ihn.
invitation-page-accept = Einladung annehmen
invitation-page-until = Sie können bis { $minute } annehmen. Wenn Sie keine Einladung erwartet haben, schließen Sie diese Seite: Es entsteht kein Konto.
invitation-accepted-title = Sie sind dabei
invitation-accepted-happened = Die Einladung wurde angenommen: Sie gehören hier zu { $tenant }.
invitation-accepted-next = Melden Sie sich mit Ihrer Adresse und dem gewählten Passwort an. Der Kurzname von { $tenant }, nach dem beim Anmelden gefragt wird, ist { $slug }.
invitation-over-title = Diese Einladung gilt nicht mehr
invitation-over-happened = Ihre 7 Tage sind vorbei, sie wurde inzwischen noch einmal verschickt oder sie wurde zurückgenommen. Es wurde nichts geändert.
invitation-over-next = Öffnen Sie die neueste Einladung in Ihrem Postfach, oder bitten Sie die Person, die Sie eingeladen hat, um eine weitere.

## Ein vergessenes Passwort: die E-Mail, ihre Seite und was danach kommt.

forgotten-title = Passwort vergessen
forgotten-lead = Geben Sie die Adresse ein, mit der Sie sich für { $tenant } anmelden. Wir senden Ihnen einen Link, mit dem Sie ein neues Passwort wählen.
forgotten-asked-happened = Wenn { $address } die Adresse eines Mitglieds von { $tenant } ist, ist eine E-Mail mit einem Link dorthin unterwegs, sofern nicht in der letzten Stunde schon mehrere gesendet wurden.
forgotten-asked-next = Öffnen Sie diese E-Mail und folgen Sie dem Link, um ein neues Passwort zu wählen. Er gilt eine Stunde.
reset-subject = { $tenant }: Wählen Sie ein neues Passwort
reset-heading = Wählen Sie ein neues Passwort
reset-lead = Jemand, hoffentlich Sie, hat für { $address } bei { $tenant } ein neues Passwort verlangt.
reset-button = Neues Passwort wählen
reset-if-not = Der Link gilt eine Stunde und einmal. Wenn Sie es nicht waren, tun Sie nichts: Ihr Passwort bleibt, wie es ist.
reset-page-title = Neues Passwort
reset-page-heading = Wählen Sie ein neues Passwort
reset-page-lead = Es gilt für { $address } bei { $tenant }. Wo immer Sie angemeldet sind, werden Sie abgemeldet.
reset-page-password = Neues Passwort
reset-page-save = Passwort speichern
reset-page-until = Sie können das bis { $minute } tun. Wenn nicht Sie danach gefragt haben, schließen Sie diese Seite: Es ändert sich nichts.
reset-done-title = Ihr Passwort wurde geändert
reset-done-happened = Es gilt ab sofort, und alle Ihre Sitzungen wurden beendet. Das sagt Ihnen auch eine E-Mail.
reset-done-next = Melden Sie sich mit dem neuen Passwort an, und mit einem Code, wenn Sie einen zweiten Faktor haben.
reset-over-title = Dieser Link gilt nicht mehr
reset-over-happened = Ein Link zu einem neuen Passwort gilt einmal, innerhalb einer Stunde und nur, bis sich das Passwort ändert. Es wurde nichts geändert.
reset-over-next = Fordern Sie dort, wo Sie sich anmelden, einen weiteren Link an.

## Nachricht, dass ein Passwort geändert wurde.

password-changed-subject = { $tenant }: Ihr Passwort wurde geändert
password-changed-heading = Ihr Passwort wurde geändert
password-changed-lead = Das Passwort von { $address } bei { $tenant } wurde am { $date } geändert. Andere Sitzungen wurden beendet.
password-changed-if-not = Wenn Sie es waren, ist nichts zu tun. Wenn nicht, fordern Sie dort, wo Sie sich anmelden, ein neues Passwort an, und sagen Sie es sofort einer Inhaberin oder einem Inhaber von { $tenant }.

wrong-password-length = Ein Passwort hat { $min } bis { $max } Zeichen

## Anmelden über den Identitätsanbieter eines Unternehmens: seine Seiten und was danach kommt.

sign-in-title = Anmelden
sign-in-heading = Für { $tenant } anmelden
sign-in-lead = Bei { $tenant } melden sich Mitglieder mit ihrem Konto bei { $provider } an.
sign-in-go = Weiter zu { $provider }
sign-in-hint = Bis Sie zurückkommen, höchstens zehn Minuten lang, merkt sich ein Cookie, dass Sie in diesem Browser begonnen haben. Ihr Passwort gilt weiter, wo Programme danach fragen.
sign-in-forgotten = Passwort für { $tenant } vergessen?
sign-in-code-heading = Noch ein Schritt
sign-in-code-lead = { $provider } hat sich für { $address } verbürgt. Sie haben hier einen zweiten Faktor, deshalb fragen wir auch nach einem Code.
sign-in-code-field = Code
sign-in-code-hint = Die sechs Ziffern, die Ihre Authenticator-App jetzt zeigt, oder einer Ihrer Wiederherstellungscodes.
sign-in-code-send = Anmelden
sign-in-code-wrong = Dieser Code ist falsch, zu alt oder wurde schon benutzt: Senden Sie den nächsten Ihrer App oder einen Wiederherstellungscode
sign-in-again = Neu beginnen
sign-in-done-title = Sie sind angemeldet
sign-in-done-happened = Dieser Browser ist für { $tenant } angemeldet, höchstens 12 Stunden lang.
sign-in-done-next = Machen Sie in dem Programm weiter, aus dem Sie kamen, oder schließen Sie diese Seite.
sign-in-over-title = Diese Anmeldung gilt nicht mehr
sign-in-over-happened = Eine Anmeldung gilt einmal, zehn Minuten lang und in dem Browser, in dem sie begann; er muss so lange ein Cookie annehmen. Es wurde nichts geändert.
sign-in-over-next = Beginnen Sie neu, in einem Fenster.
sign-in-denied-title = Sie wurden nicht angemeldet
sign-in-denied-happened = { $provider } hat abgelehnt: Sie haben abgebrochen oder dürfen Ihr Konto dort nicht dafür verwenden.
sign-in-denied-next = Beginnen Sie neu. Wenn es dabei bleibt, fragen Sie, wer bei { $tenant } für { $provider } zuständig ist.
sign-in-failed-title = Sie wurden nicht angemeldet
sign-in-failed-happened = { $provider } hat keine Antwort gegeben, an der wir Sie erkennen. Es wurde nichts geändert.
sign-in-failed-next = Beginnen Sie in einer Weile neu. Wenn es dabei bleibt, sagen Sie es einer Inhaberin oder einem Inhaber von { $tenant }; Ihr Passwort gilt so lange.
sign-in-refused-title = Sie wurden nicht angemeldet
sign-in-unverified-happened = { $provider } nennt keine bestätigte Adresse von Ihnen. Daher wissen wir nicht, ob Sie zu { $tenant } gehören.
sign-in-unverified-next = Bestätigen Sie Ihre Adresse bei { $provider }, und beginnen Sie neu. Ihr Passwort gilt so lange.
sign-in-stranger-happened = { $provider } verbürgt sich für Sie, aber niemand mit Ihrer Adresse gehört hier zu { $tenant }.
sign-in-stranger-next = Bitten Sie eine Inhaberin oder einen Inhaber von { $tenant }, diese Adresse einzuladen.
sign-in-other-account-happened = Das Mitglied mit Ihrer Adresse meldet sich mit einem anderen Konto bei { $provider } an.
sign-in-other-account-next = Beginnen Sie mit jenem Konto neu, oder bitten Sie eine Inhaberin oder einen Inhaber von { $tenant }, dieses zuzulassen.
