### The mails of the system. What stands in braces is filled in when a mail is written; keep the elements as they are.

## At the end of mails.

mail-policy = How { $tenant } uses information is in its <a href="{ $href }">privacy policy</a>.
mail-unsubscribe = Unsubscribe
mail-preferences = Change your preferences
mail-data = Your data

## Was it you who signed up?

confirmation-subject = { $tenant }: please confirm that it was you
confirmation-heading = Was it you?
confirmation-lead = Somebody, we hope you, entered { $address } at { $tenant } and asked for this:
confirmation-button = Yes, it was me
confirmation-if-not = If it was not you, do nothing: without your confirmation none of this is sent to you. The link is good for 7 days.

## Is this your new address?

new-address-subject = { $tenant }: is this your new address?
new-address-heading = Is this your new address?
new-address-lead = Somebody, we hope you, asked { $tenant } to write to { $address } from now on, in place of another address.
new-address-button = Yes, this is my address
new-address-if-not = If it was not you, do nothing: without your confirmation nothing changes. The link is good for 7 days.

## Word to the address that was left.

left-address-subject = { $tenant }: we write to another address now
left-address-heading = We write to another address now
left-address-lead = Somebody, we hope you, asked { $tenant } to write to another address in place of { $address }, and confirmed it from there. What { $tenant } writes to you goes there from now on.
left-address-if-not = If it was you, there is nothing to do. If it was not you, take it back: the link is good for 7 days.
left-address-button = Take it back: write to me here
left-address-joined = That address was known already, so what was agreed to at the two is one person’s now. If it was not you, <a href="{ $href }">write to whoever answers for your data</a>.

## Does a yes still stand?

renewal-subject = { $tenant }: may we go on writing to you?
renewal-heading = May we go on writing to you?
renewal-lead = Some time ago you agreed to this at { $tenant }:
renewal-until = Your yes lasts until { $date }. <a href="{ $href }">Say whether it still stands</a>.
renewal-if-nothing = If you do nothing, it ends by itself, and we do not ask again.
renewal-choices = <a href="{ $href }">See or change all your choices</a>.

## News of the privacy policy.

notice-posted-subject = { $tenant }: our privacy policy changes on { $date }
notice-posted-heading = Our privacy policy changes
notice-posted-lead = From { $date } a new version of the privacy policy of { $tenant } applies. Until then the present one does.
notice-what-changes = What changes
notice-read = <a href="{ $href }">Read the new version</a>.
notice-read-or-compare = <a href="{ $href }">Read the new version</a> or <a href="{ $comparison }">compare it with the present one</a>.
notice-what-we-ask = What we ask you
notice-more-uses = With it, { $tenant } would like to use your information for more than it was collected for:
notice-more-parties = With it, { $tenant } would like to let others have information about you:
notice-up-to-you = That is up to you. <a href="{ $href }">Say yes or no</a>. If you say nothing, it counts as no.
notice-stays = What you have agreed to stays as it is. <a href="{ $href }">See or change your choices</a>.
notice-postponed-subject = { $tenant }: our privacy policy changes later, on { $date }
notice-postponed-heading = Our privacy policy changes later
notice-postponed-lead = The new version of the privacy policy of { $tenant } that we told you of applies later than we said: from { $date }. Until then the present one does.
notice-withdrawn-subject = { $tenant }: our privacy policy does not change after all
notice-withdrawn-heading = Our privacy policy does not change after all
notice-withdrawn-lead = { $tenant } has taken back the new version of its privacy policy that was to apply from { $date }. <a href="{ $href }">The present one</a> goes on to apply.
notice-withdrawn-read = What was taken back <a href="{ $href }">can still be read</a>.
notice-why = You get this message because { $tenant } holds information about you and promised to tell you of its policy's changes before they take effect.

## What a person is told of their request about their data.

answer-why = You get this message because you, or somebody in your name, asked for it.
answer-link-subject = { $tenant }: your page about your data
answer-link-heading = Your page about your data
answer-link-lead = On { $received } somebody, we hope you, wrote to { $tenant } about the data held for { $address }. An answer is owed by { $due }.
answer-link-what = You need not wait for it: on <a href="{ $href }">your own page</a> you can see and copy all that is held about you, put it right, restrict its use, or have it erased, at once. Say there, too, that it was you who wrote.
answer-link-keep = The link is good for 30 days, and opens your data to whoever has it: do not pass this message on. If it was not you who wrote, you need do nothing.
answer-link-alone-lead = Somebody, we hope you, asked { $tenant } for the link to the page about the data held for { $address }.
answer-link-alone-what = On <a href="{ $href }">your own page</a> you can see and copy all that is held about you, put it right, have us write to another address, restrict its use, or have it erased, at once.
answer-link-alone-keep = The link is good for 30 days, and opens your data to whoever has it: do not pass this message on. If it was not you who asked, you need do nothing.
answer-extended-subject = { $tenant }: the answer to your request takes longer
answer-extended-heading = The answer takes longer
answer-extended-lead = On { $received } you asked { $tenant } about your data. You will have the answer by { $due }. It takes longer for this reason:
answer-extended-rights = <a href="{ $href }">Your own page</a> is there all the while. You may complain to a data protection authority, or go to court.
answer-done-subject = { $tenant }: the answer to your request
answer-done-heading = The answer to your request
answer-asked = On { $received } you asked { $tenant } about your data.
answer-done-simply = We have done what you asked for.
answer-done-standing = How things stand is on <a href="{ $href }">your own page</a>.
answer-refused-subject = { $tenant }: we cannot do what you asked for
answer-refused-heading = We cannot do what you asked for
answer-refused-lead = On { $received } you asked { $tenant } about your data. We do not do it, for this reason:
answer-refused-rights = You may complain to a data protection authority, or go to court. <a href="{ $href }">Your own page</a> is there all the while.
