package main

import (
	"math"
	"math/rand/v2"
)

// vocabulary is what messages are made of: made-up words, some frequent, most
// rare, as in real texts (Zipf's law), so that the search index sees both.
type vocabulary struct {
	words  []string
	sample []uint16 // indexes of words, each as often as the word is frequent
}

const (
	vocabularySize = 20_000
	sampleSize     = 1 << 17
)

// newVocabulary gives the same words in every run.
func newVocabulary() *vocabulary {
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // every run shall be the same
	v := &vocabulary{words: make([]string, 0, vocabularySize), sample: make([]uint16, 0, sampleSize)}
	seen := map[string]bool{}
	for len(v.words) < vocabularySize {
		length := 2 + rng.IntN(3) + len(v.words)/8000 // frequent words are short
		w := make([]byte, 0, 12)
		for range length {
			w = append(w, "bcdfghklmnprstvw"[rng.IntN(16)], "aeiou"[rng.IntN(5)])
		}
		if !seen[string(w)] {
			seen[string(w)] = true
			v.words = append(v.words, string(w))
		}
	}
	total := 0.0
	for i := range v.words {
		total += 1 / math.Pow(float64(i+5), 1.05)
	}
	for i := range v.words {
		share := 1 / math.Pow(float64(i+5), 1.05) / total
		for range max(1, int(share*(sampleSize-vocabularySize))) {
			v.sample = append(v.sample, uint16(i))
		}
	}
	return v
}

// word gives a word as it comes up in texts.
func (v *vocabulary) word(rng *rand.Rand) string {
	return v.words[v.sample[rng.IntN(len(v.sample))]]
}

// message appends a message's JSON body: 8 to 22 words, 15 on average.
func (v *vocabulary) message(b []byte, rng *rand.Rand) []byte {
	b = append(b, `{"body":"`...)
	for i := range 8 + rng.IntN(15) {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(b, v.word(rng)...)
	}
	return append(b, `."}`...)
}

// source gives a generator of chance for a worker: the same in every run.
func source(worker int) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(worker), 42)) //nolint:gosec // every run shall be the same
}
