### Pages behind a person's own links: confirming, preferences, choices, renewing, sharing, leaving lists, another address.

## Confirming a sign-up.

confirm-title = Confirme, por favor
confirm-heading = ¿Es esto lo que quiere?
confirm-lead = <strong class="address">{ $address }</strong> se escribió en «{ $form }» el { $day }. Al confirmar, da su consentimiento exactamente a esto:
confirm-lists = Listas a las que se une
confirm-purposes = Sobre qué podemos escribirle
confirm-parties = Otros que reciben lo que escribió
your-address = Su dirección
confirm-address-only = Que es suya. No ha elegido nada más, así que solo enviamos lo que no se puede omitir, como los avisos de cambios en nuestra política.
confirm-button = Sí, confirmo
confirm-under = Da su consentimiento según nuestra <a href="{ $href }">política de privacidad, versión { $version }</a>. Puede retirarlo en cualquier momento.
confirm-not-you = Si no fue usted, cierre esta página: no se envía nada si no confirma.
link-works-until = El enlace funciona hasta el { $minute }.
confirmed-title = Confirmado
confirmed-heading = Gracias, queda confirmado
confirmed-lead = El { $minute }, para <strong class="address">{ $address }</strong>, dio su consentimiento a esto:
confirmed-lists = Listas a las que se ha unido
confirmed-address-only = Que es suya, y nada más.
confirmed-can-change = Puede cambiar de opinión en cualquier momento: los correos que le enviemos a partir de ahora llevan un enlace para ello.

## Preferences.

preferences-title = Sus preferencias
preferences-out-of-date = Algo de esta página ha cambiado desde que la abrió, así que solo se ha guardado aquello a lo que dijo que no. Así está ahora. Léalo y elija de nuevo.
preferences-lead = Qué puede enviar <strong>{ $tenant }</strong> a <strong class="address">{ $address }</strong>.
preferences-lead-under = Qué puede enviar <strong>{ $tenant }</strong> a <strong class="address">{ $address }</strong>, según su <a href="{ $href }">política de privacidad, versión { $version }</a>.
preferences-silent = No le enviamos nada
preferences-no-mail-since = El { $day } eligió «ningún correo de ningún tipo». Lo cumplimos hasta que usted diga otra cosa aquí.
preferences-complained = El { $day } su proveedor de correo nos comunicó que usted consideró no deseado un correo nuestro. Desde entonces no le enviamos nada, hasta que usted diga otra cosa aquí.
preferences-to-come-back = Para volver, marque abajo lo que desee y pulse el botón del final. Si no marca nada, solo recibirá el correo que no se puede omitir.
preferences-yes-to-earlier = Sí, desde el { $day }, a estas palabras:
preferences-yes = Sí, desde el { $day }, exactamente a estas palabras.
preferences-no = No, desde el { $day }.
preferences-withdrawn = Retiró su consentimiento el { $day }.
preferences-asked = Le preguntamos el { $day } y no tenemos respuesta, lo que cuenta como un no.
preferences-expired = Su consentimiento caducó el { $day }, así que cuenta como un no.
preferences-never-asked = No le hemos preguntado, lo que cuenta como un no.
preferences-lists = Sus listas
preferences-lists-hint = Una lista solo le escribe sobre aquello a lo que ha dicho que sí arriba.
list-since = De alta desde el { $day }.
list-unconfirmed = Solicitada el { $day }, aún sin confirmar.
list-ended = Baja desde el { $day }.
list-never = Sin suscripción.
list-writes-about = Escribe sobre: { $purposes }.
preferences-essential-why = Sin esto no podríamos cumplir lo que le prometemos, así que no hay nada que marcar. Solo «ningún correo de ningún tipo» lo termina.
preferences-come-back = Volver, con esta selección
preferences-stay-silent = Si sale de esta página sin pulsarlo, no cambia nada: no le enviamos nada.
preferences-no-mail = No enviarme ningún correo de ningún tipo
preferences-no-mail-hint = Entonces no le escribimos sobre nada, ni siquiera sobre cambios en nuestra política, esté lo que esté marcado arriba. Conserve un correo nuestro: su enlace a las preferencias es el camino de vuelta.
preferences-sharing = Quién más recibe su información
preferences-sharing-nobody = Nadie, salvo que usted diga que sí o una autoridad lo ordene. <a href="{ $href }">Vea quién puede recibir qué, cámbielo y vea qué se comunicó</a>.
preferences-earlier = Lo que respondió en su día
preferences-earlier-why = Nuestra política ya no menciona esto, así que no le escribimos sobre nada de ello.
preferences-had-yes = Había dicho que sí.
preferences-had-not-yes = No había dicho que sí.
preferences-address = Para que le escribamos a otra dirección, <a href="{ $href }">pida el enlace a la página sobre sus datos</a>. Se envía a la dirección que tenemos, por si otros ven esta página.
your-data = Sus datos
preferences-data = En una página propia puede ver y copiar todo lo que tenemos sobre usted, corregirlo, limitar su uso o hacer que se borre. El enlace se envía a <strong>{ $address }</strong>, por si otros ven esta página.
send-me-the-link = Enviarme el enlace

## How an answer came about: “through” one of the places below.

said = Dicho mediante { $how }, según la <a href="{ $href }">versión { $version }</a> de la política.
said-at = Dicho mediante { $how } («{ $place }»), según la <a href="{ $href }">versión { $version }</a> de la política.
said-lasts = Un sí dura hasta el { $day }.
said-receipt = Recibo
said-form = un formulario
said-confirmation = el enlace de un correo de confirmación
said-import = una lista incorporada
said-api = un servicio nuestro
said-preferences = su página de preferencias
said-unsubscribe = el enlace de baja de un correo
said-complaint = su queja a su proveedor de correo
said-policy-notice = un aviso de una nueva política
said-choices = la página sobre una nueva política
said-renewal = la página en la que lo dijo otra vez
said-privacy = la página sobre sus datos
said-expiry = el fin de su plazo
said-merge = otra dirección suya
said-restore = lo que había dicho antes de que tuviéramos que restaurar nuestros datos

## What a new version of the policy asks.

choices-title = Su decisión
choices-lead-in-force = La <a href="{ $href }">versión { $version }</a> de la política de privacidad de <strong>{ $tenant }</strong> se aplica desde el { $day }. Esta página trata de <strong class="address">{ $address }</strong>.
choices-lead-to-come = La <a href="{ $href }">versión { $version }</a> de la política de privacidad de <strong>{ $tenant }</strong> se aplicará a partir del { $day }. Esta página trata de <strong class="address">{ $address }</strong>.
choices-what-changes = Qué cambia
choices-closed = Esta versión ya no pregunta nada: se retiró o se aplica una posterior.
choices-nothing = No hay nada que elegir: su información se usa como antes.
choices-yes = Sí, pueden
choices-parties = Quién más recibiría información
choices-parties-only-if = Solo la reciben si usted dice que sí, y solo aquello a lo que diga que sí.

## Whether a yes still stands.

renew-title = ¿Sigue en pie su consentimiento?
renew-out-of-date = No se ha guardado nada: nuestra política ha cambiado desde que abrió esta página. Léala y elija de nuevo.
renew-none = Ninguno de sus consentimientos caduca.
renew-lasts = Su consentimiento dura hasta el { $day }.
renew-button = Sí, continúen: { $purpose }
renew-if-nothing = Si no hace nada, un consentimiento termina por sí solo. <a href="{ $href }">Vea o cambie todas sus decisiones</a>, o diga que no ahora mismo.

## Who gets what of a person.

sharing-title = Quién recibe su información
sharing-lead = Lo que <strong>{ $tenant }</strong> sabe de <strong class="address">{ $address }</strong> no se comunica a nadie más sin su consentimiento, salvo que lo ordene un tribunal o una autoridad.
sharing-allow = Lo que permite
sharing-nobody-named = La política de privacidad no menciona a nadie más que reciba información.
sharing-went-out = Qué se comunicó
sharing-nothing-so-far = Nada hasta ahora.
sharing-as-ordered = { $minute }: <strong>{ $party }</strong> recibió { $what }, como exigía una orden legal.
sharing-as-allowed = { $minute }: <strong>{ $party }</strong> recibió { $what }, como usted permitió.
sharing-mere-answer = solo la respuesta de que puede preguntar por usted
sharing-back = Volver a sus preferencias

## Leaving lists.

unsubscribe-title = Darse de baja
unsubscribe-lead = Aquí puede dar de baja estos correos a <strong class="address">{ $address }</strong>.
unsubscribe-lead-lists = <strong class="address">{ $address }</strong> no recibirá más correos de:
unsubscribe-at-once = Tiene efecto de inmediato. No hace falta que inicie sesión ni que diga por qué.
unsubscribe-other = Para dar de baja otra cosa, o todo el correo de cualquier tipo, use el otro enlace del mismo correo: el de sus preferencias.
unsubscribed-title = Se ha dado de baja
unsubscribed-lead = Estos correos a <strong class="address">{ $address }</strong> han terminado.
unsubscribed-lead-lists = <strong class="address">{ $address }</strong> ya no recibe correos de:
unsubscribed-withdrawn = Con ello también ha retirado su consentimiento a:
unsubscribed-still = Qué puede llegar todavía
nothing = Nada.
unsubscribed-remaining =
    { $count ->
        [one] Sigue en esta lista:
        *[other] Sigue en estas listas:
    }
unsubscribed-not-marketing = Correo que no es publicidad:
unsubscribed-to-change = Para cambiar algo de esto, elegir «ningún correo de ningún tipo» o volver, use el otro enlace del mismo correo: el de sus preferencias.
unsubscribed-to-change-elsewhere = Para cambiar algo de esto, elegir «ningún correo de ningún tipo» o volver, use el enlace a sus preferencias de un correo enviado a su dirección actual.

## A measured link that leads away.

leaving-title = Está saliendo
leaving-lead = El enlace de su correo de <strong>{ $tenant }</strong> lleva a otro sitio: <strong class="address">{ $host }</strong>
leaving-not-covered = Lo que ocurra allí con sus datos depende de ese sitio. La política de privacidad de { $tenant } no lo cubre.
leaving-go-on = Continuar a { $host }
leaving-close = Si prefiere no hacerlo, cierre esta página.

## Another address.

address-lead = <strong>{ $tenant }</strong> escribe a <strong class="address">{ $address }</strong>. ¿A qué dirección debe escribir en su lugar?
address-new = Nueva dirección de correo electrónico
address-new-hint = Le enviamos allí un enlace. No cambia nada hasta que lo abra y confirme.
address-send-link = Enviarme el enlace
address-goes-with-you = Sus consentimientos le acompañan. Si ya conocemos la nueva dirección, un no dicho en cualquiera de las dos vale para ambas.
address-confirm-title = Su nueva dirección
address-confirm-heading = ¿Es esta su nueva dirección?
address-confirm-lead = El { $day } alguien pidió a <strong>{ $tenant }</strong> que escribiera a <strong class="address">{ $new }</strong> en lugar de a <strong class="address">{ $old }</strong>.
address-confirm-button = Sí, escríbanme ahí
address-not-you = Si no fue usted, cierre esta página: no cambia nada si no confirma. El enlace funciona hasta el { $minute }.
address-back-heading = ¿Debemos volver a escribirle aquí?
address-back-lead = Desde el { $day } <strong>{ $tenant }</strong> escribe a <strong class="address">{ $now }</strong> en lugar de a <strong class="address">{ $here }</strong>, porque alguien lo pidió.
address-back-button = Sí, vuelvan a escribirme aquí
address-back-not = Si el cambio era correcto, cierre esta página: todo queda como está. El enlace funciona hasta el { $minute }.
