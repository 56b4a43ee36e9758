### A person's rights over their data: their own page, the form for those without a link, the copy, the receipt.

privacy-lead = What <strong>{ $tenant }</strong> holds about <strong class="address">{ $address }</strong>, and what you can do about it. Everything here takes effect at once, and nobody asks why.
privacy-see = See it, and take a copy
privacy-see-what = All that is held: who you are to us, what you agreed to and to which words, what was sent to you, and who read your data.
privacy-show = Show it
privacy-download = Download it
privacy-download-hint = The download is a ZIP file with one JSON document for programs and tables for spreadsheets.
privacy-correct = Put it right
privacy-address = You can <a href="{ $href }">have us write to another address</a> instead.
privacy-restrict = Restrict its use
privacy-restricted-since = The use of your data has been restricted since { $day }: we keep it and send you nothing for it, apart from changes to our policy and answers to what you ask.
privacy-lift = Lift the restriction
privacy-restrict-what = We keep your data, and send you nothing for it until you say otherwise here, apart from changes to our policy and answers to what you ask.
privacy-restrict-button = Restrict the use
privacy-object = Object to every use
privacy-object-done = You get no mail of any sort from us. It may have been you who said so, or somebody who entered your address in a form.
privacy-come-back = Let mail come again
privacy-object-what = We take back every yes you gave, end all your lists, and send you no mail of any sort. What is held stays, so that we know not to write to you.
privacy-object-button = Use it for nothing
privacy-ask = Ask something else
privacy-message = Your message
privacy-message-hint = It goes to whoever answers for data at this company. The answer is owed within a month, and comes by mail.
privacy-so-far = What was asked so far
privacy-request = <strong>{ $kind }</strong>, { $day }: { $state }.
privacy-request-due = <strong>{ $kind }</strong>, { $day }: { $state }, owed by { $day-due }.
privacy-the-answer = The answer:
privacy-was-it-you = It came by a form that anybody can fill in, with your address. Was it you?
privacy-it-was-me = Yes, it was me
privacy-erase = Erase it
privacy-erase-what = We delete your address, your name and all else that tells who you are, at once and for good. What stays is a number that nobody can turn back into your address; by it we know not to write to you again. It cannot be undone: take a copy first, if you want one.
privacy-erase-sure = Yes, erase all that you hold about me
privacy-erase-tick = Tick the box, too: this cannot be undone
privacy-erase-button = Erase my data

## What was done just now.

privacy-done-corrected = Put right. This is how it stands now.
privacy-done-restricted = The use of your data is restricted: we keep it, and send you nothing for it.
privacy-done-lifted = The restriction is lifted: what you agreed to before counts again.
privacy-done-objected = We use your data for nothing any more, and send you no mail of any sort.
privacy-done-came-back = Mail may come again, for what you have agreed to. To get more, fill in one of our forms.
privacy-done-sent = Your message has been sent. The answer comes by mail.
privacy-done-vouched = Thank you: we know now that the message is yours.

## What was asked, and where it stands.

request-copy = A copy
request-correction = A correction
request-restriction = Restricting the use
request-restriction-lift = Lifting the restriction
request-erasure = Erasure
request-objection = No use of any sort
request-question = A message
request-link = The link to this page
request-received = waits for an answer
request-in-progress = takes longer
request-done = done
request-refused = refused

## The form for people who have no link at hand.

privacy-form-lead = See and copy all that <strong>{ $tenant }</strong> holds about you, put it right, restrict its use, or have it erased: on a page of your own, to which we send you a link.
privacy-form-address = Your e-mail address
privacy-form-address-hint = If we know it, the link goes there.
privacy-form-or = Or write to us
privacy-form-owed = Your message goes to whoever answers for data here. The answer is owed within a month.
privacy-form-message = What would you like to know, or have done?
privacy-form-send = Send the message
privacy-form-hint = We use what you enter here to answer you, and for nothing else.
privacy-link-title = The page about your data
privacy-link-lead = There you can see and copy all that <strong>{ $tenant }</strong> holds about you, put it right, have us write to another address, restrict its use, or have it erased.
privacy-link-goes = The link to it goes to <strong>{ $address }</strong>, and is good for 30 days.
privacy-link-back = Back to your preferences
privacy-sent-title = Sent
privacy-sent-heading = We have your message
privacy-sent-lead = The answer goes to <strong class="address">{ $address }</strong> and is owed by { $day }.
privacy-sent-link = If we know this address, a mail with a link is on its way to it, unless one was sent a few minutes ago. On the page behind the link you can do most things yourself, at once.
privacy-sent-no-link = If we do not know the address, no link comes, and a person answers you.

## The copy as a page.

copy-title = What we hold about you
copy-lead = All that <strong>{ $tenant }</strong> holds about you, as of { $minute }. Codes are those of our records; to ask what one means, go back and write to us.

## The receipt of a consent record.

receipt-title = Consent receipt
receipt-lead = What <strong>{ $tenant }</strong> has on record about one purpose, signed, so that anybody can check it.
receipt-record = Record
receipt-person = Person
receipt-pseudonym = { $id }, a pseudonym
receipt-issued = Issued
receipt-receipt = Receipt
receipt-by-schema = { $id }, by { $schema }
receipt-answers = Who answers for it
receipt-policy = Privacy policy
receipt-version = version { $version }
receipt-covers = What it covers
receipt-ground = Ground
receipt-information = What information
receipt-language = Language of what was read
receipt-others = Who else may get it
receipt-withdrawal = Taking it back
receipt-withdrawal-by = By <span lang="en">{ $method }</span>
receipt-happened = What happened
receipt-event = <strong>{ $state }</strong> on { $time }, through { $method }, under version { $version } of the policy.
receipt-event-at = <strong>{ $state }</strong> on { $time }, through { $method } “{ $place }”, under version { $version } of the policy.
receipt-this-record = { $time } (this record)
receipt-lasts = It lasts until { $time }.
receipt-check = To check it
receipt-check-how = This is the receipt in signed form (JWS, RFC 7515, with Ed25519, RFC 8037). The keys are at <a href="{ $keys-path }">{ $keys }</a>. <a href="{ $file }">Take the signed receipt as a file</a>.
