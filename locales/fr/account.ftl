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
