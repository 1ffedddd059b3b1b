package children

import (
	"strings"

	"golang.org/x/text/language"
)

// wordings are what a parent agrees to. A changed one is another text, and so
// another hash: consents keep theirs.
var wordings = map[string]string{
	"en": "I am the parent or guardian of this child. I agree that {name} stores what my child writes in its chat, in order to answer. I can withdraw this at any time through this link; everything about my child is then erased.",
	"de": "Ich bin Elternteil oder sorgeberechtigt für dieses Kind. Ich bin einverstanden, dass {name} speichert, was mein Kind im Chat schreibt, um zu antworten. Ich kann das jederzeit über diesen Link widerrufen; dann wird alles über mein Kind gelöscht.",
	"fr": "Je suis le parent ou le tuteur de cet enfant. J’accepte que {name} conserve ce que mon enfant écrit dans sa messagerie, afin de lui répondre. Je peux retirer cet accord à tout moment par ce lien ; tout ce qui concerne mon enfant est alors effacé.",
	"es": "Soy el padre, la madre o quien ejerce la tutela de este menor. Acepto que {name} guarde lo que escriba en su chat para poder responderle. Puedo retirar este consentimiento en cualquier momento con este enlace; entonces se borra todo lo relativo al menor.",
	"pl": "Jestem rodzicem lub opiekunem tego dziecka. Zgadzam się, aby {name} przechowywało to, co moje dziecko pisze na czacie, w celu udzielenia odpowiedzi. Mogę wycofać zgodę w każdej chwili za pomocą tego linku; wszystko o moim dziecku zostanie wtedy usunięte.",
	"ar": "أنا والد هذا الطفل أو الوصي عليه. أوافق على أن تحفظ {name} ما يكتبه طفلي في المحادثة من أجل الرد عليه. يمكنني سحب موافقتي في أي وقت من خلال هذا الرابط، وعندها يُمحى كل ما يتعلق بطفلي.",
}

var languages = []string{"en", "de", "fr", "es", "pl", "ar"}

var matcher = func() language.Matcher {
	tags := make([]language.Tag, len(languages))
	for i, l := range languages {
		tags[i] = language.MustParse(l)
	}
	return language.NewMatcher(tags)
}()

// LanguageOf gives the language, of those that a parent can be asked in, that is
// nearest to what is wished: tags or lists of them as in Accept-Language, the first
// that fits; English otherwise.
func LanguageOf(wishes ...string) string {
	for _, wish := range wishes {
		tags, _, err := language.ParseAcceptLanguage(wish)
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, i, confidence := matcher.Match(tags...); confidence > language.No {
			return languages[i]
		}
	}
	return languages[0]
}

func wordingFor(lang, workspaceName string) string {
	return strings.ReplaceAll(wordings[lang], "{name}", workspaceName)
}
