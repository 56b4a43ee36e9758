### Pages of the server itself: the front page, setting it up, and the built-in mailbox.

home-lead = Ce serveur envoie, pour des sociétés, des e-mails à des personnes qui y ont consenti. Aucun e-mail ne part sans autorisation, et une autorisation ne vient que d’une décision sur le consentement.
home-not-set-up = Il n’est pas encore configuré
home-set-up-how = Créez la première société et le compte de son propriétaire. Il faut une minute, et le code que le serveur a affiché à son démarrage.
home-set-up = Le configurer
home-had-mail = Si vous avez reçu un e-mail d’ici
home-had-mail-how = Chaque e-mail contient à la fin des liens pour se désabonner et pour modifier vos préférences. Ils fonctionnent sans connexion.
home-work-with = Si vous travaillez avec
home-docs = Ce qu’elle offre, comment commencer, et chaque erreur qu’elle peut répondre.
home-graphiql = L’API dans le navigateur, avec sa documentation. Connectez-vous ici.
home-mailbox = Tous les e-mails jusqu’ici. Ils sont gardés ici au lieu d’être envoyés.
home-companies = Sociétés de cette démonstration
home-policy-of = Politique de confidentialité<span class="unseen"> de { $tenant }</span>
home-version = Version { $version }

## Setting up.

setup-title = Configurer Assent
setup-heading = Configurer ce serveur
setup-lead = Assent fonctionne et n’a pas encore de société. Créez la première, et le compte de son propriétaire.
setup-is-it-you = Est-ce vous ?
setup-code = Code de configuration
setup-code-hint = Le serveur l’a affiché à son démarrage.
setup-company = La société
setup-company-hint = Le nom que ses abonnés connaissent.
setup-slug = Nom court dans les adresses
setup-slug-hint = Minuscules, chiffres et traits d’union. Ses pages seront à /t/nom-court/.
setup-postal-address = Adresse postale
setup-postal-address-hint = Figure dans chaque e-mail de prospection et en bas de chaque page, comme la loi l’exige.
setup-mail = Ses e-mails
setup-sender-name = Nom de l’expéditeur
setup-sender-name-hint = Ce que les destinataires voient comme expéditeur.
setup-sender-address = Adresse de l’expéditeur
setup-sender-address-hint = Utilisez un domaine dont vous contrôlez le DNS.
setup-privacy-contact = Contact pour la vie privée
setup-privacy-contact-hint = Où l’on écrit pour poser des questions sur ses données.
setup-owner = Le propriétaire
setup-owner-hint = Elle sert à vous connecter.
setup-operator-policy = À qui se connecte ici s’applique <a href="{ $href }">la politique de confidentialité de { $company }, version { $version }</a>. { $company } exploite ce serveur et écrit à l’adresse ci-dessus quand cette politique change.
setup-password = Mot de passe
setup-password-hint = Au moins 12 caractères. Quelques mots sans rapport se retiennent facilement.
setup-create = Créer
setup-needed = Cette information est nécessaire
setup-wrong-code = Ce n’est pas le code que le serveur a affiché à son démarrage
setup-done-title = Configuré
setup-done-heading = { $company } est configurée
setup-done-lead = Vous en êtes le propriétaire. Quatre étapes mènent à la première campagne.
setup-step-sign-in = <strong>Se connecter.</strong> Ouvrez <a href="/graphql">GraphiQL</a> et connectez-vous avec votre adresse et votre mot de passe. Tout se fait là, et chaque type et champ est décrit.
setup-step-policy = <strong>Rédiger et publier une politique de confidentialité.</strong> Aucune adresse n’est collectée et aucun e-mail n’est envoyé avant qu’une soit en vigueur. La première version peut s’appliquer immédiatement ; elle figure alors sur <a href="{ $href }">votre page de politique</a>.
setup-step-form = <strong>Créer une liste et un point de collecte.</strong> Le point de collecte est le formulaire où l’on s’inscrit.
setup-step-yourself-mailbox = <strong>Vous inscrire vous-même.</strong> La confirmation est gardée dans <a href="/dev/mailbox">la boîte de ce serveur</a> : aucun vrai e-mail n’en part tant que vous ne lui donnez pas de serveur SMTP.
setup-step-yourself = <strong>Vous inscrire vous-même.</strong> La confirmation arrive par un vrai e-mail.

## The built-in mailbox.

mailbox-title = Boîte de réception
mailbox-lead = E-mails que ce serveur a gardés au lieu de les envoyer, les plus récents d’abord.
mailbox-empty = Encore rien. Remplissez un formulaire ou envoyez une campagne, puis rechargez cette page.
mailbox-messages = Messages
mailbox-subject = Objet
mailbox-to = À
mailbox-time = Heure
mailbox-from = De
mailbox-no-subject = (sans objet)
mailbox-not-listed =
    { $count ->
        [one] { $count } message plus ancien n’est pas affiché.
        *[other] { $count } messages plus anciens ne sont pas affichés.
    }
mailbox-all = Tous les e-mails
mailbox-kept = Gardé le { $second }. <a href="{ $href }">Code source</a>
mailbox-text-part = Partie texte
mailbox-html-part = Partie HTML
mailbox-html-links = Les liens de ce cadre ne fonctionnent pas. <a href="{ $href }">Ouvrez-le seul</a> pour les suivre, ou utilisez ceux de la partie texte.
mailbox-html-title = Partie HTML du message
mailbox-headers = En-têtes
mailbox-header = En-tête
mailbox-value = Valeur
