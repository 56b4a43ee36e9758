### Pages of the server itself: the front page, setting it up, and the built-in mailbox.

home-lead = This server sends e-mail for companies to people who have agreed to it. No mail leaves without a permit, and a permit comes only from a consent decision.
home-not-set-up = It has not been set up yet
home-set-up-how = Create the first company and the account of its owner. It takes a minute, and the code that the server printed when it started.
home-set-up = Set it up
home-had-mail = If you have had mail from here
home-had-mail-how = Each mail has links at its end to unsubscribe and to change your preferences. They work without signing in.
home-work-with = If you work with it
home-docs = What it offers, how to begin, and every error it can answer.
home-graphiql = The API in the browser, with its documentation. Sign in here.
home-mailbox = All mail so far. It is kept here in place of being sent.
home-companies = Companies of this demonstration
home-policy-of = Privacy policy<span class="unseen"> of { $tenant }</span>
home-version = Version { $version }

## Setting up.

setup-title = Set up Assent
setup-heading = Set up this server
setup-lead = Assent is running and has no company yet. Create the first one, and the account of its owner.
setup-is-it-you = Is it you?
setup-code = Setup code
setup-code-hint = The server printed it when it started.
setup-company = The company
setup-company-hint = The name its subscribers know.
setup-slug = Short name in addresses
setup-slug-hint = Small letters, digits and hyphens. Its pages will be at /t/short-name/.
setup-postal-address = Postal address
setup-postal-address-hint = Stands in every marketing mail and below every page, as the law asks.
setup-mail = Its mail
setup-sender-name = Sender’s name
setup-sender-name-hint = What recipients see as the sender.
setup-sender-address = Sender’s address
setup-sender-address-hint = Use a domain whose DNS you control.
setup-privacy-contact = Privacy contact
setup-privacy-contact-hint = Where people write with questions about their data.
setup-owner = The owner
setup-owner-hint = You sign in with it.
setup-operator-policy = <a href="{ $href }">The privacy policy of { $company }, version { $version }</a>, applies to whoever signs in here. { $company } runs this server, and writes to the address above when that policy changes.
setup-password = Password
setup-password-hint = At least 12 characters. A few unrelated words are easy to keep in mind.
setup-create = Create
setup-needed = This is needed
setup-wrong-code = This is not the code that the server printed when it started
setup-done-title = Set up
setup-done-heading = { $company } is set up
setup-done-lead = You are its owner. Four steps lead to the first campaign.
setup-step-sign-in = <strong>Sign in.</strong> Open <a href="/graphql">GraphiQL</a> and sign in with your address and password. Everything is done there, and every type and field is described.
setup-step-policy = <strong>Write and post a privacy policy.</strong> No address is collected and no mail is sent before one is in force. The first version may take effect at once; it then stands on <a href="{ $href }">your policy page</a>.
setup-step-form = <strong>Make a list and a collection point.</strong> The collection point is the form where people sign up.
setup-step-yourself-mailbox = <strong>Sign up yourself.</strong> The confirmation is kept in <a href="/dev/mailbox">the mailbox of this server</a>: no real mail leaves it until you give it an SMTP server.
setup-step-yourself = <strong>Sign up yourself.</strong> The confirmation comes by real mail.

## The built-in mailbox.

mailbox-title = Mailbox
mailbox-lead = Mail that this server kept in place of sending it, the newest first.
mailbox-empty = Nothing yet. Fill in a form or send a campaign, then load this page again.
mailbox-messages = Messages
mailbox-subject = Subject
mailbox-to = To
mailbox-time = Time
mailbox-from = From
mailbox-no-subject = (no subject)
mailbox-not-listed =
    { $count ->
        [one] { $count } older message is not listed.
        *[other] { $count } older messages are not listed.
    }
mailbox-all = All mail
mailbox-kept = Kept on { $second }. <a href="{ $href }">Source</a>
mailbox-text-part = Text part
mailbox-html-part = HTML part
mailbox-html-links = Links in this frame do not work. <a href="{ $href }">Open it by itself</a> to follow them, or use those of the text part.
mailbox-html-title = HTML part of the message
mailbox-headers = Headers
mailbox-header = Header
mailbox-value = Value
