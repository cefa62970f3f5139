// Package chat holds the words every room shares: what a person did (Event),
// what the bot says (Message, Reply, Card) and to whom. It is pure: it may
// import the standard library only, and knows no clock, network or disk.
package chat

import (
	"strings"
	"time"
)

// Channel names the way an event came in or a message goes out.
type Channel string

// The channels of design.md 4.
const (
	// App is the self-built app (自建应用): encrypted callback in, message/send out.
	App Channel = "app"
	// Robot is the smart robot (智能机器人): long connection both ways.
	Robot Channel = "robot"
	// Webhook is the group webhook (消息推送): outgoing only.
	Webhook Channel = "webhook"
	// Internal marks events the bot raises itself (a finished download).
	Internal Channel = "internal"
)

// Kind says what a person did.
type Kind string

// The kinds of events. Unknown covers every type the platform may add; it is
// logged, answered in words where a person waits, and changes nothing.
const (
	Text        Kind = "text"
	Image       Kind = "image"
	Voice       Kind = "voice"
	Video       Kind = "video"
	File        Kind = "file"
	Location    Kind = "location"
	Link        Kind = "link"
	Click       Kind = "click" // a card button (template_card_event)
	Menu        Kind = "menu"  // the app menu below the chat (click)
	Enter       Kind = "enter" // the chat was opened (enter_agent)
	Subscribe   Kind = "subscribe"
	Unsubscribe Kind = "unsubscribe"
	Fetched     Kind = "fetched" // a download has ended; raised by the bot itself
	Unknown     Kind = "unknown"
)

// Event is one thing one person did, decoded from the wire.
type Event struct {
	// ID is the same for every redelivery of the event and differs for any two
	// different events: "channel|corp|agent|MsgId" for messages, the SHA-256 of
	// the decrypted text for events (design.md D31).
	ID      string
	Channel Channel
	From    string // userid of the person, as the platform spells it
	Group   string // chat id when said in a group, else ""
	Kind    Kind
	Text    string      // text, menu key, link title
	Media   Media       // image, voice, video, file
	Images  []Media     // the pictures among the text of a mixed message, in order
	Click   Press       // card clicks
	Result  FetchResult // of the bot's own event of that kind
	URL     string      // link, picture
	// SentAt is the platform's CreateTime: data, never a rule. At is the arrival
	// by our clock and decides deadlines (design.md D11).
	SentAt time.Time
	At     time.Time
}

// Media names an uploaded file on the platform: by an ID that lives three days,
// or by an address that lives five minutes and the key it is encrypted under.
type Media struct {
	ID     string
	Name   string
	Format string
	Size   int64
	URL    string // with Key: secret, never logged
	Key    string
}

// Pictures are the pictures of a message in the order they stand in it.
func (e *Event) Pictures() []Media {
	if e.Kind == Image && len(e.Images) == 0 {
		return []Media{e.Media}
	}
	return e.Images
}

// Press is a click on a card.
type Press struct {
	Task string // task_id as it came back
	Key  string // the pressed button's key, which is what the button says (Button.Say)
	Code string // response_code, one use, 72 h; lets the card be updated
	// Ref is what the card was about, read out of Task by the bot after checking
	// its MAC. The zero Ref means a forged, foreign or unreadable card.
	Ref Ref
}

// Ref says what a card was about when it was made, so that a later click can
// be judged: a draft ("draft", key, revision) or a record ("topic", id, version).
type Ref struct {
	Kind string
	ID   string
	Rev  int64
}

// IsZero reports whether the card is about nothing known.
func (r Ref) IsZero() bool { return r.Kind == "" }

// Card is a small action card. Everything it says stands in the text beside it
// too, and every button can be typed (Button.Say): a card is a shortcut.
// Limits (WeCom 90236): Title 36, Desc 44, Rows 6 with Name 5 and Value 30,
// Buttons 6 with Label 10 characters.
type Card struct {
	Ref     Ref
	Task    string // made by the bot from Ref; empty in pure rooms
	Title   string
	Desc    string
	Rows    []Row
	Buttons []Button
}

// Row is one line of a card.
type Row struct{ Name, Value string }

// Button is one button of a card; pressing it is the same as typing Say.
type Button struct {
	Label string
	Say   string
	Style int // 1 strong … 4 plain; 0 means 1 for the first, 2 for the others
}

// Reply is the answer to one event: a text that is complete without the card.
type Reply struct {
	Text string
	Card *Card
}

// IsEmpty reports whether there is nothing to say.
func (r Reply) IsEmpty() bool { return r.Text == "" && r.Card == nil }

// Priority orders the outbox when limits bind; lower goes first.
type Priority int

// Priorities (design.md 3, Outbox).
const (
	PriorityReply Priority = iota
	PriorityReceipt
	PriorityReminder
	PriorityDigest
)

// Message is one thing to say outside the reply window. The outbox delivers it
// at least once, in order per receiver.
type Message struct {
	// Key is the idempotency key: the outbox takes a key once for ever. Built
	// from rule, object, person and slot; never from the present moment.
	Key       string
	To        string // a userid, or "group:"+chat id
	Text      string
	Card      *Card
	File      *Attachment `json:",omitempty"` // a kept file, shown below the text; never to a group
	Update    *Update     // grey out a pressed card instead of saying something
	Priority  Priority
	NotBefore time.Time // zero: at once
	// Latest is until when the message may be held back while its receiver is
	// answering a question (UX rule 40); zero: never held.
	Latest time.Time `json:",omitzero"`
	// Unless is looked up again when the message is about to be sent; when it
	// holds, the message is dropped with the reason "done meanwhile".
	Unless *Condition
	// While lists facts that must still have their values when the message is
	// about to be sent; when one has another, it is dropped with the reason
	// "outdated". A fact nobody ever wrote has every value.
	While []Condition `json:",omitempty"`
	// Replaces drops queued, unsent messages to the same receiver that carry the
	// same value here ("" replaces nothing).
	Replaces string
	// Rule and Clause say which rule of the programme spoke, for the audit and
	// the tests ("filing.t7", "C76").
	Rule   string
	Clause string
}

// Update greys out a pressed card for the person who pressed it.
type Update struct{ Code, Label string }

// Condition holds when the fact Field of Record equals Value at send time. The
// records and fields are those of award.FilingRecord and award.TopicRecord.
type Condition struct{ Record, Field, Value string }

// GroupPrefix marks a group as the receiver of a Message.
const GroupPrefix = "group:"

// ToGroup reports whether the receiver is a group, and which.
func ToGroup(to string) (string, bool) { return strings.CutPrefix(to, GroupPrefix) }
