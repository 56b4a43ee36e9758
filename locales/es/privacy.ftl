### A person's rights over their data: their own page, the form for those without a link, the copy, the receipt.

privacy-lead = Lo que <strong>{ $tenant }</strong> tiene sobre <strong class="address">{ $address }</strong>, y lo que usted puede hacer. Todo lo de aquí tiene efecto de inmediato, y nadie pregunta por qué.
privacy-see = Verlo y llevarse una copia
privacy-see-what = Todo lo que hay guardado: quién es usted para nosotros, a qué dio su consentimiento y con qué palabras, qué se le envió y quién leyó sus datos.
privacy-show = Mostrar
privacy-download = Descargar
privacy-download-hint = La descarga es un archivo ZIP con un documento JSON para programas y tablas para hojas de cálculo.
privacy-correct = Corregir
privacy-address = También puede <a href="{ $href }">pedir que le escribamos a otra dirección</a>.
privacy-restrict = Limitar su uso
privacy-restricted-since = El uso de sus datos está limitado desde el { $day }: los guardamos y no le enviamos nada, salvo los cambios de nuestra política y las respuestas a lo que pregunte.
privacy-lift = Levantar la limitación
privacy-restrict-what = Guardamos sus datos y no le enviamos nada hasta que diga otra cosa aquí, salvo los cambios de nuestra política y las respuestas a lo que pregunte.
privacy-restrict-button = Limitar el uso
privacy-object = Oponerse a todo uso
privacy-object-done = No recibe ningún correo de ningún tipo de nuestra parte. Lo dijo usted, o alguien que escribió su dirección en un formulario.
privacy-come-back = Volver a recibir correos
privacy-object-what = Retiramos todos sus consentimientos, le damos de baja de todas las listas y no le enviamos ningún correo de ningún tipo. Lo guardado permanece, para que sepamos que no debemos escribirle.
privacy-object-button = No usarlos para nada
privacy-ask = Preguntar otra cosa
privacy-message = Su mensaje
privacy-message-hint = Va a quien responde de los datos en esta empresa. La respuesta se le debe en el plazo de un mes y llega por correo electrónico.
privacy-so-far = Lo que se ha pedido hasta ahora
privacy-request = <strong>{ $kind }</strong>, { $day }: { $state }.
privacy-request-due = <strong>{ $kind }</strong>, { $day }: { $state }, con plazo hasta el { $day-due }.
privacy-the-answer = La respuesta:
privacy-was-it-you = Llegó por un formulario que cualquiera puede rellenar, con su dirección. ¿Fue usted?
privacy-it-was-me = Sí, fui yo
privacy-erase = Borrar
privacy-erase-what = Borramos su dirección, su nombre y todo lo demás que diga quién es usted, de inmediato y para siempre. Lo que queda es un número que nadie puede volver a convertir en su dirección; por él sabemos que no debemos escribirle de nuevo. No se puede deshacer: llévese antes una copia, si la quiere.
privacy-erase-sure = Sí, borren todo lo que tienen sobre mí
privacy-erase-tick = Marque también la casilla: esto no se puede deshacer
privacy-erase-button = Borrar mis datos

## What was done just now.

privacy-done-corrected = Corregido. Así queda ahora.
privacy-done-restricted = El uso de sus datos está limitado: los guardamos y no le enviamos nada.
privacy-done-lifted = La limitación se ha levantado: vuelve a valer lo que consintió antes.
privacy-done-objected = Ya no usamos sus datos para nada, y no le enviamos ningún correo de ningún tipo.
privacy-done-came-back = Pueden volver a llegarle correos sobre aquello a lo que dio su consentimiento. Si quiere más, rellene uno de nuestros formularios.
privacy-done-sent = Su mensaje se ha enviado. La respuesta llega por correo electrónico.
privacy-done-vouched = Gracias: ahora sabemos que el mensaje es suyo.

## What was asked, and where it stands.

request-copy = Una copia
request-correction = Una corrección
request-restriction = Limitación del uso
request-restriction-lift = Levantamiento de la limitación
request-erasure = Borrado
request-objection = Ningún uso
request-question = Un mensaje
request-link = El enlace a esta página
request-received = espera respuesta
request-in-progress = tarda más
request-done = hecho
request-refused = denegado

## The form for people who have no link at hand.

privacy-form-lead = Vea y copie todo lo que <strong>{ $tenant }</strong> tiene sobre usted, corríjalo, limite su uso o haga que se borre: en una página propia, a la que le enviamos un enlace.
privacy-form-address = Su dirección de correo electrónico
privacy-form-address-hint = Si la conocemos, el enlace se envía ahí.
privacy-form-or = O escríbanos
privacy-form-owed = Su mensaje llega a quien responde aquí de los datos. La respuesta se le debe en el plazo de un mes.
privacy-form-message = ¿Qué quiere saber, o que hagamos?
privacy-form-send = Enviar el mensaje
privacy-form-hint = Usamos lo que escriba aquí para responderle, y para nada más.
privacy-link-title = La página sobre sus datos
privacy-link-lead = Allí puede ver y copiar todo lo que <strong>{ $tenant }</strong> tiene sobre usted, corregirlo, darnos otra dirección, limitar su uso o hacer que se borre.
privacy-link-goes = El enlace se envía a <strong>{ $address }</strong> y es válido durante 30 días.
privacy-link-back = Volver a sus preferencias
privacy-sent-title = Enviado
privacy-sent-heading = Tenemos su mensaje
privacy-sent-lead = La respuesta va a <strong class="address">{ $address }</strong> y se debe antes del { $day }.
privacy-sent-link = Si conocemos esta dirección, va en camino un correo con un enlace, salvo que se haya enviado uno hace unos minutos. En la página del enlace puede hacer usted la mayoría de las cosas, de inmediato.
privacy-sent-no-link = Si no conocemos la dirección, no llega ningún enlace, y le responde una persona.

## The copy as a page.

copy-title = Lo que tenemos sobre usted
copy-lead = Todo lo que <strong>{ $tenant }</strong> tiene sobre usted, a fecha de { $minute }. Los códigos son los de nuestros registros; para preguntar qué significa alguno, vuelva atrás y escríbanos.

## The receipt of a consent record.

receipt-title = Recibo de consentimiento
receipt-lead = Lo que <strong>{ $tenant }</strong> tiene registrado sobre una finalidad, firmado, para que cualquiera pueda comprobarlo.
receipt-record = Registro
receipt-person = Persona
receipt-pseudonym = { $id }, un seudónimo
receipt-issued = Emitido
receipt-receipt = Recibo
receipt-by-schema = { $id }, según { $schema }
receipt-answers = Quién responde de ello
receipt-policy = Política de privacidad
receipt-version = versión { $version }
receipt-covers = Qué abarca
receipt-ground = Base jurídica
receipt-information = Qué información
receipt-language = Idioma de lo leído
receipt-others = Quién más puede recibirla
receipt-withdrawal = Retirada
receipt-withdrawal-by = Mediante <span lang="en">{ $method }</span>
receipt-happened = Qué ocurrió
receipt-event = <strong>{ $state }</strong> el { $time }, mediante { $method }, según la versión { $version } de la política.
receipt-event-at = <strong>{ $state }</strong> el { $time }, mediante { $method } «{ $place }», según la versión { $version } de la política.
receipt-this-record = { $time } (este registro)
receipt-lasts = Dura hasta { $time }.
receipt-check = Para comprobarlo
receipt-check-how = Este es el recibo en forma firmada (JWS, RFC 7515, con Ed25519, RFC 8037). Las claves están en <a href="{ $keys-path }">{ $keys }</a>. <a href="{ $file }">Llevarse el recibo firmado como archivo</a>.
