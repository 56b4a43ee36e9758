### The pages of the privacy policy.

policy-title = Politique de confidentialité
policy-changing = Cette politique va changer
policy-upcoming-told = La version { $version } prend effet dès que tout le monde en a été informé.
policy-upcoming-on = La version { $version } prend effet au plus tôt le <strong>{ $minute }</strong>.
policy-what-changes = Ce qui change :
policy-read-version = Lire la version { $version }
policy-compare-with = La comparer à la version { $version }
policy-works-by = { $tenant } applique la <strong>version { $version }</strong>, en vigueur depuis le { $day-since }. Elle a été publiée le { $day-posted }.
policy-none-posted = { $tenant } n’a pas encore publié de politique de confidentialité. D’ici là, aucune adresse n’est collectée ici et aucun e-mail n’est envoyé.
policy-none-in-force = Aucune version n’est encore en vigueur. D’ici là, { $tenant } ne collecte aucune adresse ici et n’envoie aucun e-mail.
policy-all-versions = Toutes les versions
policy-stays = Chacune reste définitivement à son adresse.
policy-version = Version { $version }

## What has become of a version, in the list of versions.

version-upcoming-told = prend effet dès que tout le monde en a été informé
version-upcoming-on = prend effet au plus tôt le { $day }
version-in-force = en vigueur depuis le { $day }
version-superseded = en vigueur du { $day-since } au { $day-until }, puis version { $version }
version-overtaken = jamais en vigueur, devancée par la version { $version }
version-withdrawn = retirée le { $day }

## The page of one version.

version-title = Politique de confidentialité, version { $version }
version-note-told = <strong>Pas encore en vigueur.</strong> Elle prend effet dès que tout le monde en a été informé.
version-note-on = <strong>Pas encore en vigueur.</strong> Elle prend effet au plus tôt le { $minute }.
version-note-in-force = <strong>En vigueur</strong> depuis le { $minute }.
version-note-superseded = <strong>N’est plus en vigueur.</strong> Elle s’est appliquée du { $day-since } au { $day-until }, puis est venue la <a href="{ $href }">version { $version }</a>. Ce qui a été collecté sous son régime n’est toujours utilisé que comme elle le dit.
version-note-overtaken = <strong>Jamais en vigueur.</strong> Elle a été devancée par la <a href="{ $href }">version { $version }</a>.
version-note-withdrawn = <strong>Retirée</strong> le { $minute }. Elle ne s’applique pas.
version-in-force-now = En vigueur actuellement : <a href="{ $href }">version { $version }</a>. <a href="{ $comparison }">Comparer les deux</a>.
version-posted = Publiée le { $minute }. <a href="{ $href }">Toutes les versions</a>
version-changes = Ce que change cette version

## The content of a version.

text-heading = Le texte
text-leaves = Un lien marqué « quitte ce site » mène à un autre. Ce qu’il advient de vos données là-bas dépend de cet autre site ; cette politique ne s’y applique pas.
text-purposes = À quoi servent les données
text-purpose = Finalité
text-your-say = Votre choix
text-essential = Indispensable
text-only-if-yes = Seulement si vous consentez
text-parties = Qui d’autre reçoit des données
text-nobody = Personne en dehors de { $tenant }.

## Two versions compared.

comparison-title = Politique de confidentialité, version { $from } et version { $to }
comparison-heading = De la version { $from } à la version { $to }
comparison-lead = Ce que dit la <a href="{ $href-to }">version { $to }</a> de la politique de confidentialité et que ne dit pas la <a href="{ $href-from }">version { $from }</a>, et inversement.
comparison-uses = Utilisations et autres parties
comparison-same-uses = Les deux mentionnent les mêmes utilisations et les mêmes autres parties.
comparison-no-longer = Plus maintenant : <del>{ $name }</del>
comparison-now = Désormais : <ins>{ $name }</ins>
comparison-same-text = Le texte est le même, mot pour mot.
comparison-marks = Les mots que seule la version { $from } contient sont <del>barrés</del> ; ceux que seule la version { $to } contient sont <ins>soulignés</ins>.
