### Pages that only say something: what happened, and what to do next. And what is wrong with what was typed.

message-next = Was Sie jetzt tun können
not-found-title = Hier gibt es keine Seite
not-found-happened = Vielleicht hat die Adresse einen Tippfehler, oder die Seite wurde entfernt.
not-found-next = Prüfen Sie die Adresse. Wenn Sie einem Link in einer E-Mail gefolgt sind, öffnen Sie ihn noch einmal von dort.
left-title = Sie haben das Formular verlassen
left-happened = Es wurde nichts eingegeben, nichts gespeichert und nichts an jemanden weitergegeben.
left-next = Sie können diese Seite schließen. Wenn Sie es sich anders überlegen, ist das Formular noch da.
left-back = Zurück zum Formular
link-expired-title = Dieser Link ist abgelaufen
link-expired-happened = Links wie dieser gelten nur eine begrenzte Zeit, und diese ist vorbei. Es wurde nichts geändert.
link-expired-next = Wenn Sie sich anmelden wollten, füllen Sie das Formular noch einmal aus, und wir senden Ihnen einen neuen Link. Für alles andere verwenden Sie den Link in einer neueren E-Mail.
link-expired-to-form = Zum Formular
link-altered-title = Wir können diesen Link nicht lesen
link-altered-happened = Ein Teil fehlt oder wurde verändert; manche E-Mail-Programme brechen lange Links um. Es wurde nichts geändert.
link-altered-next = Öffnen Sie den Link aus der E-Mail selbst, oder kopieren Sie ihn ganz, von „https“ bis zum letzten Buchstaben, in die Adresszeile.

## The reason comes from a rule, in English.

refused-title = So geht das zurzeit nicht
refused-happened = Wir haben nicht getan, worum Sie gebeten haben. Der Grund, auf Englisch: { $reason }.
refused-next = Es wurde nichts geändert. Wenn es hätte gehen müssen, schreiben Sie dem Unternehmen, das Sie hierher geschickt hat.
unreadable-title = Wir können nicht lesen, was gesendet wurde
unreadable-happened = Es ist kein Formular, wie ein Browser es sendet, oder es enthält Zeichen, die kein Text sind. Es wurde nichts geändert.
unreadable-next = Gehen Sie zurück, prüfen Sie Ihre Eingabe und senden Sie sie noch einmal.
form-closed-title = Dieses Formular ist geschlossen
form-closed-happened = Es fragt nach Daten, die nur nach einer Datenschutzrichtlinie erhoben werden, und zurzeit ist keine in Kraft, die es abdeckt.
form-closed-next = Kommen Sie später wieder, oder lesen Sie, welche Richtlinie in Kraft ist.
tenant-closed-title = Dieses Unternehmen ist hier geschlossen
tenant-closed-happened = Es versendet keine E-Mails mehr und nimmt niemanden mehr auf, deshalb haben wir nicht getan, worum Sie gebeten haben. Alles, was es hat, wird in absehbarer Zeit gelöscht.
tenant-closed-next = Sie brauchen nichts zu tun. Ein Nein wird weiter angenommen: Links zum Abmelden und zu Ihren Daten gelten bis dahin weiter.
tenant-gone-title = Hier ist nichts mehr gespeichert
tenant-gone-happened = Das Unternehmen, zu dem diese Adresse gehörte, hat geschlossen, und alles, was es hier hatte, wurde gelöscht: wem es schrieb, wozu diese eingewilligt hatten und wozu nicht. In seinem Namen wird von hier niemandem mehr geschrieben.
tenant-gone-next = Sie brauchen nichts zu tun: Es gibt nichts mehr, wovon Sie sich abmelden müssten, und nichts über Sie, das sich zeigen oder löschen ließe.
kept-silent-title = Wir bleiben dabei, Ihnen nichts zu senden
kept-silent-happened = Zu dieser Adresse ist vermerkt, dass sie keine E-Mails möchte, gleich welcher Art, und das gilt mehr als dieser Link. Es wurde nichts geändert.
kept-silent-next = Wenn Sie wieder E-Mails möchten, verwenden Sie den Link zu Ihren Einstellungen in einer früheren E-Mail von uns, und drücken Sie dort „Mit dieser Auswahl wieder E-Mails erhalten“.
no-subscription-title = Diese E-Mail gehört zu keiner Liste
no-subscription-happened = Sie wurde gesendet, weil sie nicht wegfallen kann, etwa als Nachricht über die Datenschutzrichtlinie. Es gibt kein Abonnement zu beenden, und es wurde nichts geändert.
no-subscription-next = Um keine E-Mails zu bekommen, gleich welcher Art, verwenden Sie den Link zu Ihren Einstellungen in einer E-Mail von uns.
erased-title = Ihre Daten sind gelöscht
erased-happened = Alles, was verriet, wer Sie sind, ist gelöscht. Übrig ist eine Zahl, die niemand in Ihre Adresse zurückverwandeln kann; an ihr erkennen wir, dass wir Ihnen nicht wieder schreiben dürfen.
erased-next = Sie müssen nichts weiter tun. Wenn Sie wieder von uns hören möchten, melden Sie sich neu an und bestätigen Sie.
nothing-held-title = Wir haben nichts über Sie gespeichert
nothing-held-happened = Worum es bei diesem Link ging, ist gelöscht; es gibt also nichts zu zeigen und nichts zu ändern.
nothing-held-next = Sie müssen nichts tun. Wenn Sie trotzdem etwas fragen möchten, schreiben Sie an die Adresse unten.
address-asked-title = Sehen Sie in Ihr Postfach
address-asked-happened = Wenn wir an { $address } schreiben dürfen, ist eine E-Mail mit einem Link dorthin unterwegs. Noch hat sich nichts geändert.
address-asked-next = Öffnen Sie diese E-Mail und bestätigen Sie, dass die Adresse Ihnen gehört. Bis dahin schreiben wir an die Adresse, die wir haben.
address-changed-title = Ihre Adresse ist geändert
address-changed-happened = Von jetzt an schreiben wir an die Adresse, von der aus Sie eben bestätigt haben. In früheren E-Mails gelten nur die Links zum Abmelden weiter. Jedes Nein, das bei einer der beiden Adressen gesagt wurde, zählt.
address-changed-next = Sehen Sie Ihre Einstellungen durch, wenn Sie möchten.
privacy-link-asked-title = Sehen Sie in Ihr Postfach
privacy-link-asked-happened = Wenn wir etwas über { $address } haben, ist eine E-Mail mit einem Link dorthin unterwegs, es sei denn, vor wenigen Minuten wurde schon eine oder heute wurden schon mehrere gesendet.
privacy-link-asked-next = Öffnen Sie diese E-Mail und folgen Sie dem Link zu der Seite über Ihre Daten. Er gilt 30 Tage.
too-large-title = Das war zu viel
too-large-happened = Was gesendet wurde, ist größer, als dieses Formular fassen kann, deshalb haben wir nichts davon behalten.
too-large-next = Gehen Sie zurück, kürzen Sie Ihre Eingabe und senden Sie sie noch einmal.
too-many-title = Bitte warten Sie einen Moment
too-many-happened = Aus Ihrem Netz wurden in kurzer Zeit viele Formulare gesendet, deshalb haben wir dieses nicht angenommen.
too-many-next = Gehen Sie zurück, warten Sie zehn Minuten und senden Sie es noch einmal. Um keine E-Mails zu bekommen, gleich welcher Art, müssen Sie nicht warten: Das nehmen wir immer an.
method-title = Diese Adresse kann das nicht
method-happened = Ihr Programm hat auf eine Weise angefragt, auf die diese Seite nicht antwortet. Es wurde nichts geändert.
method-next = Öffnen Sie die Seite in einem Browser und verwenden Sie die Schaltfläche darauf.
internal-title = Das hat nicht geklappt, und es liegt an uns
internal-happened = Der Server konnte nicht zu Ende bringen, worum Sie gebeten haben. Das ist als { $record } vermerkt.
internal-next = Bitte versuchen Sie es in einigen Minuten noch einmal. Wenn es wieder nicht klappt, schreiben Sie uns und nennen Sie diesen Vermerk.
unavailable-title = Gleich wieder da
unavailable-happened = Der Server startet gerade neu oder ist sehr beschäftigt, deshalb hat er nicht getan, worum Sie gebeten haben.
unavailable-next = Bitte versuchen Sie es in einer Minute noch einmal.

## What is wrong with what was typed: short, and how to put it right.

wrong-address-empty = Es wird eine E-Mail-Adresse gebraucht, zum Beispiel name@example.org
wrong-address-too-long = Die E-Mail-Adresse ist länger als { $octets } Oktette
wrong-address-control = Die E-Mail-Adresse enthält einen Zeilenumbruch oder ein anderes Steuerzeichen
wrong-address-malformed = Das ist keine E-Mail-Adresse: Sie sollte aussehen wie name@example.org
wrong-address-domain = Der Teil der E-Mail-Adresse hinter dem @ ist kein Domainname
wrong-address-same = Das ist die Adresse, die Sie haben: Geben Sie eine andere ein
wrong-address-one = Geben Sie eine Adresse ein.
wrong-twice = Dies kam mehr als einmal an: Geben Sie es einmal ein
wrong-name-needed = Dieses Formular braucht einen Namen
wrong-company-needed = Dieses Formular braucht ein Unternehmen
wrong-nothing-chosen = Es wurde nichts gewählt: Wählen Sie, was Sie erhalten möchten
wrong-words-changed = Der Wortlaut auf dieser Seite hat sich geändert, seit Sie sie geöffnet haben. Bitte lesen Sie ihn noch einmal und senden Sie dann das Formular
wrong-message-empty = Schreiben Sie, was Sie wissen möchten

## Said by a rule that has no words of its own in this language: the English ones follow.

wrong-otherwise = Bitte berichtigen Sie das. Auf Englisch: { $rule }
