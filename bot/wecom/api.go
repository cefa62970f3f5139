package wecom

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	wctx "github.com/silenceper/wechat/v2/work/context"

	"github.com/silenceper/wechat/v2/work/config"
	"github.com/silenceper/wechat/v2/work/message"

	"cxbot/bot"
	"cxbot/chat"
)

// Config says how to reach the API of one self-built app.
type Config struct {
	// APIBase is scheme, host, port and optional path before /cgi-bin; ""
	// means DefaultAPIBase.
	APIBase string
	CorpID  string
	Secret  Secret
	AgentID int
	// Now is the bot's clock.
	Now func() time.Time
	// HTTPClient may bring a proxy or an internal CA; nil means a plain one.
	// Redirects are never followed and longer timeouts than ours are shortened.
	HTTPClient *http.Client
	// Open opens a kept file by its hash, for messages that show one; nil refuses
	// such messages.
	Open func(hash string) (io.ReadSeekCloser, error)
	// Count is told "card_refused" when a card could not be shown and its words
	// went out as text, "card_shown_before" when a repeated card was there already,
	// and "token_refused" for each token the platform refused early; nil is allowed.
	Count func(string)
}

// The outcomes an App counts.
const (
	OutcomeCardRefused  = "card_refused"
	OutcomeCardShown    = "card_shown_before"
	OutcomeTokenRefused = "token_refused"
)

// App speaks for a self-built app. It implements bot.Wire and is safe for
// concurrent use.
type App struct {
	link     *link
	tokens   *tokens
	hub      *hub
	agent    int
	now      func() time.Time
	files    func(hash string) (io.ReadSeekCloser, error)
	uploaded uploads
	count    func(string)
	progress *memory

	mu      sync.Mutex // guards what follows
	blocked time.Time  // frequency: no call before
	window  time.Duration
}

var _ bot.Wire = (*App)(nil)

// New checks the configuration; it makes no call.
func New(cfg Config) (*App, error) {
	if cfg.CorpID == "" || cfg.Secret == "" || cfg.AgentID <= 0 || cfg.Now == nil {
		return nil, fmt.Errorf("%w: Config needs CorpID, Secret, AgentID and Now", ErrConfig)
	}
	way, err := newLink(cfg.APIBase, cfg.HTTPClient, string(cfg.Secret))
	if err != nil {
		return nil, err
	}
	if cfg.Count == nil {
		cfg.Count = func(string) {}
	}
	return &App{
		link:     way,
		tokens:   &tokens{link: way, corp: cfg.CorpID, secret: cfg.Secret, now: cfg.Now},
		hub:      sharedHub(),
		agent:    cfg.AgentID,
		now:      cfg.Now,
		files:    cfg.Open,
		count:    cfg.Count,
		progress: newMemory(),
	}, nil
}

// Send implements bot.Wire: the text first, in as many parts as its length
// needs, then the card. What already went out is remembered by the message's
// key, so that a repeat after a failure goes on where it stopped. task is the
// card's task_id.
func (a *App) Send(ctx context.Context, m chat.Message, task string) error {
	to, ok := personID(m.To)
	if !ok {
		return permanentError("message/send", "the receiver is not one person")
	}
	if m.Update != nil {
		return a.update(ctx, to, *m.Update)
	}
	parts := a.parts(m, task)
	if m.File != nil {
		parts = append(parts, part{file: m.File})
	}
	if len(parts) == 0 {
		return permanentError("message/send", "the message is empty")
	}
	return deliver(a.progress, progressKey(m), parts, func(p part) error { return a.sendPart(ctx, to, p, duplicateCheck(m.Priority)) })
}

// duplicateCheck is on for reminders and digests, which must not appear twice
// when an answer was lost, and off for replies, where the same words may be
// right twice (design.md D32).
func duplicateCheck(p chat.Priority) int {
	if p >= chat.PriorityReminder {
		return 1
	}
	return 0
}

// part is one platform message of a chat.Message.
type part struct {
	text string
	card *templateCard
	// spare is what to say when the platform refuses the card; "" when the text
	// before it said everything.
	spare string
	file  *chat.Attachment
}

// parts takes a message apart. A card our own rules refuse becomes text at once.
func (a *App) parts(m chat.Message, task string) []part {
	var list []part
	if text := neutralLinks(cleanOutput(m.Text)); strings.TrimSpace(text) != "" {
		for _, piece := range split(text, maxText) {
			list = append(list, part{text: piece})
		}
	}
	if m.Card == nil {
		return list
	}
	if task == "" {
		task = m.Card.Task
	}
	spare := ""
	if len(list) == 0 {
		spare = cut(neutralLinks(cleanOutput(cardText(*m.Card))), maxText)
	}
	card, err := newCard(*m.Card, task)
	switch {
	case err == nil:
		return append(list, part{card: card, spare: spare})
	case spare != "":
		list = append(list, part{text: spare})
	}
	a.count(OutcomeCardRefused)
	return list
}

// progressKey names a message and its words: the outbox may cut one message
// into several of the same key.
func progressKey(m chat.Message) string {
	if m.Key == "" {
		return ""
	}
	sum := fnv.New64a()
	_, _ = io.WriteString(sum, m.Text)
	return m.Key + "|" + strconv.FormatUint(sum.Sum64(), 16)
}

// deliver sends the parts in order, beginning after those an earlier try with
// the same key has sent.
func deliver(progress *memory, key string, parts []part, send func(part) error) error {
	done := 0
	if before, known := progress.get(key); known && key != "" {
		done = int(min(before, uint64(len(parts))))
	}
	for i, p := range parts[done:] {
		if err := send(p); err != nil {
			return err
		}
		if key != "" {
			progress.put(key, uint64(done+i+1))
		}
	}
	progress.forget(key)
	return nil
}

// outgoing is the body of message/send (90236).
type outgoing struct {
	ToUser         string        `json:"touser"`
	MsgType        string        `json:"msgtype"`
	AgentID        int           `json:"agentid"`
	Text           *textBody     `json:"text,omitempty"`
	Card           *templateCard `json:"template_card,omitempty"`
	Image          *mediaRef     `json:"image,omitempty"`
	File           *mediaRef     `json:"file,omitempty"`
	DuplicateCheck int           `json:"enable_duplicate_check"`
}

type textBody struct {
	Content string `json:"content"`
}

// sendPart sends one part; a card the platform refuses becomes its words.
func (a *App) sendPart(ctx context.Context, to string, p part, check int) error {
	out := outgoing{ToUser: to, MsgType: typeText, AgentID: a.agent, DuplicateCheck: check}
	if p.file != nil {
		return a.sendFile(ctx, to, *p.file, out)
	}
	if p.card == nil {
		out.Text = &textBody{Content: p.text}
		return a.post(ctx, to, out)
	}
	out.MsgType, out.Card = "template_card", p.card
	err := a.post(ctx, to, out)
	known, ok := errors.AsType[*bot.SendError](err)
	switch {
	case ok && known.Code == codeTask:
		// The card is well formed, so its task_id is taken: an earlier try, whose
		// answer was lost, has shown this very card.
		a.count(OutcomeCardShown)
		return nil
	case !ok || !cardRefused(known.Code):
		return err
	}
	a.count(OutcomeCardRefused)
	if p.spare == "" {
		return nil
	}
	out.MsgType, out.Card, out.Text = typeText, nil, &textBody{Content: p.spare}
	return a.post(ctx, to, out)
}

// post sends one body through the library and judges the answer for one person.
func (a *App) post(ctx context.Context, to string, out outgoing) error {
	const api = "message/send"
	body, err := jsonBody(out)
	if err != nil {
		return permanentError(api, "the message cannot be written as JSON")
	}
	got, err := a.withToken(ctx, api, func(token string) (answer, error) {
		p := &pending{ctx: ctx, link: a.link, credential: tokenParam, secret: token, body: body}
		ticket, done := a.hub.issue(p)
		defer done()
		client := message.NewClient(&wctx.Context{Config: &config.Config{}, AccessTokenHandle: ticketHandle(ticket)})
		_, libraryErr := client.Send(api, out)
		if p.answer.fields == nil && libraryErr != nil {
			return answer{}, ours(libraryErr)
		}
		return p.answer, nil
	})
	if err != nil {
		return err
	}
	return reached(api, to, got)
}

// ticketHandle gives the library a ticket instead of a token.
type ticketHandle string

// GetAccessToken implements the library's credential.AccessTokenHandle.
func (t ticketHandle) GetAccessToken() (string, error) { return string(t), nil }

// reached judges the lists that come with errcode 0: the call is fine, but the
// person may not have been (90236).
func reached(api, to string, got answer) error {
	switch {
	case slices.Contains(got.Invalid, to):
		return &bot.SendError{Class: bot.Receiver, Code: codeNobody, Text: "wecom: " + api + ": the person is gone or out of the app's range"}
	case slices.Contains(got.Unlicensed, to):
		return &bot.SendError{Class: bot.Receiver, Text: "wecom: " + api + ": the person has no interface licence (基础接口许可)"}
	default:
		return nil
	}
}

// withToken makes a call with a token, and once more with a new one when the
// platform refuses the token early. Frequency blocks stop all calls for their
// window.
func (a *App) withToken(ctx context.Context, api string, call func(token string) (answer, error)) (answer, error) {
	if err := a.open(api); err != nil {
		return answer{}, err
	}
	for again := false; ; again = true {
		token, err := a.tokens.get(ctx)
		if err != nil {
			return answer{}, err
		}
		got, err := call(token)
		if err != nil {
			return answer{}, err
		}
		if got.Code == codeOK {
			a.unblock()
			return got, nil
		}
		e := refused(api, got.Code, got.Message, a.link.masking(token))
		if e.Class == bot.Refresh && !again {
			a.count(OutcomeTokenRefused)
			a.tokens.drop(token)
			continue
		}
		if e.Class == bot.Refresh {
			a.tokens.drop(token)
		}
		if e.Code == codeFrequency {
			e.After = a.block()
		}
		return answer{}, e
	}
}

// open refuses a call while a frequency block lasts.
func (a *App) open(api string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	left := a.blocked.Sub(a.now())
	if left <= 0 {
		return nil
	}
	return &bot.SendError{Class: bot.Wait, Code: codeFrequency, After: left, Text: "wecom: " + api + ": held back by a frequency limit"}
}

// block starts the window of a frequency limit, or returns what is left of it.
// The platform does not say which limit was met, so each new block is taken for
// the next longer one: minute, hour, day.
func (a *App) block() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	if left := a.blocked.Sub(now); left > 0 {
		return left
	}
	switch a.window {
	case 0:
		a.window = minuteWindow
	case minuteWindow:
		a.window = hourWindow
	default:
		a.window = dayWindow
	}
	a.blocked = now.Add(a.window)
	return a.window
}

// unblock starts again with the shortest window after a call that went well.
func (a *App) unblock() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.now().After(a.blocked) {
		a.window = 0
	}
}

// cardUpdate is the body of message/update_template_card (94945); its lists
// are arrays, unlike those of message/send.
type cardUpdate struct {
	UserIDs []string     `json:"userids"`
	AgentID int          `json:"agentid"`
	Code    string       `json:"response_code"`
	Button  updateButton `json:"button"`
}

type updateButton struct {
	Name string `json:"replace_name"`
}

// update greys out a card for the person who pressed it.
func (a *App) update(ctx context.Context, to string, u chat.Update) error {
	const api = "message/update_template_card"
	if u.Code == "" {
		return &bot.SendError{Class: bot.Expired, Text: "wecom: " + api + ": the click brought no response code"}
	}
	body, err := jsonBody(cardUpdate{
		UserIDs: []string{to}, AgentID: a.agent, Code: u.Code, Button: updateButton{Name: cleanOutput(u.Label)},
	})
	if err != nil {
		return permanentError(api, "the update cannot be written as JSON")
	}
	got, err := a.withToken(ctx, api, func(token string) (answer, error) {
		return a.link.call(ctx, request{
			method: http.MethodPost, path: "/cgi-bin/" + api, query: url.Values{tokenParam: {token}},
			contentType: "application/json; charset=utf-8", body: bytes.NewReader(body), length: int64(len(body)),
			mask: a.link.masking(token),
		})
	})
	if err != nil {
		return err
	}
	return reached(api, to, got)
}

// Check asks for a token and for the app itself (agent/get), so that a wrong
// secret, AgentID or an address missing from 企业可信IP shows before it matters.
func (a *App) Check(ctx context.Context) error {
	_, err := a.withToken(ctx, "agent/get", func(token string) (answer, error) {
		return a.link.call(ctx, request{
			method: http.MethodGet, path: "/cgi-bin/agent/get",
			query: url.Values{tokenParam: {token}, "agentid": {strconv.Itoa(a.agent)}},
			mask:  a.link.masking(token),
		})
	})
	return err
}

// permanentError is a failure no repeat can mend.
func permanentError(api, text string) error {
	return &bot.SendError{Class: bot.Permanent, Text: "wecom: " + api + ": " + text}
}
