package workspace

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	minPassword = 12  // characters
	maxPassword = 256 // characters: longer ones cost time and add nothing
)

// commonPasswords are long ones that people really choose, without case, digits
// and signs at their end. Length alone does not make them hard to guess.
var commonPasswords = map[string]bool{
	"password": true, "passwordpassword": true, "passwort": true, "motdepasse": true, "contrasena": true, "changeme": true,
	"changemeplease": true, "letmein": true, "letmeinplease": true, "administrator": true, "adminadmin": true, "adminadminadmin": true,
	"welcome": true, "welcomewelcome": true, "iloveyou": true, "iloveyouforever": true, "qwertyuiop": true, "qwertyqwerty": true,
	"qwertyuiopasdfgh": true, "qwertyuiopasdfghjkl": true, "asdfghjkl": true, "asdfghjklqwertyuiop": true, "zxcvbnm": true,
	"zxcvbnmasdfghjkl": true, "qazwsxedc": true, "qazwsxedcrfv": true, "1q2w3e4r5t6y": true, "1qaz2wsx3edc": true, "1qaz2wsx3edc4rfv": true,
	"q1w2e3r4t5y6": true, "trustno1": true, "correcthorsebatterystaple": true, "thisismypassword": true, "mypassword": true,
	"secretsecret": true, "supersecret": true, "superuser": true, "botimum": true, "botimumbotimum": true, "footballfootball": true,
	"unbelievable": true, "sunshinesunshine": true, "princessprincess": true, "abcdefghijkl": true, "letmeinletmein": true, "test": true,
}

// checkPassword says why a password cannot be taken, or "". The rules are those
// of NIST SP 800-63B: length, and nothing that is guessed first; no rules about
// sorts of characters.
func checkPassword(password, email, name string) string {
	n := utf8.RuneCountInString(password)
	switch {
	case n < minPassword:
		return "must have at least 12 characters; a few words are easy to remember"
	case n > maxPassword:
		return "must have at most 256 characters"
	case !utf8.ValidString(password):
		return "must be text"
	}
	plain := strings.ToLower(password)
	local, _, _ := strings.Cut(strings.ToLower(email), "@")
	for _, known := range []string{strings.ToLower(email), local, strings.ToLower(name)} {
		if known != "" && strings.Trim(plain, trimmed) == strings.Trim(known, trimmed) {
			return "must not be your name or address"
		}
	}
	if commonPasswords[plain] || commonPasswords[strings.Trim(plain, trimmed)] || simple(plain) {
		return "is one that is guessed first; choose a few words of your own"
	}
	return ""
}

// trimmed is what people put around a word to make it a password.
const trimmed = "0123456789!?.,-_#*$%&+@ "

// simple tells whether a password is a short piece over and over, or a walk
// through the alphabet or the digits.
func simple(s string) bool {
	for size := 1; size <= 4; size++ {
		if strings.Repeat(s[:size], len(s)/size+1)[:len(s)] == s {
			return true
		}
	}
	steps := map[int]int{}
	for i := 1; i < len(s); i++ {
		steps[int(s[i])-int(s[i-1])]++
	}
	return steps[1] >= len(s)-3 || steps[-1] >= len(s)-3
}

// preparePassword gives a password as it is hashed: in one normal form, so that
// it can be typed on another keyboard.
func preparePassword(password string) []byte { return []byte(norm.NFC.String(password)) }
