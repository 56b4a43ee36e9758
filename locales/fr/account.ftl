### Devenir membre et choisir un mot de passe : messages et pages.

## Ce que sont les membres.

role-owner = propriétaire
role-privacy-officer = responsable de la protection des données
role-marketer = marketing
role-analyst = analyse
role-developer = développement

## Une invitation : le message, sa page et la suite.

invitation-subject = { $tenant } : vous êtes invité(e)
invitation-heading = Vous êtes invité(e)
invitation-lead = { $tenant } vous invite, { $address }, à travailler à ses e-mails avec un compte à vous. Votre rôle : { $role }.
invitation-button = Accepter l’invitation
invitation-if-not = Le lien est valable 7 jours et une seule fois. Si vous n’attendiez pas ce message, ne faites rien : sans vous, aucun compte n’est créé.
invitation-page-title = Votre invitation
invitation-page-heading = { $tenant } vous invite
invitation-page-lead = Choisissez un mot de passe. Avec lui et votre adresse, { $address }, vous vous connectez pour { $tenant }. Votre rôle : { $role }.
invitation-page-name = Votre nom
invitation-page-name-hint = Vos collègues le voient.
invitation-page-accept = Accepter l’invitation
invitation-page-until = Vous pouvez accepter jusqu’au { $minute }. Si vous n’attendiez pas d’invitation, fermez cette page : aucun compte n’est créé.
invitation-accepted-title = C’est fait
invitation-accepted-happened = L’invitation a été acceptée : vous êtes ici membre de { $tenant }.
invitation-accepted-next = Connectez-vous avec votre adresse et le mot de passe choisi. Le nom court de { $tenant }, demandé à la connexion, est { $slug }.
invitation-over-title = Cette invitation n’est plus valable
invitation-over-happened = Ses 7 jours sont passés, elle a été envoyée une nouvelle fois depuis, ou elle a été retirée. Rien n’a été changé.
invitation-over-next = Ouvrez l’invitation la plus récente dans votre boîte, ou demandez-en une autre à la personne qui vous a invité(e).

## Un mot de passe oublié : le message, sa page et la suite.

forgotten-title = Mot de passe oublié
forgotten-lead = Saisissez l’adresse avec laquelle vous vous connectez pour { $tenant }. Nous vous envoyons un lien par lequel vous choisissez un nouveau mot de passe.
forgotten-asked-happened = Si { $address } est l’adresse d’un membre de { $tenant }, un message avec un lien y est en route, à moins que plusieurs n’aient été envoyés dans l’heure passée.
forgotten-asked-next = Ouvrez ce message et suivez le lien pour choisir un nouveau mot de passe. Il est valable une heure.
reset-subject = { $tenant } : choisissez un nouveau mot de passe
reset-heading = Choisissez un nouveau mot de passe
reset-lead = Quelqu’un, vous nous l’espérons, a demandé un nouveau mot de passe pour { $address } chez { $tenant }.
reset-button = Choisir un nouveau mot de passe
reset-if-not = Le lien est valable une heure et une seule fois. Si ce n’était pas vous, ne faites rien : votre mot de passe reste tel quel.
reset-page-title = Nouveau mot de passe
reset-page-heading = Choisissez un nouveau mot de passe
reset-page-lead = Il est pour { $address } chez { $tenant }. Partout où vous êtes connecté(e), vous serez déconnecté(e).
reset-page-password = Nouveau mot de passe
reset-page-save = Enregistrer le mot de passe
reset-page-until = Vous pouvez le faire jusqu’au { $minute }. Si ce n’est pas vous qui l’avez demandé, fermez cette page : rien ne change.
reset-done-title = Votre mot de passe a été changé
reset-done-happened = Il compte dès maintenant, et toutes vos sessions ont pris fin. Un message vous le dit aussi.
reset-done-next = Connectez-vous avec le nouveau mot de passe, et avec un code si vous avez un second facteur.
reset-over-title = Ce lien n’est plus valable
reset-over-happened = Un lien vers un nouveau mot de passe sert une fois, dans l’heure, et seulement tant que le mot de passe ne change pas. Rien n’a été changé.
reset-over-next = Demandez un autre lien là où vous vous connectez.

## La nouvelle qu’un mot de passe a été changé.

password-changed-subject = { $tenant } : votre mot de passe a été changé
password-changed-heading = Votre mot de passe a été changé
password-changed-lead = Le mot de passe de { $address } chez { $tenant } a été changé le { $date }. Les autres sessions ont pris fin.
password-changed-if-not = Si c’était vous, il n’y a rien à faire. Sinon, demandez un nouveau mot de passe là où vous vous connectez, et prévenez aussitôt un ou une propriétaire de { $tenant }.

wrong-password-length = Un mot de passe compte de { $min } à { $max } caractères

## Se connecter par le fournisseur d’identité d’une entreprise : ses pages et ce qui vient ensuite.

sign-in-title = Connexion
sign-in-heading = Se connecter pour { $tenant }
sign-in-lead = { $tenant } permet à ses membres de se connecter avec leur compte chez { $provider }.
sign-in-go = Continuer vers { $provider }
sign-in-hint = Jusqu’à votre retour, dix minutes au plus, un cookie retient que vous avez commencé dans ce navigateur. Votre mot de passe continue de servir là où des programmes le demandent.
sign-in-forgotten = Mot de passe oublié pour { $tenant } ?
sign-in-code-heading = Encore une étape
sign-in-code-lead = { $provider } s’est porté garant de { $address }. Vous avez ici un second facteur : nous demandons donc aussi un code.
sign-in-code-field = Code
sign-in-code-hint = Les six chiffres que montre maintenant votre application d’authentification, ou l’un de vos codes de secours.
sign-in-code-send = Se connecter
sign-in-code-wrong = Ce code est faux, trop ancien ou a déjà servi : envoyez le suivant de votre application, ou un code de secours
sign-in-again = Recommencer
sign-in-done-title = Vous êtes connecté
sign-in-done-happened = Ce navigateur est connecté pour { $tenant }, 12 heures au plus.
sign-in-done-next = Continuez dans le programme d’où vous venez, ou fermez cette page.
sign-in-over-title = Cette connexion ne vaut plus
sign-in-over-happened = Une connexion vaut une fois, dix minutes, et dans le navigateur où elle a commencé, qui doit accepter un cookie pendant ce temps. Rien n’a été changé.
sign-in-over-next = Recommencez, dans une seule fenêtre.
sign-in-denied-title = Vous n’êtes pas connecté
sign-in-denied-happened = { $provider } a dit non : vous avez interrompu, ou vous ne pouvez pas vous servir de votre compte là-bas pour cela.
sign-in-denied-next = Recommencez. Si c’est encore non, demandez à qui s’occupe de { $provider } chez { $tenant }.
sign-in-failed-title = Vous n’êtes pas connecté
sign-in-failed-happened = { $provider } n’a donné aucune réponse qui nous dise qui vous êtes. Rien n’a été changé.
sign-in-failed-next = Recommencez dans un moment. Si cela dure, dites-le à un propriétaire de { $tenant } ; votre mot de passe sert entre-temps.
sign-in-refused-title = Vous n’êtes pas connecté
sign-in-unverified-happened = { $provider } ne nomme aucune adresse de vous qu’il ait vérifiée : nous ne savons donc pas si vous êtes membre de { $tenant }.
sign-in-unverified-next = Vérifiez votre adresse chez { $provider } et recommencez. Votre mot de passe sert entre-temps.
sign-in-stranger-happened = { $provider } se porte garant de vous, mais personne avec votre adresse n’est membre de { $tenant } ici.
sign-in-stranger-next = Demandez à un propriétaire de { $tenant } d’inviter cette adresse.
sign-in-other-account-happened = Le membre qui a votre adresse se connecte par un autre compte chez { $provider }.
sign-in-other-account-next = Recommencez avec ce compte-là, ou demandez à un propriétaire de { $tenant } de vous laisser entrer par celui-ci.
