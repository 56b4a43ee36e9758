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

forgotten-title = Forgotten password
forgotten-lead = Type the address with which you sign in for { $tenant }. We send you a link by which you choose a new password.
forgotten-asked-happened = If { $address } is the address of a member of { $tenant }, a mail with a link is on its way there, unless several were sent within the last hour.
forgotten-asked-next = Open that mail, and follow the link to choose a new password. It is good for one hour.
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

## Signing in by the tenant's identity provider: its pages, and what comes after.

sign-in-title = Sign in
sign-in-heading = Sign in for { $tenant }
sign-in-lead = { $tenant } lets its members sign in by their account at { $provider }.
sign-in-go = Go on to { $provider }
sign-in-hint = Until you come back, for ten minutes at most, a cookie keeps that it was this browser in which you began. Your password goes on to work where programs ask for it.
sign-in-forgotten = Forgotten your password for { $tenant }?
sign-in-code-heading = One more step
sign-in-code-lead = { $provider } has vouched for { $address }. You have a second factor here, so we ask for a code of it as well.
sign-in-code-field = Code
sign-in-code-hint = The six digits that your authenticator shows now, or one of your recovery codes.
sign-in-code-send = Sign in
sign-in-code-wrong = This code is wrong, too old, or was used before: send the next one of your authenticator, or a recovery code
sign-in-again = Begin again
sign-in-done-title = You are signed in
sign-in-done-happened = This browser is signed in for { $tenant }, for 12 hours at most.
sign-in-done-next = Go on in the program from which you came, or close this page.
sign-in-over-title = This sign-in counts no more
sign-in-over-happened = A sign-in counts once, within ten minutes, and in the browser in which it began, which has to take a cookie for that time. Nothing was changed.
sign-in-over-next = Begin again, in one window.
sign-in-denied-title = You were not signed in
sign-in-denied-happened = { $provider } said no: you broke off, or may not use your account there for this.
sign-in-denied-next = Begin again. If it goes on to say no, ask whoever looks after { $provider } at { $tenant }.
sign-in-failed-title = You were not signed in
sign-in-failed-happened = { $provider } gave no answer by which we can tell who you are. Nothing was changed.
sign-in-failed-next = Begin again in a while. If it goes on, tell an owner of { $tenant }; your password works meanwhile.
sign-in-refused-title = You were not signed in
sign-in-unverified-happened = { $provider } names no address of yours that it has verified, so we cannot tell whether you are a member of { $tenant }.
sign-in-unverified-next = Verify your address at { $provider }, and begin again. Your password works meanwhile.
sign-in-stranger-happened = { $provider } vouches for you, and nobody with your address there is a member of { $tenant } here.
sign-in-stranger-next = Ask an owner of { $tenant } to invite that address.
sign-in-other-account-happened = The member with your address signs in by another account at { $provider }.
sign-in-other-account-next = Begin again with that account, or ask an owner of { $tenant } to let you sign in by this one.
