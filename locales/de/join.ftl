### Signing up: the form, the question about others who get data, and the answers.

join-held = Was Sie hier eingeben, bewahrt <strong>{ $tenant }</strong> nach der <a href="{ $href }">Datenschutzrichtlinie, Version { $version }</a>, auf, die seit { $day } gilt.
join-others-get = Andere bekommen, was Sie eingeben
join-gone-on = Sie haben sich entschieden weiterzumachen. Wenn Sie doch lieber nicht möchten, <a href="{ $href }">gehen Sie hier hinaus</a>: Weitergegeben wird nur, was Sie absenden.
join-lists = Wofür Sie sich anmelden
join-about-you = Über Sie
join-essential = Was nicht wegfallen kann
join-essential-why = Ohne dies könnten wir den Dienst nicht betreiben und unser Wort Ihnen gegenüber nicht halten, deshalb gibt es hier nichts anzukreuzen.
join-up-to-you = Was Sie entscheiden
join-empty-means-no = Wir haben nichts für Sie angekreuzt. Ein leeres Kästchen heißt Nein.
join-or-nothing = Oder gar nichts
join-no-mail = An diese Adresse keine E-Mails senden, gleich welcher Art
join-no-mail-hint = Dann schreiben wir ihr über nichts mehr: keine Neuigkeiten, kein Hinweis auf eine geänderte Richtlinie, nicht einmal eine Bestätigung. Dies gilt mehr als jedes Kästchen oben. Wir brauchen nur die E-Mail-Adresse und behalten sie nur, damit wir uns daran halten können.
join-sign-up = Anmelden
join-send-nothing = Nichts mehr senden
join-will-confirm = Wir senden Ihnen eine E-Mail und bitten Sie um Bestätigung. Bis dahin senden wir nichts anderes.
join-can-change = Sie können Ihre Meinung jederzeit ändern, mit dem Link in jeder unserer E-Mails.

## Before the form, where it brings in others.

parties-title = Bevor Sie weitermachen: { $title }
parties-lead = Bevor Sie weitermachen: An diesem Formular sind außer <strong>{ $tenant }</strong> noch andere beteiligt. Bitte lesen Sie, wer sie sind, was sie bekommen und wozu, und entscheiden Sie dann.
parties-who = Andere, die bekommen, was Sie eingeben
parties-question = Möchten Sie weitermachen?
parties-nothing-yet = Bis jetzt wurde nichts von Ihnen verlangt, und weitergegeben wird nur, was Sie absenden.
parties-go-on = Weiter zum Formular
parties-leave = Verlassen
parties-read = Ich habe das gelesen und möchte weitermachen

## The answers to the form.

join-done-title-mail = Sehen Sie in Ihre E-Mails
join-done-title = Vielen Dank
join-done-mail = Sehen Sie jetzt in Ihre E-Mails
join-done-sent = Wir haben eine E-Mail an <strong class="address">{ $address }</strong> gesendet, sofern nichts dagegen sprach. Folgen Sie dem Link darin und drücken Sie dort die Schaltfläche.
join-done-sent-somewhere = Wir haben eine E-Mail an die eingegebene Adresse gesendet, sofern nichts dagegen sprach. Folgen Sie dem Link darin und drücken Sie dort die Schaltfläche.
join-done-valid =
    { $days ->
        [one] Der Link gilt { $days } Tag.
        *[other] Der Link gilt { $days } Tage.
    } Bis Sie bestätigen, senden wir nichts anderes.
join-done-if-nothing = Wenn in einigen Minuten nichts kommt
join-done-spam = Sehen Sie auch in den Spam-Ordner.
join-done-right-address = Ist die Adresse oben die richtige? Wenn nicht, <a href="{ $href }">füllen Sie das Formular noch einmal aus</a>.
join-done-before = Wenn Sie sich schon früher angemeldet haben, müssen Sie vielleicht nicht noch einmal bestätigen. Den Stand sehen Sie über den Link zu Ihren Einstellungen in jeder E-Mail von uns.
join-done-opted-out = Wenn Sie uns einmal gesagt haben, dass wir Ihnen gar nichts senden sollen, halten wir uns daran, und ein Formular kann das nicht rückgängig machen. Der Link zu Ihren Einstellungen in einer früheren E-Mail von uns kann es.
join-done-have = Wir haben Ihre Antworten erhalten.
join-done-have-for = Wir haben Ihre Antworten für <strong class="address">{ $address }</strong> erhalten.
join-done-may-ask = Falls wir von Ihnen hören müssen, dass Sie es waren, haben wir eine E-Mail gesendet, die danach fragt.
join-done-again-or-change = Wenn die Adresse nicht ganz stimmt, <a href="{ $href }">füllen Sie das Formular noch einmal aus</a>. Sie können Ihre Meinung jederzeit ändern, mit dem Link in jeder unserer E-Mails.

## The answer to “no mail of any sort”.

opted-out-title = Keine E-Mails, gleich welcher Art
opted-out-heading = Wir senden Ihnen nichts mehr
opted-out-lead = Von jetzt an senden wir keine E-Mails, gleich welcher Art, an <strong class="address">{ $address }</strong>: keine Neuigkeiten, keinen Hinweis auf eine geänderte Richtlinie und auch keine Bestätigung hierfür.
opted-out-lead-somewhere = Von jetzt an senden wir keine E-Mails, gleich welcher Art, an die eingegebene Adresse: keine Neuigkeiten, keinen Hinweis auf eine geänderte Richtlinie und auch keine Bestätigung hierfür.
opted-out-kept = Wir behalten die Adresse nur, damit wir uns daran halten können. Was sonst in das Formular eingegeben wurde, haben wir nicht behalten.
on-its-way = Eine E-Mail, die schon unterwegs war, kann Sie noch erreichen.
opted-out-change-mind = Wenn Sie es sich anders überlegen
opted-out-way-back = Verwenden Sie den Link zu Ihren Einstellungen in einer früheren E-Mail von uns. Wenn Sie keine haben, <a href="{ $href }">lassen Sie einen Link an diese Adresse senden</a>. Ein Formular kann dies nicht rückgängig machen, damit es niemand anderes für Sie tun kann.
opted-out-again = Wenn die Adresse nicht ganz stimmt, <a href="{ $href }">füllen Sie das Formular noch einmal aus</a>.

## A form for a company's own pages.

snippet-held = Was Sie eingeben, bewahrt { $tenant } nach der <a href="{ $href }">Datenschutzrichtlinie, Version { $version }</a>, auf.
snippet-essential = Was nicht wegfallen kann:
