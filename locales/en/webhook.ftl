### Webhooks: the mail to the owners of a company when an endpoint was disabled because it failed.

webhook-disabled-subject = { $tenant }: a webhook endpoint was disabled
webhook-disabled-heading = A webhook endpoint was disabled
webhook-disabled-failing = All that was sent to { $host } since { $since } failed. It was disabled on { $date }.
webhook-disabled-gone = { $host } answered that it is gone for good (410). It was disabled on { $date }.
webhook-disabled-description = Its description: { $description }
webhook-disabled-meanwhile = Nothing is sent to it any more. What waited for it was given up, and what happens from now on is not kept for it.
webhook-disabled-next = When it works again, let a program or a member of yours enable it with the mutation enableWebhookEndpoint for { $id } at { $api }. What was given up can be sent once more with replayFailedWebhookDeliveries.
webhook-last-not-found = The last attempt: the name of its host led to no address.
webhook-last-not-allowed = The last attempt: its address is none that may be connected to.
webhook-last-connection = The last attempt: nobody took the connection.
webhook-last-tls = The last attempt: the connection could not be encrypted, or the certificate does not count.
webhook-last-timeout = The last attempt: it took too long.
webhook-last-protocol = The last attempt: what came back is no answer of HTTP.
webhook-last-redirect = The last attempt: it answered with a redirect, which is not followed.
webhook-last-status = The last attempt: it answered with the status { $status }.
