### What surrounds every page, and what many pages say. In HTML messages, keep the elements as they are and move them where the sentence wants them.

## The language's name for itself, in the links at the end of each page.

language-name = English
language-choose = Language

## Points in time. The first names the language and country by whose custom a date is written, as a tag (BCP 47).

date-locale = en-GB
date-minute = { $date }, { $time } UTC

## Below each page of a company, and of the server.

footer-policy = Privacy policy
footer-privacy = Ask about your data
footer-questions = Questions about your data: <a href="mailto:{ $address }">{ $address }</a>
footer-server = Assent, a server for permission-based e-mail. No mail leaves it without consent.
closed-note = <strong>{ $tenant } is closed here since { $day }.</strong> It sends no mail and takes nobody in. Everything it holds will be deleted on { $moment }. Until then you can say no to anything and have a say about your data; a yes is not taken.

## Titles of pages after a form was sent.

title-check = Please check: { $title }
title-put-right = To put right: { $title }
title-saved = Saved: { $title }
title-not-saved = Not saved: { $title }
title-done = Done: { $title }

## What forms are made of.

form-errors =
    { $count ->
        [one] One thing to put right
        *[other] { $count } things to put right
    }
form-optional = (optional)
form-save = Save
form-send = Send
form-saved = Saved. This is how it stands now.
form-nothing-ticked = We have ticked nothing for you. What you leave open counts as no, and you can change your mind at any time.
form-no = No
form-name = Name
form-company = Company
form-address = E-mail address

## Links that lead to other sites.

leaves-site = (leaves this site)

## Who else gets data.

party-gets = What they get
party-would-get = What they would get
party-why = Why
party-policy = Their own privacy policy
party-may = May { $party } get { $what }?
party-statement = { $party } may get { $what }. Why: { $why } What: { $receives }
party-yes = Yes, they may
field-email = your e-mail address
field-name = your name
field-company = your company
