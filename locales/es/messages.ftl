### Pages that only say something: what happened, and what to do next. And what is wrong with what was typed.

message-next = Qué hacer ahora
not-found-title = Aquí no hay ninguna página
not-found-happened = Puede que la dirección esté mal escrita o que la página se haya retirado.
not-found-next = Compruebe la dirección. Si siguió un enlace de un correo, ábralo otra vez desde allí.
left-title = Ha salido del formulario
left-happened = No se ha escrito nada, no se ha guardado nada y no se ha comunicado nada a nadie.
left-next = Puede cerrar esta página. Si cambia de opinión, el formulario sigue ahí.
left-back = Volver al formulario
link-expired-title = Este enlace ha caducado
link-expired-happened = Los enlaces como este funcionan durante un tiempo limitado, y el de este ha terminado. No se ha cambiado nada.
link-expired-next = Si se estaba suscribiendo, rellene de nuevo el formulario y le enviaremos otro enlace. Para lo demás, use el enlace de un correo más reciente.
link-expired-to-form = Al formulario
link-altered-title = No podemos leer este enlace
link-altered-happened = Falta una parte o se ha alterado; algunos programas de correo parten en dos los enlaces largos. No se ha cambiado nada.
link-altered-next = Abra el enlace desde el propio correo, o cópielo entero, desde «https» hasta la última letra, en la barra de direcciones.

## The reason comes from a rule, in English.

refused-title = Tal como están las cosas, esto no es posible
refused-happened = No hemos hecho lo que pidió. El motivo, en inglés: { $reason }.
refused-next = No se ha cambiado nada. Si debería haber funcionado, escriba a la empresa que le envió aquí.
unreadable-title = No podemos leer lo que se ha enviado
unreadable-happened = No es un formulario como los que envía un navegador, o contiene caracteres que no son texto. No se ha cambiado nada.
unreadable-next = Vuelva atrás, revise lo que escribió y envíelo de nuevo.
form-closed-title = Este formulario está cerrado
form-closed-happened = Pide información que solo se recoge según una política de privacidad, y ahora no hay ninguna en vigor que lo cubra.
form-closed-next = Vuelva más tarde, o lea qué política está en vigor.
tenant-closed-title = Esta empresa está cerrada aquí
tenant-closed-happened = Ya no envía correos ni admite a nadie, así que no hemos hecho lo que pedía. Todo lo que guarda se borrará en breve.
tenant-closed-next = No tiene que hacer nada. Se sigue aceptando un no: los enlaces para darse de baja y sobre sus datos funcionan hasta entonces.
tenant-gone-title = Aquí ya no se guarda nada
tenant-gone-happened = La empresa a la que pertenecía esta dirección ha cerrado, y todo lo que guardaba aquí se ha borrado: a quién escribía, a qué se había consentido y a qué no. Desde aquí ya no se escribe a nadie en su nombre.
tenant-gone-next = No tiene que hacer nada: no hay nada de lo que darse de baja ni nada sobre usted que mostrar o borrar.
kept-silent-title = Seguimos sin enviarle nada
kept-silent-happened = Esta dirección consta como una que no quiere ningún correo de ningún tipo, y eso prevalece sobre este enlace. No se ha cambiado nada.
kept-silent-next = Si quiere volver a recibir correo, use el enlace a sus preferencias de un correo anterior nuestro y pulse allí «Volver».
no-subscription-title = Este correo no pertenece a ninguna lista
no-subscription-happened = Se envió porque no se puede omitir, como las noticias sobre la política de privacidad. No hay ninguna suscripción que dar de baja, y no se ha cambiado nada.
no-subscription-next = Para no recibir ningún correo de ningún tipo, use el enlace a sus preferencias de un correo nuestro.
erased-title = Sus datos se han borrado
erased-happened = Se ha borrado todo lo que decía quién es usted. Queda un número que nadie puede volver a convertir en su dirección; por él sabemos que no debemos escribirle de nuevo.
erased-next = No hay nada más que hacer. Si alguna vez quiere volver a saber de nosotros, suscríbase de nuevo y confirme.
nothing-held-title = No tenemos nada sobre usted
nothing-held-happened = Aquello de lo que trataba este enlace se ha borrado, así que no hay nada que mostrar ni que cambiar.
nothing-held-next = No hay nada que hacer. Si aun así quiere preguntar algo, escriba a la dirección de abajo.
address-asked-title = Mire su buzón
address-asked-happened = Si podemos escribir a { $address }, va en camino un correo con un enlace. Todavía no ha cambiado nada.
address-asked-next = Abra ese correo y confirme que la dirección es suya. Hasta entonces escribimos a la dirección que tenemos.
address-changed-title = Su dirección se ha cambiado
address-changed-happened = A partir de ahora escribimos a la dirección desde la que acaba de confirmar. En los correos anteriores solo siguen funcionando los enlaces para darse de baja. Cuenta todo no dicho en cualquiera de las dos direcciones.
address-changed-next = Revise sus preferencias, si quiere.
privacy-link-asked-title = Mire en su buzón
privacy-link-asked-happened = Si tenemos algo sobre { $address }, un correo con un enlace va de camino, salvo que se haya enviado uno hace pocos minutos o varios hoy.
privacy-link-asked-next = Abra ese correo y siga el enlace a la página sobre sus datos. Es válido durante 30 días.
too-large-title = Era demasiado
too-large-happened = Lo enviado es mayor de lo que cabe en este formulario, así que no hemos guardado nada.
too-large-next = Vuelva atrás, acorte lo que escribió y envíelo de nuevo.
too-many-title = Espere un momento, por favor
too-many-happened = Desde su red se han enviado muchos formularios en poco tiempo, así que no hemos aceptado este.
too-many-next = Vuelva atrás, espere diez minutos y envíelo de nuevo. Para no recibir ningún correo de ningún tipo no hace falta esperar: eso se acepta siempre.
method-title = Esta dirección no puede hacer eso
method-happened = Su programa ha preguntado de un modo al que esta página no responde. No se ha cambiado nada.
method-next = Abra la página en un navegador y use el botón que hay en ella.
internal-title = Esto no ha funcionado, y es culpa nuestra
internal-happened = El servidor no pudo terminar lo que pidió. Consta como { $record }.
internal-next = Inténtelo de nuevo en unos minutos. Si vuelve a fallar, escríbanos e indique ese registro.
unavailable-title = Volvemos enseguida
unavailable-happened = El servidor se está reiniciando o está muy ocupado, así que no ha hecho lo que pidió.
unavailable-next = Inténtelo de nuevo dentro de un minuto.

## What is wrong with what was typed: short, and how to put it right.

wrong-address-empty = Se necesita una dirección de correo electrónico, como nombre@example.org
wrong-address-too-long = La dirección de correo electrónico tiene más de { $octets } octetos
wrong-address-control = La dirección de correo electrónico contiene un salto de línea u otro carácter de control
wrong-address-malformed = Esto no es una dirección de correo electrónico: debe ser como nombre@example.org
wrong-address-domain = La parte de la dirección de correo electrónico que sigue a la @ no es un nombre de dominio
wrong-address-same = Esta es la dirección que ya tiene: escriba otra
wrong-address-one = Escriba una sola dirección.
wrong-twice = Esto ha llegado más de una vez: escríbalo una sola vez
wrong-name-needed = Este formulario necesita un nombre
wrong-company-needed = Este formulario necesita una empresa
wrong-nothing-chosen = No ha elegido nada: elija lo que quiere recibir
wrong-words-changed = Las palabras de esta página han cambiado desde que la abrió. Léalas de nuevo y después envíe el formulario
wrong-message-empty = Escriba qué quiere saber

## Said by a rule that has no words of its own in this language: the English ones follow.

wrong-otherwise = Corríjalo, por favor. En inglés: { $rule }
