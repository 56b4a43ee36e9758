### The pages of the privacy policy.

policy-title = Privacy policy
policy-changing = This policy is going to change
policy-upcoming-told = Version { $version } takes effect as soon as everybody has been told of it.
policy-upcoming-on = Version { $version } takes effect on <strong>{ $minute }</strong> at the earliest.
policy-what-changes = What changes:
policy-read-version = Read version { $version }
policy-compare-with = Compare it with version { $version }
policy-works-by = { $tenant } works by <strong>version { $version }</strong>, in force since { $day-since }. It was posted on { $day-posted }.
policy-none-posted = { $tenant } has not posted a privacy policy yet. Until it has, it collects no addresses here and sends no mail.
policy-none-in-force = No version is in force yet. Until one is, { $tenant } collects no addresses here and sends no mail.
policy-all-versions = All versions
policy-stays = Each stays at its address for good.
policy-version = Version { $version }

## What has become of a version, in the list of versions.

version-upcoming-told = takes effect as soon as everybody has been told of it
version-upcoming-on = takes effect on { $day } at the earliest
version-in-force = in force since { $day }
version-superseded = in force from { $day-since } to { $day-until }, then version { $version }
version-overtaken = never in force, overtaken by version { $version }
version-withdrawn = withdrawn on { $day }

## The page of one version.

version-title = Privacy policy, version { $version }
version-note-told = <strong>Not in force yet.</strong> It takes effect as soon as everybody has been told of it.
version-note-on = <strong>Not in force yet.</strong> It takes effect on { $minute } at the earliest.
version-note-in-force = <strong>In force</strong> since { $minute }.
version-note-superseded = <strong>No longer in force.</strong> It applied from { $day-since } to { $day-until }, and was followed by <a href="{ $href }">version { $version }</a>. What was collected under it is still used only as it says.
version-note-overtaken = <strong>Never in force.</strong> It was overtaken by <a href="{ $href }">version { $version }</a>.
version-note-withdrawn = <strong>Withdrawn</strong> on { $minute }. It does not apply.
version-in-force-now = In force now: <a href="{ $href }">version { $version }</a>. <a href="{ $comparison }">Compare the two</a>.
version-posted = Posted on { $minute }. <a href="{ $href }">All versions</a>
version-changes = What this version changes

## The content of a version.

text-heading = The text
text-leaves = A link marked “leaves this site” leads to another one. What happens to your data there is up to that site; this policy does not cover it.
text-purposes = What data is used for
text-purpose = Purpose
text-your-say = Your say
text-essential = Cannot be left out
text-only-if-yes = Only if you say yes
text-parties = Who else gets data
text-nobody = Nobody outside { $tenant }.

## Two versions compared.

comparison-title = Privacy policy, version { $from } and version { $to }
comparison-heading = From version { $from } to version { $to }
comparison-lead = What <a href="{ $href-to }">version { $to }</a> of the privacy policy says that <a href="{ $href-from }">version { $from }</a> does not, and the other way round.
comparison-uses = Uses and other parties
comparison-same-uses = Both name the same uses and the same other parties.
comparison-no-longer = No longer: <del>{ $name }</del>
comparison-now = Now: <ins>{ $name }</ins>
comparison-same-text = The text is the same, word for word.
comparison-marks = Words that only version { $from } has are <del>struck out</del>; words that only version { $to } has are <ins>underlined</ins>.
