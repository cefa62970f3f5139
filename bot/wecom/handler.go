package wecom

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"cxbot/chat"
)

// CallbackPath is where the platform sends callbacks.
const CallbackPath = "/wecom/callback"

// Result is the answer to one event.
type Result struct {
	// Text is said inside the reply window (被动回复, at most 2,048 bytes); ""
	// means received, nothing to say now.
	Text string
	// Close ends the connection without an answer, which makes the platform
	// deliver the event again (outcome unknown).
	Close bool
}

// HandlerConfig says what a Handler needs.
type HandlerConfig struct {
	Crypter *Crypter
	// AgentID is the app's number (应用 AgentId) as the admin console shows it.
	AgentID string
	// Now is the bot's clock.
	Now func() time.Time
	// Handle answers one event; it may be called concurrently, also for one person.
	Handle func(ctx context.Context, ev chat.Event) Result
	// Count is told one outcome for each request and each alarm; nil is allowed.
	// The names are the Outcome constants.
	Count func(outcome string)
	// Log gets alarms and unknown types, never content; nil is allowed.
	Log *slog.Logger
}

// The outcomes counted. Late, NonceReused, Repeated, IDConflict and LongReply
// are counted besides the request's own outcome.
const (
	OutcomeOK           = "ok"
	OutcomeReply        = "reply"
	OutcomeClosed       = "closed"
	OutcomeEcho         = "echo"
	OutcomePath         = "bad_path"
	OutcomeMethod       = "bad_method"
	OutcomeQuery        = "bad_query"
	OutcomeTransfer     = "bad_transfer"
	OutcomeTimeout      = "timeout"
	OutcomeTooLarge     = "too_large"
	OutcomeSignature    = "bad_signature"
	OutcomeStale        = "stale"
	OutcomeSealed       = "not_opened"
	OutcomeReceiver     = "other_receiver"
	OutcomeParse        = "parse"
	OutcomePerson       = "bad_person"
	OutcomeOtherAgent   = "other_agent"
	OutcomeNotice       = "notice"
	OutcomeSealFailed   = "seal_failed"
	OutcomeLate         = "late"
	OutcomeNonceReused  = "nonce_reused"
	OutcomeRepeated     = "repeated"
	OutcomeIDConflict   = "id_conflict"
	OutcomeLongReply    = "long_reply"
	OutcomeUnknownKinds = "unknown_type"
)

// maxBody is the largest callback body in bytes; real ones stay below 10 kB.
const maxBody = 64 << 10

// readTimeout ends a body that trickles in.
const readTimeout = 5 * time.Second

// Handler answers the callback of a self-built app (回调, 90930). Refusals have
// no body and no header of their own, whatever was wrong. It keeps no state
// the answers depend on and needs neither Redis nor known people, so the admin
// can save the callback URL first.
type Handler struct {
	cfg     HandlerConfig
	decoder decoder
	nonces  *memory
	ids     *memory
	seed    maphash.Seed
	work    sync.Pool // *workspace
}

// workspace is the memory of one request.
type workspace struct {
	body, plain, reply []byte
	doc                document
	// foreign says that the envelope, which is not signed, names another app.
	foreign bool
}

// NewHandler checks that nothing is missing.
func NewHandler(cfg HandlerConfig) (*Handler, error) {
	if cfg.Crypter == nil || cfg.Now == nil || cfg.Handle == nil || cfg.AgentID == "" {
		return nil, fmt.Errorf("%w: HandlerConfig needs Crypter, AgentID, Now and Handle", ErrConfig)
	}
	if cfg.Count == nil {
		cfg.Count = func(string) {}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	h := &Handler{
		cfg:     cfg,
		decoder: decoder{corp: string(cfg.Crypter.receiveID), agent: cfg.AgentID},
		nonces:  newMemory(),
		ids:     newMemory(),
		seed:    maphash.MakeSeed(),
	}
	h.work.New = func() any { return new(workspace) }
	return h, nil
}

// verdict is an answer without a body.
type verdict struct {
	status  int
	outcome string
	hangUp  bool
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	no := h.serve(w, r)
	if no == nil {
		return
	}
	h.cfg.Count(no.outcome)
	if no.outcome == OutcomeClosed {
		panic(http.ErrAbortHandler) // The documented way to drop a connection without a log line.
	}
	if no.hangUp {
		w.Header().Set("Connection", "close")
	}
	w.WriteHeader(no.status)
}

// serve answers a good request itself and returns nil, or says how to refuse.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request) *verdict {
	if r.URL.Path != CallbackPath || r.URL.RawPath != "" {
		return &verdict{status: http.StatusNotFound, outcome: OutcomePath}
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return &verdict{status: http.StatusMethodNotAllowed, outcome: OutcomeMethod}
	}
	if r.Method == http.MethodGet && r.ContentLength != 0 {
		return &verdict{status: http.StatusMethodNotAllowed, outcome: OutcomeMethod, hangUp: true}
	}
	q, ok := readQuery(r.URL.RawQuery)
	if !ok {
		return &verdict{status: http.StatusBadRequest, outcome: OutcomeQuery}
	}
	if !signatureShape(q.signature) {
		return &verdict{status: http.StatusForbidden, outcome: OutcomeSignature}
	}
	now := h.cfg.Now()
	age := judgeTime(q.timestamp, now)
	if age == stale {
		return &verdict{status: http.StatusForbidden, outcome: OutcomeStale}
	}
	ws, ok := h.work.Get().(*workspace)
	if !ok {
		ws = new(workspace)
	}
	defer h.work.Put(ws)
	if r.Method == http.MethodGet {
		return h.echo(w, q, ws)
	}
	return h.deliver(w, r, q, ws, now, age)
}

// echo answers the URL check of the admin console: the decrypted text alone,
// within a second (90930). Every failure is the same 403.
func (h *Handler) echo(w http.ResponseWriter, q query, ws *workspace) *verdict {
	encrypted := []byte(q.echo)
	gen, ok := h.cfg.Crypter.Verify(q.signature, q.timestamp, q.nonce, encrypted)
	if !ok {
		return &verdict{status: http.StatusForbidden, outcome: OutcomeSignature}
	}
	text, _, err := h.cfg.Crypter.Open(gen, ws.plain, encrypted)
	if err != nil {
		return &verdict{status: http.StatusForbidden, outcome: OutcomeSealed}
	}
	h.cfg.Count(OutcomeEcho)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(text)
	return nil
}

// deliver takes one message or event in.
func (h *Handler) deliver(
	w http.ResponseWriter, r *http.Request, q query, ws *workspace, now time.Time, age freshness,
) *verdict {
	if no := readBody(w, r, ws); no != nil {
		return no
	}
	inner, gen, no := h.open(q, ws)
	if no != nil {
		return no
	}
	if age == late {
		h.alarm(OutcomeLate, "timestamp", q.timestamp)
	}
	h.watchNonce(q)
	got, err := h.decoder.decode(&ws.doc, inner, now)
	if no = judge(err, ws.foreign, got.agent); no != nil {
		return no
	}
	if got.event.Kind == chat.Unknown {
		h.alarm(OutcomeUnknownKinds, "type", cut(got.what, maxName))
	}
	if got.quiet {
		return &verdict{status: http.StatusOK, outcome: OutcomeNotice}
	}
	h.watchID(&got, inner)
	return h.answer(w, r, ws, gen, got.event)
}

// answer runs the turn and writes its passive reply.
func (h *Handler) answer(w http.ResponseWriter, r *http.Request, ws *workspace, gen Generation, ev chat.Event) *verdict {
	result := h.cfg.Handle(r.Context(), ev)
	if result.Close {
		return &verdict{outcome: OutcomeClosed}
	}
	if result.Text == "" {
		return &verdict{status: http.StatusOK, outcome: OutcomeOK}
	}
	text := neutralLinks(cleanOutput(result.Text))
	if len(text) > maxText {
		h.alarm(OutcomeLongReply, "id", ev.ID)
		text = cut(text, maxText-len("…")) + "…"
	}
	now := h.cfg.Now()
	ws.plain = appendReply(ws.plain[:0], reply{to: ev.From, corp: h.decoder.corp, text: text, at: now})
	var err error
	ws.reply, err = h.cfg.Crypter.seal(gen, ws.reply[:0], ws.plain, now)
	if err != nil {
		// The turn is committed; a retry would only meet the seen mark again.
		return &verdict{status: http.StatusOK, outcome: OutcomeSealFailed}
	}
	h.cfg.Count(OutcomeReply)
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	_, _ = w.Write(ws.reply)
	return nil
}

// readBody reads the body into the workspace.
func readBody(w http.ResponseWriter, r *http.Request, ws *workspace) *verdict {
	encoding := r.Header.Get("Content-Encoding")
	if (encoding != "" && encoding != "identity") || r.Header.Get("Expect") != "" {
		return &verdict{status: http.StatusBadRequest, outcome: OutcomeTransfer, hangUp: true}
	}
	tooLarge := &verdict{status: http.StatusRequestEntityTooLarge, outcome: OutcomeTooLarge, hangUp: true}
	if r.ContentLength > maxBody {
		return tooLarge
	}
	control := http.NewResponseController(w)
	timer := time.AfterFunc(readTimeout, func() {
		_ = control.SetReadDeadline(time.Unix(1, 0)) // Long past: the read returns at once.
	})
	defer timer.Stop()
	var err error
	ws.body, err = readAll(ws.body[:0], r.Body, maxBody)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errTooLarge):
		return tooLarge
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return &verdict{status: http.StatusRequestTimeout, outcome: OutcomeTimeout, hangUp: true}
	}
	return &verdict{status: http.StatusBadRequest, outcome: OutcomeTransfer, hangUp: true}
}

// errTooLarge says that a reader held more than allowed.
var errTooLarge = errors.New("wecom: more bytes than allowed")

// readAll appends everything r holds to dst, up to limit bytes.
func readAll(dst []byte, r io.Reader, limit int) ([]byte, error) {
	const step = 2048
	for {
		if cap(dst)-len(dst) < step {
			dst = append(make([]byte, 0, 2*cap(dst)+2*step), dst...)
		}
		n, err := r.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		if len(dst) > limit {
			return dst, errTooLarge
		}
		if errors.Is(err, io.EOF) {
			return dst, nil
		}
		if err != nil {
			return dst, err
		}
	}
}

// open parses the envelope, checks the signature and decrypts.
func (h *Handler) open(q query, ws *workspace) ([]byte, Generation, *verdict) {
	bad := func(status int, outcome string) ([]byte, Generation, *verdict) {
		return nil, Generation{}, &verdict{status: status, outcome: outcome}
	}
	if err := ws.doc.parse(ws.body); err != nil {
		return bad(http.StatusBadRequest, OutcomeParse)
	}
	encrypted, found := ws.doc.top("Encrypt")
	if !found {
		return bad(http.StatusBadRequest, OutcomeParse)
	}
	gen, ok := h.cfg.Crypter.Verify(q.signature, q.timestamp, q.nonce, encrypted)
	if !ok {
		return bad(http.StatusForbidden, OutcomeSignature)
	}
	// These two stand outside the signature; what contradicts us is forged.
	if to, named := ws.doc.top("ToUserName"); named && string(to) != h.decoder.corp {
		return bad(http.StatusForbidden, OutcomeReceiver)
	}
	agent, _ := ws.doc.top("AgentID")
	ws.foreign = len(agent) > 0 && string(agent) != h.decoder.agent
	ws.plain = slices.Grow(ws.plain[:0], base64.StdEncoding.DecodedLen(len(encrypted)))
	inner, gen, err := h.cfg.Crypter.Open(gen, ws.plain, encrypted)
	if errors.Is(err, ErrReceiver) {
		return bad(http.StatusForbidden, OutcomeReceiver)
	}
	if err != nil {
		return bad(http.StatusBadRequest, OutcomeSealed)
	}
	return inner, gen, nil
}

// judge turns a decoding error into an answer. A foreign envelope around a
// message of this very app (named) has been tampered with.
func judge(err error, foreign, named bool) *verdict {
	switch {
	case err == nil && foreign && named:
		return &verdict{status: http.StatusForbidden, outcome: OutcomeReceiver}
	case errors.Is(err, errOtherAgent), foreign:
		return &verdict{status: http.StatusOK, outcome: OutcomeOtherAgent}
	case err == nil:
		return nil
	case errors.Is(err, errOtherCorp):
		return &verdict{status: http.StatusForbidden, outcome: OutcomeReceiver}
	case errors.Is(err, errPerson):
		return &verdict{status: http.StatusBadRequest, outcome: OutcomePerson}
	default:
		return &verdict{status: http.StatusBadRequest, outcome: OutcomeParse}
	}
}

// watchNonce counts repeats and alarms when one nonce comes with two bodies.
func (h *Handler) watchNonce(q query) {
	mark := maphash.String(h.seed, q.signature)
	before, known := h.nonces.meet(q.timestamp+"|"+q.nonce, mark)
	switch {
	case !known:
	case before == mark:
		h.cfg.Count(OutcomeRepeated)
	default:
		h.alarm(OutcomeNonceReused, "timestamp", q.timestamp)
	}
}

// watchID gives a message its hash as id, and alarms, when its MsgId came
// before with other content: treating it as a repeat would swallow it.
func (h *Handler) watchID(got *decoded, inner []byte) {
	if got.msgID == "" {
		return
	}
	ev := &got.event
	var sum maphash.Hash
	sum.SetSeed(h.seed)
	for _, part := range [...]string{ev.From, string(ev.Kind), ev.Text, ev.Media.ID, ev.URL} {
		_, _ = sum.WriteString(part)
		_ = sum.WriteByte(0)
	}
	mark := sum.Sum64()
	if before, known := h.ids.meet(got.msgID, mark); known && before != mark {
		h.alarm(OutcomeIDConflict, "msgid", got.msgID)
		ev.ID = hashID(inner)
	}
}

// alarm counts something an operator should look at and logs it.
func (h *Handler) alarm(outcome, name, value string) {
	h.cfg.Count(outcome)
	h.cfg.Log.Warn("wecom callback: "+outcome, name, strings.ToValidUTF8(value, "?"))
}
