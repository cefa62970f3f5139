// Package bot runs one turn per event (turn.go) and says everything that is
// said (outbox.go); nothing else speaks. It may import chat, award and dialog;
// storage and the wire satisfy the small interfaces below.
package bot

import (
	"context"
	"time"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// Request is what a Responder judges: one event with everything loaded for it.
type Request struct {
	Event        chat.Event
	Conversation dialog.Conversation
	View         award.View
	Now          time.Time
	// More says that another message of the same person is already waiting, so
	// this one's reply will be folded into the last one's (design.md D19).
	More bool
	// Other reads the conversation of somebody else (接手); it is under check at
	// commit. ok is false when there is none or it cannot be read.
	Other func(userid string) (c dialog.Conversation, ok bool)
}

// Response is the outcome of one event, still only a proposal until committed.
type Response struct {
	Conversation dialog.Conversation
	// Others are changed conversations of other people, each read by Request.Other.
	Others []dialog.Conversation
	// Reply answers the event; empty says nothing.
	Reply    chat.Reply
	Changes  award.Changes
	Messages []chat.Message
	// Fetches are downloads to begin once this is committed.
	Fetches []chat.Fetch
	// MarkOnly stores no conversation: the seen mark and the changes, which unknown
	// members (D16) never have, and in a group only those of the few commands that
	// may be said there (D29).
	MarkOnly bool
	// Trace names what happened for logs and test matrices ("field filing.title
	// good", "refused filing.quota"); it never holds values.
	Trace []string
}

// Responder is the pure heart: dialog step and decision in one function value,
// given by main. It may be called again with fresh state after a conflict.
type Responder func(Request) Response

// Loaded is what one load brings.
type Loaded struct {
	// Done says the event was answered before; Reply is what was said (may be "").
	Done  bool
	Reply string
	// Conversation is decoded; a record that cannot be read comes as Broken.
	Conversation dialog.Conversation
	Broken       bool
	View         View
}

// View is an award.View that remembers its first failure.
type View interface {
	award.View
	// Conversation reads the conversation of somebody else and puts it under check.
	Conversation(userid string) (dialog.Conversation, bool)
	Err() error
}

// Outcome is the turn's only write.
type Outcome struct {
	Event    chat.Event
	Reply    string // stored under the event's id for seven days
	Response Response
	View     View // whose reads of Decide are checked
	Messages []chat.Message
	At       time.Time
}

// Store is what a turn needs of storage.
type Store interface {
	// Load brings everything a turn needs in one round trip.
	Load(ctx context.Context, ev chat.Event, now time.Time) (Loaded, error)
	// Commit writes all or nothing. ErrConflict: something read has changed.
	// A *Repeat error: the event was answered meanwhile, with its reply.
	Commit(ctx context.Context, o Outcome) error
}

// Claimed is one message leased for sending.
type Claimed struct {
	Message chat.Message
	ID      string // storage's own id of the queued message
	Fence   int64  // lease number; a late result with an older one is refused
	Tries   int    // how often it was given back by Retry
}

// Queue is what the outbox needs of storage. All times are given by the caller.
type Queue interface {
	// Claim leases up to limit messages that are due, best priority first and at
	// most one per receiver (a receiver with a leased message gets no second one),
	// within WeCom's limits per receiver, after checking each Unless condition.
	// next is when something will be due again (zero: nothing queued).
	Claim(ctx context.Context, now time.Time, lease time.Duration, limit int) (got []Claimed, next time.Time, err error)
	// Sent removes delivered messages. Here and below a result whose fence is old
	// is ignored without an error: the message is somebody else's by then.
	Sent(ctx context.Context, now time.Time, done []Claimed) error
	// Retry gives a message back for a later moment.
	Retry(ctx context.Context, now time.Time, c Claimed, at time.Time, reason string) error
	// Bury moves a message to the failed list (发送失败).
	Bury(ctx context.Context, now time.Time, c Claimed, code int, reason string) error
	// Drop removes a message with a named reason (update of an expired card).
	Drop(ctx context.Context, now time.Time, c Claimed, reason string) error
	// Enqueue adds messages whose keys are new.
	Enqueue(ctx context.Context, now time.Time, msgs []chat.Message) error
}

// ClaimedFetch is one download leased to this process.
type ClaimedFetch struct {
	Fetch chat.Fetch
	Fence int64 // lease number; a late result with an older one is refused
	Tries int   // how often it was given back
}

// Fetches is what the fetcher needs of storage. A download ends with the commit
// of its chat.Fetched event, which removes it; nothing else does.
type Fetches interface {
	// ClaimFetches leases up to limit downloads that are due, those with an address
	// that dies first. next is when something will be due again (zero: nothing).
	ClaimFetches(ctx context.Context, now time.Time, lease time.Duration, limit int) (got []ClaimedFetch, next time.Time, err error)
	// RetryFetch gives a download back for a later moment. An old fence is ignored.
	RetryFetch(ctx context.Context, c ClaimedFetch, at time.Time) error
}

// Wire sends one message on its channel. The error is a *SendError, or
// anything else when the outcome is unknown.
type Wire interface {
	Send(ctx context.Context, m chat.Message, task string) error
}

// Class says what to do about a failed send (wecom/app-protocol.md 12).
type Class int

// The classes of send failures.
const (
	Retry     Class = iota // passing: back off and try again
	Wait                   // frequency: not before After
	Refresh                // token: the wire refreshed once already and it still fails
	Receiver               // this receiver is gone or out of range: bury, tell staff
	Permanent              // our mistake or configuration: bury, tell the admin
	Expired                // card update code used or too old: drop
)

// SendError is a send that failed for a known reason; it holds no secret.
type SendError struct {
	Class Class
	Code  int
	After time.Duration
	Text  string // for operators
}

// Error implements error.
func (e *SendError) Error() string { return e.Text }

// Clock is the only source of time; main owns it. Wait returns when the clock
// has reached at, when ctx ends (its error) or early when the clock jumped.
type Clock interface {
	Now() time.Time
	Wait(ctx context.Context, at time.Time) error
}
