package mask_test

import (
	"encoding/json"
	"testing"

	"github.com/botimum/botimum/internal/mask"
)

func TestAddressesAreHiddenWhereverTheyStand(t *testing.T) {
	for in, want := range map[string]string{
		`{"email":"ada@example.org","n":1}`:                                          `{"email":"a•••@e•••.org","n":1}`,
		`{"email": "ada@example.org" }`:                                              `{"email": "a•••@e•••.org" }`,
		`{"phone":"030 123456"}`:                                                     `{"phone":"••• 56"}`,
		`{"phones":[{"address":"030 123456","primary":true}],"x":"030 123456"}`:      `{"phones":[{"address":"••• 56","primary":true}],"x":"030 123456"}`,
		`{"claims":{"phone":{"value":"12345"},"email":{"value":"ada@example.org"}}}`: `{"claims":{"phone":{"value":"••• 45"},"email":{"value":"a•••@e•••.org"}}}`,
		`{"former":{"emails":["ada@example.org","b@c.de"]}}`:                         `{"former":{"emails":["a•••@e•••.org","b•••@c•••.de"]}}`,
		`{"any":"+49 30 123456"}`:                                                    `{"any":"••• 56"}`,
		`{"body":"write to ada@example.org"}`:                                        `{"body":"write to ada@example.org"}`,
		`{"email":"аня@пример.рф"}`:                                                  `{"email":"а•••@п•••.рф"}`,
		`{"email":"\u0061da@example.org"}`:                                           `{"email":"a•••@e•••.org"}`,
		`{"ada@example.org":"x"}`:                                                    `{"a•••@e•••.org":"x"}`,
		`{"created_at":"2026-11-25T07:00:00Z","name":"A \"B\" C"}`:                   `{"created_at":"2026-11-25T07:00:00Z","name":"A \"B\" C"}`,
		`{"email":""}`: `{"email":""}`,
		`{"broken`:     `{"broken`,
		``:             ``,
	} {
		if got := string(mask.JSON([]byte(in))); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func FuzzWhatWasJSONStaysJSON(f *testing.F) {
	f.Add(`{"email":"ada@example.org","a":["+49 30 123456",{"phone":"12345"}]}`)
	f.Fuzz(func(t *testing.T, in string) {
		if json.Valid([]byte(in)) != json.Valid(mask.JSON([]byte(in))) && json.Valid([]byte(in)) {
			t.Errorf("%q became %q", in, mask.JSON([]byte(in)))
		}
	})
}
