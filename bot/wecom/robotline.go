package wecom

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// The times and sizes of one connection.
const (
	// robotWrite bounds the writing of a frame.
	robotWrite = 5 * time.Second
	// robotAck is how long an acknowledgement may take; 0.2 to 0.5 s are usual.
	robotAck = 5 * time.Second
	// robotFrameLimit is the largest frame taken in bytes.
	robotFrameLimit = 1 << 20
)

// errLine says that a connection was gone, before or after the frame was written.
var errLine = errors.New("the connection is gone")

// ackError is a refusal by the platform.
type ackError struct {
	cmd  string
	code int
	text string
}

func (e *ackError) Error() string { return fmt.Sprintf("%s: errcode %d: %s", e.cmd, e.code, e.text) }

// line is one socket of the long connection. One goroutine reads it and hands
// acknowledgements to whoever waits for them; it never waits itself.
type line struct {
	conn *websocket.Conn
	mask func(string) string
	done chan struct{} // closed when nothing is read any more
	err  error         // why; read it after done

	mu      sync.Mutex
	waiting map[string]chan *robotFrame // by req_id; an id has one frame in flight
}

func newLine(conn *websocket.Conn, mask func(string) string) *line {
	conn.SetReadLimit(robotFrameLimit)
	return &line{conn: conn, mask: mask, done: make(chan struct{}), waiting: map[string]chan *robotFrame{}}
}

// read takes frames until the socket ends or heard returns an error. heard gets
// callbacks and what cannot be read (nil); it must not wait.
func (l *line) read(ctx context.Context, heard func(*robotFrame) error) {
	defer close(l.done)
	for {
		kind, data, err := l.conn.Read(ctx)
		if err != nil {
			l.err = fmt.Errorf("%w: %s", errLine, oneLine(err.Error()))
			return
		}
		f, err := readFrame(data)
		switch {
		case err != nil || kind != websocket.MessageText:
			err = heard(nil)
		case f.Cmd == "":
			err = nil
			if wait := l.waiter(f.Headers.ReqID); wait != nil {
				wait <- &f // It has room for one and is found once.
			}
		default:
			err = heard(&f)
		}
		if err != nil {
			l.err = err
			return
		}
	}
}

// waiter returns who waits for an acknowledgement, once.
func (l *line) waiter(reqID string) chan *robotFrame {
	l.mu.Lock()
	defer l.mu.Unlock()
	wait := l.waiting[reqID]
	delete(l.waiting, reqID)
	return wait
}

// call sends a frame and waits for its acknowledgement. The error is an
// *ackError when the platform refuses, wraps errLine when the connection ended,
// and ErrUnknown whenever the frame may have been taken all the same. ctx only
// ends the waiting: ended contexts would close the connection for everybody.
func (l *line) call(ctx context.Context, cmd, reqID string, body any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if l.ended() {
		return fmt.Errorf("%s: %w", cmd, errLine)
	}
	frame := struct {
		Cmd     string       `json:"cmd"`
		Headers frameHeaders `json:"headers"`
		Body    any          `json:"body,omitempty"`
	}{cmd, frameHeaders{reqID}, body}
	data, err := jsonBody(frame)
	if err != nil {
		return permanentError(cmd, "the frame cannot be written as JSON")
	}
	wait := make(chan *robotFrame, 1)
	l.mu.Lock()
	_, busy := l.waiting[reqID]
	if !busy {
		l.waiting[reqID] = wait
	}
	l.mu.Unlock()
	if busy {
		return permanentError(cmd, "an answer with this req_id is in flight")
	}
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.waiting[reqID] == wait {
			delete(l.waiting, reqID)
		}
	}()
	writing, cancel := context.WithTimeout(context.WithoutCancel(ctx), robotWrite)
	defer cancel()
	if err := l.conn.Write(writing, websocket.MessageText, data); err != nil {
		l.hangUp() // Half a frame may be out.
		<-l.done   // Nobody shall try this connection again.
		return fmt.Errorf("%w: %s: %w: %s", ErrUnknown, cmd, errLine, oneLine(err.Error()))
	}
	return l.acknowledged(ctx, cmd, wait)
}

// acknowledged waits for the answer to a frame that is out.
func (l *line) acknowledged(ctx context.Context, cmd string, wait chan *robotFrame) error {
	timer := time.NewTimer(robotAck)
	defer timer.Stop()
	var got *robotFrame
	select {
	case got = <-wait:
	case <-l.done:
		select {
		case got = <-wait: // It came just before the end.
		default:
			return fmt.Errorf("%w: %s: %w", ErrUnknown, cmd, errLine)
		}
	case <-timer.C:
		return fmt.Errorf("%w: %s: no acknowledgement in %s", ErrUnknown, cmd, robotAck)
	case <-ctx.Done():
		return fmt.Errorf("%w: %s: %w", ErrUnknown, cmd, ctx.Err())
	}
	code, ok := got.code()
	switch {
	case !ok:
		return fmt.Errorf("%w: %s: acknowledgement without errcode", ErrUnknown, cmd)
	case code == codeOK:
		return nil
	case code == codeNotSubscribed:
		l.hangUp() // The subscription was lost silently; only a new connection helps.
		<-l.done
	}
	return &ackError{cmd: cmd, code: code, text: oneLine(l.mask(got.message()))}
}

// ended reports whether the connection is gone.
func (l *line) ended() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// hangUp closes the socket, which ends read.
func (l *line) hangUp() {
	_ = l.conn.CloseNow() // It may be closed already.
}

// newReqID names a frame of our own.
func newReqID(cmd string) string { return cmd + "_" + rand.Text() }
