package wecom

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"cxbot/bot"
	"cxbot/chat"
)

const (
	// maxRobotText is the longest stream or markdown content in bytes.
	maxRobotText = 20480
	// turnTries is how often an event is handled when the turn asks for it to be
	// delivered again: nobody knows whether this platform would. The pause before
	// the second time is turnPause, before the third four times that.
	turnTries = 3
	turnPause = 250 * time.Millisecond
	// answerTries is how often an answer is sent that surely did not arrive or
	// whose connection broke; the same stream id again shows nothing twice.
	answerTries = 3
	answerPause = 5 * time.Second
	// answerWait is how long an answer waits for a new connection.
	answerWait = time.Minute
)

// turn runs one event and answers it.
func (r *Robot) turn(ctx context.Context, h *overheard) {
	var result Result
	for try := range turnTries {
		if try > 0 && !rested(ctx, turnPause<<(2*(try-1))) {
			break
		}
		if result = r.cfg.Handle(ctx, h.event); !result.Close {
			break
		}
	}
	switch {
	case result.Close:
		r.cfg.Count(OutcomeClosed)
		r.cfg.Log.WarnContext(ctx, "smart robot: event not handled", "event", h.event.ID)
		return
	case result.Text == "":
		r.cfg.Count(OutcomeOK)
	case !r.answer(ctx, h, result.Text):
		return
	default:
		r.cfg.Count(OutcomeReply)
	}
	r.answered.put(h.event.ID, 1)
}

// rested waits and reports whether the context still lives.
func rested(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// robotReply is the body of an answer: one finished stream to a message, a text
// to somebody who opened the chat; nothing else is allowed there.
type robotReply struct {
	MsgType string       `json:"msgtype"`
	Text    *textBody    `json:"text,omitempty"`
	Stream  *robotStream `json:"stream,omitempty"`
}

type robotStream struct {
	ID      string `json:"id"`
	Finish  bool   `json:"finish"`
	Content string `json:"content"`
}

// answer sends the answer to an event and reports whether it is out.
func (r *Robot) answer(ctx context.Context, h *overheard, text string) bool {
	text = robotWords(text)
	if len(text) > maxRobotText {
		r.cfg.Count(OutcomeLongReply)
		r.cfg.Log.WarnContext(ctx, "smart robot: "+OutcomeLongReply, "event", h.event.ID)
		text = cut(text, maxRobotText-len("…")) + "…"
	}
	err := r.respond(ctx, h, text)
	switch robotCode(err) {
	case codeTurnUnknown, codeTurnExpired:
		if !h.welcome { // A welcome is worth nothing once its moment is over.
			err = r.onLine(ctx, func(l *line) error {
				return l.call(ctx, cmdPush, newReqID(cmdPush), pushBody(h.chat, h.event.Group != "", text))
			})
		}
	case codeAnswered, codeStreamExpired:
		err = nil // An earlier try has arrived.
	}
	if err != nil {
		r.cfg.Count(OutcomeRobotUnsaid)
		r.cfg.Log.WarnContext(ctx, "smart robot: answer not shown", "event", h.event.ID, "why", err.Error())
	}
	return err == nil
}

// respond answers on the event's own req_id, which outlives its connection.
func (r *Robot) respond(ctx context.Context, h *overheard, text string) (err error) {
	cmd, body := cmdRespond, robotReply{MsgType: "stream", Stream: &robotStream{ID: streamID(h.event.ID), Finish: true, Content: text}}
	if h.welcome {
		cmd, body = cmdWelcome, robotReply{MsgType: typeText, Text: &textBody{Content: text}}
	}
	for range answerTries {
		err = r.onLine(ctx, func(l *line) error { return l.call(ctx, cmd, h.reqID, body) })
		if err == nil || !answerAgain(err) || !errors.Is(err, errLine) && !rested(ctx, answerPause) {
			break
		}
	}
	return err
}

// onLine calls with the present connection, or the next one within a while.
func (r *Robot) onLine(ctx context.Context, call func(*line) error) error {
	waiting, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	l, err := r.await(waiting)
	if err != nil {
		return err
	}
	return call(l)
}

// answerAgain reports errors after which the same answer may be sent once more.
// A silent platform is none of them: it may show the first one yet.
func answerAgain(err error) bool {
	class := robotClass(robotCode(err))
	return errors.Is(err, errLine) || robotCode(err) != codeOK && (class == bot.Retry || class == bot.Wait)
}

// streamID is the same for every try of an answer.
func streamID(event string) string {
	sum := sha256.Sum256([]byte(event))
	return hex.EncodeToString(sum[:16])
}

// robotPush is the body of aibot_send_msg.
type robotPush struct {
	ChatID   string   `json:"chatid"`
	ChatType int      `json:"chat_type"`
	MsgType  string   `json:"msgtype"`
	Markdown textBody `json:"markdown"`
}

func pushBody(chatID string, group bool, text string) robotPush {
	p := robotPush{ChatID: chatID, ChatType: 1, MsgType: "markdown", Markdown: textBody{Content: text}}
	if group {
		p.ChatType = 2
	}
	return p
}

// Reaches reports whether the receiver has spoken to the robot, so that it may
// be pushed to, and the robot is or will be connected.
func (r *Robot) Reaches(to string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, known := r.chats[robotTo(to)]
	return known && r.over == nil
}

// robotTo folds userids, and leaves chat ids as they are.
func robotTo(to string) string {
	if _, group := chat.ToGroup(to); group {
		return to
	}
	return strings.ToLower(to)
}

// Send implements bot.Wire: the words of a message, with a card's words in its
// place. Cards themselves go through the app, which can update them.
func (r *Robot) Send(ctx context.Context, m chat.Message, _ string) error {
	_, group := chat.ToGroup(m.To)
	r.mu.Lock()
	chatID, known := r.chats[robotTo(m.To)]
	r.mu.Unlock()
	switch {
	case !known:
		return permanentError(cmdPush, "the receiver has not spoken to the robot")
	case m.Update != nil:
		return &bot.SendError{Class: bot.Expired, Text: "wecom: " + cmdPush + ": the robot cannot change what it has said"}
	}
	if m.File != nil {
		return permanentError(cmdPush, "files are shown by the app")
	}
	text := m.Text
	if text == "" && m.Card != nil {
		text = cardText(*m.Card)
	}
	text = robotWords(text)
	if strings.TrimSpace(text) == "" {
		return permanentError(cmdPush, "the message is empty")
	}
	var parts []part
	for _, piece := range split(text, maxRobotText) {
		parts = append(parts, part{text: piece})
	}
	return deliver(r.progress, progressKey(m), parts, func(p part) error {
		return r.push(ctx, robotTo(m.To), pushBody(chatID, group, p.text))
	})
}

// push sends one part of a message now or not at all; the outbox comes back.
func (r *Robot) push(ctx context.Context, to string, body robotPush) error {
	r.mu.Lock()
	l := r.line
	r.mu.Unlock()
	if l == nil {
		return &bot.SendError{Class: bot.Retry, Text: "wecom: " + cmdPush + ": the robot is not connected"}
	}
	err := l.call(ctx, cmdPush, newReqID(cmdPush), body)
	if errors.Is(err, errLine) && !errors.Is(err, ErrUnknown) {
		return &bot.SendError{Class: bot.Retry, Text: "wecom: " + err.Error()}
	}
	refusal, ok := errors.AsType[*ackError](err)
	if !ok {
		return err
	}
	e := &bot.SendError{Class: robotClass(refusal.code), Code: refusal.code, Text: "wecom: " + refusal.Error()}
	switch {
	case e.Class == bot.Wait:
		e.After = minuteWindow
	case refusal.code == codeChat:
		r.mu.Lock()
		delete(r.chats, to) // The next try goes another way, if there is one.
		r.mu.Unlock()
	}
	return e
}

// robotCode returns the code of a refusal, 0 for everything else.
func robotCode(err error) int {
	if refusal, ok := errors.AsType[*ackError](err); ok {
		return refusal.code
	}
	return codeOK
}

// robotClass says what to do about a code of the long connection.
func robotClass(code int) bot.Class {
	switch code {
	case codeBusy, codeChat, codeNotSubscribed:
		return bot.Retry
	case codeRobotRate:
		return bot.Wait
	case codeSpam, codeTurnExpired, codeTurnUnknown, codeAnswered, codeStreamExpired:
		return bot.Permanent
	default:
		return class(code)
	}
}

// robotWords makes plain words fit for a place that shows Markdown: what people
// have typed must not become a link, a picture, a mention or a thinking section.
func robotWords(text string) string {
	text = neutralMentions(neutralLinks(cleanOutput(text)))
	return strings.NewReplacer("](", "］(", "<think", "＜think", "</think", "＜/think").Replace(text)
}
