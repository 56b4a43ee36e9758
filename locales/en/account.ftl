### Becoming a member and choosing a password: mails and pages.

## What members are.

role-owner = owner
role-privacy-officer = privacy officer
role-marketer = marketer
role-analyst = analyst
role-developer = developer

## An invitation: the mail, its page, and what comes after.

invitation-subject = { $tenant }: you are invited to join
invitation-heading = You are invited
invitation-lead = { $tenant } invites you, { $address }, to work on its e-mail with your own account. Your role: { $role }.
invitation-button = Accept the invitation
invitation-if-not = The link is good for 7 days and works once. If you did not expect this mail, do nothing: without you no account is made.
invitation-page-title = Your invitation
invitation-page-heading = { $tenant } invites you
invitation-page-lead = Choose a password. With it and your address, { $address }, you sign in for { $tenant }. Your role: { $role }.
invitation-page-name = Your name
invitation-page-name-hint = Your colleagues see it.
invitation-page-accept = Accept the invitation
invitation-page-until = You can accept until { $minute }. If you did not expect an invitation, close this page: no account is made.
invitation-accepted-title = You are in
invitation-accepted-happened = The invitation was accepted: you are a member of { $tenant } here.
invitation-accepted-next = Sign in with your address and the password that was chosen. The short name of { $tenant }, which signing in asks for, is { $slug }.
invitation-over-title = This invitation counts no more
invitation-over-happened = Its 7 days are over, it was sent once more since, or it was taken back. Nothing was changed.
invitation-over-next = Open the newest invitation in your mailbox, or ask whoever invited you for another.

## A forgotten password: the mail, its page, and what comes after.

reset-subject = { $tenant }: choose a new password
reset-heading = Choose a new password
reset-lead = Somebody, we hope you, asked for a new password for { $address } at { $tenant }.
reset-button = Choose a new password
reset-if-not = The link is good for one hour and works once. If it was not you, do nothing: your password stays as it is.
reset-page-title = New password
reset-page-heading = Choose a new password
reset-page-lead = It is for { $address } at { $tenant }. Wherever you are signed in, you are signed out.
reset-page-password = New password
reset-page-save = Save the password
reset-page-until = You can do so until { $minute }. If it was not you who asked, close this page: nothing changes.
reset-done-title = Your password was changed
reset-done-happened = It counts from now on, and all your sessions were ended. A mail tells you so, too.
reset-done-next = Sign in with the new password, and with a code if you have a second factor.
reset-over-title = This link counts no more
reset-over-happened = A link to a new password works once, within an hour, and only until the password changes. Nothing was changed.
reset-over-next = Ask for another link where you sign in.

## Word that a password was changed.

password-changed-subject = { $tenant }: your password was changed
password-changed-heading = Your password was changed
password-changed-lead = The password of { $address } at { $tenant } was changed on { $date }. Other sessions were ended.
password-changed-if-not = If it was you, there is nothing to do. If it was not, ask for a new password where you sign in, and tell an owner of { $tenant } at once.

wrong-password-length = A password has { $min } to { $max } characters
