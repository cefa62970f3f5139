package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cxbot/bot/wecom"
)

// phase is how long a load runs: until a moment, for a number of messages, or
// until every filer has said something once.
type phase struct {
	until time.Time
	left  *atomic.Int64 // nil: no number
	once  bool
}

// over reports whether a caller that has sent so many messages shall stop.
func (p phase) over(c *caller, sent int) bool {
	switch {
	case p.once:
		return sent >= len(c.filers)
	case p.left != nil:
		return p.left.Add(-1) < 0
	default:
		return !time.Now().Before(p.until)
	}
}

// filer is one member who types; each belongs to one connection, so that what
// the bot must answer next is always known.
type filer struct {
	id   string
	said int
}

// caller is one connection: it waits for the answer before the next message.
type caller struct {
	conn   net.Conn
	reader *bufio.Reader
	wire   *wire
	filers []filer
	next   int
	serial int64
	clock  clock
	wants  func(said int) line
	took   []time.Duration

	inner, sealed, plain, out, body []byte
}

// newCallers opens the connections and deals the filers out among them.
func newCallers(ctx context.Context, address string, p plan, wants func(said int) line) ([]*caller, error) {
	var callers []*caller
	clock := startClock()
	for i := range p.connections {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			return callers, err
		}
		w, err := newWire()
		if err != nil {
			return callers, err
		}
		c := &caller{conn: conn, reader: bufio.NewReader(conn), wire: w, clock: clock, wants: wants, serial: int64(i+1) * 1e12}
		for n := i; n < p.people; n += p.connections {
			c.filers = append(c.filers, filer{id: filerID(n)})
		}
		callers = append(callers, c)
	}
	return callers, nil
}

// drive runs all connections through one phase and returns the latencies in order.
func drive(callers []*caller, p phase) ([]time.Duration, error) {
	var group sync.WaitGroup
	errs := make([]error, len(callers))
	for i, c := range callers {
		group.Go(func() {
			c.took = c.took[:0]
			for sent := 0; errs[i] == nil && !p.over(c, sent); sent++ {
				errs[i] = c.turn()
			}
		})
	}
	group.Wait()
	var all []time.Duration
	for _, c := range callers {
		all = append(all, c.took...)
	}
	slices.Sort(all)
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return nil, errs[i] // the others say the same
	}
	return all, nil
}

var errReply = errors.New("wrong reply")

// turn sends one message of the next filer and checks the answer.
func (c *caller) turn() error {
	f := &c.filers[c.next]
	c.next = (c.next + 1) % len(c.filers)
	l := c.wants(f.said)
	f.said++
	c.write(f.id, l.say)
	if err := c.exchange(time.Now()); err != nil {
		return err
	}
	return c.check(l)
}

// write composes a new message.
func (c *caller) write(person, text string) {
	c.serial++
	c.compose(person, text)
}

// exchange sends what is composed, reads the answer and notes the time since a moment.
func (c *caller) exchange(since time.Time) error {
	if _, err := c.conn.Write(c.out); err != nil {
		return err
	}
	if err := c.receive(); err != nil {
		return err
	}
	c.took = append(c.took, time.Since(since))
	return nil
}

// check opens the answer and compares it with what is wanted.
func (c *caller) check(l line) error {
	text, err := c.read()
	if err != nil {
		return err
	}
	for _, want := range l.wants {
		if !strings.Contains(text, want) {
			return fmt.Errorf("%w to %q, without %q: %q", errReply, l.say, want, text)
		}
	}
	return nil
}

// compose writes the request as WeCom does.
func (c *caller) compose(from, text string) {
	var number [24]byte
	at := c.clock.Now().Unix()
	timestamp := strconv.AppendInt(number[:0], at, 10)
	nonce := strconv.AppendInt(nil, c.serial, 10)
	c.inner = appendMessage(c.inner[:0], from, text, at, c.serial)
	c.sealed, c.plain = c.wire.seal(c.sealed[:0], c.plain, c.inner)
	sum := c.wire.signature(timestamp, nonce, c.sealed)
	const head = "<xml><ToUserName><![CDATA[" + benchCorp + "]]></ToUserName><AgentID><![CDATA[" + benchAgent + "]]></AgentID><Encrypt><![CDATA["
	const tail = "]]></Encrypt></xml>"
	c.out = append(c.out[:0], "POST "+wecom.CallbackPath+"?msg_signature="...)
	c.out = append(c.out, sum[:]...)
	c.out = append(append(c.out, "&timestamp="...), timestamp...)
	c.out = append(append(c.out, "&nonce="...), nonce...)
	c.out = append(c.out, " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\nContent-Length: "...)
	c.out = strconv.AppendInt(c.out, int64(len(head)+len(c.sealed)+len(tail)), 10)
	c.out = append(c.out, "\r\n\r\n"+head...)
	c.out = append(append(c.out, c.sealed...), tail...)
}

// receive reads one HTTP response into body.
func (c *caller) receive() error {
	status, size, chunked := "", 0, false
	for {
		row, err := c.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		text := strings.TrimSpace(string(row))
		if text == "" {
			break
		}
		if status == "" {
			status = text
		}
		if value, ok := strings.CutPrefix(text, "Content-Length: "); ok {
			if size, err = strconv.Atoi(value); err != nil {
				return err
			}
		}
		chunked = chunked || text == "Transfer-Encoding: chunked"
	}
	if status != "HTTP/1.1 200 OK" {
		return fmt.Errorf("%w: %s", errReply, status)
	}
	if chunked {
		return c.receiveChunks()
	}
	c.body = slices.Grow(c.body[:0], size)[:size]
	_, err := io.ReadFull(c.reader, c.body)
	return err
}

// receiveChunks reads a chunked body and the empty line behind it.
func (c *caller) receiveChunks() error {
	body, err := io.ReadAll(httputil.NewChunkedReader(c.reader))
	if err != nil {
		return err
	}
	c.body = append(c.body[:0], body...)
	_, err = c.reader.ReadSlice('\n')
	return err
}

// read opens the passive reply and returns its text.
func (c *caller) read() (string, error) {
	sealed := between(c.body, "<Encrypt><![CDATA[", "]]>")
	timestamp, nonce := between(c.body, "<TimeStamp>", "</TimeStamp>"), between(c.body, "<Nonce><![CDATA[", "]]>")
	sum := c.wire.signature(timestamp, nonce, sealed)
	if string(sum[:]) != string(between(c.body, "<MsgSignature><![CDATA[", "]]>")) {
		return "", fmt.Errorf("%w: signature", errReply)
	}
	inner, plain, err := c.wire.open(c.plain, sealed)
	c.plain = plain
	if err != nil {
		return "", err
	}
	return string(between(inner, "<Content><![CDATA[", "]]>")), nil
}

// closeAll ends the connections.
func closeAll(callers []*caller) {
	for _, c := range callers {
		_ = c.conn.Close()
	}
}
