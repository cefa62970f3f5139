package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"cxbot/chat"
)

// What WeCom does with a callback that is not answered: it delivers the same
// bytes up to three times more.
const (
	redeliveries = 3
	// How the words for a message begin that was surely not kept: Redis is gone,
	// or too many people changed the same record at once.
	notStored = "刚才这条没有存上"
	overtaken = "有人同时在改"
)

// fate is what a sender knows of a message in the end.
type fate int

const (
	unanswered   fate = iota // no 200 came: it may have had an effect or none
	acknowledged             // a 200 came: it must have had one
	refused                  // the words said that it was not kept: it must have had none
)

// letter is one message of one member, numbered by its serial.
type letter struct {
	serial int64
	person string
	text   string
	field  string // what it changes, "" for words that change no field
	fate   fate
	reply  string
	copies int // deliveries in all
	differ int // answers other than the first one
	other  string
}

// id is the letter's event, as the bot names it.
func (l *letter) id() string {
	return fmt.Sprintf("%s|%s|%s|%d", chat.App, benchCorp, benchAgent, l.serial)
}

// mark is the text by which a letter's effect is known among all others.
func mark(serial int64) string { return fmt.Sprintf("第%d稿", serial) }

// courier delivers letters as WeCom does, one after the other.
type courier struct {
	caller   *caller
	address  string
	patience time.Duration // instead of WeCom's five seconds
	answered func()        // hears of each answer
}

func newCourier(address string, clock clock, patience time.Duration, answered func()) (*courier, error) {
	w, err := newWire()
	if err != nil {
		return nil, err
	}
	return &courier{caller: &caller{wire: w, clock: clock}, address: address, patience: patience, answered: answered}, nil
}

// deliver sends a letter until it is answered or WeCom would give up. again asks
// for a further delivery after the answer, twin for one beside the first.
func (c *courier) deliver(ctx context.Context, l *letter, again, twin bool) {
	c.caller.serial = l.serial
	c.caller.compose(l.person, l.text)
	var beside <-chan string
	if twin {
		beside = c.twin(ctx, slices.Clone(c.caller.out))
	}
	for n := 0; n <= redeliveries && ctx.Err() == nil; n++ {
		if n > 0 {
			wait(ctx, c.patience/2)
		}
		l.copies++
		reply, err := c.post(ctx)
		if err == nil {
			c.answered()
			l.hear(reply)
			break
		}
	}
	if again && l.fate == acknowledged {
		l.copies++
		if reply, err := c.post(ctx); err == nil {
			l.hear(reply)
		}
	}
	if twin {
		l.copies++
		if reply, answered := <-beside; answered {
			l.hear(reply)
		}
	}
}

// hear notes an answer: every further one must be the same.
func (l *letter) hear(reply string) {
	switch {
	case strings.HasPrefix(reply, notStored), strings.HasPrefix(reply, overtaken):
		// Beside an answer it is that of a delivery at the same time.
		if l.fate == unanswered {
			l.fate = refused
		}
	case l.fate == acknowledged && l.reply != reply:
		l.differ, l.other = l.differ+1, reply
	default:
		l.fate, l.reply = acknowledged, reply
	}
}

// post sends what is composed and reads the answer.
func (c *courier) post(ctx context.Context) (string, error) {
	k := c.caller
	reply, err := func() (string, error) {
		if k.conn == nil {
			conn, err := (&net.Dialer{Timeout: c.patience}).DialContext(ctx, "tcp", c.address)
			if err != nil {
				return "", err
			}
			k.conn, k.reader = conn, bufio.NewReader(conn)
		}
		if err := k.conn.SetDeadline(time.Now().Add(c.patience)); err != nil {
			return "", err
		}
		if _, err := k.conn.Write(k.out); err != nil {
			return "", err
		}
		if err := k.receive(); err != nil {
			return "", err
		}
		if len(k.body) == 0 {
			return "", nil // Received, with nothing to say.
		}
		return k.read()
	}()
	if err != nil && k.conn != nil {
		_ = k.conn.Close()
		k.conn = nil
	}
	return reply, err
}

// twin delivers the same bytes over a connection of its own at the same time.
func (c *courier) twin(ctx context.Context, out []byte) <-chan string {
	heard := make(chan string, 1)
	go func() {
		defer close(heard)
		other, err := newCourier(c.address, c.caller.clock, c.patience, c.answered)
		if err != nil {
			return
		}
		other.caller.out = out
		defer other.close()
		if reply, err := other.post(ctx); err == nil {
			heard <- reply
		}
	}()
	return heard
}

func (c *courier) close() {
	if c.caller.conn != nil {
		_ = c.caller.conn.Close()
		c.caller.conn = nil
	}
}

// serials numbers letters.
type serials struct{ last atomic.Int64 }

const firstSerial = 1_000_000

func (s *serials) next() int64 { return firstSerial + s.last.Add(1) }
