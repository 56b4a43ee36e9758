### Pages behind a person's own links: confirming, preferences, choices, renewing, sharing, leaving lists, another address.

## Confirming a sign-up.

confirm-title = Please confirm
confirm-heading = Is this what you want?
confirm-lead = <strong class="address">{ $address }</strong> was entered at “{ $form }” on { $day }. By confirming, you agree to exactly this:
confirm-lists = Lists you join
confirm-purposes = What we may write to you about
confirm-parties = Others who get what you entered
your-address = Your address
confirm-address-only = That it is yours. You have chosen nothing else, so we send only what cannot be left out, such as notices of changes to our policy.
confirm-button = Yes, I confirm
confirm-under = You agree under our <a href="{ $href }">privacy policy, version { $version }</a>. You can take it back at any time.
confirm-not-you = If this was not you, close this page: nothing is sent unless you confirm.
link-works-until = The link works until { $minute }.
confirmed-title = Confirmed
confirmed-heading = Thank you, that is confirmed
confirmed-lead = On { $minute }, for <strong class="address">{ $address }</strong>, you agreed to this:
confirmed-lists = Lists you joined
confirmed-address-only = That it is yours, and nothing else.
confirmed-can-change = You can change your mind at any time: the mails we send you from now on have a link for it.

## Preferences.

preferences-title = Your preferences
preferences-out-of-date = Something on this page has changed since you opened it, so only what you said no to was saved. This is how it stands now. Please read it and choose once more.
preferences-lead = What <strong>{ $tenant }</strong> may send to <strong class="address">{ $address }</strong>.
preferences-lead-under = What <strong>{ $tenant }</strong> may send to <strong class="address">{ $address }</strong>, under its <a href="{ $href }">privacy policy, version { $version }</a>.
preferences-silent = We send you nothing
preferences-no-mail-since = You chose “no mail of any sort” on { $day }. We keep to that until you say otherwise, here.
preferences-complained = On { $day } your mail provider told us that you took a mail from us for spam. Since then we send you nothing, until you say otherwise, here.
preferences-to-come-back = To come back, tick what you would like below and press the button at the end. If you tick nothing, you get only the mail that cannot be left out.
preferences-yes-to-earlier = Yes, since { $day }, to these words:
preferences-yes = Yes, since { $day }, to exactly these words.
preferences-no = No, since { $day }.
preferences-withdrawn = You took back your yes on { $day }.
preferences-asked = We asked on { $day } and have no answer, which counts as no.
preferences-expired = Your yes ran out on { $day }, so it counts as no.
preferences-never-asked = We have not asked you, which counts as no.
preferences-lists = Your lists
preferences-lists-hint = A list writes to you only about what you have said yes to above.
list-since = Subscribed since { $day }.
list-unconfirmed = Asked for on { $day }, not confirmed yet.
list-ended = Ended on { $day }.
list-never = Not subscribed.
list-writes-about = Writes about: { $purposes }.
preferences-essential-why = Without these we could not keep our word to you, so there is nothing to tick. Only “no mail of any sort” ends them.
preferences-come-back = Come back, with these choices
preferences-stay-silent = If you leave this page without pressing it, nothing changes: we send you nothing.
preferences-no-mail = Send me no mail of any sort
preferences-no-mail-hint = Then we write to you about nothing, not even changes to our policy, whatever is ticked above. Keep a mail from us: its preferences link is the way back.
preferences-sharing = Who else gets your information
preferences-sharing-nobody = Nobody, unless you say yes or an authority orders it. <a href="{ $href }">See who may get what, change it, and see what went out</a>.
preferences-earlier = What you once answered
preferences-earlier-why = Our policy does not name these any more, so we write to you about none of them.
preferences-had-yes = You had said yes.
preferences-had-not-yes = You had not said yes.
preferences-address = To have us write to another address, <a href="{ $href }">ask for the link to the page about your data</a>. It goes to the address that we have, in case this page is seen by others.
your-data = Your data
preferences-data = You can see and copy all that we hold about you, put it right, restrict its use, or have it erased, on a page of your own. The link to it goes to <strong>{ $address }</strong>, in case this page is seen by others.
send-me-the-link = Send me the link

## How an answer came about: “through” one of the places below.

said = Said through { $how }, under <a href="{ $href }">version { $version }</a> of the policy.
said-at = Said through { $how } (“{ $place }”), under <a href="{ $href }">version { $version }</a> of the policy.
said-lasts = A yes lasts until { $day }.
said-receipt = Receipt
said-form = a form
said-confirmation = the link in a confirmation mail
said-import = a list that was brought along
said-api = a service of ours
said-preferences = your preferences page
said-unsubscribe = the unsubscribe link of a mail
said-complaint = your complaint to your mail provider
said-policy-notice = a notice of a new policy
said-choices = the page about a new policy
said-renewal = the page on which you said it once more
said-privacy = the page about your data
said-expiry = its time being over
said-merge = another address of yours
said-restore = what you had said before we had to restore our data

## What a new version of the policy asks.

choices-title = Your choice
choices-lead-in-force = <a href="{ $href }">Version { $version }</a> of the privacy policy of <strong>{ $tenant }</strong> applies since { $day }. This page is about <strong class="address">{ $address }</strong>.
choices-lead-to-come = <a href="{ $href }">Version { $version }</a> of the privacy policy of <strong>{ $tenant }</strong> is to apply from { $day }. This page is about <strong class="address">{ $address }</strong>.
choices-what-changes = What changes
choices-closed = This version does not ask any more: it was taken back, or a later one applies.
choices-nothing = There is nothing to choose: your information is used as before.
choices-yes = Yes, you may
choices-parties = Who else would get information
choices-parties-only-if = They get it only if you say yes, and only what you say yes to.

## Whether a yes still stands.

renew-title = Does your yes still stand?
renew-out-of-date = Nothing was saved: our policy has changed since you opened this page. Please read it and choose once more.
renew-none = There is no yes of yours that runs out.
renew-lasts = Your yes lasts until { $day }.
renew-button = Yes, go on: { $purpose }
renew-if-nothing = If you do nothing, a yes ends by itself. <a href="{ $href }">See or change all your choices</a>, or say no at once.

## Who gets what of a person.

sharing-title = Who gets your information
sharing-lead = What <strong>{ $tenant }</strong> knows of <strong class="address">{ $address }</strong> goes to nobody else without your yes, unless a court or an authority orders it.
sharing-allow = What you allow
sharing-nobody-named = The privacy policy names nobody else who gets information.
sharing-went-out = What went out
sharing-nothing-so-far = Nothing so far.
sharing-as-ordered = { $minute }: <strong>{ $party }</strong> got { $what }, as a legal order demanded.
sharing-as-allowed = { $minute }: <strong>{ $party }</strong> got { $what }, as you allowed.
sharing-mere-answer = nothing but an answer that they may ask about you
sharing-back = Back to your preferences

## Leaving lists.

unsubscribe-title = Unsubscribe
unsubscribe-lead = You can end these mails to <strong class="address">{ $address }</strong> here.
unsubscribe-lead-lists = <strong class="address">{ $address }</strong> will get no more mail from:
unsubscribe-at-once = This takes effect at once. You need not sign in or say why.
unsubscribe-other = To end something else, or all mail of any sort, use the other link in the same mail: the one to your preferences.
unsubscribed-title = You are unsubscribed
unsubscribed-lead = These mails to <strong class="address">{ $address }</strong> have ended.
unsubscribed-lead-lists = <strong class="address">{ $address }</strong> gets no more mail from:
unsubscribed-withdrawn = With that you have also taken back your yes to:
unsubscribed-still = What may still come
nothing = Nothing.
unsubscribed-remaining =
    { $count ->
        [one] You are still on this list:
        *[other] You are still on these lists:
    }
unsubscribed-not-marketing = Mail that is not marketing:
unsubscribed-to-change = To change any of this, to choose “no mail of any sort” or to come back, use the other link in the same mail: the one to your preferences.
unsubscribed-to-change-elsewhere = To change any of this, to choose “no mail of any sort” or to come back, use the link to your preferences in a mail to the address that you have now.

## A measured link that leads away.

leaving-title = You are leaving
leaving-lead = The link in your mail from <strong>{ $tenant }</strong> leads to another site: <strong class="address">{ $host }</strong>
leaving-not-covered = What happens to your data there is up to that site. The privacy policy of { $tenant } does not cover it.
leaving-go-on = Go on to { $host }
leaving-close = If you would rather not, close this page.

## Another address.

address-lead = <strong>{ $tenant }</strong> writes to <strong class="address">{ $address }</strong>. Where should it write instead?
address-new = New e-mail address
address-new-hint = We send a link there. Nothing changes before you open it and confirm.
address-send-link = Send me the link
address-goes-with-you = What you have agreed to goes with you. If the new address is known to us already, a no that was said at either counts for both.
address-confirm-title = Your new address
address-confirm-heading = Is this your new address?
address-confirm-lead = On { $day } somebody asked <strong>{ $tenant }</strong> to write to <strong class="address">{ $new }</strong> in place of <strong class="address">{ $old }</strong>.
address-confirm-button = Yes, write to me there
address-not-you = If this was not you, close this page: nothing changes unless you confirm. The link works until { $minute }.
address-back-heading = Should we write to you here again?
address-back-lead = Since { $day } <strong>{ $tenant }</strong> has been writing to <strong class="address">{ $now }</strong> in place of <strong class="address">{ $here }</strong>, as somebody asked.
address-back-button = Yes, write to me here again
address-back-not = If the change was right, close this page: it stays as it is. The link works until { $minute }.
