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
