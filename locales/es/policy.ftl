### The pages of the privacy policy.

policy-title = Política de privacidad
policy-changing = Esta política va a cambiar
policy-upcoming-told = La versión { $version } entra en vigor en cuanto se haya avisado a todos.
policy-upcoming-on = La versión { $version } entra en vigor el <strong>{ $minute }</strong> como muy pronto.
policy-what-changes = Qué cambia:
policy-read-version = Leer la versión { $version }
policy-compare-with = Compararla con la versión { $version }
policy-works-by = { $tenant } se rige por la <strong>versión { $version }</strong>, vigente desde el { $day-since }. Se publicó el { $day-posted }.
policy-none-posted = { $tenant } aún no ha publicado una política de privacidad. Hasta que lo haga, no recoge direcciones aquí ni envía correos.
policy-none-in-force = Todavía no hay ninguna versión en vigor. Hasta que la haya, { $tenant } no recoge direcciones aquí ni envía correos.
policy-all-versions = Todas las versiones
policy-stays = Cada una permanece siempre en su dirección.
policy-version = Versión { $version }

## What has become of a version, in the list of versions.

version-upcoming-told = entra en vigor en cuanto se haya avisado a todos
version-upcoming-on = entra en vigor el { $day } como muy pronto
version-in-force = en vigor desde el { $day }
version-superseded = en vigor del { $day-since } al { $day-until }, después la versión { $version }
version-overtaken = nunca en vigor, adelantada por la versión { $version }
version-withdrawn = retirada el { $day }

## The page of one version.

version-title = Política de privacidad, versión { $version }
version-note-told = <strong>Aún no está en vigor.</strong> Entra en vigor en cuanto se haya avisado a todos.
version-note-on = <strong>Aún no está en vigor.</strong> Entra en vigor el { $minute } como muy pronto.
version-note-in-force = <strong>En vigor</strong> desde el { $minute }.
version-note-superseded = <strong>Ya no está en vigor.</strong> Se aplicó del { $day-since } al { $day-until }, y le siguió la <a href="{ $href }">versión { $version }</a>. Lo que se recogió bajo ella se sigue usando solo como ella dice.
version-note-overtaken = <strong>Nunca estuvo en vigor.</strong> La adelantó la <a href="{ $href }">versión { $version }</a>.
version-note-withdrawn = <strong>Retirada</strong> el { $minute }. No se aplica.
version-in-force-now = En vigor ahora: <a href="{ $href }">versión { $version }</a>. <a href="{ $comparison }">Comparar las dos</a>.
version-posted = Publicada el { $minute }. <a href="{ $href }">Todas las versiones</a>
version-changes = Qué cambia esta versión

## The content of a version.

text-heading = El texto
text-leaves = Un enlace con la indicación «sale de este sitio» lleva a otro. Lo que ocurra allí con sus datos depende de ese sitio; esta política no lo cubre.
text-purposes = Para qué se usan los datos
text-purpose = Finalidad
text-your-say = Su decisión
text-essential = No se puede omitir
text-only-if-yes = Solo si usted consiente
text-parties = Quién más recibe datos
text-nobody = Nadie fuera de { $tenant }.

## Two versions compared.

comparison-title = Política de privacidad, versión { $from } y versión { $to }
comparison-heading = De la versión { $from } a la versión { $to }
comparison-lead = Qué dice la <a href="{ $href-to }">versión { $to }</a> de la política de privacidad que no diga la <a href="{ $href-from }">versión { $from }</a>, y al revés.
comparison-uses = Usos y otras partes
comparison-same-uses = Ambas mencionan los mismos usos y las mismas otras partes.
comparison-no-longer = Ya no: <del>{ $name }</del>
comparison-now = Ahora: <ins>{ $name }</ins>
comparison-same-text = El texto es el mismo, palabra por palabra.
comparison-marks = Las palabras que solo tiene la versión { $from } están <del>tachadas</del>; las que solo tiene la versión { $to } están <ins>subrayadas</ins>.
