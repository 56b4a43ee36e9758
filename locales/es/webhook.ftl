### Webhooks: el mensaje a los titulares de una empresa cuando se desactivó un destino porque fallaba.

webhook-disabled-subject = { $tenant }: se ha desactivado un destino de webhooks
webhook-disabled-heading = Se ha desactivado un destino de webhooks
webhook-disabled-failing = Todo lo que se envió a { $host } desde el { $since } falló. Se desactivó el { $date }.
webhook-disabled-gone = { $host } respondió que ya no existe (410). Se desactivó el { $date }.
webhook-disabled-description = Su descripción: { $description }
webhook-disabled-meanwhile = Ya no se le envía nada. Lo que esperaba se ha dado por perdido, y lo que ocurra desde ahora no se guarda para él.
webhook-disabled-next = Cuando vuelva a funcionar, haga que un programa o un miembro lo active con la mutación enableWebhookEndpoint para { $id } en { $api }. Lo que se dio por perdido puede enviarse otra vez con replayFailedWebhookDeliveries.
webhook-last-not-found = El último intento: su nombre no llevó a ninguna dirección.
webhook-last-not-allowed = El último intento: no está permitido conectarse a su dirección.
webhook-last-connection = El último intento: nadie aceptó la conexión.
webhook-last-tls = El último intento: la conexión no se pudo cifrar o el certificado no vale.
webhook-last-timeout = El último intento: tardó demasiado.
webhook-last-protocol = El último intento: lo que llegó no es una respuesta HTTP.
webhook-last-redirect = El último intento: respondió con una redirección, que no se sigue.
webhook-last-status = El último intento: respondió con el estado { $status }.
