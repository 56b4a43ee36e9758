### A person's rights over their data: their own page, the form for those without a link, the copy, the receipt.

privacy-lead = Ce que <strong>{ $tenant }</strong> détient sur <strong class="address">{ $address }</strong>, et ce que vous pouvez faire. Tout ici prend effet immédiatement, et personne ne demande pourquoi.
privacy-see = Voir, et en prendre une copie
privacy-see-what = Tout ce qui est détenu : qui vous êtes pour nous, ce à quoi vous avez consenti et sous quels termes, ce qui vous a été envoyé, et qui a lu vos données.
privacy-show = Afficher
privacy-download = Télécharger
privacy-download-hint = Le téléchargement est un fichier ZIP avec un document JSON pour les programmes et des tableaux pour tableur.
privacy-correct = Corriger
privacy-address = Vous pouvez aussi <a href="{ $href }">nous demander d’écrire à une autre adresse</a>.
privacy-restrict = En limiter l’usage
privacy-restricted-since = L’usage de vos données est limité depuis le { $day } : nous les conservons et ne vous envoyons rien, sauf les changements de notre politique et les réponses à vos questions.
privacy-lift = Lever la limitation
privacy-restrict-what = Nous conservons vos données et ne vous envoyons rien jusqu’à ce que vous en décidiez autrement ici, sauf les changements de notre politique et les réponses à vos questions.
privacy-restrict-button = Limiter l’usage
privacy-object = S’opposer à tout usage
privacy-object-done = Vous ne recevez aucun e-mail de notre part, quel qu’il soit. C’est vous qui l’avez dit, ou quelqu’un qui a saisi votre adresse dans un formulaire.
privacy-come-back = Recevoir à nouveau des e-mails
privacy-object-what = Nous retirons chacun de vos consentements, mettons fin à toutes vos listes et ne vous envoyons aucun e-mail, quel qu’il soit. Ce qui est détenu reste, afin que nous sachions ne pas vous écrire.
privacy-object-button = N’en rien faire
privacy-ask = Demander autre chose
privacy-message = Votre message
privacy-message-hint = Il est transmis à la personne responsable des données dans cette société. La réponse vous est due sous un mois et arrive par e-mail.
privacy-so-far = Ce qui a été demandé jusqu’ici
privacy-request = <strong>{ $kind }</strong>, { $day } : { $state }.
privacy-request-due = <strong>{ $kind }</strong>, { $day } : { $state }, due au plus tard le { $day-due }.
privacy-the-answer = La réponse :
privacy-was-it-you = C’est venu par un formulaire que n’importe qui peut remplir, avec votre adresse. Était-ce vous ?
privacy-it-was-me = Oui, c’était moi
privacy-erase = Effacer
privacy-erase-what = Nous supprimons votre adresse, votre nom et tout ce qui dit qui vous êtes, immédiatement et définitivement. Il ne reste qu’un nombre que personne ne peut retransformer en votre adresse ; grâce à lui, nous savons ne plus vous écrire. C’est irréversible : prenez d’abord une copie, si vous en voulez une.
privacy-erase-sure = Oui, effacez tout ce que vous détenez sur moi
privacy-erase-tick = Cochez aussi la case : c’est irréversible
privacy-erase-button = Effacer mes données

## What was done just now.

privacy-done-corrected = Corrigé. Voici l’état actuel.
privacy-done-restricted = L’usage de vos données est limité : nous les conservons et ne vous envoyons rien.
privacy-done-lifted = La limitation est levée : ce à quoi vous aviez consenti vaut à nouveau.
privacy-done-objected = Nous n’utilisons plus vos données pour quoi que ce soit, et ne vous envoyons aucun e-mail, quel qu’il soit.
privacy-done-came-back = Des e-mails peuvent à nouveau arriver, pour ce à quoi vous avez consenti. Pour en recevoir d’autres, remplissez l’un de nos formulaires.
privacy-done-sent = Votre message a été envoyé. La réponse arrive par e-mail.
privacy-done-vouched = Merci : nous savons maintenant que le message est de vous.

## What was asked, and where it stands.

request-copy = Une copie
request-correction = Une rectification
request-restriction = Limitation de l’usage
request-restriction-lift = Levée de la limitation
request-erasure = Effacement
request-objection = Aucun usage
request-question = Un message
request-link = Le lien vers cette page
request-received = en attente de réponse
request-in-progress = prend plus de temps
request-done = fait
request-refused = refusé

## The form for people who have no link at hand.

privacy-form-lead = Voyez et copiez tout ce que <strong>{ $tenant }</strong> détient sur vous, corrigez-le, limitez-en l’usage ou faites-le effacer : sur une page qui vous est propre, vers laquelle nous vous envoyons un lien.
privacy-form-address = Votre adresse e-mail
privacy-form-address-hint = Si nous la connaissons, le lien y est envoyé.
privacy-form-or = Ou écrivez-nous
privacy-form-owed = Votre message parvient à la personne responsable ici des données. La réponse vous est due sous un mois.
privacy-form-message = Que souhaitez-vous savoir, ou que devons-nous faire ?
privacy-form-send = Envoyer le message
privacy-form-hint = Nous utilisons ce que vous saisissez ici pour vous répondre, et pour rien d’autre.
privacy-link-title = La page sur vos données
privacy-link-lead = Vous pouvez y voir et copier tout ce que <strong>{ $tenant }</strong> détient sur vous, le corriger, nous donner une autre adresse, en limiter l’usage ou le faire effacer.
privacy-link-goes = Le lien part à <strong>{ $address }</strong> et est valable 30 jours.
privacy-link-back = Retour à vos préférences
privacy-sent-title = Envoyé
privacy-sent-heading = Nous avons bien reçu votre message
privacy-sent-lead = La réponse est envoyée à <strong class="address">{ $address }</strong> et est due au plus tard le { $day }.
privacy-sent-link = Si nous connaissons cette adresse, un e-mail avec un lien y est en route, sauf si un autre a été envoyé il y a quelques minutes. Sur la page du lien, vous pouvez faire la plupart des choses vous-même, immédiatement.
privacy-sent-no-link = Si nous ne connaissons pas l’adresse, aucun lien n’arrive, et une personne vous répond.

## The copy as a page.

copy-title = Ce que nous détenons sur vous
copy-lead = Tout ce que <strong>{ $tenant }</strong> détient sur vous, au { $minute }. Les codes sont ceux de nos registres ; pour demander ce que l’un d’eux signifie, revenez en arrière et écrivez-nous.

## The receipt of a consent record.

receipt-title = Reçu de consentement
receipt-lead = Ce que <strong>{ $tenant }</strong> a enregistré sur une finalité, signé, afin que chacun puisse le vérifier.
receipt-record = Enregistrement
receipt-person = Personne
receipt-pseudonym = { $id }, un pseudonyme
receipt-issued = Délivré
receipt-receipt = Reçu
receipt-by-schema = { $id }, selon { $schema }
receipt-answers = Qui en répond
receipt-policy = Politique de confidentialité
receipt-version = version { $version }
receipt-covers = Ce que cela couvre
receipt-ground = Base légale
receipt-information = Quelles informations
receipt-language = Langue de ce qui a été lu
receipt-others = Qui d’autre peut les recevoir
receipt-withdrawal = Retrait
receipt-withdrawal-by = Par <span lang="en">{ $method }</span>
receipt-happened = Ce qui s’est passé
receipt-event = <strong>{ $state }</strong> le { $time }, par { $method }, selon la version { $version } de la politique.
receipt-event-at = <strong>{ $state }</strong> le { $time }, par { $method } « { $place } », selon la version { $version } de la politique.
receipt-this-record = { $time } (cet enregistrement)
receipt-lasts = Valable jusqu’au { $time }.
receipt-check = Pour le vérifier
receipt-check-how = Voici le reçu sous forme signée (JWS, RFC 7515, avec Ed25519, RFC 8037). Les clés se trouvent à <a href="{ $keys-path }">{ $keys }</a>. <a href="{ $file }">Prendre le reçu signé sous forme de fichier</a>.
