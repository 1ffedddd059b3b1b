/** The words of a person's rights, in all languages: the part is fetched by few, and once. */
export interface RightsWords {
  rights: string;
  more: string;
  access: string;
  portability: string;
  restriction: string;
  objection: string;
  erasure: string;
  sure: string;
  erase: string;
  keep: string;
  done: string;
  waits: string;
  nothing: string;
}

const en: RightsWords = {
  rights: 'Your rights',
  more: 'Free of charge, and without asking anyone. What a person has to look at is answered within a week.',
  access: 'See what is held about me',
  portability: 'Take my data along',
  restriction: 'Freeze the use of my data',
  objection: 'Object to the use of my data',
  erasure: 'Erase everything about me',
  sure: 'Your messages and everything else are erased at once and cannot be brought back.',
  erase: 'Erase it',
  keep: 'Keep it',
  done: 'Done.',
  waits: 'We have your request. You have an answer by {date}.',
  nothing: 'Nothing is held about you.',
};

const words: Record<string, RightsWords> = {
  en,
  de: {
    rights: 'Deine Rechte',
    more: 'Kostenlos, und ohne jemanden zu fragen. Was ein Mensch ansehen muss, wird binnen einer Woche beantwortet.',
    access: 'Sehen, was über mich gespeichert ist',
    portability: 'Meine Daten mitnehmen',
    restriction: 'Nutzung meiner Daten einfrieren',
    objection: 'Der Nutzung widersprechen',
    erasure: 'Alles über mich löschen',
    sure: 'Deine Nachrichten und alles andere werden sofort gelöscht und lassen sich nicht wiederherstellen.',
    erase: 'Löschen',
    keep: 'Behalten',
    done: 'Erledigt.',
    waits: 'Deine Anfrage ist da. Du hast eine Antwort bis {date}.',
    nothing: 'Über dich ist nichts gespeichert.',
  },
  fr: {
    rights: 'Vos droits',
    more: 'Gratuitement, et sans demander à personne. Ce qu’une personne doit examiner reçoit une réponse sous une semaine.',
    access: 'Voir ce qui est conservé sur moi',
    portability: 'Emporter mes données',
    restriction: 'Geler l’usage de mes données',
    objection: 'M’opposer à cet usage',
    erasure: 'Tout effacer sur moi',
    sure: 'Vos messages et tout le reste sont effacés aussitôt, sans retour possible.',
    erase: 'Effacer',
    keep: 'Garder',
    done: 'C’est fait.',
    waits: 'Nous avons votre demande. Réponse au plus tard le {date}.',
    nothing: 'Rien n’est conservé sur vous.',
  },
  es: {
    rights: 'Tus derechos',
    more: 'Gratis y sin preguntar a nadie. Lo que debe mirar una persona se responde en una semana.',
    access: 'Ver lo que se guarda sobre mí',
    portability: 'Llevarme mis datos',
    restriction: 'Congelar el uso de mis datos',
    objection: 'Oponerme a ese uso',
    erasure: 'Borrar todo sobre mí',
    sure: 'Tus mensajes y todo lo demás se borran enseguida y no se pueden recuperar.',
    erase: 'Borrar',
    keep: 'Conservar',
    done: 'Hecho.',
    waits: 'Tenemos tu solicitud. Tendrás respuesta antes del {date}.',
    nothing: 'No se guarda nada sobre ti.',
  },
  pl: {
    rights: 'Twoje prawa',
    more: 'Bezpłatnie i bez pytania kogokolwiek. Na to, co musi obejrzeć człowiek, odpowiadamy w ciągu tygodnia.',
    access: 'Zobacz, co o mnie przechowujecie',
    portability: 'Zabierz moje dane',
    restriction: 'Wstrzymaj używanie moich danych',
    objection: 'Sprzeciw wobec używania danych',
    erasure: 'Usuń wszystko o mnie',
    sure: 'Wiadomości i cała reszta zostaną od razu usunięte i nie da się tego cofnąć.',
    erase: 'Usuń',
    keep: 'Zostaw',
    done: 'Gotowe.',
    waits: 'Mamy Twoje żądanie. Odpowiedź najpóźniej {date}.',
    nothing: 'Nic o Tobie nie przechowujemy.',
  },
  ar: {
    rights: 'حقوقك',
    more: 'مجانًا ودون أن تسأل أحدًا. وما يجب أن ينظر فيه شخص يُجاب عنه خلال أسبوع.',
    access: 'الاطلاع على ما يُحفظ عني',
    portability: 'أخذ بياناتي معي',
    restriction: 'تجميد استخدام بياناتي',
    objection: 'الاعتراض على الاستخدام',
    erasure: 'محو كل شيء عني',
    sure: 'تُمحى رسائلك وكل ما عداها فورًا ولا يمكن استرجاعها.',
    erase: 'محو',
    keep: 'إبقاء',
    done: 'تم.',
    waits: 'وصلنا طلبك. ستصلك الإجابة قبل {date}.',
    nothing: 'لا يُحفظ عنك أي شيء.',
  },
};

export function rightsWords(locale: string): RightsWords {
  return words[locale.slice(0, 2)] ?? en;
}
