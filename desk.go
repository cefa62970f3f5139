package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/bot/wecom"
	"cxbot/chat"
	"cxbot/storage"
	"cxbot/talk"
)

// Desk lets the operator of this machine talk to the running bot from a terminal
// (cxbot chat --as …): a unix socket in the data directory, for the same user of
// the operating system and root alone. What is said there goes through the same
// turn as a message of the app, and each message leaves an audit line. The lines
// on the socket are JSON: deskAsk in, deskWord out.
type Desk struct {
	store  *storage.Store
	clock  *Clock
	log    *slog.Logger
	handle func(context.Context, chat.Event) wecom.Result
	tap    *tapWire
	path   string
}

// deskAsk is a line to the desk: first As, then texts.
type deskAsk struct {
	As  string `json:"as,omitempty"` // userid or name
	Say string `json:"say,omitempty"`
}

// deskWord is a line from the desk.
type deskWord struct {
	// Kind is one of the words below.
	Kind    string   `json:"kind"`
	Text    string   `json:"text,omitempty"`
	Buttons []string `json:"buttons,omitempty"`
}

// The kinds of lines from the desk.
const (
	deskHello = "hello" // Text is the name spoken under
	deskNo    = "no"    // Text says why; the connection ends
	deskReply = "reply" // the passive answer
	deskPush  = "push"  // a message to the person, also on its real way
	deskEnd   = "end"   // everything due about the last text was said
)

const (
	deskFile = "chat.sock"
	// deskSettle is how long a line waits for what it causes to be sent.
	deskSettle = 2 * time.Second
	// deskSoon is how near a message is to being sent: past a lease of the outbox.
	deskSoon = 10 * time.Second
	deskPoll = 20 * time.Millisecond
	// maxDeskLine bounds a line; WeCom's longest text is far shorter.
	maxDeskLine = 64 << 10
)

// newDesk makes a Desk on an office.
func newDesk(config Config, office *Office, clock *Clock, log *slog.Logger) *Desk {
	return &Desk{
		store: office.Store, clock: clock, log: log, handle: office.handle, tap: office.tap, path: filepath.Join(config.DataDir, deskFile),
	}
}

var errDeskTaken = errors.New("another serve answers on the socket")

// Run answers on the socket until ctx ends. A bot without it works all the same.
func (d *Desk) Run(ctx context.Context) error {
	listener, err := d.listen(ctx)
	if err != nil {
		return fmt.Errorf("chat socket %s: %w", d.path, err)
	}
	var open sync.WaitGroup
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	for {
		conn, err := listener.Accept()
		if err != nil {
			open.Wait()
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("chat socket: %w", err)
		}
		open.Go(func() { d.serve(ctx, conn) })
	}
}

// listen opens the socket; one left by a killed process is removed.
func (d *Desk) listen(ctx context.Context) (net.Listener, error) {
	if len(d.path) > maxSocketPath {
		return nil, errSocketPath
	}
	if conn, err := new(net.Dialer).DialContext(ctx, "unix", d.path); err == nil {
		return nil, errors.Join(errDeskTaken, conn.Close())
	}
	if err := os.Remove(d.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err //nolint:wrapcheck // Wrapped by Run.
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "unix", d.path)
	if err != nil {
		return nil, err //nolint:wrapcheck // Wrapped by Run.
	}
	return listener, os.Chmod(d.path, privateFile)
}

// serve talks with one terminal.
func (d *Desk) serve(ctx context.Context, conn net.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer func() { _ = conn.Close() }()
	uid, err := peer(conn)
	if err != nil || uid != 0 && uid != os.Getuid() {
		d.log.WarnContext(ctx, "terminal refused", "uid", uid, "err", err)
		return
	}
	out := &deskOut{enc: json.NewEncoder(conn)}
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, maxDeskLine)
	first, ok := nextAsk(lines)
	if !ok {
		return
	}
	person, err := d.person(ctx, first.As)
	if err != nil {
		out.say(deskWord{Kind: deskNo, Text: err.Error()})
		return
	}
	defer d.tap.listen(person.UserID, func(m chat.Message) { out.say(pushed(m)) })()
	out.say(deskWord{Kind: deskHello, Text: person.Name})
	session := rand.Text()
	for n := 1; ; n++ {
		ask, ok := nextAsk(lines)
		if !ok {
			return
		}
		d.turn(ctx, out, person, ask.Say, uid, "terminal|"+session+"|"+strconv.Itoa(n))
	}
}

// nextAsk reads a line; what cannot be read ends the connection.
func nextAsk(lines *bufio.Scanner) (deskAsk, bool) {
	var ask deskAsk
	return ask, lines.Scan() && json.Unmarshal(lines.Bytes(), &ask) == nil
}

// turn says one text as the person. The audit line comes first: what is said from
// a terminal must not be doable unseen.
func (d *Desk) turn(ctx context.Context, out *deskOut, person award.Person, text string, uid int, event string) {
	defer out.say(deskWord{Kind: deskEnd})
	now := d.clock.Now()
	err := d.store.AppendAudit(ctx, award.Entry{
		At: now, Who: person.UserID, Did: "terminal.say", Object: "person:" + person.UserID, Detail: fmt.Sprintf("by user %d of this machine", uid), Event: event,
	})
	if err != nil {
		d.log.ErrorContext(ctx, "terminal message not taken", "err", err)
		out.say(deskWord{Kind: deskReply, Text: "刚才这条没有存上，请再发一次。"})
		return
	}
	result := d.handle(ctx, chat.Event{ID: event, Channel: chat.App, From: person.UserID, Kind: chat.Text, Text: text, SentAt: now})
	switch {
	case result.Close:
		out.say(deskWord{Kind: deskReply, Text: "刚才这条不知道存上没有，请查一下再发。"})
	case result.Text != "":
		out.say(deskWord{Kind: deskReply, Text: result.Text})
	}
	d.settle(ctx)
}

// settle waits until nothing is due or being sent in the outbox, within bounds.
func (d *Desk) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, deskSettle)
	defer cancel()
	for ctx.Err() == nil {
		backlog, err := d.store.Backlog(ctx)
		if err != nil || backlog.Oldest.IsZero() || backlog.Oldest.After(d.clock.Now().Add(deskSoon)) {
			return
		}
		select {
		case <-time.After(deskPoll):
		case <-ctx.Done():
		}
	}
}

// whoError says whom the desk does not know.
type whoError struct {
	as    string
	found int
}

// Error implements error.
func (e *whoError) Error() string {
	if e.found > 1 {
		return fmt.Sprintf("名单里有 %d 个“%s”，请写 userid。", e.found, e.as)
	}
	return fmt.Sprintf("名单里没有“%s”，请写在职人员的姓名或 userid，如 --as 李春梅。", e.as)
}

// person finds who is meant, by userid or name.
func (d *Desk) person(ctx context.Context, as string) (award.Person, error) {
	view := d.store.ViewAt(ctx)
	p, ok := view.Person(as)
	found := 0
	if !ok {
		list := view.Named(as)
		if found = len(list); found == 1 {
			p, ok = list[0], true
		}
	}
	if err := view.Err(); err != nil {
		return p, because("读不到名单", err)
	}
	if !ok || p.Left {
		return p, &whoError{as, found}
	}
	return p, nil
}

// peer returns the operating system's user at the other end.
func peer(conn net.Conn) (int, error) {
	unix, ok := conn.(*net.UnixConn)
	if !ok {
		return -1, errors.ErrUnsupported
	}
	raw, err := unix.SyscallConn()
	if err != nil {
		return -1, fmt.Errorf("peer: %w", err)
	}
	var cred *syscall.Ucred
	var failed error
	err = raw.Control(func(fd uintptr) {
		cred, failed = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err = errors.Join(err, failed); err != nil {
		return -1, fmt.Errorf("peer: %w", err)
	}
	return int(cred.Uid), nil
}

// deskOut writes whole lines from several goroutines.
type deskOut struct {
	mu  sync.Mutex
	enc *json.Encoder
}

// say writes one line; a terminal that has gone is nobody to tell.
func (o *deskOut) say(w deskWord) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_ = o.enc.Encode(w) //nolint:errchkjson // Texts alone cannot fail to be encoded.
}

// pushed is how a message to the person looks in a terminal.
func pushed(m chat.Message) deskWord {
	w := deskWord{Kind: deskPush, Text: m.Text}
	switch {
	case m.Update != nil:
		w.Text = "（卡片变为：" + m.Update.Label + "）"
	case m.Card != nil:
		if m.Text == "" {
			w.Text = strings.TrimSpace(m.Card.Title + "\n" + m.Card.Desc)
		}
		for _, b := range m.Card.Buttons {
			w.Buttons = append(w.Buttons, b.Label)
		}
	}
	return w
}

// shown is a word as lines of a terminal.
func (w deskWord) shown() string {
	return strings.Join(talk.Utterance{Text: w.Text, Buttons: w.Buttons}.Shown(), "\n")
}

// tapWire lets terminals hear what is sent to a person, besides its real way.
type tapWire struct {
	bot.Wire

	mu   sync.Mutex
	last int
	ears map[int]ear
}

// ear is one terminal. A message whose real way fails is tried again; the
// terminal hears it once.
type ear struct {
	person string
	heard  map[string]bool // keys
	hear   func(chat.Message)
}

// listen hears the person's messages until the returned function is called.
func (t *tapWire) listen(person string, hear func(chat.Message)) (stop func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	id := t.last
	t.ears[id] = ear{person, map[string]bool{}, hear}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.ears, id)
	}
}

// Send implements bot.Wire. The terminal hears whatever becomes of the message
// on its real way.
func (t *tapWire) Send(ctx context.Context, m chat.Message, task string) error {
	err := t.Wire.Send(ctx, m, task)
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.ears {
		if strings.EqualFold(e.person, m.To) && !e.heard[m.Key] {
			e.heard[m.Key] = true
			e.hear(m)
		}
	}
	return err //nolint:wrapcheck // The outbox judges the wire's own errors.
}
