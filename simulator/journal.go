package simulator

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Kind says what stood on the screen.
type Kind string

// The kinds of things a person or group can see.
const (
	KindText     Kind = "text"
	KindMarkdown Kind = "markdown"
	KindCard     Kind = "card"
	KindUpdate   Kind = "update" // a card's buttons were replaced
	KindFile     Kind = "file"
	KindImage    Kind = "image"
	KindVoice    Kind = "voice"
	KindVideo    Kind = "video"
	KindOther    Kind = "other" // location, link, news and the rest, in words
)

// Ways a thing came to the screen.
const (
	ChannelApp     = "app"     // the self-built app's chat
	ChannelRobot   = "robot"   // the smart robot's chat
	ChannelWebhook = "webhook" // the group webhook
)

// Shown is one thing that stood on a screen.
type Shown struct {
	Seq     int64     `json:"seq"`
	To      string    `json:"to"`   // userid or group id whose chat it is
	Name    string    `json:"name"` // the person's or group's name
	Group   bool      `json:"group,omitempty"`
	Channel string    `json:"channel"`
	Kind    Kind      `json:"kind"`
	Text    string    `json:"text,omitempty"`
	Card    *Card     `json:"card,omitempty"`
	File    *File     `json:"file,omitempty"`
	At      time.Time `json:"at"`
	Passive bool      `json:"passive,omitempty"` // came as the answer to a callback
	MsgKey  string    `json:"msgKey,omitempty"`  // msgid of the send, or MsgId it answers
	// From is the userid of the member who said it; empty means the bot did.
	From string `json:"from,omitempty"`
	// Note is a remark of the simulator for the page ("sent, but never arrives").
	Note string `json:"note,omitempty"`
}

// Card is a template card as the screen shows it, cut to the screen's limits.
type Card struct {
	Type    string   `json:"type"`
	Task    string   `json:"task,omitempty"`
	Source  string   `json:"source,omitempty"`
	Title   string   `json:"title,omitempty"`
	Desc    string   `json:"desc,omitempty"`
	Rows    []Row    `json:"rows,omitempty"`
	Buttons []Button `json:"buttons,omitempty"`
	// Replaced is the grey label in place of the buttons, once updated.
	Replaced string `json:"replaced,omitempty"`

	// choices is the SelectedItems element a press sends when nobody touches the
	// questions of the card.
	choices string
}

// Row is one line of a card.
type Row struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Button is one pressable thing of a card. A button with a URL opens a page
// and calls nobody back.
type Button struct {
	Label string `json:"label"`
	Key   string `json:"key,omitempty"`
	Task  string `json:"task,omitempty"`
	Style int    `json:"style,omitempty"`
	URL   string `json:"url,omitempty"`
	Menu  bool   `json:"menu,omitempty"` // an entry of the card's corner menu
}

// File is media on the screen.
type File struct {
	Name    string `json:"name"`
	MediaID string `json:"mediaId,omitempty"`
	Size    int64  `json:"size"`
}

// journal is everything that stood on any screen, in order. Safe for
// concurrent use.
type journal struct {
	mu      sync.Mutex
	entries []Shown
	changed chan struct{} // closed and replaced at every addition
}

func newJournal() *journal { return &journal{changed: make(chan struct{})} }

// add appends one entry and wakes everyone who waits.
func (j *journal) add(e Shown) Shown {
	j.mu.Lock()
	defer j.mu.Unlock()

	e.Seq = int64(len(j.entries)) + 1
	j.entries = append(j.entries, e)

	close(j.changed)
	j.changed = make(chan struct{})

	return e
}

// since returns the entries after seq; bot only leaves out what members said.
func (j *journal) since(seq int64, botOnly bool) []Shown {
	j.mu.Lock()
	defer j.mu.Unlock()

	seq = min(max(seq, 0), int64(len(j.entries)))

	out := slices.Clone(j.entries[seq:])
	if botOnly {
		out = slices.DeleteFunc(out, func(e Shown) bool { return e.From != "" })
	}

	return out
}

// wait returns when an entry after seq exists or the context ends.
func (j *journal) wait(ctx context.Context, seq int64) {
	for {
		j.mu.Lock()
		there, changed := int64(len(j.entries)) > seq, j.changed
		j.mu.Unlock()

		if there {
			return
		}

		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// Shown returns everything the bot put on any screen, in order.
func (s *Sim) Shown() []Shown { return s.journal.since(0, true) }

// ShownSince returns what the bot put on any screen after the entry seq.
func (s *Sim) ShownSince(seq int64) []Shown { return s.journal.since(seq, true) }

// Timeline returns everything after seq, what members said included.
func (s *Sim) Timeline(seq int64) []Shown { return s.journal.since(seq, false) }

// WaitShown returns as soon as anything stands after the entry seq, or when the
// context ends.
func (s *Sim) WaitShown(ctx context.Context, seq int64) { s.journal.wait(ctx, seq) }
