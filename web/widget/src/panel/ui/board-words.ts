/** The words of boards, in all languages: the part is fetched by few, and once. */
export interface BoardWords {
  vote: string;
  none: string;
  failed: string;
  again: string;
  away: string;
  go: string;
  empty: string;
  more: string;
  wish: string;
}

const en: BoardWords = {
  vote: 'Vote for',
  none: 'There is no such board.',
  failed: 'That did not work.',
  again: 'Try again',
  away: 'To vote here, please open the board and sign in.',
  go: 'Open the board',
  empty: 'Nothing has been wished for yet.',
  more: 'Show more',
  wish: 'Wish for something',
};

const words: Record<string, BoardWords> = {
  en,
  de: {
    vote: 'Stimmen für',
    none: 'Dieses Board gibt es nicht.',
    failed: 'Das hat nicht geklappt.',
    again: 'Noch einmal',
    away: 'Zum Abstimmen öffne bitte das Board und melde dich an.',
    go: 'Board öffnen',
    empty: 'Noch hat sich niemand etwas gewünscht.',
    more: 'Mehr zeigen',
    wish: 'Etwas wünschen',
  },
  fr: {
    vote: 'Voter pour',
    none: 'Ce tableau n’existe pas.',
    failed: 'Cela n’a pas marché.',
    again: 'Réessayer',
    away: 'Pour voter, ouvrez le tableau et connectez-vous.',
    go: 'Ouvrir le tableau',
    empty: 'Aucun souhait pour l’instant.',
    more: 'Afficher plus',
    wish: 'Faire un souhait',
  },
  es: {
    vote: 'Votar por',
    none: 'Ese tablero no existe.',
    failed: 'No ha funcionado.',
    again: 'Reintentar',
    away: 'Para votar, abre el tablero e inicia sesión.',
    go: 'Abrir el tablero',
    empty: 'Aún nadie ha pedido nada.',
    more: 'Ver más',
    wish: 'Pedir algo',
  },
  pl: {
    vote: 'Głosuj na',
    none: 'Nie ma takiej tablicy.',
    failed: 'Nie udało się.',
    again: 'Spróbuj ponownie',
    away: 'Aby zagłosować, otwórz tablicę i zaloguj się.',
    go: 'Otwórz tablicę',
    empty: 'Nikt jeszcze o nic nie poprosił.',
    more: 'Pokaż więcej',
    wish: 'Poproś o coś',
  },
  ar: {
    vote: 'التصويت لـ',
    none: 'لا توجد لوحة كهذه.',
    failed: 'لم ينجح ذلك.',
    again: 'أعد المحاولة',
    away: 'للتصويت افتح اللوحة وسجّل الدخول.',
    go: 'فتح اللوحة',
    empty: 'لم يطلب أحد شيئًا بعد.',
    more: 'عرض المزيد',
    wish: 'اطلب شيئًا',
  },
};

export function boardWords(locale: string): BoardWords {
  return words[locale.slice(0, 2)] ?? en;
}
