### Hacerse miembro y elegir una contraseña: mensajes y páginas.

## Lo que son los miembros.

role-owner = titular
role-privacy-officer = responsable de privacidad
role-marketer = marketing
role-analyst = análisis
role-developer = desarrollo

## Una invitación: el mensaje, su página y lo que sigue.

invitation-subject = { $tenant }: tiene una invitación
invitation-heading = Tiene una invitación
invitation-lead = { $tenant } le invita, { $address }, a trabajar en sus correos con una cuenta propia. Su función: { $role }.
invitation-button = Aceptar la invitación
invitation-if-not = El enlace vale 7 días y una sola vez. Si no esperaba este mensaje, no haga nada: sin usted no se crea ninguna cuenta.
invitation-page-title = Su invitación
invitation-page-heading = { $tenant } le invita
invitation-page-lead = Elija una contraseña. Con ella y su dirección, { $address }, iniciará sesión para { $tenant }. Su función: { $role }.
invitation-page-name = Su nombre
invitation-page-name-hint = Lo ven sus colegas.
invitation-page-accept = Aceptar la invitación
invitation-page-until = Puede aceptar hasta el { $minute }. Si no esperaba ninguna invitación, cierre esta página: no se crea ninguna cuenta.
invitation-accepted-title = Ya está
invitation-accepted-happened = La invitación fue aceptada: aquí es usted miembro de { $tenant }.
invitation-accepted-next = Inicie sesión con su dirección y la contraseña elegida. El nombre corto de { $tenant }, que se pide al iniciar sesión, es { $slug }.
invitation-over-title = Esta invitación ya no vale
invitation-over-happened = Pasaron sus 7 días, se envió otra vez desde entonces o fue retirada. No se ha cambiado nada.
invitation-over-next = Abra la invitación más reciente de su buzón, o pida otra a quien le invitó.

## Una contraseña olvidada: el mensaje, su página y lo que sigue.

forgotten-title = Contraseña olvidada
forgotten-lead = Escriba la dirección con la que inicia sesión para { $tenant }. Le enviamos un enlace con el que elige una contraseña nueva.
forgotten-asked-happened = Si { $address } es la dirección de un miembro de { $tenant }, va hacia allí un mensaje con un enlace, salvo que ya se hayan enviado varios en la última hora.
forgotten-asked-next = Abra ese mensaje y siga el enlace para elegir una contraseña nueva. Vale una hora.
reset-subject = { $tenant }: elija una contraseña nueva
reset-heading = Elija una contraseña nueva
reset-lead = Alguien, esperamos que usted, pidió una contraseña nueva para { $address } en { $tenant }.
reset-button = Elegir una contraseña nueva
reset-if-not = El enlace vale una hora y una sola vez. Si no fue usted, no haga nada: su contraseña queda como está.
reset-page-title = Contraseña nueva
reset-page-heading = Elija una contraseña nueva
reset-page-lead = Es para { $address } en { $tenant }. Se cerrará su sesión en todas partes.
reset-page-password = Contraseña nueva
reset-page-save = Guardar la contraseña
reset-page-until = Puede hacerlo hasta el { $minute }. Si no fue usted quien lo pidió, cierre esta página: no cambia nada.
reset-done-title = Su contraseña se ha cambiado
reset-done-happened = Vale desde ahora, y se han cerrado todas sus sesiones. También se lo dice un mensaje.
reset-done-next = Inicie sesión con la contraseña nueva, y con un código si tiene un segundo factor.
reset-over-title = Este enlace ya no vale
reset-over-happened = Un enlace a una contraseña nueva sirve una vez, dentro de una hora y solo hasta que la contraseña cambie. No se ha cambiado nada.
reset-over-next = Pida otro enlace donde inicia sesión.

## Aviso de que se cambió una contraseña.

password-changed-subject = { $tenant }: su contraseña se ha cambiado
password-changed-heading = Su contraseña se ha cambiado
password-changed-lead = La contraseña de { $address } en { $tenant } se cambió el { $date }. Se cerraron las demás sesiones.
password-changed-if-not = Si fue usted, no hay nada que hacer. Si no, pida una contraseña nueva donde inicia sesión y avise enseguida a un titular de { $tenant }.

wrong-password-length = Una contraseña tiene de { $min } a { $max } caracteres

## Entrar mediante el proveedor de identidad de una empresa: sus páginas y lo que viene después.

sign-in-title = Iniciar sesión
sign-in-heading = Iniciar sesión en { $tenant }
sign-in-lead = { $tenant } permite a sus miembros iniciar sesión con su cuenta de { $provider }.
sign-in-go = Continuar a { $provider }
sign-in-hint = Hasta que vuelva, durante diez minutos como máximo, una cookie recuerda que empezó en este navegador. Su contraseña sigue sirviendo donde los programas la piden.
sign-in-forgotten = ¿Ha olvidado su contraseña de { $tenant }?
sign-in-code-heading = Un paso más
sign-in-code-lead = { $provider } ha respondido por { $address }. Usted tiene aquí un segundo factor, así que también le pedimos un código.
sign-in-code-field = Código
sign-in-code-hint = Las seis cifras que muestra ahora su aplicación de autenticación, o uno de sus códigos de recuperación.
sign-in-code-send = Iniciar sesión
sign-in-code-wrong = Este código es incorrecto, demasiado antiguo o ya se usó: envíe el siguiente de su aplicación o un código de recuperación
sign-in-again = Empezar de nuevo
sign-in-done-title = Ha iniciado sesión
sign-in-done-happened = Este navegador tiene la sesión iniciada en { $tenant }, durante 12 horas como máximo.
sign-in-done-next = Continúe en el programa del que venía o cierre esta página.
sign-in-over-title = Este inicio de sesión ya no vale
sign-in-over-happened = Un inicio de sesión vale una vez, durante diez minutos y en el navegador en que empezó, que debe aceptar una cookie ese tiempo. No se ha cambiado nada.
sign-in-over-next = Empiece de nuevo, en una sola ventana.
sign-in-denied-title = No se ha iniciado la sesión
sign-in-denied-happened = { $provider } ha dicho que no: usted lo interrumpió o no puede usar su cuenta de allí para esto.
sign-in-denied-next = Empiece de nuevo. Si sigue diciendo que no, pregunte a quien se ocupa de { $provider } en { $tenant }.
sign-in-failed-title = No se ha iniciado la sesión
sign-in-failed-happened = { $provider } no ha dado una respuesta por la que sepamos quién es usted. No se ha cambiado nada.
sign-in-failed-next = Empiece de nuevo dentro de un rato. Si continúa, dígaselo a un propietario de { $tenant }; mientras tanto sirve su contraseña.
sign-in-refused-title = No se ha iniciado la sesión
sign-in-unverified-happened = { $provider } no nombra ninguna dirección suya que haya verificado, así que no sabemos si es miembro de { $tenant }.
sign-in-unverified-next = Verifique su dirección en { $provider } y empiece de nuevo. Mientras tanto sirve su contraseña.
sign-in-stranger-happened = { $provider } responde por usted, pero nadie con su dirección es aquí miembro de { $tenant }.
sign-in-stranger-next = Pida a un propietario de { $tenant } que invite a esa dirección.
sign-in-other-account-happened = El miembro con su dirección inicia sesión con otra cuenta de { $provider }.
sign-in-other-account-next = Empiece de nuevo con esa cuenta o pida a un propietario de { $tenant } que le deje entrar con esta.
