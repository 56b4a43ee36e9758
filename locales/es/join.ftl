### Signing up: the form, the question about others who get data, and the answers.

join-held = Lo que escriba aquí lo guarda <strong>{ $tenant }</strong> según su <a href="{ $href }">política de privacidad, versión { $version }</a>, vigente desde el { $day }.
join-others-get = Otros recibirán lo que escriba
join-gone-on = Ha decidido continuar. Si prefiere no hacerlo, <a href="{ $href }">salga</a>: no se comunica nada si no envía el formulario.
join-lists = A qué se suscribe
join-about-you = Sobre usted
join-essential = Lo que no se puede omitir
join-essential-why = Sin esto no podríamos prestar el servicio ni cumplir lo que le prometemos, así que no hay nada que marcar.
join-up-to-you = Lo que decide usted
join-empty-means-no = No hemos marcado nada por usted. Una casilla vacía significa no.
join-or-nothing = O nada en absoluto
join-no-mail = No enviar a esta dirección ningún correo de ningún tipo
join-no-mail-hint = Entonces no le escribimos sobre nada: ni novedades, ni avisos de cambios en nuestra política, ni siquiera una confirmación. Esto prevalece sobre cualquier casilla marcada arriba. Solo necesitamos la dirección de correo, y la guardamos únicamente para poder cumplirlo.
join-sign-up = Suscribirme
join-send-nothing = No enviarme nada
join-will-confirm = Le enviaremos un correo para pedirle que confirme. Hasta que lo haga, no se envía nada más.
join-can-change = Puede cambiar de opinión en cualquier momento, con el enlace de cada uno de nuestros correos.

## Before the form, where it brings in others.

parties-title = Antes de continuar: { $title }
parties-lead = Antes de continuar: en este formulario intervienen otros además de <strong>{ $tenant }</strong>. Lea quiénes son, qué reciben y para qué, y decida después.
parties-who = Otros que reciben lo que escriba
parties-question = ¿Quiere continuar?
parties-nothing-yet = Todavía no se le ha pedido nada, y no se comunica nada si no envía el formulario.
parties-go-on = Continuar al formulario
parties-leave = Salir
parties-read = Lo he leído y quiero continuar

## The answers to the form.

join-done-title-mail = Mire su correo
join-done-title = Gracias
join-done-mail = Ahora mire su correo
join-done-sent = Hemos enviado un correo a <strong class="address">{ $address }</strong>, salvo que hubiera un motivo para no hacerlo. Siga el enlace y pulse el botón que encontrará allí.
join-done-sent-somewhere = Hemos enviado un correo a la dirección que escribió, salvo que hubiera un motivo para no hacerlo. Siga el enlace y pulse el botón que encontrará allí.
join-done-valid =
    { $days ->
        [one] El enlace funciona durante { $days } día.
        *[other] El enlace funciona durante { $days } días.
    } Hasta que confirme, no se envía nada más.
join-done-if-nothing = Si no llega nada en unos minutos
join-done-spam = Mire también en la carpeta de correo no deseado.
join-done-right-address = ¿Es correcta la dirección de arriba? Si no, <a href="{ $href }">rellene de nuevo el formulario</a>.
join-done-before = Si ya se suscribió antes, quizá no tenga que confirmar otra vez. Para ver su situación, use el enlace a sus preferencias de cualquiera de nuestros correos.
join-done-opted-out = Si alguna vez nos pidió que no le enviáramos nada, lo cumplimos, y un formulario no puede deshacerlo. Sí puede el enlace a sus preferencias de un correo anterior nuestro.
join-done-have = Tenemos sus respuestas.
join-done-have-for = Tenemos sus respuestas para <strong class="address">{ $address }</strong>.
join-done-may-ask = Si necesitamos que nos diga que fue usted, le hemos enviado un correo que se lo pregunta.
join-done-again-or-change = Si la dirección no es del todo correcta, <a href="{ $href }">rellene de nuevo el formulario</a>. Puede cambiar de opinión en cualquier momento, con el enlace de cada uno de nuestros correos.

## The answer to “no mail of any sort”.

opted-out-title = Ningún correo de ningún tipo
opted-out-heading = No le enviaremos nada
opted-out-lead = A partir de ahora no enviamos ningún correo de ningún tipo a <strong class="address">{ $address }</strong>: ni novedades, ni avisos de cambios en nuestra política, ni tampoco una confirmación de esto.
opted-out-lead-somewhere = A partir de ahora no enviamos ningún correo de ningún tipo a la dirección que escribió: ni novedades, ni avisos de cambios en nuestra política, ni tampoco una confirmación de esto.
opted-out-kept = Guardamos la dirección solo para poder cumplirlo. Lo demás que se escribió en el formulario no se guardó.
on-its-way = Un correo que ya estuviera en camino aún puede llegarle.
opted-out-change-mind = Si cambia de opinión
opted-out-way-back = Use el enlace a sus preferencias de cualquier correo anterior nuestro. Si no tiene ninguno, <a href="{ $href }">haga que se envíe un enlace a esa dirección</a>. Un formulario no puede deshacerlo, para que nadie más pueda deshacerlo por usted.
opted-out-again = Si la dirección no es del todo correcta, <a href="{ $href }">rellene de nuevo el formulario</a>.

## A form for a company's own pages.

snippet-held = Lo que escriba lo guarda { $tenant } según su <a href="{ $href }">política de privacidad, versión { $version }</a>.
snippet-essential = Lo que no se puede omitir:
