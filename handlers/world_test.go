package handlers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
	"cxbot/documents"
	"cxbot/handlers"
	"cxbot/talk"
)

// world plays talks on the pure heart alone: machine, rules and award.Memory.
// What it leaves out (wire, store, outbox, clock) is played at the root.
type world struct {
	bot    *handlers.Bot
	memory *award.Memory
	now    time.Time
	serial int
	talks  map[string]dialog.Conversation
	names  map[string]string // name → userid
	heard  []talk.Utterance
	shown  map[string][]chat.Card // newest last, by userid
	trace  []string
	marks  []string       // trace of the newest event of a person
	later  []chat.Message // not due yet
	shelf  *documents.Shelf
}

// assembled is the machine of all tests: it keeps no state, and putting it
// together costs more than most talks.
var assembled = sync.OnceValues(func() (*handlers.Bot, error) {
	return handlers.New("清河县", handlers.WithWebhook(true))
})

// newWorld loads the sample county, with the sample cycle open or not.
func newWorld(t *testing.T, open bool) *world {
	t.Helper()
	bot, err := assembled()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join("..", "docs", "sample", "people.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := documents.ReadPeople(data)
	if err != nil {
		t.Fatal(err)
	}
	dir, _, problems := award.BuildUnits(rows)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	w := &world{
		bot: bot, memory: award.NewMemory(award.SampleCalendar()), talks: map[string]dialog.Conversation{},
		names: map[string]string{}, shown: map[string][]chat.Card{}, now: time.Date(2026, 11, 23, 9, 0, 0, 0, award.Shanghai),
	}
	if w.shelf, err = documents.OpenShelf(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	w.memory.Add(dir.Units, dir.Persons)
	data, err = os.ReadFile(filepath.Join("..", "docs", "sample", "past.csv"))
	if err != nil {
		t.Fatal(err)
	}
	past, err := documents.ReadPast(data)
	if err != nil {
		t.Fatal(err)
	}
	w.memory.AddPast(past...)
	for _, p := range dir.Persons {
		w.names[p.Name] = p.UserID
	}
	if open {
		w.openCycle(t)
	}
	return w
}

func (w *world) openCycle(t *testing.T) {
	t.Helper()
	staff, _ := w.memory.Person("sunjing")
	filing := award.Date{Year: 2026, Month: time.December, Day: 20}
	cmd := award.OpenCycle{
		By: staff, Name: "2026—2028年度基层党组织建设改革创新成果奖", RollOver: true,
		Milestones: award.ProposeMilestones(w.memory.Calendar(), 2026, filing, true),
	}
	changes, refusal := award.Decide(w.memory, cmd, w.now)
	if refusal != nil {
		t.Fatal(refusal.Text)
	}
	if err := w.memory.Apply(changes); err != nil {
		t.Fatal(err)
	}
}

func (w *world) Now() time.Time { return w.now }

func (w *world) Set(t time.Time) error { return w.until(t) }

func (w *world) Wait(d time.Duration) error { return w.until(w.now.Add(d)) }

// until lets time pass and says what falls due on the way.
func (w *world) until(t time.Time) error {
	slices.SortStableFunc(w.later, func(a, b chat.Message) int { return a.NotBefore.Compare(b.NotBefore) })
	for len(w.later) > 0 && !w.later[0].NotBefore.After(t) {
		m := w.later[0]
		w.later, w.now = w.later[1:], m.NotBefore
		w.deliver(m)
	}
	w.now = t
	return nil
}

func (w *world) Heard() ([]talk.Utterance, error) {
	out := w.heard
	w.heard = nil
	return out, nil
}

func (w *world) Say(who, group, _, text string) error {
	return w.event(who, chat.Event{Kind: chat.Text, Group: group, Text: text})
}

func (w *world) Attach(who, channel, kind, name string) error {
	kinds := map[string]chat.Kind{
		"图片": chat.Image, "语音": chat.Voice, "视频": chat.Video, "文件": chat.File, "位置": chat.Location, "链接": chat.Link,
	}
	if kinds[kind] == chat.File {
		return nil // the app never hears of files (app-protocol 2.2)
	}
	ev := chat.Event{Kind: kinds[kind], Media: chat.Media{ID: name}}
	if channel == talk.RobotChannel {
		ev.Channel = chat.Robot
	}
	return w.event(who, ev)
}

// fetch ends a download as the fetcher does: the file is checked and kept, and
// what came of it comes back as an event.
func (w *world) fetch(f chat.Fetch) error {
	name := f.Media.ID
	data, err := os.ReadFile(filepath.Join("testdata", "files", name))
	if err != nil {
		return err
	}
	r := chat.FetchResult{ID: f.ID}
	if hit, stop := award.Secrecy(name); stop {
		r.Why = chat.WhySecret
	} else if kept, err := w.shelf.KeepImage(context.Background(), bytes.NewReader(data)); err != nil {
		r.Why = whyOf(err)
	} else {
		if hit != "" {
			name = ""
		}
		r.File = chat.Attachment{Hash: kept.Hash, Name: name, Kind: kept.Kind, Size: kept.Size}
	}
	return w.event(f.Person, chat.Event{ID: "fetch|" + f.ID, Kind: chat.Fetched, Channel: chat.Internal, Result: r})
}

// whyOf names the reason of a refused picture.
func whyOf(err error) chat.Why {
	for known, why := range map[error]chat.Why{
		documents.ErrLarge: chat.WhyLarge, documents.ErrEmpty: chat.WhyEmpty, documents.ErrPixels: chat.WhyPixels, documents.ErrGIF: chat.WhyGIF,
		documents.ErrWebP: chat.WhyWebP, documents.ErrHEIC: chat.WhyHEIC, documents.ErrOther: chat.WhyOther, documents.ErrBroken: chat.WhyBroken,
	} {
		if errors.Is(err, known) {
			return why
		}
	}
	return chat.WhyUnreachable
}

var errNoButton = errors.New("no such button")

func (w *world) Click(who, label string, old int) error {
	cards := w.shown[w.id(who)]
	for i := len(cards) - 1; i >= 0; i-- {
		for _, b := range cards[i].Buttons {
			if b.Label != label {
				continue
			}
			if old > 0 {
				old--
				break
			}
			ref := cards[i].Ref
			return w.event(who, chat.Event{Kind: chat.Click, Click: chat.Press{Key: b.Say, Ref: ref, Task: "t"}})
		}
	}
	return fmt.Errorf("%w: %s for %s", errNoButton, label, who)
}

func (w *world) id(who string) string {
	if id := w.names[who]; id != "" {
		return id
	}
	return who
}

func (w *world) other(id string) (dialog.Conversation, bool) {
	c, ok := w.talks[id]
	return c, ok
}

// event runs one turn as bot.Turn does: respond, apply, deliver.
func (w *world) event(who string, ev chat.Event) error {
	w.serial++
	id := w.id(who)
	if ev.ID == "" {
		ev.ID = "e" + strconv.Itoa(w.serial)
	}
	if ev.Channel == "" {
		ev.Channel = chat.App
	}
	ev.From, ev.At = id, w.now
	res := w.bot.Respond(handlers.Request{Event: ev, Conversation: w.talks[id], View: w.memory, Now: w.now, Other: w.other})
	person, _ := w.memory.Person(id)
	if ev.Channel != chat.Internal {
		w.marks = res.Trace
	}
	w.trace = append(w.trace, cellsOf(res.Trace, person, res.Changes)...)
	if err := w.memory.Apply(res.Changes); err != nil {
		return err
	}
	if !res.MarkOnly {
		// Through the codec, as every stored turn goes.
		c, err := dialog.DecodeConversation(res.Conversation.Append(nil))
		if err != nil {
			return err
		}
		w.talks[id] = c
		for _, other := range res.Others {
			w.talks[other.Person] = other
		}
	}
	if !res.Reply.IsEmpty() {
		receiver, key := who, id
		if ev.Group != "" {
			receiver, key = ev.Group, ev.Group
		}
		w.say(receiver, key, res.Reply.Text, res.Reply.Card)
	}
	for _, m := range res.Messages {
		w.queue(m)
	}
	for _, f := range res.Fetches {
		if err := w.fetch(f); err != nil {
			return err
		}
	}
	return nil
}

// queue says a message now or, as the outbox does, when it is due.
func (w *world) queue(m chat.Message) {
	w.later = slices.DeleteFunc(w.later, func(old chat.Message) bool {
		return m.Replaces != "" && old.To == m.To && old.Replaces == m.Replaces
	})
	if m.NotBefore.After(w.now) {
		w.later = append(w.later, m)
		return
	}
	w.deliver(m)
}

func (w *world) deliver(m chat.Message) {
	name := m.To
	if p, ok := w.memory.Person(m.To); ok {
		name = p.Name
	}
	if m.Text != "" || m.Card != nil {
		w.say(name, m.To, m.Text, m.Card)
	}
	if m.File != nil {
		w.say(name, m.To, "["+m.File.Name+"]", nil)
	}
}

func (w *world) say(name, id, text string, card *chat.Card) {
	u := talk.Utterance{To: name, Text: text, At: w.now}
	if card != nil {
		for _, b := range card.Buttons {
			u.Buttons = append(u.Buttons, b.Label)
		}
		w.shown[id] = append(w.shown[id], *card)
	}
	w.heard = append(w.heard, u)
}
