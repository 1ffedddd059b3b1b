package mail

var polish = words{
	lang:      "pl",
	hello:     "Dzień dobry, {name},",
	helloAll:  "Dzień dobry,",
	ifNot:     "Jeśli przycisk nie działa, proszę otworzyć ten adres:",
	automatic: "Tę wiadomość wysłano automatycznie w imieniu: {workspace}. Odpowiedzi na nią nie są czytane.",
	notice:    "Ochrona danych: {workspace}",

	labels: map[string]string{
		"kind": "Wniosek", "due_date": "Odpowiedź do dnia", "reason": "Powód", "authority": "Gdzie złożyć skargę", "fields": "Zmieniono",
		"erased_at": "Usunięto dnia", "receipt": "Numer potwierdzenia",
		"minutes": "Działa raz, przez", "child_service": "Usługa",
		"stop": "Nie wysyłać więcej wiadomości o tym pomyśle", "post": "Pomysł", "status": "Stan", "answer": "Odpowiedź", "into": "Dalej jako", "entry": "Co nowego",
	},
	kinds: map[string]string{
		"access": "Kopia danych", "rectification": "Sprostowanie danych", "erasure": "Usunięcie danych",
		"restriction": "Ograniczenie przetwarzania danych", "portability": "Przeniesienie danych", "objection": "Sprzeciw wobec wykorzystania danych",
	},
	kindsInside: map[string]string{
		"access": "Dostęp (artykuł 15)", "rectification": "Sprostowanie (artykuł 16)", "erasure": "Usunięcie (artykuł 17)",
		"restriction": "Ograniczenie (artykuł 18)", "portability": "Przenoszenie (artykuł 20)", "objection": "Sprzeciw (artykuł 21)",
	},
	fields: map[string]string{
		"name": "Imię i nazwisko", "first_name": "Imię", "last_name": "Nazwisko", "email": "Adres e-mail", "phone": "Numer telefonu",
		"avatar_url": "Zdjęcie", "external_id": "Numer klienta", "company_id": "Firma", "locale": "Język", "timezone": "Strefa czasowa",
		"attributes": "Inne informacje",
	},
	months: [12]string{"stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października",
		"listopada", "grudnia"},
	date:    "{day} {month} {year}",
	minutes: "{n} min",
	comma:   ", ",

	mails: map[string]wording{
		PrivacyLink: {
			subject: "{workspace}: link do Państwa danych", title: "Proszę zobaczyć swoje dane i o nich zdecydować",
			before: []string{"Na stronie {workspace} zapytano, co przechowujemy o osobie z tym adresem. Ten link to pokazuje i pozwala dane poprawić, zabrać ze sobą lub usunąć."},
			button: "Otwórz moje dane",
			after:  []string{"Jeśli to nie Państwa prośba, nie trzeba nic robić. Bez linku nikt niczego nie zobaczy."},
		},
		RequestReceived: {
			subject: "{workspace}: otrzymaliśmy Państwa wniosek", title: "Mamy Państwa wniosek",
			before: []string{"Dziękujemy. Odpowiemy najpóźniej w dniu podanym niżej, często znacznie wcześniej. Nic to nie kosztuje."},
			button: "Śledź wniosek",
		},
		RequestCompleted: {
			subject: "{workspace}: Państwa wniosek został zrealizowany", title: "Wniosek został zrealizowany",
			before: []string{"Zrobiliśmy to, o co Państwo prosili."},
			button: "Zobacz wynik",
		},
		RequestRefused: {
			subject: "{workspace}: nie możemy zrealizować Państwa wniosku", title: "Nie możemy zrealizować wniosku",
			before: []string{"Rozpatrzyliśmy wniosek i musimy go odrzucić. Powód podajemy niżej."},
			button: "Zobacz wniosek",
			after:  []string{"Jeśli nie zgadzają się Państwo z tym, można złożyć skargę do organu ochrony danych lub zwrócić się do sądu. Skarga jest bezpłatna."},
		},
		RequestDue: {
			subject: "{workspace}: zbliża się termin wniosku o dane", title: "Zbliża się termin wniosku",
			before: []string{"Ktoś czeka na odpowiedź w sprawie swoich danych. Prosimy zająć się wnioskiem przed dniem podanym niżej."},
			button: "Otwórz wniosek",
		},
		RequestEscalated: {
			subject: "{workspace}: wniosek o dane po terminie", title: "Wniosek wymaga uwagi już teraz",
			before: []string{"Termin odpowiedzi na ten wniosek nadszedł lub minął. Tę wiadomość otrzymują właściciele i inspektorzy ochrony danych w {workspace}."},
			button: "Otwórz wniosek",
		},
		RestrictionLifted: {
			subject: "{workspace}: Państwa dane będą znowu przetwarzane", title: "Ograniczenie przetwarzania się kończy",
			before: []string{"Przetwarzanie Państwa danych zostało na prośbę ograniczone. Zanim to ograniczenie uchylimy, zawiadamiamy o tym, jak wymaga prawo (RODO, artykuł 18)."},
			after:  []string{"Jeśli się Państwo z tym nie zgadzają, proszę skorzystać ze strony prywatności poniżej lub złożyć skargę do organu ochrony danych."},
		},
		Rectified: {
			subject: "{workspace}: Państwa dane zostały poprawione", title: "Dane zostały poprawione",
			before: []string{"Zmieniliśmy to, co o Państwu przechowujemy, i zawiadamiamy tych, którym te dane przekazaliśmy."},
			after:  []string{"Jeśli coś się nie zgadza, proszę dać nam znać przez stronę prywatności poniżej."},
		},
		Erased: {
			subject: "{workspace}: Państwa dane zostały usunięte", title: "Dane zostały usunięte",
			before: []string{"Wszystko, co {workspace} przechowywał o Państwu, zostało usunięte, a klucz, bez którego nie da się tego odczytać, zniszczony."},
			after: []string{"Nie przechowujemy o Państwu niczego więcej poza potwierdzeniem, które nikogo nie wymienia. Adres zachowano osobno tylko po to, by wysłać tę wiadomość, i znika on razem z nią.",
				"Jeśli to Państwa zaskoczyło, proszę zwrócić się bezpośrednio do {workspace} albo złożyć skargę do organu ochrony danych."},
		},
		RequestExtended: {
			subject: "{workspace} potrzebuje więcej czasu na Państwa wniosek", title: "Wniosek potrwa dłużej",
			before: []string{"Nie możemy odpowiedzieć w terminie, który podaliśmy najpierw. Nowy termin i powód są poniżej; prawo pozwala na to raz, najwyżej o dwa miesiące (RODO, artykuł 12)."},
			button: "Śledź wniosek",
			after:  []string{"Jeśli się Państwo nie zgadzają, można złożyć skargę do organu ochrony danych albo pójść do sądu. Skarga jest bezpłatna."},
		},
		ParentalConsent: {
			subject: "{workspace}: prośba o zgodę rodzica", title: "Dziecko potrzebuje Państwa zgody",
			before: []string{"Dziecko, które chce korzystać z „{child_service}”, podało nam ten adres. W jego wieku możemy przechowywać dane tylko za zgodą rodzica lub opiekuna (RODO, artykuł 8)."},
			button: "Przeczytaj i zdecyduj",
			after:  []string{"Jeśli nic Państwo nie zrobią, nic o dziecku nie zachowamy. Jeśli nie znają Państwo tego dziecka, prosimy pominąć tę wiadomość."},
		},
		BoardSignIn: {
			subject: "{workspace}: logowanie do tablicy pomysłów", title: "Proszę się zalogować i zabrać głos",
			before: []string{"Ten link loguje do tablicy pomysłów: {workspace}. Hasło nie jest potrzebne."},
			button: "Zaloguj się",
			after:  []string{"Jeśli to nie Państwa prośba, nie trzeba nic robić. Bez linku nikt się nie zaloguje, a adres nie jest nigdzie przechowywany."},
		},
		PostStatus: {
			subject: "{workspace}: nowości o obserwowanym pomyśle", title: "Obserwowany pomysł ruszył dalej",
			before: []string{"Prosili Państwo o wiadomość, gdy coś się zmieni przy tym pomyśle."},
			button: "Zobacz pomysł",
		},
		PostAnswer: {
			subject: "{workspace}: odpowiedź na obserwowany pomysł", title: "Jest odpowiedź",
			before: []string{"Prosili Państwo o wiadomość, gdy coś się zmieni przy tym pomyśle."},
			button: "Zobacz pomysł",
		},
		PostMerged: {
			subject: "{workspace}: obserwowany pomysł ma teraz inną nazwę", title: "Z dwóch pomysłów powstał jeden",
			before: []string{"Ktoś inny chciał tego samego. Oba pomysły są teraz jednym, ze wszystkimi głosami, i nadal go Państwo obserwują."},
			button: "Zobacz pomysł",
		},
		PostShipped: {
			subject: "{workspace}: zrobiliśmy to, o co Państwo prosili", title: "Obserwowany pomysł jest gotowy",
			before: []string{"Prosili Państwo o wiadomość, gdy coś się zmieni przy tym pomyśle."},
			button: "Zobacz, co nowego",
		},
		Test: {
			subject: "{workspace}: wiadomość próbna", title: "Poczta działa",
			before: []string{"Poproszono o tę wiadomość w Ustawieniach, Poczta. Skoro ją Państwo czytają, serwer przyjmuje wiadomości od {workspace}."},
		},
	},
}
