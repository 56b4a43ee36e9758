### Webhooks: die E-Mail an die Inhaberinnen und Inhaber eines Unternehmens, wenn ein Endpunkt abgeschaltet wurde, weil er versagte.

webhook-disabled-subject = { $tenant }: Ein Webhook-Endpunkt wurde abgeschaltet
webhook-disabled-heading = Ein Webhook-Endpunkt wurde abgeschaltet
webhook-disabled-failing = Alles, was seit { $since } an { $host } gesendet wurde, schlug fehl. Am { $date } wurde der Endpunkt abgeschaltet.
webhook-disabled-gone = { $host } hat geantwortet, dass es ihn nicht mehr gibt (410). Am { $date } wurde der Endpunkt abgeschaltet.
webhook-disabled-description = Seine Beschreibung: { $description }
webhook-disabled-meanwhile = Es wird nichts mehr an ihn gesendet. Was auf ihn wartete, wurde aufgegeben, und was von jetzt an geschieht, wird nicht für ihn aufgehoben.
webhook-disabled-next = Wenn er wieder funktioniert, lassen Sie ihn von einem Programm oder Mitglied mit der Mutation enableWebhookEndpoint für { $id } unter { $api } wieder einschalten. Was aufgegeben wurde, lässt sich mit replayFailedWebhookDeliveries noch einmal senden.
webhook-last-not-found = Der letzte Versuch: Der Name führte zu keiner Adresse.
webhook-last-not-allowed = Der letzte Versuch: Zu seiner Adresse darf keine Verbindung aufgebaut werden.
webhook-last-connection = Der letzte Versuch: Niemand nahm die Verbindung an.
webhook-last-tls = Der letzte Versuch: Die Verbindung ließ sich nicht verschlüsseln, oder das Zertifikat gilt nicht.
webhook-last-timeout = Der letzte Versuch: Es dauerte zu lange.
webhook-last-protocol = Der letzte Versuch: Was zurückkam, ist keine HTTP-Antwort.
webhook-last-redirect = Der letzte Versuch: Die Antwort war eine Weiterleitung; ihr wird nicht gefolgt.
webhook-last-status = Der letzte Versuch: Die Antwort hatte den Status { $status }.
