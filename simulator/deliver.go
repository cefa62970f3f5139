package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	maxReplyBody = 1 << 20
	maxText      = 2048 // bytes a text may have before the platform cuts it
)

// Mode is how callbacks are delivered, for fault tests.
type Mode struct {
	// Copies is how often each callback is delivered; below 2 means once.
	Copies int
	// AtOnce sends the copies side by side instead of one after the other.
	AtOnce bool
	// FilePush delivers file messages as callbacks with MediaId and FileName.
	// The real platform does not: by default the member sees his file as sent
	// and the bot hears nothing.
	FilePush bool
	// KeepStatus takes any HTTP status as final and retries only on timeouts and
	// broken connections, as the newer document (90930) says.
	KeepStatus bool
}

// Delivery is what became of one callback.
type Delivery struct {
	MsgID     string        // empty for events
	Status    int           // last HTTP status; 0 when there was no answer
	Reply     string        // decrypted passive text of the first copy
	ReplyType string        // MsgType of that reply; empty when there was none
	Replies   []string      // passive texts of all copies, in order
	Attempts  int           // POSTs over all copies
	Took      time.Duration // real time until the first copy was settled
}

// SetMode changes how callbacks are delivered from now on.
func (s *Sim) SetMode(m Mode) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.mode = m
}

// Inbound is one message or event on its way to the bot: the elements after the
// common head. Type is the MsgType; unknown types are allowed.
type Inbound struct {
	Type   string
	Fields []Field
}

// isEvent reports whether the platform gives the thing no MsgId.
func (in Inbound) isEvent() bool { return in.Type == msgEvent }

// event returns the name of an event, or "".
func (in Inbound) event() string {
	for _, f := range in.Fields {
		if f.Name == "Event" && in.isEvent() {
			return f.Value
		}
	}

	return ""
}

// Post delivers any message or event as the member, exactly as given, and shows
// the passive reply. It is the way for types the platform may add one day.
func (s *Sim) Post(ctx context.Context, userid string, in Inbound) (Delivery, error) {
	m, err := s.member(userid)
	if err != nil {
		return Delivery{}, err
	}

	s.mu.Lock()
	address, mode := s.callback, s.mode
	s.mu.Unlock()

	if address == "" {
		return Delivery{}, ErrNoCallback
	}

	d := Delivery{}
	inner := s.head(m, in)

	if !in.isEvent() {
		d.MsgID = strconv.FormatUint(s.newID(), 10)
		inner = append(inner, Field{Name: "MsgId", Value: d.MsgID, Raw: true})
	}

	inner = append(inner, numberField("AgentID", s.cfg.AgentID))

	results := s.copies(ctx, address, mode, document(inner))

	return s.settle(m, in, d, results)
}

// head is the common beginning of an inner message.
func (s *Sim) head(m Member, in Inbound) []Field {
	return append([]Field{
		textField("ToUserName", s.cfg.CorpID),
		textField("FromUserName", m.UserID),
		numberField("CreateTime", s.cfg.Now().Unix()),
		textField("MsgType", in.Type),
	}, in.Fields...)
}

// result is the outcome of one delivered copy.
type result struct {
	status   int
	body     []byte
	attempts int
	took     time.Duration
	err      error
}

// copies delivers the message as often as the mode asks.
func (s *Sim) copies(ctx context.Context, address string, mode Mode, inner string) []result {
	results := make([]result, max(mode.Copies, 1))

	if !mode.AtOnce {
		for i := range results {
			results[i] = s.attempt(ctx, address, mode, inner)
		}

		return results
	}

	var all sync.WaitGroup

	for i := range results {
		all.Go(func() { results[i] = s.attempt(ctx, address, mode, inner) })
	}

	all.Wait()

	return results
}

// attempt posts one callback and repeats it byte for byte while it fails.
func (s *Sim) attempt(ctx context.Context, address string, mode Mode, inner string) result {
	watch := stopwatch()
	out := result{}

	sealed, err := s.seals.seal(randomBytes(randomSize), []byte(inner))
	if err != nil {
		return result{err: err}
	}

	query := s.signedQuery(sealed)
	body := outer(s.cfg.CorpID, strconv.FormatInt(s.cfg.AgentID, 10), sealed)

	for ; ; pause(ctx, s.cfg.RetryPause) {
		out.attempts++
		out.status, out.body, out.err = s.post(ctx, address, query, body)
		out.took = watch()

		again := out.err != nil || out.status >= http.StatusInternalServerError && !mode.KeepStatus
		if !again || out.attempts > s.cfg.Retries || ctx.Err() != nil {
			break
		}
	}

	if out.err == nil && out.status != http.StatusOK {
		out.err = fmt.Errorf("%w: status %d", ErrDelivery, out.status)
	}

	return out
}

// post sends one POST within the platform's patience and counts it.
func (s *Sim) post(ctx context.Context, address string, query url.Values, body string) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Patience)
	defer cancel()

	status, answer, err := s.request(ctx, http.MethodPost, address, query, body)

	s.count(func(st *Stats) {
		if err == nil && status == http.StatusOK {
			st.Delivered++
		} else {
			st.Failed++
		}
	})

	return status, answer, err
}

// request makes one HTTP request to the bot with the query added to its URL.
func (s *Sim) request(
	ctx context.Context, method, address string, query url.Values, body string,
) (int, []byte, error) {
	target, err := url.Parse(address)
	if err != nil {
		return 0, nil, fmt.Errorf("callback URL: %w", err)
	}

	merged := target.Query()
	maps.Copy(merged, query)

	target.RawQuery = merged.Encode()

	req, err := http.NewRequestWithContext(ctx, method, target.String(), strings.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("callback: %w", err)
	}

	if method == http.MethodPost {
		req.Header.Set("Content-Type", "text/xml")
	}

	resp, err := s.client.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("callback: %w", err)
	}
	defer resp.Body.Close()

	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxReplyBody))
	if err != nil {
		return 0, nil, fmt.Errorf("callback: %w", err)
	}

	return resp.StatusCode, answer, nil
}

// settle opens the replies, shows the first one and sums the copies up.
func (s *Sim) settle(m Member, in Inbound, d Delivery, results []result) (Delivery, error) {
	var failed error

	shown := false

	for i, r := range results {
		d.Attempts += r.attempts
		if i == 0 {
			d.Status, d.Took = r.status, r.took
		}

		if r.err != nil {
			failed = errors.Join(failed, r.err)

			continue
		}

		reply, there, err := s.seals.openReply(r.body, m.UserID)
		if err != nil {
			s.problemf("reply to %s: %v", m.UserID, err)
			failed = errors.Join(failed, err)

			continue
		}

		if !there {
			continue
		}

		text := cut(reply.Content, maxText)
		d.Replies = append(d.Replies, text)

		if !shown {
			d.Reply, d.ReplyType = text, reply.MsgType
			shown = true
			s.showReply(m, in, d.MsgID, reply)
		}
	}

	if failed != nil {
		return d, fmt.Errorf("%w: %w", ErrDelivery, failed)
	}

	return d, nil
}

// passiveEvent tells the events whose answer the platform shows (document 90241).
func passiveEvent(name string) bool {
	switch name {
	case "subscribe", "enter_agent", "LOCATION", "click", "view", "view_miniprogram", "scancode_waitmsg",
		"template_card_menu_event":
		return true
	default:
		return false
	}
}

// showReply puts a passive reply on the member's screen, or notes why the
// platform would not.
func (s *Sim) showReply(m Member, in Inbound, msgID string, reply plainReply) {
	update := reply.MsgType == "update_button" || reply.MsgType == msgUpdateCard
	if in.isEvent() && !passiveEvent(in.event()) && !update {
		s.problemf("a %s reply to the event %s is not shown", reply.MsgType, in.event())

		return
	}

	if update {
		s.passiveUpdate(m, in, reply)

		return
	}

	shown := s.screen(m, KindText)
	shown.Passive, shown.MsgKey = true, msgID

	switch reply.MsgType {
	case msgText:
		if reply.Content == "" {
			return
		}

		shown.Text = cut(reply.Content, maxText)
	case SendKindImage, SendKindVoice, SendKindVideo:
		ref := map[string]string{
			SendKindImage: reply.Image.MediaID, SendKindVoice: reply.Voice.MediaID, SendKindVideo: reply.Video.MediaID,
		}[reply.MsgType]

		file, fault := s.useMedia(ref, reply.MsgType)
		if fault != nil {
			s.problemf("passive %s: %s", reply.MsgType, fault.Text)

			return
		}

		shown.Kind, shown.File, shown.Text = Kind(reply.MsgType), file, "["+file.Name+"]"
	default:
		s.problemf("a passive reply of type %q is not shown", reply.MsgType)

		return
	}

	s.journal.add(shown)
}

// screen begins an entry on a member's app chat.
func (s *Sim) screen(m Member, kind Kind) Shown {
	return Shown{To: m.UserID, Name: m.Name, Channel: ChannelApp, Kind: kind, At: s.cfg.Now()}
}

// stopwatch measures real time, whatever the platform's clock says.
func stopwatch() func() time.Duration {
	start := time.Now()

	return func() time.Duration { return time.Since(start) }
}

// pause waits for d or the end of the context.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()

	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
