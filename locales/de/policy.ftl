### The pages of the privacy policy.

policy-title = Datenschutzrichtlinie
policy-changing = Diese Richtlinie wird sich ändern
policy-upcoming-told = Version { $version } tritt in Kraft, sobald alle davon unterrichtet sind.
policy-upcoming-on = Version { $version } tritt frühestens am <strong>{ $minute }</strong> in Kraft.
policy-what-changes = Was sich ändert:
policy-read-version = Version { $version } lesen
policy-compare-with = Mit Version { $version } vergleichen
policy-works-by = { $tenant } arbeitet nach <strong>Version { $version }</strong>, die seit { $day-since } gilt. Sie wurde am { $day-posted } veröffentlicht.
policy-none-posted = { $tenant } hat noch keine Datenschutzrichtlinie veröffentlicht. Bis dahin werden hier keine Adressen erhoben und keine E-Mails gesendet.
policy-none-in-force = Noch ist keine Version in Kraft. Bis dahin erhebt { $tenant } hier keine Adressen und sendet keine E-Mails.
policy-all-versions = Alle Versionen
policy-stays = Jede bleibt auf Dauer unter ihrer Adresse.
policy-version = Version { $version }

## What has become of a version, in the list of versions.

version-upcoming-told = tritt in Kraft, sobald alle davon unterrichtet sind
version-upcoming-on = tritt frühestens am { $day } in Kraft
version-in-force = in Kraft seit { $day }
version-superseded = in Kraft von { $day-since } bis { $day-until }, dann Version { $version }
version-overtaken = nie in Kraft, überholt von Version { $version }
version-withdrawn = zurückgenommen am { $day }

## The page of one version.

version-title = Datenschutzrichtlinie, Version { $version }
version-note-told = <strong>Noch nicht in Kraft.</strong> Sie tritt in Kraft, sobald alle davon unterrichtet sind.
version-note-on = <strong>Noch nicht in Kraft.</strong> Sie tritt frühestens am { $minute } in Kraft.
version-note-in-force = <strong>In Kraft</strong> seit { $minute }.
version-note-superseded = <strong>Nicht mehr in Kraft.</strong> Sie galt von { $day-since } bis { $day-until }; ihr folgte <a href="{ $href }">Version { $version }</a>. Was unter ihr erhoben wurde, wird weiterhin nur so verwendet, wie sie es sagt.
version-note-overtaken = <strong>Nie in Kraft.</strong> Sie wurde von <a href="{ $href }">Version { $version }</a> überholt.
version-note-withdrawn = <strong>Zurückgenommen</strong> am { $minute }. Sie gilt nicht.
version-in-force-now = Jetzt in Kraft: <a href="{ $href }">Version { $version }</a>. <a href="{ $comparison }">Beide vergleichen</a>.
version-posted = Veröffentlicht am { $minute }. <a href="{ $href }">Alle Versionen</a>
version-changes = Was diese Version ändert

## The content of a version.

text-heading = Der Text
text-leaves = Ein Link mit dem Vermerk „verlässt diese Website“ führt zu einer anderen. Was dort mit Ihren Daten geschieht, liegt bei jener Website; diese Richtlinie gilt dort nicht.
text-purposes = Wofür Daten verwendet werden
text-purpose = Zweck
text-your-say = Ihre Entscheidung
text-essential = Kann nicht wegfallen
text-only-if-yes = Nur, wenn Sie einwilligen
text-parties = Wer sonst Daten bekommt
text-nobody = Niemand außerhalb von { $tenant }.

## Two versions compared.

comparison-title = Datenschutzrichtlinie, Version { $from } und Version { $to }
comparison-heading = Von Version { $from } zu Version { $to }
comparison-lead = Was <a href="{ $href-to }">Version { $to }</a> der Datenschutzrichtlinie sagt und <a href="{ $href-from }">Version { $from }</a> nicht, und umgekehrt.
comparison-uses = Verwendungen und andere Beteiligte
comparison-same-uses = Beide nennen dieselben Verwendungen und dieselben anderen Beteiligten.
comparison-no-longer = Nicht mehr: <del>{ $name }</del>
comparison-now = Jetzt: <ins>{ $name }</ins>
comparison-same-text = Der Text ist Wort für Wort derselbe.
comparison-marks = Wörter, die nur Version { $from } hat, sind <del>durchgestrichen</del>; Wörter, die nur Version { $to } hat, sind <ins>unterstrichen</ins>.
