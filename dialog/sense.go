package dialog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Sense is what a word grammar makes of a message that fits no phrase as a whole.
type Sense struct {
	// ID is a form or query, or "!" and a reserved word ("!提交").
	ID    string
	Slots Slots
	// Sure counts like a phrase that fits; else the sense is a vague likeness.
	Sure bool
}

// Limits of a sense beside an open question.
const (
	// maxSensed is the longest message that is weighed while an answer is awaited.
	maxSensed = 40
	// maxChanged is the longest message that can be a change of an open form.
	maxChanged = 80
)

// partPrefix begins the key under which a draft keeps what a sentence gave of a
// field that is not whole yet ("陈静" without post and phone).
const partPrefix = "part:"

// question is how a message looks that wants to know something.
var question = regexp.MustCompile(`[?？]|什么|啥|哪|几|多少|怎么|咋|如何|[吗么没呢]$`)

// sensed adds what the word grammar says to the phrases found. One phrase that
// fits stands; of several the grammar picks; where none fits it speaks alone.
// An open question keeps its answers: there only questions are weighed.
func (t *turn[V, C]) sensed(text string, hits []hit) []hit {
	if t.m.cfg.Read == nil || len(hits) > 0 && hits[0].score == scoreExact {
		return hits
	}
	fits := 0
	for _, h := range hits {
		if h.score == scorePattern {
			fits++
		}
	}
	if fits == 1 {
		t.deepen(text, hits)
		return hits
	}
	if d := t.active(); d != nil && !d.Confirm && t.current(d) != nil && (Runes(text) > maxSensed || !question.MatchString(text)) {
		return hits
	}
	senses := t.m.cfg.Read(t.in.View, text, t.in.Event.Group != "")
	if len(senses) == 0 {
		return hits
	}
	if fits > 1 {
		for _, h := range hits {
			if h.score == scorePattern && h.id == senses[0].ID {
				return []hit{h}
			}
		}
		return hits
	}
	for _, s := range senses {
		h := hit{id: s.ID, form: t.m.forms[s.ID] != nil, score: scoreKeywords, slots: s.Slots}
		if s.Sure {
			h.score = scorePattern
		}
		hits = slices.DeleteFunc(hits, func(old hit) bool { return old.id == h.id })
		hits = append(hits, h)
	}
	return hits
}

// deepen adds what the grammar reads to a question whose phrase fits: the phrase
// tells that a deadline is asked for, the grammar which.
func (t *turn[V, C]) deepen(text string, hits []hit) {
	i := slices.IndexFunc(hits, func(h hit) bool { return h.score == scorePattern })
	if hits[i].form {
		return
	}
	for _, s := range t.m.cfg.Read(t.in.View, text, t.in.Event.Group != "") {
		for key, value := range s.Slots {
			if s.ID == hits[i].id && hits[i].slots[key] == "" {
				hits[i].slots[key] = value
			}
		}
	}
}

// sensedSlots are the slots the grammar finds for one reading of a message.
func (t *turn[V, C]) sensedSlots(id, text string) Slots {
	if t.m.cfg.Read != nil {
		for _, s := range t.m.cfg.Read(t.in.View, text, false) {
			if s.ID == id {
				return s.Slots
			}
		}
	}
	return Slots{"text": text}
}

// absorb takes what a sentence says into a draft that was begun before: empty
// fields are filled, what is there already stays and is said.
func (t *turn[V, C]) absorb(f *Form[V, C], d *Draft, begin Start) {
	var taken []Value
	var lines, kept []string
	work := *d
	for _, fl := range t.applying(f, d) {
		raw := begin.Raw[fl.Key]
		if raw == "" {
			continue
		}
		r := t.understand(f, &work, fl, Normalise(raw), "")
		old := d.value(fl.Key)
		switch {
		case !r.Problem.OK():
			kept = append(kept, fl.Label+"：“"+Cut(oneLine(raw), 60)+"”，"+r.Problem.Text)
		case old.Text == r.Value:
		case old.Text != "" && old.From != fromDefault:
			kept = append(kept, fl.Label+"：已经填了“"+Cut(oneLine(fl.Kind.Show(old.Text)), 40)+"”，没有换成“"+Cut(oneLine(fl.Kind.Show(r.Value)), 40)+"”；要换请说“"+fl.Label+"改成…”")
		default:
			v := Value{Key: fl.Key, Text: r.Value, From: fromTyped}
			work.put(v)
			taken = append(taken, v)
			lines = append(lines, "✓ "+fl.Label+"："+Cut(oneLine(fl.Kind.Show(r.Value)), 120))
		}
	}
	if len(taken) > 0 {
		d.set(taken...)
		t.note = append(t.note, "这句里的也记下了：\n"+strings.Join(lines, "\n"))
	}
	if len(kept) > 0 {
		t.note = append(t.note, strings.Join(kept, "\n"))
	}
	if begin.Note != "" {
		t.note = append(t.note, begin.Note)
	}
}

// changed carries out a change said in a sentence on a draft that was opened for
// it; false when nothing of the kind could be done.
func (t *turn[V, C]) changed(f *Form[V, C], text string) bool {
	d := t.active()
	if d == nil || text == "" {
		return false
	}
	t.text = Normalise(text)
	return t.edited(f, d, t.labels(f).paste(t.text).Labels)
}

// wordTitle names a reserved word in a 1/2/3 question.
func wordTitle(id string) string {
	w, ok := strings.CutPrefix(id, optionWord)
	if !ok {
		return id
	}
	return fmt.Sprintf("%s（%s）", w, map[word]string{wordSubmit: "把填好的报上去", wordTemplate: "拿空表", wordHelp: "看能办什么"}[word(w)])
}
