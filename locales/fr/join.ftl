### Signing up: the form, the question about others who get data, and the answers.

join-held = Ce que vous saisissez ici est conservé par <strong>{ $tenant }</strong> selon sa <a href="{ $href }">politique de confidentialité, version { $version }</a>, en vigueur depuis le { $day }.
join-others-get = D’autres recevront ce que vous saisissez
join-gone-on = Vous avez choisi de continuer. Si vous préférez ne pas le faire, <a href="{ $href }">quittez la page</a> : rien n’est transmis tant que vous n’envoyez pas le formulaire.
join-lists = Ce à quoi vous vous inscrivez
join-about-you = À propos de vous
join-essential = Ce qui est indispensable
join-essential-why = Sans cela, nous ne pourrions ni assurer le service ni tenir parole envers vous : il n’y a donc rien à cocher.
join-up-to-you = Ce qui dépend de vous
join-empty-means-no = Nous n’avons rien coché pour vous. Une case laissée vide signifie non.
join-or-nothing = Ou rien du tout
join-no-mail = N’envoyer à cette adresse aucun e-mail, quel qu’il soit
join-no-mail-hint = Alors nous n’y écrivons plus à aucun sujet : ni nouvelles, ni avis de changement de notre politique, pas même une confirmation. Cela l’emporte sur toute case cochée plus haut. Il nous faut seulement l’adresse e-mail, et nous ne la gardons que pour nous y tenir.
join-sign-up = M’inscrire
join-send-nothing = Ne rien m’envoyer
join-will-confirm = Nous vous enverrons un e-mail pour vous demander de confirmer. D’ici là, rien d’autre n’est envoyé.
join-can-change = Vous pouvez changer d’avis à tout moment, grâce au lien présent dans chacun de nos e-mails.

## Before the form, where it brings in others.

parties-title = Avant de continuer : { $title }
parties-lead = Avant de continuer : ce formulaire fait intervenir d’autres que <strong>{ $tenant }</strong>. Lisez qui ils sont, ce qu’ils reçoivent et pourquoi, puis choisissez.
parties-who = Ceux qui reçoivent ce que vous saisissez
parties-question = Voulez-vous continuer ?
parties-nothing-yet = Rien ne vous a encore été demandé, et rien n’est transmis tant que vous n’envoyez pas le formulaire.
parties-go-on = Continuer vers le formulaire
parties-leave = Quitter
parties-read = Je l’ai lu et je veux continuer

## The answers to the form.

join-done-title-mail = Consultez vos e-mails
join-done-title = Merci
join-done-mail = Consultez maintenant vos e-mails
join-done-sent = Nous avons envoyé un e-mail à <strong class="address">{ $address }</strong>, sauf s’il y avait une raison de ne pas le faire. Suivez le lien qu’il contient et appuyez sur le bouton.
join-done-sent-somewhere = Nous avons envoyé un e-mail à l’adresse saisie, sauf s’il y avait une raison de ne pas le faire. Suivez le lien qu’il contient et appuyez sur le bouton.
join-done-valid =
    { $days ->
        [one] Le lien fonctionne pendant { $days } jour.
        *[other] Le lien fonctionne pendant { $days } jours.
    } Tant que vous n’avez pas confirmé, rien d’autre n’est envoyé.
join-done-if-nothing = Si rien n’arrive en quelques minutes
join-done-spam = Regardez aussi dans le dossier des indésirables.
join-done-right-address = L’adresse ci-dessus est-elle la bonne ? Sinon, <a href="{ $href }">remplissez à nouveau le formulaire</a>.
join-done-before = Si vous vous étiez déjà inscrit, vous n’avez peut-être pas besoin de confirmer à nouveau. Pour savoir où vous en êtes, utilisez le lien vers vos préférences dans l’un de nos e-mails.
join-done-opted-out = Si vous nous avez un jour demandé de ne rien envoyer, nous nous y tenons, et un formulaire ne peut pas l’annuler. Le lien vers vos préférences dans un ancien e-mail de notre part le peut.
join-done-have = Nous avons bien reçu vos réponses.
join-done-have-for = Nous avons bien reçu vos réponses pour <strong class="address">{ $address }</strong>.
join-done-may-ask = Si nous devons savoir que c’était bien vous, nous avons envoyé un e-mail qui vous le demande.
join-done-again-or-change = Si l’adresse n’est pas tout à fait exacte, <a href="{ $href }">remplissez à nouveau le formulaire</a>. Vous pouvez changer d’avis à tout moment, grâce au lien présent dans chacun de nos e-mails.

## The answer to “no mail of any sort”.

opted-out-title = Aucun e-mail, quel qu’il soit
opted-out-heading = Nous ne vous enverrons rien
opted-out-lead = Désormais, nous n’envoyons plus aucun e-mail, quel qu’il soit, à <strong class="address">{ $address }</strong> : ni nouvelles, ni avis de changement de notre politique, ni confirmation de ceci.
opted-out-lead-somewhere = Désormais, nous n’envoyons plus aucun e-mail, quel qu’il soit, à l’adresse saisie : ni nouvelles, ni avis de changement de notre politique, ni confirmation de ceci.
opted-out-kept = Nous ne gardons l’adresse que pour nous y tenir. Tout ce qui a été saisi d’autre dans le formulaire n’a pas été conservé.
on-its-way = Un e-mail déjà parti peut encore vous parvenir.
opted-out-change-mind = Si vous changez d’avis
opted-out-way-back = Utilisez le lien vers vos préférences dans un ancien e-mail de notre part. Si vous n’en avez pas, <a href="{ $href }">faites envoyer un lien à cette adresse</a>. Un formulaire ne peut pas l’annuler, afin que personne ne puisse l’annuler à votre place.
opted-out-again = Si l’adresse n’est pas tout à fait exacte, <a href="{ $href }">remplissez à nouveau le formulaire</a>.

## A form for a company's own pages.

snippet-held = Ce que vous saisissez est conservé par { $tenant } selon sa <a href="{ $href }">politique de confidentialité, version { $version }</a>.
snippet-essential = Ce qui est indispensable :
