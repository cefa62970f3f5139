package dialog

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// intent is a compiled Intent.
type intent struct {
	id       string
	form     bool
	idle     bool
	exact    map[string]bool
	patterns []pattern
	keywords [][]string
}

// Scores of a match; a candidate must lead the next by at least one class.
const (
	scoreKeywords = 1
	scorePattern  = 2
	scoreExact    = 3
)

// hit is one candidate reading of a message.
type hit struct {
	id    string
	form  bool
	score int
	slots Slots
}

func compile(id string, form bool, in Intent) (intent, error) {
	c := intent{id: id, form: form, idle: in.Idle, exact: map[string]bool{}, keywords: in.Keywords}
	for _, e := range in.Exact {
		c.exact[Key(e)] = true
	}
	for _, p := range in.Patterns {
		re, err := compilePattern(p)
		if err != nil {
			return c, fmt.Errorf("dialog: intent %s: %w", id, err)
		}
		c.patterns = append(c.patterns, re)
	}
	return c, nil
}

// read scores one message against the intent.
func (in intent) read(text, key string) (hit, bool) {
	h := hit{id: in.id, form: in.form}
	if in.exact[key] {
		h.score, h.slots = scoreExact, Slots{"text": text}
		return h, true
	}
	textSize, keySize := utf8.RuneCountInString(text), utf8.RuneCountInString(key)
	for _, re := range in.patterns {
		found := re.find(text, textSize)
		if found == nil && key != text {
			found = re.find(key, keySize)
		}
		if found != nil {
			h.slots = Slots{"text": text}
			for i, name := range re.SubexpNames() {
				if name != "" && found[i] != "" {
					h.slots[name] = strings.TrimSpace(found[i])
				}
			}
			h.score = scorePattern
			return h, true
		}
	}
	if len(in.keywords) == 0 {
		return h, false
	}
	for _, group := range in.keywords {
		if !containsAny(key, group) {
			return h, false
		}
	}
	h.score, h.slots = scoreKeywords, Slots{"text": text}
	return h, true
}

// match returns the best candidates, those this person may use first: one is
// an answer, several are a question. Candidates of a lower score are dropped.
func (t *turn[V, C]) match(text string) []hit {
	key := Key(text)
	var hits []hit
	busy := t.active() != nil
	for _, in := range t.m.intents {
		if in.idle && busy {
			continue
		}
		if h, ok := in.read(text, key); ok {
			hits = append(hits, h)
		}
	}
	hits = t.sensed(text, hits)
	sort.SliceStable(hits, func(i, j int) bool { return hits[i].score > hits[j].score })
	var allowed []hit
	for _, h := range hits {
		if t.refused(h) == "" {
			allowed = append(allowed, h)
		}
	}
	switch {
	case len(allowed) > 0:
		hits = allowed
	case len(hits) > 1:
		hits = hits[:1] // refused one way or the other: say it once
	}
	for i, h := range hits {
		if h.score < hits[0].score {
			return hits[:i]
		}
	}
	return hits
}

// refused says why this person may not use a form or query, "" when they may.
func (t *turn[V, C]) refused(h hit) string {
	if h.form {
		if f := t.m.forms[h.id]; f.Allow != nil {
			return f.Allow(t.in.View)
		}
		return ""
	}
	if q := t.m.query(h.id); q != nil && q.Allow != nil {
		return q.Allow(t.in.View)
	}
	return ""
}

// title names a form or query for a 1/2/3 question.
func (m *Machine[V, C]) title(id string) string {
	if f := m.forms[id]; f != nil {
		return f.Title
	}
	if q := m.query(id); q != nil {
		return q.Title
	}
	return wordTitle(id)
}
