### What surrounds every page, and what many pages say. In HTML messages, keep the elements as they are and move them where the sentence wants them.

## The language's name for itself, in the links at the end of each page.

language-name = Français
language-choose = Langue

## Points in time. The first names the language and country by whose custom a date is written, as a tag (BCP 47).

date-locale = fr-FR
date-minute = { $date } à { $time } UTC

## Below each page of a company, and of the server.

footer-policy = Politique de confidentialité
footer-privacy = Poser une question sur vos données
footer-questions = Questions sur vos données : <a href="mailto:{ $address }">{ $address }</a>
footer-server = Assent, un serveur d’e-mails fondés sur le consentement. Sans consentement, aucun e-mail n’en part.
closed-note = <strong>{ $tenant } est fermée ici depuis le { $day }.</strong> Elle n’envoie plus d’e-mails et n’inscrit plus personne. Tout ce qu’elle conserve sera effacé le { $moment }. Jusque-là, vous pouvez dire non à tout et disposer de vos données ; aucun oui n’est pris en compte.

## Titles of pages after a form was sent.

title-check = À vérifier : { $title }
title-put-right = À corriger : { $title }
title-saved = Enregistré : { $title }
title-not-saved = Non enregistré : { $title }
title-done = C’est fait : { $title }

## What forms are made of.

form-errors =
    { $count ->
        [one] Un point à corriger
        *[other] { $count } points à corriger
    }
form-optional = (facultatif)
form-save = Enregistrer
form-send = Envoyer
form-saved = Enregistré. Voici l’état actuel.
form-nothing-ticked = Nous n’avons rien coché pour vous. Ce que vous laissez sans réponse vaut refus, et vous pouvez changer d’avis à tout moment.
form-no = Non
form-name = Nom
form-company = Société
form-address = Adresse e-mail

## Links that lead to other sites.

leaves-site = (quitte ce site)

## Who else gets data.

party-gets = Ce qu’ils reçoivent
party-would-get = Ce qu’ils recevraient
party-why = Pourquoi
party-policy = Leur propre politique de confidentialité
party-may = { $party } peut-il recevoir { $what } ?
party-statement = { $party } peut recevoir { $what }. Pourquoi : { $why } Quoi : { $receives }
party-yes = Oui, je le permets
field-email = votre adresse e-mail
field-name = votre nom
field-company = votre société
