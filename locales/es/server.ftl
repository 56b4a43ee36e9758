### Pages of the server itself: the front page, setting it up, and the built-in mailbox.

home-lead = Este servidor envía correo de empresas a personas que han dado su consentimiento. Ningún correo sale sin permiso, y un permiso solo procede de una decisión sobre el consentimiento.
home-not-set-up = Todavía no está configurado
home-set-up-how = Cree la primera empresa y la cuenta de su titular. Se tarda un minuto y hace falta el código que el servidor mostró al iniciarse.
home-set-up = Configurarlo
home-had-mail = Si ha recibido correo desde aquí
home-had-mail-how = Cada correo tiene al final enlaces para darse de baja y para cambiar sus preferencias. Funcionan sin iniciar sesión.
home-work-with = Si trabaja con él
home-docs = Qué ofrece, cómo empezar y cada error con que puede responder.
home-graphiql = La API en el navegador, con su documentación. Inicie sesión aquí.
home-mailbox = Todo el correo hasta ahora. Se guarda aquí en lugar de enviarse.
home-companies = Empresas de esta demostración
home-policy-of = Política de privacidad<span class="unseen"> de { $tenant }</span>
home-version = Versión { $version }

## Setting up.

setup-title = Configurar Assent
setup-heading = Configurar este servidor
setup-lead = Assent está en marcha y aún no tiene ninguna empresa. Cree la primera y la cuenta de su titular.
setup-is-it-you = ¿Es usted?
setup-code = Código de configuración
setup-code-hint = El servidor lo mostró al iniciarse.
setup-company = La empresa
setup-company-hint = El nombre que conocen sus suscriptores.
setup-slug = Nombre corto en las direcciones
setup-slug-hint = Letras minúsculas, cifras y guiones. Sus páginas estarán en /t/nombre-corto/.
setup-postal-address = Dirección postal
setup-postal-address-hint = Figura en cada correo publicitario y al pie de cada página, como exige la ley.
setup-mail = Su correo
setup-sender-name = Nombre del remitente
setup-sender-name-hint = Lo que los destinatarios ven como remitente.
setup-sender-address = Dirección del remitente
setup-sender-address-hint = Use un dominio cuyo DNS controle.
setup-privacy-contact = Contacto de privacidad
setup-privacy-contact-hint = Adonde se escribe con preguntas sobre los propios datos.
setup-owner = El titular
setup-owner-hint = Con ella inicia sesión.
setup-operator-policy = A quien inicia sesión aquí se le aplica <a href="{ $href }">la política de privacidad de { $company }, versión { $version }</a>. { $company } gestiona este servidor y escribe a la dirección de arriba cuando esa política cambia.
setup-password = Contraseña
setup-password-hint = Al menos 12 caracteres. Unas cuantas palabras sin relación son fáciles de recordar.
setup-create = Crear
setup-needed = Este dato es necesario
setup-wrong-code = Este no es el código que el servidor mostró al iniciarse
setup-done-title = Configurado
setup-done-heading = { $company } está configurada
setup-done-lead = Usted es su titular. Cuatro pasos llevan a la primera campaña.
setup-step-sign-in = <strong>Iniciar sesión.</strong> Abra <a href="/graphql">GraphiQL</a> e inicie sesión con su dirección y contraseña. Todo se hace allí, y cada tipo y campo está descrito.
setup-step-policy = <strong>Redactar y publicar una política de privacidad.</strong> Antes de que haya una en vigor no se recoge ninguna dirección ni se envía ningún correo. La primera versión puede aplicarse de inmediato; estará en <a href="{ $href }">su página de la política</a>.
setup-step-form = <strong>Crear una lista y un punto de recogida.</strong> El punto de recogida es el formulario donde la gente se suscribe.
setup-step-yourself-mailbox = <strong>Suscribirse usted.</strong> La confirmación se guarda en <a href="/dev/mailbox">el buzón de este servidor</a>: no sale de él ningún correo real hasta que le dé un servidor SMTP.
setup-step-yourself = <strong>Suscribirse usted.</strong> La confirmación llega por correo real.

## The built-in mailbox.

mailbox-title = Buzón
mailbox-lead = Correo que este servidor ha guardado en lugar de enviarlo, el más reciente primero.
mailbox-empty = Todavía nada. Rellene un formulario o envíe una campaña, y vuelva a cargar esta página.
mailbox-messages = Mensajes
mailbox-subject = Asunto
mailbox-to = Para
mailbox-time = Hora
mailbox-from = De
mailbox-no-subject = (sin asunto)
mailbox-not-listed =
    { $count ->
        [one] { $count } mensaje anterior no figura en la lista.
        *[other] { $count } mensajes anteriores no figuran en la lista.
    }
mailbox-all = Todo el correo
mailbox-kept = Guardado el { $second }. <a href="{ $href }">Código fuente</a>
mailbox-text-part = Parte de texto
mailbox-html-part = Parte HTML
mailbox-html-links = Los enlaces de este marco no funcionan. <a href="{ $href }">Ábralo por separado</a> para seguirlos, o use los de la parte de texto.
mailbox-html-title = Parte HTML del mensaje
mailbox-headers = Encabezados
mailbox-header = Encabezado
mailbox-value = Valor
