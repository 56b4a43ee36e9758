### Webhooks : le message aux propriétaires d’une entreprise quand un point d’accès a été désactivé parce qu’il échouait.

webhook-disabled-subject = { $tenant } : un point d’accès de webhooks a été désactivé
webhook-disabled-heading = Un point d’accès de webhooks a été désactivé
webhook-disabled-failing = Tout ce qui a été envoyé à { $host } depuis le { $since } a échoué. Il a été désactivé le { $date }.
webhook-disabled-gone = { $host } a répondu qu’il n’existe plus (410). Il a été désactivé le { $date }.
webhook-disabled-description = Sa description : { $description }
webhook-disabled-meanwhile = Plus rien ne lui est envoyé. Ce qui l’attendait a été abandonné, et ce qui arrive désormais n’est pas gardé pour lui.
webhook-disabled-next = Quand il fonctionne à nouveau, faites-le réactiver par un programme ou un membre avec la mutation enableWebhookEndpoint pour { $id } à { $api }. Ce qui a été abandonné peut être renvoyé avec replayFailedWebhookDeliveries.
webhook-last-not-found = La dernière tentative : son nom n’a mené à aucune adresse.
webhook-last-not-allowed = La dernière tentative : il n’est pas permis de se connecter à son adresse.
webhook-last-connection = La dernière tentative : personne n’a accepté la connexion.
webhook-last-tls = La dernière tentative : la connexion n’a pas pu être chiffrée, ou le certificat ne vaut pas.
webhook-last-timeout = La dernière tentative : elle a pris trop de temps.
webhook-last-protocol = La dernière tentative : ce qui est revenu n’est pas une réponse HTTP.
webhook-last-redirect = La dernière tentative : il a répondu par une redirection, qui n’est pas suivie.
webhook-last-status = La dernière tentative : il a répondu avec le statut { $status }.
