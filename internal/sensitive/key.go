package sensitive

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

// form is how a vendor's keys look: what they begin with, and how many letters,
// digits and marks follow. The sources are the vendors' papers on their tokens.
type form struct {
	prefix string
	least  int
	most   int
	marks  string // beside letters and digits
}

var keyForms = []form{
	{"AKIA", 16, 16, ""}, {"ASIA", 16, 16, ""}, {"ABIA", 16, 16, ""}, {"ACCA", 16, 16, ""}, // AWS IAM, unique identifiers
	{"github_pat_", 40, 120, "_"}, {"ghp_", 30, 80, ""}, {"gho_", 30, 80, ""}, {"ghu_", 30, 80, ""}, {"ghs_", 30, 80, "_.-"}, {"ghr_", 30, 80, ""}, // GitHub, token formats
	{"glpat-", 20, 80, "_-."},                                                                                  // GitLab
	{"sk_live_", 16, 120, ""}, {"sk_test_", 16, 120, ""}, {"rk_live_", 16, 120, ""}, {"rk_test_", 16, 120, ""}, // Stripe; pk_ is public
	{"whsec_", 16, 100, "+/="},                                                  // Stripe and Standard Webhooks
	{"AIza", 33, 37, "_-"}, {"GOCSPX-", 24, 40, "_-"}, {"ya29.", 20, 300, "_-"}, // Google
	{"xoxb-", 16, 200, "-"}, {"xoxp-", 16, 200, "-"}, {"xoxa-", 16, 200, "-"}, {"xoxr-", 16, 200, "-"}, {"xoxs-", 16, 200, "-"}, {"xapp-", 16, 200, "-"},
	{"https://hooks.slack.com/services/", 20, 100, "/"}, // Slack
	{"npm_", 36, 36, ""}, {"SG.", 60, 70, "_-."}, {"sk-ant-", 20, 160, "_-"}, {"sk-proj-", 20, 220, "_-"}, {"hf_", 30, 40, ""}, {"dop_v1_", 60, 70, ""},
	{"pypi-", 50, 250, "_-"}, {"shpat_", 32, 32, ""}, {"btm_", 20, 100, "_-"}, // npm, SendGrid, Anthropic, OpenAI, Hugging Face, DigitalOcean, PyPI, Shopify, our own
}

var keyWords = []string{
	"api key", "api-key", "api_key", "apikey", "api token", "api secret", "client_secret", "client secret", "secret_key", "secret key", "access_key", "access key", "access token",
	"access_token", "auth token", "auth_token", "secret_access_key", "aws_secret_access_key", "webhook secret", "token", "secret", "api-schlüssel", "api schlüssel", "zugriffstoken", "zugangstoken",
	"geheimer schlüssel", "clé api", "clé d'api", "jeton", "clave de api", "clave api", "token de acceso", "klucz api", "klucza api", "مفتاح api", "رمز الوصول",
}

// bareKeyWords may mean any key: what follows must be small and capital letters and
// digits.
var bareKeyWords = []string{"key", "schlüssel", "clé", "clave", "klucz", "مفتاح", "المفتاح"}

// otherKeys open nothing, or are not a secret.
var otherKeys = []string{"public", "primary", "foreign", "product", "license", "licence", "cache", "partition", "idempotency", "object", "sort", "row", "öffentlicher", "publique", "pública", "publiczny"}

func hasAllSorts(s string) bool {
	return strings.ContainsFunc(s, unicode.IsDigit) && strings.ContainsFunc(s, unicode.IsLower) && strings.ContainsFunc(s, unicode.IsUpper)
}

// findKeys finds keys by their form, then words that announce one and are followed
// by what only chance writes.
func findKeys(text string, add func(Finding)) {
	findPrivateKeys(text, add)
	sure := func(i, j int) { add(Finding{Kind: Key, Start: i, End: j, Confidence: Sure}) }
	for _, k := range keyForms {
		eachAt(text, k.prefix, func(i int) {
			j := run(text, i+len(k.prefix), k.marks)
			j -= trailing(text[i+len(k.prefix) : j])
			if n := j - i - len(k.prefix); n >= k.least && n <= k.most && startsWord(text, i) {
				sure(i, j)
			}
		})
	}
	eachAt(text, "eyJ", func(i int) { // RFC 7519, section 3: a JSON object, then two more parts
		j := run(text, i, "_-.")
		j -= trailing(text[i:j])
		if parts := strings.Split(text[i:j], "."); startsWord(text, i) && len(parts) >= 3 && len(parts[0]) > 12 && strings.HasPrefix(parts[1], "ey") {
			sure(i, j)
		}
	})
	for _, scheme := range []string{"bearer ", "basic "} { // RFC 6750, section 2.1; RFC 7617, section 2
		eachFold(text, scheme, func(i int) {
			i += len(scheme)
			j := run(text, i, "_-.~+/=")
			j -= trailing(text[i:j])
			if j-i >= shortestKey && strings.ContainsAny(text[i:j], "0123456789") {
				sure(i, j)
			}
		})
	}
	findBotTokens(text, sure)
	findAnnounced(text, add)
}

// findPrivateKeys finds blocks of RFC 7468 that hold private keys.
func findPrivateKeys(text string, add func(Finding)) {
	const begin, end = "-----BEGIN ", "-----END "
	eachAt(text, begin, func(i int) {
		head, _, ok := strings.Cut(text[i+len(begin):], "-----")
		if !ok || !strings.HasSuffix(head, "PRIVATE KEY") && !strings.HasSuffix(head, "PRIVATE KEY BLOCK") || len(head) > 40 {
			return
		}
		j := len(text)
		if at := strings.Index(text[i:], end+head+"-----"); at >= 0 {
			j = i + at + len(end) + len(head) + 5
		}
		add(Finding{Kind: Key, Start: i, End: j, Confidence: Sure})
	})
}

// findBotTokens finds Telegram's: the bot's number, a colon, 30 to 40 characters.
func findBotTokens(text string, sure func(i, j int)) {
	eachAt(text, ":AA", func(at int) {
		i := at
		for i > 0 && isDigit(text[i-1]) {
			i--
		}
		j := run(text, at+1, "_-")
		if at-i >= 8 && at-i <= 10 && j-at >= 30 && j-at <= 40 && startsWord(text, i) {
			sure(i, j)
		}
	})
}

// findAnnounced finds long words of much entropy right after words for a key.
func findAnnounced(text string, add func(Finding)) {
	for i := 0; i < len(text); {
		j := run(text, i, "_-+/.")
		if j-i < shortestKey {
			i = max(j, i+1)
			continue
		}
		end := j - trailing(text[i:j])
		if looksRandom(text[i:end]) && !isOwnID(text[i:end]) && announced(text, i, hasAllSorts(text[i:end])) {
			add(Finding{Kind: Key, Start: i, End: end, Confidence: Likely})
		}
		i = j
	}
}

// announced tells whether words for a key stand before i, with nothing but a few
// words between.
func announced(text string, i int, strong bool) bool {
	before := window(text, max(0, i-reachBefore), i)
	at, named := -1, ""
	for _, w := range slices.Concat(keyWords, bareKeyWords) {
		k := lastWord(before, w)
		if k >= 0 && (k+len(w) > at+len(named) || k+len(w) == at+len(named) && len(w) > len(named)) {
			at, named = k, w
		}
	}
	if at < 0 {
		return false
	}
	rest := before[at+len(named):]
	if slices.Contains(bareKeyWords, named) && (!strong || hasWord(before[:at], otherKeys)) {
		return false
	}
	return len(rest) <= 28 && !strings.ContainsAny(rest, ".?!;/0123456789") && !hasWord(rest, []string{"commit", "hash", "sha", "md5", "id"})
}

// looksRandom tells whether a word mixes letters and digits without an order: three
// bits a character are more than words and numbers have (Shannon, 1948).
func looksRandom(s string) bool {
	var times [256]int
	digits, small, capitals := 0, 0, 0
	for i := range len(s) {
		times[s[i]]++
		switch {
		case isDigit(s[i]):
			digits++
		case s[i] >= 'a' && s[i] <= 'z':
			small++
		case s[i] >= 'A' && s[i] <= 'Z':
			capitals++
		}
	}
	if digits < 2 && (digits == 0 || small == 0 || capitals == 0) || small+capitals < 4 {
		return false
	}
	bits := 0.0
	for _, n := range times {
		if n > 0 {
			p := float64(n) / float64(len(s))
			bits -= p * math.Log2(p)
		}
	}
	return bits >= 3
}

// isOwnID tells whether a word is one of this program's ids or public keys, or of
// Stripe's public ones.
func isOwnID(s string) bool {
	prefix, body, ok := strings.Cut(s, "_")
	return ok && (len(prefix) == 3 && len(body) == 26 && s == strings.ToLower(s) || prefix == "wk" || prefix == "pk")
}

// run gives where the letters, digits and marks from i on end.
func run(text string, i int, marks string) int {
	for i < len(text) && (isDigit(text[i]) || text[i] < letter && isLetter(text[i]) || strings.IndexByte(marks, text[i]) >= 0) {
		i++
	}
	return i
}

// trailing counts the marks at a word's end that belong to the sentence.
func trailing(word string) int { return len(word) - len(strings.TrimRight(word, ".-/")) }

// startsWord tells whether no letter, digit or underscore stands before i.
func startsWord(text string, i int) bool { return i == 0 || !isWord(text[i-1]) }

func eachAt(text, what string, do func(i int)) {
	for i := 0; ; i += len(what) {
		at := strings.Index(text[i:], what)
		if at < 0 {
			return
		}
		i += at
		do(i)
	}
}

// eachFold is eachAt for ASCII, in capitals or not.
func eachFold(text, what string, do func(i int)) {
	for i := 0; i+len(what) <= len(text); i++ {
		if text[i]|0x20 == what[0] && strings.EqualFold(text[i:i+len(what)], what) && startsWord(text, i) {
			do(i)
		}
	}
}
