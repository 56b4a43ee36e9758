### The mails of the system. What stands in braces is filled in when a mail is written; keep the elements as they are.

## At the end of mails.

mail-policy = Cómo usa { $tenant } la información está en su <a href="{ $href }">política de privacidad</a>.
mail-unsubscribe = Darse de baja
mail-preferences = Cambiar mis preferencias
mail-data = Sus datos

## Was it you who signed up?

confirmation-subject = { $tenant }: confirme que fue usted, por favor
confirmation-heading = ¿Fue usted?
confirmation-lead = Alguien, esperamos que usted, escribió { $address } en { $tenant } y pidió esto:
confirmation-button = Sí, fui yo
confirmation-if-not = Si no fue usted, no haga nada: sin su confirmación no se le envía nada de esto. El enlace vale 7 días.

## Is this your new address?

new-address-subject = { $tenant }: ¿es esta su nueva dirección?
new-address-heading = ¿Es esta su nueva dirección?
new-address-lead = Alguien, esperamos que usted, pidió a { $tenant } que escriba a partir de ahora a { $address } en lugar de a otra dirección.
new-address-button = Sí, esta es mi dirección
new-address-if-not = Si no fue usted, no haga nada: sin su confirmación no cambia nada. El enlace vale 7 días.

## Word to the address that was left.

left-address-subject = { $tenant }: ahora escribimos a otra dirección
left-address-heading = Ahora escribimos a otra dirección
left-address-lead = Alguien, esperamos que usted, pidió a { $tenant } que escribiera a otra dirección en lugar de a { $address }, y lo confirmó desde allí. A partir de ahora, lo que { $tenant } le escriba va allí.
left-address-if-not = Si fue usted, no tiene que hacer nada. Si no fue usted, deshágalo: el enlace vale 7 días.
left-address-button = Deshacerlo: escríbanme aquí
left-address-joined = Esa dirección ya era conocida, así que los consentimientos de ambas son ahora de una sola persona. Si no fue usted, <a href="{ $href }">escriba a quien responde de sus datos</a>.

## Does a yes still stand?

renewal-subject = { $tenant }: ¿podemos seguir escribiéndole?
renewal-heading = ¿Podemos seguir escribiéndole?
renewal-lead = Hace algún tiempo dio a { $tenant } su consentimiento a esto:
renewal-until = Su consentimiento dura hasta el { $date }. <a href="{ $href }">Diga si sigue en pie</a>.
renewal-if-nothing = Si no hace nada, termina por sí solo, y no volvemos a preguntar.
renewal-choices = <a href="{ $href }">Vea o cambie todas sus decisiones</a>.

## News of the privacy policy.

notice-posted-subject = { $tenant }: nuestra política de privacidad cambia el { $date }
notice-posted-heading = Nuestra política de privacidad cambia
notice-posted-lead = A partir del { $date } se aplica una nueva versión de la política de privacidad de { $tenant }. Hasta entonces se aplica la actual.
notice-what-changes = Qué cambia
notice-read = <a href="{ $href }">Lea la nueva versión</a>.
notice-read-or-compare = <a href="{ $href }">Lea la nueva versión</a> o <a href="{ $comparison }">compárela con la actual</a>.
notice-what-we-ask = Qué le preguntamos
notice-more-uses = Con ella, { $tenant } querría usar su información para más de lo que motivó su recogida:
notice-more-parties = Con ella, { $tenant } querría comunicar a otros información sobre usted:
notice-up-to-you = Eso lo decide usted. <a href="{ $href }">Diga sí o no</a>. Si no dice nada, cuenta como un no.
notice-stays = Lo que ha consentido queda como está. <a href="{ $href }">Vea o cambie sus decisiones</a>.
notice-postponed-subject = { $tenant }: nuestra política de privacidad cambia más tarde, el { $date }
notice-postponed-heading = Nuestra política de privacidad cambia más tarde
notice-postponed-lead = La nueva versión de la política de privacidad de { $tenant } de la que le avisamos se aplica más tarde de lo que dijimos: a partir del { $date }. Hasta entonces se aplica la actual.
notice-withdrawn-subject = { $tenant }: nuestra política de privacidad al final no cambia
notice-withdrawn-heading = Nuestra política de privacidad al final no cambia
notice-withdrawn-lead = { $tenant } ha retirado la nueva versión de su política de privacidad que iba a aplicarse a partir del { $date }. <a href="{ $href }">La actual</a> sigue aplicándose.
notice-withdrawn-read = Lo que se retiró <a href="{ $href }">todavía puede leerse</a>.
notice-why = Recibe este mensaje porque { $tenant } tiene información sobre usted y prometió avisarle de los cambios de su política antes de que se apliquen.

## What a person is told of their request about their data.

answer-why = Recibe este mensaje porque usted, o alguien en su nombre, lo pidió.
answer-link-subject = { $tenant }: su página sobre sus datos
answer-link-heading = Su página sobre sus datos
answer-link-lead = El { $received } alguien, esperamos que usted, escribió a { $tenant } sobre los datos guardados de { $address }. La respuesta se debe antes del { $due }.
answer-link-what = No hace falta que la espere: en <a href="{ $href }">su propia página</a> puede ver y copiar de inmediato todo lo que hay guardado sobre usted, corregirlo, limitar su uso o hacer que se borre. Diga allí también que fue usted quien escribió.
answer-link-keep = El enlace vale 30 días y abre sus datos a quien lo tenga: no reenvíe este mensaje. Si no fue usted quien escribió, no tiene que hacer nada.
answer-link-alone-lead = Alguien, esperamos que usted, ha pedido a { $tenant } el enlace a la página sobre los datos guardados de { $address }.
answer-link-alone-what = En <a href="{ $href }">su propia página</a> puede ver y copiar todo lo que se guarda sobre usted, corregirlo, darnos otra dirección, limitar su uso o hacer que se suprima, de inmediato.
answer-link-alone-keep = El enlace es válido durante 30 días y abre sus datos a quien lo tenga: no reenvíe este mensaje. Si no ha sido usted quien lo ha pedido, no tiene que hacer nada.
answer-extended-subject = { $tenant }: la respuesta a su solicitud tarda más
answer-extended-heading = La respuesta tarda más
answer-extended-lead = El { $received } preguntó a { $tenant } por sus datos. Tendrá la respuesta antes del { $due }. Tarda más por este motivo:
answer-extended-rights = <a href="{ $href }">Su propia página</a> sigue ahí mientras tanto. Puede reclamar ante una autoridad de protección de datos o acudir a los tribunales.
answer-done-subject = { $tenant }: la respuesta a su solicitud
answer-done-heading = La respuesta a su solicitud
answer-asked = El { $received } preguntó a { $tenant } por sus datos.
answer-done-simply = Hemos hecho lo que pidió.
answer-done-standing = La situación está en <a href="{ $href }">su propia página</a>.
answer-refused-subject = { $tenant }: no podemos hacer lo que pidió
answer-refused-heading = No podemos hacer lo que pidió
answer-refused-lead = El { $received } preguntó a { $tenant } por sus datos. No lo hacemos, por este motivo:
answer-refused-rights = Puede reclamar ante una autoridad de protección de datos o acudir a los tribunales. <a href="{ $href }">Su propia página</a> sigue ahí mientras tanto.
