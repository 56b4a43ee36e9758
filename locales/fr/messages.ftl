### Pages that only say something: what happened, and what to do next. And what is wrong with what was typed.

message-next = Que faire maintenant
not-found-title = Il n’y a pas de page ici
not-found-happened = L’adresse est peut-être mal saisie, ou la page a été retirée.
not-found-next = Vérifiez l’adresse. Si vous avez suivi un lien dans un e-mail, ouvrez-le à nouveau depuis celui-ci.
left-title = Vous avez quitté le formulaire
left-happened = Rien n’a été saisi, rien n’a été conservé, et rien n’a été transmis à qui que ce soit.
left-next = Vous pouvez fermer cette page. Si vous changez d’avis, le formulaire est toujours là.
left-back = Retour au formulaire
link-expired-title = Ce lien a expiré
link-expired-happened = Les liens comme celui-ci fonctionnent pendant un temps limité, et le sien est écoulé. Rien n’a été modifié.
link-expired-next = Si vous vous inscriviez, remplissez à nouveau le formulaire et nous vous enverrons un nouveau lien. Pour le reste, utilisez le lien d’un e-mail plus récent.
link-expired-to-form = Vers le formulaire
link-altered-title = Nous ne pouvons pas lire ce lien
link-altered-happened = Une partie manque ou a été modifiée ; certains logiciels de messagerie coupent les longs liens en deux. Rien n’a été modifié.
link-altered-next = Ouvrez le lien depuis l’e-mail lui-même, ou copiez-le en entier, de « https » à sa dernière lettre, dans la barre d’adresse.

## The reason comes from a rule, in English.

refused-title = En l’état, cela n’est pas possible
refused-happened = Nous n’avons pas fait ce que vous demandiez. La raison, en anglais : { $reason }.
refused-next = Rien n’a été modifié. Si cela aurait dû fonctionner, écrivez à la société qui vous a envoyé ici.
unreadable-title = Nous ne pouvons pas lire ce qui a été envoyé
unreadable-happened = Ce n’est pas un formulaire tel qu’un navigateur l’envoie, ou il contient des caractères qui ne sont pas du texte. Rien n’a été modifié.
unreadable-next = Revenez en arrière, vérifiez ce que vous avez saisi et renvoyez-le.
form-closed-title = Ce formulaire est fermé
form-closed-happened = Il demande des informations qui ne sont collectées que selon une politique de confidentialité, et aucune qui le couvre n’est en vigueur actuellement.
form-closed-next = Revenez plus tard, ou lisez quelle politique est en vigueur.
tenant-closed-title = Cette entreprise est fermée ici
tenant-closed-happened = Elle n’envoie plus d’e-mails et n’inscrit plus personne ; nous n’avons donc pas fait ce que vous demandiez. Tout ce qu’elle conserve sera bientôt effacé.
tenant-closed-next = Vous n’avez rien à faire. Un non est toujours pris en compte : les liens de désabonnement et ceux sur vos données fonctionnent jusque-là.
tenant-gone-title = Plus rien n’est conservé ici
tenant-gone-happened = L’entreprise à laquelle appartenait cette adresse a fermé, et tout ce qu’elle conservait ici a été effacé : à qui elle écrivait, à quoi chacun avait consenti et à quoi non. Plus personne ne reçoit d’ici de messages en son nom.
tenant-gone-next = Vous n’avez rien à faire : il n’y a plus rien dont se désabonner, ni rien sur vous à montrer ou à effacer.
kept-silent-title = Nous nous en tenons à ne rien vous envoyer
kept-silent-happened = Cette adresse est enregistrée comme ne voulant aucun e-mail, quel qu’il soit, et cela l’emporte sur ce lien. Rien n’a été modifié.
kept-silent-next = Si vous voulez à nouveau des e-mails, utilisez le lien vers vos préférences dans un ancien e-mail de notre part et appuyez sur « Revenir ».
no-subscription-title = Cet e-mail n’appartient à aucune liste
no-subscription-happened = Il a été envoyé parce qu’il est indispensable, comme les nouvelles de la politique de confidentialité. Il n’y a pas d’abonnement à résilier, et rien n’a été modifié.
no-subscription-next = Pour ne recevoir aucun e-mail, quel qu’il soit, utilisez le lien vers vos préférences dans un e-mail de notre part.
erased-title = Vos données sont effacées
erased-happened = Tout ce qui disait qui vous êtes a été supprimé. Il reste un nombre que personne ne peut retransformer en votre adresse ; grâce à lui, nous savons ne plus vous écrire.
erased-next = Il n’y a plus rien à faire. Si vous voulez un jour avoir à nouveau de nos nouvelles, réinscrivez-vous et confirmez.
nothing-held-title = Nous ne détenons rien sur vous
nothing-held-happened = Ce que ce lien concernait a été effacé : il n’y a donc rien à montrer ni à modifier.
nothing-held-next = Il n’y a rien à faire. Pour poser malgré tout une question, écrivez à l’adresse ci-dessous.
address-asked-title = Consultez votre boîte de réception
address-asked-happened = Si nous pouvons écrire à { $address }, un e-mail avec un lien y est en route. Rien n’a encore changé.
address-asked-next = Ouvrez cet e-mail et confirmez que l’adresse est la vôtre. D’ici là, nous écrivons à l’adresse que nous avons.
address-changed-title = Votre adresse est modifiée
address-changed-happened = Désormais, nous écrivons à l’adresse depuis laquelle vous venez de confirmer. Dans les e-mails précédents, seuls les liens de désabonnement continuent de fonctionner. Tout non exprimé à l’une des deux adresses compte.
address-changed-next = Parcourez vos préférences, si vous le souhaitez.
privacy-link-asked-title = Consultez votre boîte de réception
privacy-link-asked-happened = Si nous détenons quelque chose sur { $address }, un e-mail avec un lien y est en route, sauf si un autre est parti il y a quelques minutes ou plusieurs aujourd’hui.
privacy-link-asked-next = Ouvrez cet e-mail et suivez le lien vers la page sur vos données. Il est valable 30 jours.
too-large-title = C’était trop
too-large-happened = Ce qui a été envoyé dépasse ce que ce formulaire peut contenir ; nous n’en avons donc rien conservé.
too-large-next = Revenez en arrière, raccourcissez ce que vous avez saisi et renvoyez-le.
too-many-title = Veuillez patienter un instant
too-many-happened = De nombreux formulaires ont été envoyés depuis votre réseau en peu de temps ; nous n’avons donc pas accepté celui-ci.
too-many-next = Revenez en arrière, attendez dix minutes et renvoyez-le. Pour ne recevoir aucun e-mail, quel qu’il soit, inutile d’attendre : cela est toujours accepté.
method-title = Cette adresse ne peut pas faire cela
method-happened = Votre programme a posé sa demande d’une manière à laquelle cette page ne répond pas. Rien n’a été modifié.
method-next = Ouvrez la page dans un navigateur et utilisez le bouton qui s’y trouve.
internal-title = Cela n’a pas fonctionné, et c’est de notre faute
internal-happened = Le serveur n’a pas pu terminer ce que vous demandiez. C’est enregistré sous { $record }.
internal-next = Veuillez réessayer dans quelques minutes. Si cela échoue encore, écrivez-nous en indiquant cet enregistrement.
unavailable-title = De retour dans un instant
unavailable-happened = Le serveur redémarre ou est très occupé ; il n’a donc pas fait ce que vous demandiez.
unavailable-next = Veuillez réessayer dans une minute.

## What is wrong with what was typed: short, and how to put it right.

wrong-address-empty = Il faut une adresse e-mail, comme nom@example.org
wrong-address-too-long = L’adresse e-mail dépasse { $octets } octets
wrong-address-control = L’adresse e-mail contient un saut de ligne ou un autre caractère de contrôle
wrong-address-malformed = Ce n’est pas une adresse e-mail : elle doit ressembler à nom@example.org
wrong-address-domain = La partie de l’adresse e-mail après le @ n’est pas un nom de domaine
wrong-address-same = C’est l’adresse que vous avez déjà : saisissez-en une autre
wrong-address-one = Saisissez une seule adresse.
wrong-twice = Ceci est arrivé plusieurs fois : saisissez-le une seule fois
wrong-name-needed = Ce formulaire demande un nom
wrong-company-needed = Ce formulaire demande une société
wrong-nothing-chosen = Rien n’a été choisi : choisissez ce que vous souhaitez recevoir
wrong-words-changed = Le texte de cette page a changé depuis que vous l’avez ouverte. Relisez-le, puis envoyez le formulaire
wrong-message-empty = Écrivez ce que vous souhaitez savoir

## Said by a rule that has no words of its own in this language: the English ones follow.

wrong-otherwise = Veuillez le corriger. En anglais : { $rule }
