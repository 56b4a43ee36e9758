### Pages behind a person's own links: confirming, preferences, choices, renewing, sharing, leaving lists, another address.

## Confirming a sign-up.

confirm-title = Veuillez confirmer
confirm-heading = Est-ce bien ce que vous voulez ?
confirm-lead = <strong class="address">{ $address }</strong> a été saisie dans « { $form } » le { $day }. En confirmant, vous consentez exactement à ceci :
confirm-lists = Listes que vous rejoignez
confirm-purposes = Ce sur quoi nous pouvons vous écrire
confirm-parties = Ceux qui reçoivent ce que vous avez saisi
your-address = Votre adresse
confirm-address-only = Qu’elle est la vôtre. Vous n’avez rien choisi d’autre : nous n’envoyons donc que ce qui est indispensable, comme les avis de changement de notre politique.
confirm-button = Oui, je confirme
confirm-under = Vous consentez selon notre <a href="{ $href }">politique de confidentialité, version { $version }</a>. Vous pouvez retirer votre consentement à tout moment.
confirm-not-you = Si ce n’était pas vous, fermez cette page : rien n’est envoyé sans votre confirmation.
link-works-until = Le lien fonctionne jusqu’au { $minute }.
confirmed-title = Confirmé
confirmed-heading = Merci, c’est confirmé
confirmed-lead = Le { $minute }, pour <strong class="address">{ $address }</strong>, vous avez consenti à ceci :
confirmed-lists = Listes que vous avez rejointes
confirmed-address-only = Qu’elle est la vôtre, et rien d’autre.
confirmed-can-change = Vous pouvez changer d’avis à tout moment : les e-mails que nous vous enverrons désormais contiennent un lien pour cela.

## Preferences.

preferences-title = Vos préférences
preferences-out-of-date = Quelque chose sur cette page a changé depuis que vous l’avez ouverte : seul ce que vous avez refusé a été enregistré. Voici l’état actuel. Lisez-le et choisissez à nouveau.
preferences-lead = Ce que <strong>{ $tenant }</strong> peut envoyer à <strong class="address">{ $address }</strong>.
preferences-lead-under = Ce que <strong>{ $tenant }</strong> peut envoyer à <strong class="address">{ $address }</strong>, selon sa <a href="{ $href }">politique de confidentialité, version { $version }</a>.
preferences-silent = Nous ne vous envoyons rien
preferences-no-mail-since = Le { $day }, vous avez choisi « aucun e-mail, quel qu’il soit ». Nous nous y tenons jusqu’à ce que vous en décidiez autrement, ici.
preferences-complained = Le { $day }, votre fournisseur de messagerie nous a signalé que vous aviez classé un de nos e-mails comme indésirable. Depuis, nous ne vous envoyons rien, jusqu’à ce que vous en décidiez autrement, ici.
preferences-to-come-back = Pour revenir, cochez ci-dessous ce que vous souhaitez et appuyez sur le bouton à la fin. Si vous ne cochez rien, vous ne recevrez que les e-mails indispensables.
preferences-yes-to-earlier = Oui, depuis le { $day }, pour ce texte :
preferences-yes = Oui, depuis le { $day }, pour exactement ce texte.
preferences-no = Non, depuis le { $day }.
preferences-withdrawn = Vous avez retiré votre consentement le { $day }.
preferences-asked = Nous avons posé la question le { $day } et n’avons pas de réponse, ce qui vaut refus.
preferences-expired = Votre consentement a expiré le { $day } ; il vaut donc refus.
preferences-never-asked = Nous ne vous avons pas posé la question, ce qui vaut refus.
preferences-lists = Vos listes
preferences-lists-hint = Une liste ne vous écrit que sur ce à quoi vous avez dit oui ci-dessus.
list-since = Inscrit depuis le { $day }.
list-unconfirmed = Demandé le { $day }, pas encore confirmé.
list-ended = Terminé le { $day }.
list-never = Non inscrit.
list-writes-about = Écrit sur : { $purposes }.
preferences-essential-why = Sans cela, nous ne pourrions pas tenir parole envers vous : il n’y a donc rien à cocher. Seul « aucun e-mail, quel qu’il soit » y met fin.
preferences-come-back = Revenir, avec ces choix
preferences-stay-silent = Si vous quittez cette page sans appuyer dessus, rien ne change : nous ne vous envoyons rien.
preferences-no-mail = Ne m’envoyer aucun e-mail, quel qu’il soit
preferences-no-mail-hint = Alors nous ne vous écrivons plus à aucun sujet, pas même pour un changement de notre politique, quoi qu’il soit coché plus haut. Gardez un e-mail de notre part : son lien vers vos préférences permet de revenir.
preferences-sharing = Qui d’autre reçoit vos informations
preferences-sharing-nobody = Personne, sauf si vous dites oui ou si une autorité l’ordonne. <a href="{ $href }">Voyez qui peut recevoir quoi, modifiez-le, et voyez ce qui a été transmis</a>.
preferences-earlier = Ce que vous aviez répondu
preferences-earlier-why = Notre politique ne mentionne plus ces points : nous ne vous écrivons donc sur aucun d’eux.
preferences-had-yes = Vous aviez dit oui.
preferences-had-not-yes = Vous n’aviez pas dit oui.
preferences-address = Pour que nous écrivions à une autre adresse, <a href="{ $href }">demandez le lien vers la page sur vos données</a>. Il part à l’adresse que nous avons, au cas où d’autres verraient cette page.
your-data = Vos données
preferences-data = Sur une page qui vous est propre, vous pouvez voir et copier tout ce que nous détenons sur vous, le corriger, en limiter l’usage ou le faire effacer. Le lien part à <strong>{ $address }</strong>, au cas où d’autres verraient cette page.
send-me-the-link = M’envoyer le lien

## How an answer came about: “through” one of the places below.

said = Dit par { $how }, selon la <a href="{ $href }">version { $version }</a> de la politique.
said-at = Dit par { $how } (« { $place } »), selon la <a href="{ $href }">version { $version }</a> de la politique.
said-lasts = Un oui est valable jusqu’au { $day }.
said-receipt = Reçu
said-form = un formulaire
said-confirmation = le lien d’un e-mail de confirmation
said-import = une liste apportée
said-api = l’un de nos services
said-preferences = votre page de préférences
said-unsubscribe = le lien de désabonnement d’un e-mail
said-complaint = votre plainte auprès de votre fournisseur de messagerie
said-policy-notice = l’avis d’une nouvelle politique
said-choices = la page sur une nouvelle politique
said-renewal = la page où vous l’avez redit
said-privacy = la page sur vos données
said-expiry = l’expiration de sa durée
said-merge = une autre de vos adresses
said-restore = ce que vous aviez dit avant que nous ayons dû restaurer nos données

## What a new version of the policy asks.

choices-title = Votre choix
choices-lead-in-force = La <a href="{ $href }">version { $version }</a> de la politique de confidentialité de <strong>{ $tenant }</strong> s’applique depuis le { $day }. Cette page concerne <strong class="address">{ $address }</strong>.
choices-lead-to-come = La <a href="{ $href }">version { $version }</a> de la politique de confidentialité de <strong>{ $tenant }</strong> doit s’appliquer à partir du { $day }. Cette page concerne <strong class="address">{ $address }</strong>.
choices-what-changes = Ce qui change
choices-closed = Cette version ne demande plus rien : elle a été retirée, ou une version ultérieure s’applique.
choices-nothing = Il n’y a rien à choisir : vos informations sont utilisées comme avant.
choices-yes = Oui, vous pouvez
choices-parties = Qui d’autre recevrait des informations
choices-parties-only-if = Ils ne les reçoivent que si vous dites oui, et seulement ce à quoi vous dites oui.

## Whether a yes still stands.

renew-title = Votre consentement tient-il toujours ?
renew-out-of-date = Rien n’a été enregistré : notre politique a changé depuis que vous avez ouvert cette page. Lisez-la et choisissez à nouveau.
renew-none = Aucun de vos consentements n’expire.
renew-lasts = Votre consentement est valable jusqu’au { $day }.
renew-button = Oui, continuez : { $purpose }
renew-if-nothing = Si vous ne faites rien, un consentement prend fin de lui-même. <a href="{ $href }">Voyez ou modifiez tous vos choix</a>, ou dites non tout de suite.

## Who gets what of a person.

sharing-title = Qui reçoit vos informations
sharing-lead = Ce que <strong>{ $tenant }</strong> sait de <strong class="address">{ $address }</strong> n’est transmis à personne d’autre sans votre accord, sauf si un tribunal ou une autorité l’ordonne.
sharing-allow = Ce que vous autorisez
sharing-nobody-named = La politique de confidentialité ne mentionne personne d’autre qui reçoive des informations.
sharing-went-out = Ce qui a été transmis
sharing-nothing-so-far = Rien jusqu’ici.
sharing-as-ordered = { $minute } : <strong>{ $party }</strong> a reçu { $what }, comme l’exigeait une injonction légale.
sharing-as-allowed = { $minute } : <strong>{ $party }</strong> a reçu { $what }, comme vous l’avez autorisé.
sharing-mere-answer = seulement la réponse que l’on peut demander des informations sur vous
sharing-back = Retour à vos préférences

## Leaving lists.

unsubscribe-title = Se désabonner
unsubscribe-lead = Vous pouvez mettre fin ici à ces e-mails envoyés à <strong class="address">{ $address }</strong>.
unsubscribe-lead-lists = <strong class="address">{ $address }</strong> ne recevra plus d’e-mails de :
unsubscribe-at-once = Cela prend effet immédiatement. Vous n’avez ni à vous connecter ni à dire pourquoi.
unsubscribe-other = Pour mettre fin à autre chose, ou à tout e-mail quel qu’il soit, utilisez l’autre lien du même e-mail : celui de vos préférences.
unsubscribed-title = Vous êtes désabonné
unsubscribed-lead = Ces e-mails envoyés à <strong class="address">{ $address }</strong> ont pris fin.
unsubscribed-lead-lists = <strong class="address">{ $address }</strong> ne reçoit plus d’e-mails de :
unsubscribed-withdrawn = Vous avez ainsi également retiré votre consentement à :
unsubscribed-still = Ce qui peut encore arriver
nothing = Rien.
unsubscribed-remaining =
    { $count ->
        [one] Vous êtes encore sur cette liste :
        *[other] Vous êtes encore sur ces listes :
    }
unsubscribed-not-marketing = Les e-mails qui ne sont pas de la prospection :
unsubscribed-to-change = Pour modifier quoi que ce soit, choisir « aucun e-mail, quel qu’il soit » ou revenir, utilisez l’autre lien du même e-mail : celui de vos préférences.
unsubscribed-to-change-elsewhere = Pour modifier quoi que ce soit, choisir « aucun e-mail, quel qu’il soit » ou revenir, utilisez le lien vers vos préférences dans un e-mail envoyé à votre adresse actuelle.

## A measured link that leads away.

leaving-title = Vous quittez ce site
leaving-lead = Le lien de votre e-mail de <strong>{ $tenant }</strong> mène à un autre site : <strong class="address">{ $host }</strong>
leaving-not-covered = Ce qu’il advient de vos données là-bas dépend de ce site. La politique de confidentialité de { $tenant } ne s’y applique pas.
leaving-go-on = Continuer vers { $host }
leaving-close = Si vous préférez ne pas y aller, fermez cette page.

## Another address.

address-lead = <strong>{ $tenant }</strong> écrit à <strong class="address">{ $address }</strong>. À quelle adresse faut-il écrire désormais ?
address-new = Nouvelle adresse e-mail
address-new-hint = Nous y envoyons un lien. Rien ne change avant que vous l’ouvriez et confirmiez.
address-send-link = M’envoyer le lien
address-goes-with-you = Vos consentements vous suivent. Si nous connaissons déjà la nouvelle adresse, un non exprimé à l’une des deux vaut pour les deux.
address-confirm-title = Votre nouvelle adresse
address-confirm-heading = Est-ce votre nouvelle adresse ?
address-confirm-lead = Le { $day }, quelqu’un a demandé à <strong>{ $tenant }</strong> d’écrire à <strong class="address">{ $new }</strong> au lieu de <strong class="address">{ $old }</strong>.
address-confirm-button = Oui, écrivez-moi là
address-not-you = Si ce n’était pas vous, fermez cette page : rien ne change sans votre confirmation. Le lien fonctionne jusqu’au { $minute }.
address-back-heading = Devons-nous à nouveau vous écrire ici ?
address-back-lead = Depuis le { $day }, <strong>{ $tenant }</strong> écrit à <strong class="address">{ $now }</strong> au lieu de <strong class="address">{ $here }</strong>, à la demande de quelqu’un.
address-back-button = Oui, écrivez-moi à nouveau ici
address-back-not = Si le changement était juste, fermez cette page : il reste en place. Le lien fonctionne jusqu’au { $minute }.
