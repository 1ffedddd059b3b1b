/** The words of the age gate, in all languages: the part is fetched by few, and once. */
export interface AgeWords {
  born: string;
  why: string;
  month: string;
  year: string;
  go: string;
  fill: string;
  child: string;
  parent: string;
  ask: string;
  asked: string;
  look: string;
  again: string;
}

const en: AgeWords = {
  born: 'When were you born?',
  why: 'We ask because the law protects children. The answer is not stored.',
  month: 'Month',
  year: 'Year',
  go: 'Continue',
  fill: 'Please choose month and year.',
  child:
    'You need a parent’s or guardian’s consent to write here. Tell us their e-mail address, and we ask them. Nothing else is stored.',
  parent: 'Your parent’s e-mail address',
  ask: 'Ask them',
  asked: 'We have written to your parent. Once they agree, you can write here.',
  look: 'Have they answered?',
  again: 'That failed. Please try again.',
};

const words: Record<string, AgeWords> = {
  en,
  de: {
    born: 'Wann bist du geboren?',
    why: 'Wir fragen, weil das Gesetz Kinder schützt. Die Antwort wird nicht gespeichert.',
    month: 'Monat',
    year: 'Jahr',
    go: 'Weiter',
    fill: 'Bitte wähle Monat und Jahr.',
    child:
      'Zum Schreiben brauchst du das Einverständnis deiner Eltern. Nenne uns ihre E-Mail-Adresse, dann fragen wir sie. Sonst wird nichts gespeichert.',
    parent: 'E-Mail-Adresse deiner Eltern',
    ask: 'Eltern fragen',
    asked: 'Wir haben deinen Eltern geschrieben. Sobald sie zustimmen, kannst du hier schreiben.',
    look: 'Haben sie geantwortet?',
    again: 'Das hat nicht geklappt. Bitte versuche es noch einmal.',
  },
  fr: {
    born: 'Quand es-tu né ?',
    why: 'Nous le demandons parce que la loi protège les enfants. La réponse n’est pas conservée.',
    month: 'Mois',
    year: 'Année',
    go: 'Continuer',
    fill: 'Choisis le mois et l’année.',
    child:
      'Pour écrire ici, il te faut l’accord d’un parent ou d’un tuteur. Donne-nous son adresse et nous lui demanderons. Rien d’autre n’est conservé.',
    parent: 'Adresse e-mail de ton parent',
    ask: 'Lui demander',
    asked: 'Nous avons écrit à ton parent. Dès qu’il sera d’accord, tu pourras écrire ici.',
    look: 'A-t-il répondu ?',
    again: 'Cela n’a pas marché. Essaie encore.',
  },
  es: {
    born: '¿Cuándo naciste?',
    why: 'Lo preguntamos porque la ley protege a los menores. La respuesta no se guarda.',
    month: 'Mes',
    year: 'Año',
    go: 'Continuar',
    fill: 'Elige el mes y el año.',
    child:
      'Para escribir aquí necesitas el permiso de tu padre, madre o tutor. Danos su correo y se lo pedimos. No se guarda nada más.',
    parent: 'Correo de tu padre, madre o tutor',
    ask: 'Preguntarle',
    asked: 'Hemos escrito a tu padre, madre o tutor. Cuando acepte, podrás escribir aquí.',
    look: '¿Ha respondido?',
    again: 'No ha funcionado. Inténtalo de nuevo.',
  },
  pl: {
    born: 'Kiedy się urodziłeś lub urodziłaś?',
    why: 'Pytamy, bo prawo chroni dzieci. Odpowiedź nie jest zapisywana.',
    month: 'Miesiąc',
    year: 'Rok',
    go: 'Dalej',
    fill: 'Wybierz miesiąc i rok.',
    child:
      'Aby tu pisać, potrzebujesz zgody rodzica lub opiekuna. Podaj jego adres e-mail, a my go zapytamy. Nic innego nie jest zapisywane.',
    parent: 'Adres e-mail rodzica',
    ask: 'Zapytaj',
    asked: 'Napisaliśmy do Twojego rodzica. Gdy się zgodzi, będzie można tu pisać.',
    look: 'Czy już odpowiedział?',
    again: 'To się nie udało. Spróbuj ponownie.',
  },
  ar: {
    born: 'متى وُلدت؟',
    why: 'نسأل لأن القانون يحمي الأطفال. لا تُحفظ الإجابة.',
    month: 'الشهر',
    year: 'السنة',
    go: 'متابعة',
    fill: 'يرجى اختيار الشهر والسنة.',
    child:
      'تحتاج إلى موافقة أحد والديك أو الوصي عليك لتكتب هنا. أعطنا بريده الإلكتروني لنسأله. لا يُحفظ أي شيء آخر.',
    parent: 'البريد الإلكتروني لأحد والديك',
    ask: 'اسألوه',
    asked: 'كتبنا إلى أحد والديك. ما إن يوافق يمكنك الكتابة هنا.',
    look: 'هل أجاب؟',
    again: 'لم ينجح ذلك. حاول مرة أخرى.',
  },
};

export function ageWords(locale: string): AgeWords {
  return words[locale.slice(0, 2)] ?? en;
}
