package handlers_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/talk"
)

// TestStaleClicks presses, after each talk, every button of every card that is
// about a state that has passed: nothing may change, and the person is always
// told something useful. The programme promises this of 500 clicks (dialog.md 7).
func TestStaleClicks(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.talk")
	if err != nil {
		t.Fatal(err)
	}
	clicks, wrong, silent := 0, 0, 0
	for _, file := range files {
		if isClocked(t, file) {
			continue
		}
		w := playQuietly(t, file)
		for id, cards := range w.shown {
			person, known := w.memory.Person(id)
			if !known || person.Left {
				continue // a group, or nobody
			}
			for i, card := range append(append([]chat.Card{}, cards...), cards...) {
				if i == len(cards) {
					w.now = w.now.Add(3 * 24 * time.Hour) // and once more days later
				}
				if !w.isPast(id, card.Ref) {
					continue
				}
				for _, b := range card.Buttons {
					before := w.state(t)
					w.heard = nil
					if err := w.event(person.Name, chat.Event{Kind: chat.Click, Click: chat.Press{Key: b.Say, Ref: card.Ref, Task: "t"}}); err != nil {
						t.Fatal(err)
					}
					clicks++
					if after := w.state(t); after != before {
						wrong++
						t.Errorf("%s: %s pressed %q on an old card and changed\n%s\nto\n%s", file, person.Name, b.Say, before, after)
					}
					if len(w.heard) == 0 || w.heard[0].To != person.Name {
						silent++
						t.Errorf("%s: %s pressed %q on an old card and heard nothing", file, person.Name, b.Say)
					}
				}
			}
		}
	}
	t.Logf("old cards: %d clicks, wrong effect %d, without an answer %d", clicks, wrong, silent)
	if clicks < 500 {
		t.Errorf("only %d clicks on old cards, want 500", clicks)
	}
}

// playQuietly plays a talk without looking at its words.
func playQuietly(t *testing.T, file string) *world {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	script, err := talk.Parse(filepath.Base(file), string(data))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, len(data) < 10 || string(data[:10]) != "# no cycle")
	if _, err := talk.Play(script, w); err != nil {
		t.Fatal(err)
	}
	return w
}

// isPast reports whether a card is about a state that is no more.
func (w *world) isPast(id string, ref chat.Ref) bool {
	switch ref.Kind {
	case "draft":
		for _, d := range w.talks[id].Drafts {
			if d.Name() == ref.ID {
				return d.Rev != ref.Rev
			}
		}
		return true
	case "topic":
		topic, ok := w.memory.Topic(ref.ID)
		return !ok || topic.Rev != ref.Rev
	default:
		return false
	}
}

// state is everything a click could do: records, and the answers in drafts.
func (w *world) state(t *testing.T) string {
	t.Helper()
	drafts := map[string][]any{}
	for id, c := range w.talks {
		for _, d := range c.Drafts {
			drafts[id] = append(drafts[id], d.Form, d.Values, d.Asks)
		}
	}
	cycle, _ := w.memory.Cycle()
	text, err := json.Marshal([]any{
		cycle, w.memory.Topics(award.TopicQuery{Limit: 1000}), w.memory.Units(0, 1000), w.memory.Groups(), w.memory.Resent, drafts,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
