### Pages that only say something: what happened, and what to do next. And what is wrong with what was typed.

message-next = What to do next
not-found-title = There is no page here
not-found-happened = The address may have been mistyped, or the page may have been taken down.
not-found-next = Check the address. If you followed a link in a mail, open it once more from there.
left-title = You have left the form
left-happened = Nothing was entered, nothing was kept, and nothing was passed on to anybody.
left-next = You can close this page. If you change your mind, the form is still there.
left-back = Back to the form
link-expired-title = This link has run out
link-expired-happened = Links like this one work for a limited time, and this one's is over. Nothing was changed.
link-expired-next = If you were signing up, fill in the form again and we will send you a new link. For anything else, use the link in a newer mail.
link-expired-to-form = To the form
link-altered-title = We cannot read this link
link-altered-happened = Part of it is missing or was changed; some mail programs break long links in two. Nothing was changed.
link-altered-next = Open the link from the mail itself, or copy all of it, from “https” to its last letter, into the address bar.

## The reason comes from a rule, in English.

refused-title = This does not work as things stand
refused-happened = We did not do what you asked for. The reason: { $reason }.
refused-next = Nothing was changed. If it should have worked, write to the company that sent you here.
unreadable-title = We cannot read what was sent
unreadable-happened = It is not a form as a browser sends it, or holds characters that are no text. Nothing was changed.
unreadable-next = Go back, check what you entered, and send it again.
form-closed-title = This form is closed
form-closed-happened = It asks for information that is collected only under a privacy policy, and none that covers it is in force now.
form-closed-next = Come back later, or read which policy is in force.
tenant-closed-title = This company is closed here
tenant-closed-happened = It sends no mail any more and takes nobody in, so we did not do what you asked for. Everything it holds will be deleted before long.
tenant-closed-next = There is nothing you have to do. A no is still taken: links for opting out and for your data go on to work until then.
tenant-gone-title = Nothing is held here any more
tenant-gone-happened = The company that this address belonged to has closed, and everything it held here was deleted: whom it wrote to, what they agreed to, and what they did not. Nobody is written to from here in its name.
tenant-gone-next = There is nothing you have to do, nothing to opt out of, and nothing about you to show or to erase.
kept-silent-title = We keep to sending you nothing
kept-silent-happened = This address is on record as one that wants no mail of any sort, and that counts for more than this link. Nothing was changed.
kept-silent-next = If you want mail again, use the preferences link in an earlier mail from us, and press “Come back” there.
no-subscription-title = This mail belongs to no list
no-subscription-happened = It was sent because it cannot be left out, such as news of the privacy policy. There is no subscription to end, and nothing was changed.
no-subscription-next = To get no mail of any sort, use the preferences link in a mail from us.
erased-title = Your data is erased
erased-happened = All that told who you are has been deleted. What is left is a number that nobody can turn back into your address; by it we know not to write to you again.
erased-next = There is nothing more to do. If you ever want to hear from us again, sign up anew and confirm.
nothing-held-title = We hold nothing about you
nothing-held-happened = What this link was about has been erased, so there is nothing to show and nothing to change.
nothing-held-next = There is nothing to do. To ask something all the same, write to the address below.
address-asked-title = Look into your mailbox
address-asked-happened = If we may write to { $address }, a mail with a link is on its way there. Nothing has changed yet.
address-asked-next = Open that mail and confirm that the address is yours. Until you do, we write to the address we have.
address-changed-title = Your address is changed
address-changed-happened = From now on we write to the address from which you have just confirmed. In earlier mails, the links to opt out go on to work, and no others. Every no that was said at either address counts.
address-changed-next = Look through your preferences, if you like.
privacy-link-asked-title = Look into your mailbox
privacy-link-asked-happened = If we hold anything about { $address }, a mail with a link is on its way there, unless one was sent a few minutes ago or several were today.
privacy-link-asked-next = Open that mail, and follow the link to the page about your data. It is good for 30 days.
too-large-title = That was too much
too-large-happened = What was sent is larger than this form can hold, so we did not keep any of it.
too-large-next = Go back, shorten what you entered, and send it again.
too-many-title = Please wait a moment
too-many-happened = Many forms were sent from your network in a short time, so we did not take this one.
too-many-next = Go back, wait ten minutes, and send it again. To get no mail of any sort you need not wait: that is always taken.
method-title = This address cannot do that
method-happened = Your program asked in a way that this page does not answer. Nothing was changed.
method-next = Open the page in a browser and use the button on it.
internal-title = This did not work, and it is our fault
internal-happened = The server could not finish what you asked for. It is on record as { $record }.
internal-next = Please try again in a few minutes. If it fails again, write to us and name that record.
unavailable-title = Back in a moment
unavailable-happened = The server is restarting or very busy, so it did not carry out what you asked for.
unavailable-next = Please try again in a minute.

## What is wrong with what was typed: short, and how to put it right.

wrong-address-empty = An e-mail address is needed, like name@example.org
wrong-address-too-long = The e-mail address is longer than { $octets } octets
wrong-address-control = The e-mail address holds a line break or another control character
wrong-address-malformed = This is not an e-mail address: it should look like name@example.org
wrong-address-domain = The part of the e-mail address behind the @ is not a domain name
wrong-address-same = This is the address that you have: enter another
wrong-address-one = Enter one address.
wrong-twice = This came more than once: enter it once
wrong-name-needed = This form needs a name
wrong-company-needed = This form needs a company
wrong-nothing-chosen = Nothing was chosen: choose what you would like to receive
wrong-words-changed = The words on this page have changed since you opened it. Please read them again, then send the form
wrong-message-empty = Write what you would like to know

## Said by a rule that has no words of its own in this language: the English ones follow.

wrong-otherwise = { $rule }
