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
