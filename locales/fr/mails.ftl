### The mails of the system. What stands in braces is filled in when a mail is written; keep the elements as they are.

## At the end of mails.

mail-policy = L’usage que { $tenant } fait des informations est décrit dans sa <a href="{ $href }">politique de confidentialité</a>.
mail-unsubscribe = Se désabonner
mail-preferences = Modifier mes préférences
mail-data = Vos données

## Was it you who signed up?

confirmation-subject = { $tenant } : veuillez confirmer que c’était vous
confirmation-heading = Était-ce vous ?
confirmation-lead = Quelqu’un, vous espérons-nous, a saisi { $address } chez { $tenant } et demandé ceci :
confirmation-button = Oui, c’était moi
confirmation-if-not = Si ce n’était pas vous, ne faites rien : sans votre confirmation, rien de tout cela ne vous est envoyé. Le lien est valable 7 jours.

## Is this your new address?

new-address-subject = { $tenant } : est-ce votre nouvelle adresse ?
new-address-heading = Est-ce votre nouvelle adresse ?
new-address-lead = Quelqu’un, vous espérons-nous, a demandé à { $tenant } d’écrire désormais à { $address } au lieu d’une autre adresse.
new-address-button = Oui, c’est mon adresse
new-address-if-not = Si ce n’était pas vous, ne faites rien : sans votre confirmation, rien ne change. Le lien est valable 7 jours.

## Word to the address that was left.

left-address-subject = { $tenant } : nous écrivons désormais à une autre adresse
left-address-heading = Nous écrivons désormais à une autre adresse
left-address-lead = Quelqu’un, vous espérons-nous, a demandé à { $tenant } d’écrire à une autre adresse au lieu de { $address }, et l’a confirmé de là-bas. Ce que { $tenant } vous écrit y part désormais.
left-address-if-not = Si c’était vous, vous n’avez rien à faire. Sinon, annulez ce changement : le lien est valable 7 jours.
left-address-button = Annuler : écrivez-moi ici
left-address-joined = Cette adresse était déjà connue : les consentements donnés aux deux sont désormais ceux d’une seule personne. Si ce n’était pas vous, <a href="{ $href }">écrivez à qui répond de vos données</a>.

## Does a yes still stand?

renewal-subject = { $tenant } : pouvons-nous continuer à vous écrire ?
renewal-heading = Pouvons-nous continuer à vous écrire ?
renewal-lead = Il y a quelque temps, vous avez consenti à ceci chez { $tenant } :
renewal-until = Votre consentement est valable jusqu’au { $date }. <a href="{ $href }">Dites s’il tient toujours</a>.
renewal-if-nothing = Si vous ne faites rien, il prend fin de lui-même, et nous ne redemandons pas.
renewal-choices = <a href="{ $href }">Voyez ou modifiez tous vos choix</a>.

## News of the privacy policy.

notice-posted-subject = { $tenant } : notre politique de confidentialité change le { $date }
notice-posted-heading = Notre politique de confidentialité change
notice-posted-lead = À partir du { $date }, une nouvelle version de la politique de confidentialité de { $tenant } s’applique. D’ici là, l’actuelle s’applique.
notice-what-changes = Ce qui change
notice-read = <a href="{ $href }">Lisez la nouvelle version</a>.
notice-read-or-compare = <a href="{ $href }">Lisez la nouvelle version</a> ou <a href="{ $comparison }">comparez-la à l’actuelle</a>.
notice-what-we-ask = Ce que nous vous demandons
notice-more-uses = Avec elle, { $tenant } souhaiterait utiliser vos informations pour plus que ce pour quoi elles ont été collectées :
notice-more-parties = Avec elle, { $tenant } souhaiterait transmettre à d’autres des informations sur vous :
notice-up-to-you = Cela dépend de vous. <a href="{ $href }">Dites oui ou non</a>. Si vous ne dites rien, cela vaut refus.
notice-stays = Ce à quoi vous avez consenti reste inchangé. <a href="{ $href }">Voyez ou modifiez vos choix</a>.
notice-postponed-subject = { $tenant } : notre politique de confidentialité change plus tard, le { $date }
notice-postponed-heading = Notre politique de confidentialité change plus tard
notice-postponed-lead = La nouvelle version de la politique de confidentialité de { $tenant } dont nous vous avons informé s’applique plus tard que prévu : à partir du { $date }. D’ici là, l’actuelle s’applique.
notice-withdrawn-subject = { $tenant } : notre politique de confidentialité ne change finalement pas
notice-withdrawn-heading = Notre politique de confidentialité ne change finalement pas
notice-withdrawn-lead = { $tenant } a retiré la nouvelle version de sa politique de confidentialité qui devait s’appliquer à partir du { $date }. <a href="{ $href }">L’actuelle</a> continue de s’appliquer.
notice-withdrawn-read = Ce qui a été retiré <a href="{ $href }">peut encore être lu</a>.
notice-why = Vous recevez ce message parce que { $tenant } détient des informations sur vous et a promis de vous informer des changements de sa politique avant qu’ils ne prennent effet.

## What a person is told of their request about their data.

answer-why = Vous recevez ce message parce que vous, ou quelqu’un en votre nom, l’avez demandé.
answer-link-subject = { $tenant } : votre page sur vos données
answer-link-heading = Votre page sur vos données
answer-link-lead = Le { $received }, quelqu’un, vous espérons-nous, a écrit à { $tenant } au sujet des données détenues pour { $address }. Une réponse est due au plus tard le { $due }.
answer-link-what = Inutile de l’attendre : sur <a href="{ $href }">votre propre page</a>, vous pouvez immédiatement voir et copier tout ce qui est détenu sur vous, le corriger, en limiter l’usage ou le faire effacer. Dites-y aussi que c’est bien vous qui avez écrit.
answer-link-keep = Le lien est valable 30 jours et ouvre vos données à quiconque le possède : ne transférez pas ce message. Si ce n’est pas vous qui avez écrit, vous n’avez rien à faire.
answer-link-alone-lead = Quelqu’un, vous-même nous l’espérons, a demandé à { $tenant } le lien vers la page sur les données conservées pour { $address }.
answer-link-alone-what = Sur <a href="{ $href }">votre propre page</a>, vous pouvez aussitôt voir et copier tout ce qui est conservé à votre sujet, le rectifier, nous donner une autre adresse, en limiter l’utilisation ou le faire effacer.
answer-link-alone-keep = Le lien est valable 30 jours et ouvre vos données à quiconque le possède : ne transmettez pas ce message. Si ce n’est pas vous qui l’avez demandé, vous n’avez rien à faire.
answer-extended-subject = { $tenant } : la réponse à votre demande prend plus de temps
answer-extended-heading = La réponse prend plus de temps
answer-extended-lead = Le { $received }, vous avez interrogé { $tenant } au sujet de vos données. Vous aurez la réponse au plus tard le { $due }. Elle prend plus de temps pour cette raison :
answer-extended-rights = <a href="{ $href }">Votre propre page</a> reste accessible entre-temps. Vous pouvez saisir une autorité de protection des données ou la justice.
answer-done-subject = { $tenant } : la réponse à votre demande
answer-done-heading = La réponse à votre demande
answer-asked = Le { $received }, vous avez interrogé { $tenant } au sujet de vos données.
answer-done-simply = Nous avons fait ce que vous demandiez.
answer-done-standing = L’état actuel figure sur <a href="{ $href }">votre propre page</a>.
answer-refused-subject = { $tenant } : nous ne pouvons pas faire ce que vous demandiez
answer-refused-heading = Nous ne pouvons pas faire ce que vous demandiez
answer-refused-lead = Le { $received }, vous avez interrogé { $tenant } au sujet de vos données. Nous ne le faisons pas, pour cette raison :
answer-refused-rights = Vous pouvez saisir une autorité de protection des données ou la justice. <a href="{ $href }">Votre propre page</a> reste accessible entre-temps.
