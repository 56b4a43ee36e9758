### What surrounds every page, and what many pages say. In HTML messages, keep the elements as they are and move them where the sentence wants them.

## The language's name for itself, in the links at the end of each page.

language-name = Español
language-choose = Idioma

## Points in time. The first names the language and country by whose custom a date is written, as a tag (BCP 47).

date-locale = es-ES
date-minute = { $date }, { $time } UTC

## Below each page of a company, and of the server.

footer-policy = Política de privacidad
footer-privacy = Preguntar por sus datos
footer-questions = Preguntas sobre sus datos: <a href="mailto:{ $address }">{ $address }</a>
footer-server = Assent, un servidor de correo con consentimiento. Sin consentimiento no sale ningún correo.
closed-note = <strong>{ $tenant } está cerrada aquí desde el { $day }.</strong> No envía correos ni admite a nadie. Todo lo que guarda se borrará el { $moment }. Hasta entonces puede decir que no a todo y decidir sobre sus datos; no se acepta ningún sí.

## Titles of pages after a form was sent.

title-check = Revise, por favor: { $title }
title-put-right = Por corregir: { $title }
title-saved = Guardado: { $title }
title-not-saved = No guardado: { $title }
title-done = Hecho: { $title }

## What forms are made of.

form-errors =
    { $count ->
        [one] Hay un dato por corregir
        *[other] Hay { $count } datos por corregir
    }
form-optional = (opcional)
form-save = Guardar
form-send = Enviar
form-saved = Guardado. Así queda ahora.
form-nothing-ticked = No hemos marcado nada por usted. Lo que deje sin contestar cuenta como un no, y puede cambiar de opinión en cualquier momento.
form-no = No
form-name = Nombre
form-company = Empresa
form-address = Dirección de correo electrónico

## Links that lead to other sites.

leaves-site = (sale de este sitio)

## Who else gets data.

party-gets = Qué reciben
party-would-get = Qué recibirían
party-why = Para qué
party-policy = Su propia política de privacidad
party-may = ¿Puede { $party } recibir { $what }?
party-statement = { $party } puede recibir { $what }. Para qué: { $why } Qué: { $receives }
party-yes = Sí, lo permito
field-email = su dirección de correo electrónico
field-name = su nombre
field-company = su empresa
