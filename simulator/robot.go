package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// ErrNoRobot says that no bot holds the smart robot's long connection.
var ErrNoRobot = errors.New("robot channel not connected")

// Limits and codes of the long connection (WeCom document 101463).
const (
	robotFrameLimit   = 4 << 20
	robotText         = 20480 // bytes of a stream or markdown
	robotReplyWindow  = 24 * time.Hour
	robotEventWindow  = 5 * time.Second
	robotStreamWindow = 6 * time.Minute
	robotWrite        = 5 * time.Second

	codeChatID        = 93006
	codeReqExpired    = 846604
	codeReqInvalid    = 846605
	codeAnswered      = 846606
	codeRobotRate     = 846607
	codeStreamExpired = 846608
	codeNotSubscribed = 846609
	codeRobotSecret   = 853000
)

// The kinds of turns a bot can answer.
const (
	turnMessage = "message"
	turnEnter   = "enter_chat"
	turnCard    = "template_card_event"
)

// robotHub is the one long connection and what the platform keeps about it.
type robotHub struct {
	mu      sync.Mutex
	link    *robotLink
	turns   map[string]*robotTurn
	opened  map[string]bool // conversations that have spoken to the robot
	rates   map[string]*window
	uploads map[string]*robotUpload
	files   map[string]robotFile
	entered map[string]string // day of the last enter_chat by userid
}

// init makes the maps; the hub is used by one simulator only.
func (h *robotHub) init() {
	h.turns, h.opened, h.rates = map[string]*robotTurn{}, map[string]bool{}, map[string]*window{}
	h.uploads, h.files, h.entered = map[string]*robotUpload{}, map[string]robotFile{}, map[string]string{}
}

// robotLink is one subscribed or not yet subscribed socket.
type robotLink struct {
	conn *websocket.Conn
	base string // how the bot reached us, for download addresses
}

// robotTurn is one callback the bot may answer by its req_id.
type robotTurn struct {
	kind     string
	chat     string // userid or group id
	group    bool
	from     string
	task     string
	at       time.Time
	answered bool
	streams  map[string]*robotStream
	reply    string
	done     chan struct{} // closed at the first complete answer
}

// robotStream is one bubble that grows.
type robotStream struct {
	began  time.Time
	sealed bool
}

// robotFrame is what the bot sends.
type robotFrame struct {
	Cmd     string `json:"cmd"`
	Headers struct {
		ReqID string `json:"req_id"`
	} `json:"headers"`
	Body json.RawMessage `json:"body"`
}

// robotBody is the body of every command, as far as each uses it.
type robotBody struct {
	content
	BotID    string    `json:"bot_id"`
	Secret   string    `json:"secret"`
	MsgType  string    `json:"msgtype"`
	ChatID   string    `json:"chatid"`
	UserIDs  []string  `json:"userids"`
	Response string    `json:"response_type"`
	Card     *wireCard `json:"template_card"`
	Stream   struct {
		ID      string `json:"id"`
		Finish  bool   `json:"finish"`
		Content string `json:"content"`
	} `json:"stream"`
	uploadBody
}

// Robot serves the long connection at its own path and, below it, the files
// members send to the robot.
func (s *Sim) Robot() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, ok := strings.CutPrefix(r.URL.Path, "/robot/"); ok {
			s.robotDownload(w, r, id)

			return
		}

		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return // Accept has answered.
		}

		conn.SetReadLimit(robotFrameLimit)
		s.robotRead(r.Context(), &robotLink{conn: conn, base: "http://" + r.Host})
	})
}

// robotRead answers frames until the socket ends.
func (s *Sim) robotRead(ctx context.Context, link *robotLink) {
	defer s.robotGone(link)

	for {
		_, data, err := link.conn.Read(ctx)
		if err != nil {
			return
		}

		var frame robotFrame

		err = json.Unmarshal(data, &frame)
		if err != nil {
			s.problem("robot: frame is not JSON: %v", err)

			continue
		}

		s.count(func(st *Stats) { st.Calls[frame.Cmd]++ })

		body, fault := s.robotCommand(ctx, link, &frame)

		ack := map[string]any{"headers": frame.Headers, "errcode": 0, "errmsg": "ok"}
		if body != nil {
			ack["body"] = body
		}

		if fault != nil {
			ack["errcode"] = fault.Code
			ack["errmsg"] = fmt.Sprintf("%s, hint: [%d]", fault.Text, s.cfg.Now().Unix())
		}

		err = link.write(ctx, ack)
		if err != nil {
			return
		}
	}
}

// write sends one frame.
func (l *robotLink) write(ctx context.Context, frame any) error {
	data, err := json.Marshal(frame)
	if err != nil {
		return fmt.Errorf("robot: %w", err)
	}

	ctx, cancel := context.WithTimeout(ctx, robotWrite)
	defer cancel()

	err = l.conn.Write(ctx, websocket.MessageText, data)
	if err != nil {
		return fmt.Errorf("robot: %w", err)
	}

	return nil
}

// robotGone forgets a closed socket.
func (s *Sim) robotGone(link *robotLink) {
	_ = link.conn.CloseNow() // It may be closed already.

	s.robot.mu.Lock()
	defer s.robot.mu.Unlock()

	if s.robot.link == link {
		s.robot.link = nil
	}
}

// DropRobot cuts the long connection, as a network does.
func (s *Sim) DropRobot() {
	if link := s.robotLink(); link != nil {
		s.robotGone(link)
	}
}

// RobotConnected reports whether a bot has subscribed.
func (s *Sim) RobotConnected() bool { return s.robotLink() != nil }

// robotLink returns the subscribed socket, or nil.
func (s *Sim) robotLink() *robotLink {
	s.robot.mu.Lock()
	defer s.robot.mu.Unlock()

	return s.robot.link
}

// robotCommand runs one command of the bot.
func (s *Sim) robotCommand(ctx context.Context, link *robotLink, frame *robotFrame) (any, *apiFault) {
	var body robotBody

	if len(frame.Body) > 0 {
		err := json.Unmarshal(frame.Body, &body)
		if err != nil {
			return nil, &apiFault{codeParameter, "wrong json format"}
		}
	}

	if frame.Cmd == "aibot_subscribe" {
		return nil, s.robotSubscribe(ctx, link, &body)
	}

	if s.robotLink() != link {
		return nil, &apiFault{codeNotSubscribed, "aibot websocket not subscribed"}
	}

	switch frame.Cmd {
	case "ping":
		return nil, nil
	case "aibot_respond_msg":
		return nil, s.robotAnswer(frame.Headers.ReqID, turnMessage, robotReplyWindow, &body)
	case "aibot_respond_welcome_msg":
		return nil, s.robotAnswer(frame.Headers.ReqID, turnEnter, robotEventWindow, &body)
	case "aibot_respond_update_msg":
		return nil, s.robotUpdate(frame.Headers.ReqID, &body)
	case "aibot_send_msg":
		return nil, s.robotPush(&body)
	case "aibot_upload_media_init", "aibot_upload_media_chunk", "aibot_upload_media_finish":
		return s.robotUploadStep(frame.Cmd, &body)
	default:
		return nil, &apiFault{codeParameter, "unknown cmd"}
	}
}

// robotSubscribe admits the bot and evicts the one before. A wrong pair leaves
// the socket open, as reported of the real server.
func (s *Sim) robotSubscribe(ctx context.Context, link *robotLink, body *robotBody) *apiFault {
	if s.cfg.RobotID == "" || body.BotID != s.cfg.RobotID || body.Secret != s.cfg.RobotSecret {
		return &apiFault{codeRobotSecret, "invalid bot_id or secret"}
	}

	s.robot.mu.Lock()
	old := s.robot.link
	s.robot.link = link
	s.robot.mu.Unlock()

	if old == nil || old == link {
		return nil
	}

	event := s.robotCallback("aibot_event_callback", randomID("ev", 8), map[string]any{
		"msgtype": "event", "create_time": s.cfg.Now().Unix(), "event": map[string]any{"eventtype": "disconnected_event"},
	})
	_ = old.write(ctx, event) // It may be gone, which is the point.
	_ = old.conn.CloseNow()   // As above.

	return nil
}

// robotCallback frames a callback with the ids every one carries.
func (s *Sim) robotCallback(cmd, reqID string, body map[string]any) map[string]any {
	body["msgid"], body["aibotid"] = randomID("M", 12), s.cfg.RobotID

	return map[string]any{"cmd": cmd, "headers": map[string]string{"req_id": reqID}, "body": body}
}

// robotTurnOf finds the turn a reply belongs to.
func (s *Sim) robotTurnOf(reqID, kind string, life time.Duration) (*robotTurn, *apiFault) {
	s.robot.mu.Lock()
	defer s.robot.mu.Unlock()

	turn := s.robot.turns[reqID]

	switch {
	case turn == nil || turn.kind != kind:
		return nil, &apiFault{codeReqInvalid, "invalid req_id"}
	case s.cfg.Now().Sub(turn.at) > life:
		return nil, &apiFault{codeReqExpired, "req_id expired"}
	}

	return turn, nil
}

// robotAnswer shows the bot's answer to a message or its welcome.
func (s *Sim) robotAnswer(reqID, kind string, life time.Duration, body *robotBody) *apiFault {
	turn, fault := s.robotTurnOf(reqID, kind, life)
	if fault != nil {
		return fault
	}

	allowed := []string{"stream", "markdown", "template_card", "file", "image", "voice", "video"}
	if kind == turnEnter {
		allowed = []string{"text", "template_card"}
	}

	if !slices.Contains(allowed, body.MsgType) {
		return &apiFault{codeMsgType, "invalid message type"}
	}

	if body.MsgType == "stream" {
		return s.robotStreamFrame(turn, body)
	}

	s.robot.mu.Lock()
	answered := turn.answered
	s.robot.mu.Unlock()

	if answered {
		return &apiFault{codeAnswered, "request already responded"}
	}

	shown, fault := s.robotScreen(turn.group, body)
	if fault != nil {
		return fault
	}

	return s.robotShow(turn.chat, shown, turn)
}

// robotStreamFrame takes one snapshot of a stream. Only the sealed one is put
// on record: the frames before it stood on the screen for moments.
func (s *Sim) robotStreamFrame(turn *robotTurn, body *robotBody) *apiFault {
	if body.Stream.ID == "" || len(body.Stream.Content) > robotText {
		return &apiFault{codeParameter, "stream.id is missing or stream.content exceed max length 20480"}
	}

	now := s.cfg.Now()

	s.robot.mu.Lock()

	stream := turn.streams[body.Stream.ID]
	if stream == nil {
		stream = &robotStream{began: now}
		turn.streams[body.Stream.ID] = stream
	}

	late := stream.sealed || now.Sub(stream.began) > robotStreamWindow
	stream.sealed = stream.sealed || body.Stream.Finish
	s.robot.mu.Unlock()

	switch {
	case late:
		return &apiFault{codeStreamExpired, "stream message update expired (>6 minutes)"}
	case !body.Stream.Finish:
		return nil
	}

	return s.robotShow(turn.chat, Shown{Kind: KindMarkdown, Text: body.Stream.Content}, turn)
}

// robotPush shows a message the bot sends of its own accord, in conversations
// that have spoken to it before.
func (s *Sim) robotPush(body *robotBody) *apiFault {
	s.robot.mu.Lock()
	opened := s.robot.opened[body.ChatID]
	s.robot.mu.Unlock()

	if !opened {
		return &apiFault{codeChatID, "invalid chatid"}
	}

	if !slices.Contains([]string{"markdown", "template_card", "file", "image", "voice", "video"}, body.MsgType) {
		return &apiFault{codeMsgType, "invalid message type"}
	}

	s.mu.Lock()
	_, group := s.groups[body.ChatID]
	s.mu.Unlock()

	shown, fault := s.robotScreen(group, body)
	if fault != nil {
		return fault
	}

	return s.robotShow(body.ChatID, shown, nil)
}

// robotScreen judges a body and says what it looks like.
func (s *Sim) robotScreen(group bool, body *robotBody) (Shown, *apiFault) {
	switch body.MsgType {
	case "text":
		return s.plainScreen("text", &body.content)
	case "markdown":
		if body.Markdown.Content == "" || len(body.Markdown.Content) > robotText {
			return Shown{}, &apiFault{codeParameter, "markdown.content exceed max length 20480"}
		}

		return Shown{Kind: KindMarkdown, Text: body.Markdown.Content}, nil
	case "template_card":
		if body.Card == nil || group {
			return Shown{}, &apiFault{codeMsgType, "template_card is for single chats"}
		}

		fault := body.Card.check()
		if fault != nil {
			return Shown{}, fault
		}

		s.mu.Lock()
		defer s.mu.Unlock()

		fault = s.takeTask(body.Card)
		picture := body.Card.picture()

		return Shown{Kind: KindCard, Text: picture.words(), Card: picture}, fault
	default:
		ref := map[string]mediaBody{"image": body.Image, "voice": body.Voice, "video": body.Video, "file": body.File}

		m, fault := s.find(ref[body.MsgType].MediaID, robotOwner)
		if fault != nil {
			return Shown{}, fault
		}

		file := m.file

		return Shown{Kind: Kind(body.MsgType), File: &file, Text: "[" + file.Name + "]"}, nil
	}
}

// robotShow puts a message into a conversation, within its limit of replies and
// pushes together, and marks the turn as answered.
func (s *Sim) robotShow(chat string, shown Shown, turn *robotTurn) *apiFault {
	now := s.cfg.Now()

	s.robot.mu.Lock()

	rate := s.robot.rates[chat]
	if rate == nil {
		rate = &window{}
		s.robot.rates[chat] = rate
	}

	over := !s.cfg.Unlimited && (rate.count(now, time.Minute) >= perMinute || rate.count(now, time.Hour) >= perHour)
	if !over {
		rate.times = append(rate.times, now)
	}
	s.robot.mu.Unlock()

	if over {
		return &apiFault{codeRobotRate, "aibot send msg frequency limit exceeded"}
	}

	shown.To, shown.Channel, shown.At, shown.MsgKey = chat, ChannelRobot, now, randomID("R", 8)
	shown.Passive = turn != nil
	s.robotEntry(shown)

	if turn != nil {
		s.robot.mu.Lock()
		defer s.robot.mu.Unlock()

		if !turn.answered {
			turn.answered, turn.reply = true, shown.Text
			close(turn.done)
		}
	}

	return nil
}

// robotEntry names the conversation and records the entry.
func (s *Sim) robotEntry(shown Shown) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if g, ok := s.groups[shown.To]; ok {
		shown.Name, shown.Group = g.Name, true
		s.journal.add(shown)

		return
	}

	p := s.people[strings.ToLower(shown.To)]
	if p == nil {
		return
	}

	shown.To, shown.Name = p.UserID, p.Name
	entry := s.journal.add(shown)

	if shown.Card != nil {
		p.cards = append(p.cards, &cardCopy{seq: entry.Seq, card: *shown.Card, robot: true})
	}
}

// robotUpdate replaces a pressed card within five seconds.
func (s *Sim) robotUpdate(reqID string, body *robotBody) *apiFault {
	turn, fault := s.robotTurnOf(reqID, turnCard, robotEventWindow)

	switch {
	case fault != nil:
		return fault
	case body.Response != "update_template_card" || body.Card == nil:
		return &apiFault{codeParameter, "response_type must be update_template_card"}
	case body.Card.TaskID != turn.task:
		return &apiFault{codeUnknownTask, "task_id is not the event's"}
	}

	fault = body.Card.check()
	if fault != nil {
		return fault
	}

	picture := body.Card.picture()

	s.mu.Lock()
	s.replace(turn.from, turn.task, func(c *Card) { *c = *picture }, true, s.cfg.Now())
	s.mu.Unlock()

	s.robot.mu.Lock()
	defer s.robot.mu.Unlock()

	if !turn.answered {
		turn.answered = true
		close(turn.done)
	}

	return nil
}
