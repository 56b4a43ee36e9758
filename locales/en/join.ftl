### Signing up: the form, the question about others who get data, and the answers.

join-held = What you enter here is held by <strong>{ $tenant }</strong> under its <a href="{ $href }">privacy policy, version { $version }</a>, in force since { $day }.
join-others-get = Others will get what you enter
join-gone-on = You have chosen to go on. If you would rather not, <a href="{ $href }">leave</a>: nothing is passed on unless you send the form.
join-lists = What you are signing up for
join-about-you = About you
join-essential = What cannot be left out
join-essential-why = Without these we could not run the service or keep our word to you, so there is nothing to tick.
join-up-to-you = What is up to you
join-empty-means-no = We have ticked nothing for you. A box left empty means no.
join-or-nothing = Or nothing at all
join-no-mail = Send no mail of any sort to this address
join-no-mail-hint = Then we write to it about nothing: no news, no notice of changes to our policy, not even a confirmation. This counts for more than any box ticked above. We need only the e-mail address, and keep it only so that we can hold to this.
join-sign-up = Sign up
join-send-nothing = Send me nothing
join-will-confirm = We will send you one mail and ask you to confirm. Until you do, nothing else is sent.
join-can-change = You can change your mind at any time, with the link in each of our mails.

## Before the form, where it brings in others.

parties-title = Before you go on: { $title }
parties-lead = Before you go on: this form brings in others than <strong>{ $tenant }</strong>. Please read who they are, what they get and why, and then choose.
parties-who = Others who get what you enter
parties-question = Do you want to go on?
parties-nothing-yet = Nothing has been asked of you yet, and nothing is passed on unless you send the form.
parties-go-on = Go on to the form
parties-leave = Leave
parties-read = I have read this, and want to go on

## The answers to the form.

join-done-title-mail = Look into your mail
join-done-title = Thank you
join-done-mail = Now look into your mail
join-done-sent = We have sent a mail to <strong class="address">{ $address }</strong>, unless there was a reason not to. Follow the link in it and press the button there.
join-done-sent-somewhere = We have sent a mail to the address you entered, unless there was a reason not to. Follow the link in it and press the button there.
join-done-valid =
    { $days ->
        [one] The link works for { $days } day.
        *[other] The link works for { $days } days.
    } Until you confirm, nothing else is sent.
join-done-if-nothing = If nothing comes within a few minutes
join-done-spam = Look into the folder for spam, too.
join-done-right-address = Is the address above the right one? If not, <a href="{ $href }">fill in the form again</a>.
join-done-before = If you have signed up before, you may not need to confirm again. To see where you stand, use the preferences link in any mail from us.
join-done-opted-out = If you once told us to send nothing at all, we keep to that, and a form cannot undo it. The preferences link in an earlier mail from us can.
join-done-have = We have your answers.
join-done-have-for = We have your answers for <strong class="address">{ $address }</strong>.
join-done-may-ask = If we need to hear from you that it was you, we have sent a mail that asks for it.
join-done-again-or-change = If the address is not quite right, <a href="{ $href }">fill in the form again</a>. You can change your mind at any time, with the link in each of our mails.

## The answer to “no mail of any sort”.

opted-out-title = No mail of any sort
opted-out-heading = We will send you nothing
opted-out-lead = From now on we send no mail of any sort to <strong class="address">{ $address }</strong>: no news, no notice of changes to our policy, no confirmation of this either.
opted-out-lead-somewhere = From now on we send no mail of any sort to the address you entered: no news, no notice of changes to our policy, no confirmation of this either.
opted-out-kept = We keep the address only so that we can hold to this. Whatever else was entered in the form was not kept.
on-its-way = A mail that was already on its way may still reach you.
opted-out-change-mind = If you change your mind
opted-out-way-back = Use the preferences link in any earlier mail from us. If you have none, <a href="{ $href }">have a link sent to that address</a>. A form cannot undo this, so that nobody else can undo it for you.
opted-out-again = If the address is not quite right, <a href="{ $href }">fill in the form again</a>.

## A form for a company's own pages.

snippet-held = What you enter is held by { $tenant } under its <a href="{ $href }">privacy policy, version { $version }</a>.
snippet-essential = What cannot be left out:
