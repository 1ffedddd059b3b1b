package mail

var spanish = words{
	lang:      "es",
	hello:     "Hola, {name}:",
	helloAll:  "Hola:",
	ifNot:     "Si el botón no funciona, abra esta dirección:",
	automatic: "{workspace} le ha enviado este mensaje de forma automática. Las respuestas no se leen.",
	notice:    "Cómo trata {workspace} sus datos",

	labels: map[string]string{
		"kind": "Solicitud", "due_date": "Respuesta a más tardar el", "reason": "Motivo", "authority": "Dónde puede reclamar", "fields": "Cambiado",
		"erased_at": "Borrado el", "receipt": "Número del recibo",
		"minutes": "Vale una vez, durante", "child_service": "Servicio",
		"stop": "No recibir más mensajes sobre esta idea", "post": "Idea", "status": "Estado", "answer": "Respuesta", "into": "Sigue como", "entry": "Novedad",
	},
	kinds: map[string]string{
		"access": "Una copia de sus datos", "rectification": "Rectificación de sus datos", "erasure": "Supresión de sus datos",
		"restriction": "Uso limitado de sus datos", "portability": "Sus datos para llevar", "objection": "Oposición a un uso de sus datos",
	},
	kindsInside: map[string]string{
		"access": "Acceso (artículo 15)", "rectification": "Rectificación (artículo 16)", "erasure": "Supresión (artículo 17)",
		"restriction": "Limitación (artículo 18)", "portability": "Portabilidad (artículo 20)", "objection": "Oposición (artículo 21)",
	},
	fields: map[string]string{
		"name": "Nombre completo", "first_name": "Nombre", "last_name": "Apellidos", "email": "Dirección de correo", "phone": "Teléfono",
		"avatar_url": "Imagen", "external_id": "Número de cliente", "company_id": "Empresa", "locale": "Idioma", "timezone": "Zona horaria",
		"attributes": "Otros datos",
	},
	months:  [12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
	date:    "{day} de {month} de {year}",
	minutes: "{n} min",
	comma:   ", ",

	mails: map[string]wording{
		PrivacyLink: {
			subject: "Su enlace a sus datos en {workspace}", title: "Vea sus datos y decida sobre ellos",
			before: []string{"Ha preguntado a {workspace} qué guarda sobre usted. Este enlace se lo muestra y le permite corregirlo, llevárselo o hacerlo borrar."},
			button: "Abrir mis datos",
			after:  []string{"Si no lo ha pedido, no tiene que hacer nada. Sin el enlace nadie ve nada."},
		},
		RequestReceived: {
			subject: "{workspace} ha recibido su solicitud", title: "Tenemos su solicitud",
			before: []string{"Gracias. Tendrá respuesta a más tardar el día que figura abajo, a menudo mucho antes. No le cuesta nada."},
			button: "Seguir la solicitud",
		},
		RequestCompleted: {
			subject: "Su solicitud a {workspace} está atendida", title: "Su solicitud está atendida",
			before: []string{"Lo que pidió ya está hecho."},
			button: "Ver el resultado",
		},
		RequestRefused: {
			subject: "{workspace} no puede atender su solicitud", title: "No podemos atender su solicitud",
			before: []string{"Hemos examinado su solicitud y debemos denegarla. El motivo figura abajo."},
			button: "Ver la solicitud",
			after:  []string{"Si no está de acuerdo, puede reclamar ante una autoridad de protección de datos o acudir a los tribunales. Reclamar es gratuito."},
		},
		RequestDue: {
			subject: "Una solicitud de privacidad en {workspace} está por vencer", title: "Una solicitud de privacidad está por vencer",
			before: []string{"Alguien espera una respuesta sobre sus datos. Por favor, mire la solicitud antes del día que figura abajo."},
			button: "Abrir la solicitud",
		},
		RequestEscalated: {
			subject: "Con retraso: una solicitud de privacidad en {workspace}", title: "Una solicitud de privacidad le necesita ahora",
			before: []string{"El día en que debía responderse esta solicitud ha llegado o ha pasado. Recibe este mensaje como responsable o delegado de protección de datos de {workspace}."},
			button: "Abrir la solicitud",
		},
		RestrictionLifted: {
			subject: "{workspace} volverá a usar sus datos", title: "La limitación de sus datos termina",
			before: []string{"Usted hizo limitar el uso de sus datos. Le avisamos antes de poner fin a esa limitación, como pide la ley (RGPD, artículo 18)."},
			after:  []string{"Si no está de acuerdo, use la página de privacidad de abajo o reclame ante una autoridad de protección de datos."},
		},
		Rectified: {
			subject: "{workspace} ha rectificado sus datos", title: "Sus datos se han rectificado",
			before: []string{"Hemos cambiado lo que guardamos sobre usted y se lo comunicamos a quienes se lo habíamos facilitado."},
			after:  []string{"Si no es correcto, díganoslo en la página de privacidad de abajo."},
		},
		Erased: {
			subject: "{workspace} ha borrado sus datos", title: "Sus datos se han borrado",
			before: []string{"Todo lo que {workspace} guardaba sobre usted se ha borrado, y la clave sin la que no se puede leer se ha destruido."},
			after: []string{"No se guarda nada más sobre usted que un recibo que no nombra a nadie. Su dirección se conservó aparte solo para enviarle este mensaje, y se elimina con él.",
				"Si no lo esperaba, diríjase directamente a {workspace} o reclame ante una autoridad de protección de datos."},
		},
		RequestExtended: {
			subject: "{workspace} necesita más tiempo para su solicitud", title: "Su solicitud tarda más",
			before: []string{"No podemos responder en la fecha que indicamos al principio. La nueva fecha y el motivo figuran abajo; la ley lo permite una vez, por dos meses como máximo (RGPD, artículo 12)."},
			button: "Seguir la solicitud",
			after:  []string{"Si no está de acuerdo, puede reclamar ante una autoridad de protección de datos o acudir a los tribunales. Reclamar es gratis."},
		},
		ParentalConsent: {
			subject: "{workspace} le pide su consentimiento como madre o padre", title: "Un menor necesita su consentimiento",
			before: []string{"Un menor que quiere usar «{child_service}» nos ha dado su dirección. A su edad solo podemos guardar sus datos si una madre, un padre o un tutor está de acuerdo (RGPD, artículo 8)."},
			button: "Leer y decidir",
			after:  []string{"Si no hace nada, no se guarda nada sobre el menor. Si no conoce a ese menor, no tenga en cuenta este mensaje."},
		},
		BoardSignIn: {
			subject: "Entrar en las ideas de {workspace}", title: "Entre y opine",
			before: []string{"Con este enlace entra en las ideas de {workspace}. No necesita contraseña."},
			button: "Entrar",
			after:  []string{"Si no lo ha pedido, no tiene que hacer nada. Sin el enlace nadie entra, y su dirección no se guarda en ninguna parte."},
		},
		PostStatus: {
			subject: "Novedades de una idea que sigue en {workspace}", title: "Una idea que sigue ha avanzado",
			before: []string{"Pidió que le avisáramos cuando esta idea avanzara."},
			button: "Ver la idea",
		},
		PostAnswer: {
			subject: "{workspace} ha respondido a una idea que sigue", title: "Hay una respuesta",
			before: []string{"Pidió que le avisáramos cuando esta idea avanzara."},
			button: "Ver la idea",
		},
		PostMerged: {
			subject: "Una idea que sigue en {workspace} continúa con otro nombre", title: "Dos ideas son ahora una",
			before: []string{"Otra persona deseaba lo mismo. Las dos ideas siguen como una sola, con todos sus votos, y usted la sigue."},
			button: "Ver la idea",
		},
		PostShipped: {
			subject: "{workspace} ha hecho lo que usted deseaba", title: "Una idea que sigue ya está hecha",
			before: []string{"Pidió que le avisáramos cuando esta idea avanzara."},
			button: "Ver la novedad",
		},
		Test: {
			subject: "Mensaje de prueba de {workspace}", title: "El correo funciona",
			before: []string{"Ha pedido este mensaje en Ajustes, Correo. Si lo lee, el servidor acepta los mensajes de {workspace}."},
		},
	},
}
