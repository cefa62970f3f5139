package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
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

// Words of the robot's frames.
const (
	chatSingle = "single"
	keyContent = "content"
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
	uploadBody

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
			s.problemf("robot: frame is not JSON: %v", err)

			continue
		}

		s.count(func(st *Stats) { st.Calls[frame.Cmd]++ })

		body, fault := s.robotCommand(ctx, link, &frame)

		ack := map[string]any{"headers": frame.Headers, keyCode: 0, keyText: "ok"}
		if body != nil {
			ack["body"] = body
		}

		if fault != nil {
			ack[keyCode] = fault.Code
			ack[keyText] = fmt.Sprintf("%s, hint: [%d]", fault.Text, s.cfg.Now().Unix())
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
		"msgtype": msgEvent, msgEvent: map[string]any{"eventtype": "disconnected_event"},
	})
	_ = old.write(ctx, event) // It may be gone, which is the point.
	_ = old.conn.CloseNow()   // As above.

	return nil
}

// robotCallback frames a callback with the ids every one carries.
func (s *Sim) robotCallback(cmd, reqID string, body map[string]any) map[string]any {
	body["msgid"], body["aibotid"] = randomID("M", 12), s.cfg.RobotID
	body["create_time"] = s.cfg.Now().Unix()

	return map[string]any{"cmd": cmd, "headers": map[string]string{"req_id": reqID}, "body": body}
}
