package boards

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// lexicon holds the words of a board's titles, in memory alone. It proposes posts; what
// is shown is proven by their rows (ADR 0023). Of people who are restricted it has
// nothing.
type lexicon struct {
	mu     sync.Mutex // also while it is made: others wait for it
	made   bool
	at     mark
	posts  map[string]*entryOf
	words  map[string]*postings
	pairs  map[string]*postings
	used   time.Time
	titles int

	goneMu sync.Mutex
	gone   []string // people whose titles are to go
}

// entryOf is a post in a lexicon.
type entryOf struct {
	contactID string
	words     []string
	pairs     []string
}

// postings are the posts in whose titles a word is.
type postings struct {
	term  term
	posts map[string]struct{}
}

func (l *lexicon) clear() {
	l.made, l.posts, l.words, l.pairs = false, map[string]*entryOf{}, map[string]*postings{}, map[string]*postings{}
}

func (l *lexicon) remove(postID string) {
	e := l.posts[postID]
	if e == nil {
		return
	}
	delete(l.posts, postID)
	drop := func(table map[string]*postings, keys []string) {
		for _, key := range keys {
			if p := table[key]; p != nil {
				if delete(p.posts, postID); len(p.posts) == 0 {
					delete(table, key)
				}
			}
		}
	}
	drop(l.words, e.words)
	drop(l.pairs, e.pairs)
}

// put has a post be found by its title.
func (l *lexicon) put(postID, contactID, title string) {
	l.remove(postID)
	s := saidIn(title)
	e := &entryOf{contactID: contactID}
	add := func(table map[string]*postings, key string) {
		p := table[key]
		if p == nil {
			p = &postings{term: termOf(key), posts: map[string]struct{}{}}
			table[key] = p
		}
		p.posts[postID] = struct{}{}
	}
	for _, w := range s.words {
		add(l.words, w.text)
		e.words = append(e.words, w.text)
	}
	for _, run := range s.runs {
		for _, pair := range run {
			add(l.pairs, pair)
			e.pairs = append(e.pairs, pair)
		}
	}
	l.posts[postID] = e
}

// forget drops people's titles: now, or when whoever uses the lexicon is done with it. It
// does not wait, as commits do for it.
func (l *lexicon) forget(contactIDs []string) {
	l.goneMu.Lock()
	l.gone = append(l.gone, contactIDs...)
	l.goneMu.Unlock()
	if l.mu.TryLock() {
		l.settle()
		l.mu.Unlock()
	}
}

// settle does what forget asked for. The lexicon is locked.
func (l *lexicon) settle() {
	l.goneMu.Lock()
	gone := l.gone
	l.gone = nil
	l.goneMu.Unlock()
	l.removeOf(gone)
}

func (l *lexicon) removeOf(contactIDs []string) {
	if len(contactIDs) == 0 {
		return
	}
	for postID, e := range l.posts {
		if e.contactID != "" && slices.Contains(contactIDs, e.contactID) {
			l.remove(postID)
		}
	}
}

// answers gives how well posts answer each part of what is looked for, part by part.
func (l *lexicon) answers(s *said) []map[string]int {
	out := make([]map[string]int, 0, len(s.words)+len(s.runs))
	for i := range s.words {
		q, open := &s.words[i], s.open && i == len(s.words)-1
		found := map[string]int{}
		for _, p := range l.words {
			if quality := q.quality(&p.term, open); quality > 0 {
				for postID := range p.posts {
					found[postID] = max(found[postID], quality)
				}
			}
		}
		out = append(out, found)
	}
	for _, run := range s.runs {
		out = append(out, l.answersRun(run))
	}
	return out
}

// answersRun is that for a run of a script without spaces: the share of its pairs that
// a title has, where it has most of them.
func (l *lexicon) answersRun(run []string) map[string]int {
	count := map[string]int{}
	for _, pair := range run {
		if p := l.pairs[pair]; p != nil {
			for postID := range p.posts {
				count[postID]++
			}
		}
		if utf8.RuneCountInString(pair) > 1 {
			continue
		}
		for key, p := range l.pairs { // one character alone: any pair that has it
			if key != pair && strings.Contains(key, pair) {
				for postID := range p.posts {
					count[postID] = max(count[postID], 1)
				}
			}
		}
	}
	out := map[string]int{}
	for postID, n := range count {
		if quality := sameWord * min(n, len(run)) / len(run); quality >= mostOfRun {
			out[postID] = quality
		}
	}
	return out
}

const mostOfRun = 60 // percent of a run's pairs

// proposal is a post that may be what somebody looks for.
type proposal struct {
	postID  string
	quality int // of 100
}

// every gives the posts that answer all parts, the best first.
func (l *lexicon) every(s *said) []proposal {
	parts := l.answers(s)
	if len(parts) == 0 {
		return nil
	}
	smallest := slices.MinFunc(parts, func(a, b map[string]int) int { return cmp.Compare(len(a), len(b)) })
	var out []proposal
	for postID := range smallest {
		sum, all := 0, true
		for _, part := range parts {
			all = all && part[postID] > 0
			sum += part[postID]
		}
		if all {
			out = append(out, proposal{postID, sum / len(parts)})
		}
	}
	return best(out)
}

// similar gives the posts that have much in common with a title. A word that is in few
// titles says more than one that is in many.
func (l *lexicon) similar(s *said) []proposal {
	parts := l.answers(s)
	sums := map[string]float64{}
	all, posts := 0.0, float64(len(l.posts))
	for i, part := range parts {
		if i < len(s.words) && len(s.words[i].runes) < 2 {
			continue // one letter says nothing
		}
		rare := inNone
		if len(part) > 0 {
			rare = math.Log1p(posts/float64(len(part))) / math.Log1p(posts)
		}
		if i < len(s.words) && len(s.words[i].runes) < 4 {
			rare /= 2 // mostly what joins others
		}
		all += rare
		for postID, quality := range part {
			sums[postID] += rare * float64(quality)
		}
	}
	var out []proposal
	for postID, sum := range sums {
		if quality := int(sum / all); quality >= mostlyAlike {
			out = append(out, proposal{postID, quality})
		}
	}
	return best(out)
}

const (
	mostlyAlike = 45  // of 100, so that somebody may have meant the same
	inNone      = 0.4 // the weight of a word that no title has, where 1 is one that one has
)

const mostProposals = 500

func best(all []proposal) []proposal {
	slices.SortFunc(all, func(a, b proposal) int {
		return cmp.Or(cmp.Compare(b.quality, a.quality), cmp.Compare(b.postID, a.postID))
	})
	return all[:min(len(all), mostProposals)]
}

// lexicons are those of the boards where somebody looked for something of late.
type lexicons struct {
	mu  sync.Mutex
	all map[string]*lexicon // by board
}

const (
	mostTitles = 200_000 // in all lexicons, at some 500 bytes each
	unusedFor  = 10 * time.Minute
)

// of gives a board's lexicon, which may have yet to be made. Those that nobody used for
// long go, and where there is no room the one that was used least lately.
func (ls *lexicons) of(boardID string, now time.Time) *lexicon {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.all == nil {
		ls.all = map[string]*lexicon{}
	}
	sum := 0
	for id, l := range ls.all {
		if id != boardID && now.Sub(l.used) > unusedFor {
			delete(ls.all, id)
			continue
		}
		sum += l.titles
	}
	for sum > mostTitles && len(ls.all) > 1 {
		oldest := slices.MinFunc(slices.Collect(maps.Keys(ls.all)), func(a, b string) int { return ls.all[a].used.Compare(ls.all[b].used) })
		if oldest == boardID {
			break
		}
		sum -= ls.all[oldest].titles
		delete(ls.all, oldest)
	}
	l := ls.all[boardID]
	if l == nil {
		l = &lexicon{}
		l.clear()
		ls.all[boardID] = l
	}
	l.used = now
	return l
}

// note has a lexicon's size be known to the others.
func (ls *lexicons) note(l *lexicon, titles int) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	l.titles = titles
}

// forget drops what is there of some people's titles.
func (ls *lexicons) forget(contactIDs []string) {
	ls.mu.Lock()
	all := slices.Collect(maps.Values(ls.all))
	ls.mu.Unlock()
	for _, l := range all {
		l.forget(contactIDs)
	}
}
