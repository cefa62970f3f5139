package wecom

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"cxbot/chat"
)

// Commands and events of the smart robot's long connection (101463).
const (
	cmdSubscribe = "aibot_subscribe"
	cmdPing      = "ping"
	cmdMessage   = "aibot_msg_callback"
	cmdEvent     = "aibot_event_callback"
	cmdRespond   = "aibot_respond_msg"
	cmdWelcome   = "aibot_respond_welcome_msg"
	cmdPush      = "aibot_send_msg"

	eventEnter   = "enter_chat"
	eventCard    = "template_card_event"
	eventEvicted = "disconnected_event"

	chatGroup = "group"
)

// Codes of the long connection.
const (
	codeBusy          = -1
	codeChat          = 93006
	codeTurnExpired   = 846604
	codeTurnUnknown   = 846605
	codeAnswered      = 846606
	codeRobotRate     = 846607
	codeStreamExpired = 846608
	codeNotSubscribed = 846609
	codeRobotSecret   = 853000
)

// robotFrame is one frame of either direction. An acknowledgement has no Cmd.
type robotFrame struct {
	Cmd     string          `json:"cmd"`
	Headers frameHeaders    `json:"headers"`
	Body    json.RawMessage `json:"body"`
	Code    json.RawMessage `json:"errcode"`
	Message json.RawMessage `json:"errmsg"`
}

type frameHeaders struct {
	ReqID string `json:"req_id"`
}

// robotBody is the body of a callback, as far as the bot understands it.
type robotBody struct {
	MsgID      string          `json:"msgid"`
	BotID      string          `json:"aibotid"`
	ChatID     string          `json:"chatid"`
	ChatType   string          `json:"chattype"`
	CreateTime json.RawMessage `json:"create_time"`
	From       struct {
		UserID string `json:"userid"`
	} `json:"from"`
	MsgType string    `json:"msgtype"`
	Text    robotText `json:"text"`
	Voice   robotText `json:"voice"`
	Image   robotFile `json:"image"`
	Mixed   struct {
		Items []struct {
			MsgType string    `json:"msgtype"`
			Text    robotText `json:"text"`
			Image   robotFile `json:"image"`
		} `json:"msg_item"`
	} `json:"mixed"`
	Event struct {
		Type string `json:"eventtype"`
		Card struct {
			Key      string `json:"event_key"`
			Task     string `json:"task_id"`
			Selected struct {
				Items []struct {
					Question string `json:"question_key"`
					Options  struct {
						IDs []string `json:"option_id"`
					} `json:"option_ids"`
				} `json:"selected_item"`
			} `json:"selected_items"`
		} `json:"template_card_event"`
	} `json:"event"`
}

// robotText is a text, or the words of a voice.
type robotText struct {
	Content string `json:"content"`
}

// robotFile says where a picture is for five minutes, encrypted under a key of
// its own.
type robotFile struct {
	URL string `json:"url"`
	Key string `json:"aeskey"`
}

// media is the picture as events name it.
func (f robotFile) media() chat.Media { return chat.Media{URL: f.URL, Key: f.Key} }

// overheard is one callback that is worth a turn.
type overheard struct {
	event chat.Event
	reqID string
	// chat is where to push to, as the platform spells it; its letters' case counts.
	chat string
	// welcome says that only a welcome answers it, within five seconds.
	welcome bool
}

// Reasons for leaving a callback alone.
var (
	errEvicted   = errors.New("another connection has taken the robot over")
	errBadFrame  = errors.New("wecom: frame cannot be read")
	errNotForUs  = errors.New("wecom: for another robot")
	errNoMeaning = errors.New("wecom: event without a meaning for us")
)

// readFrame reads a frame. The gateway puts raw control characters into
// strings, which encoding/json refuses, so they are taken out first.
func readFrame(data []byte) (robotFrame, error) {
	var f robotFrame
	kept := data[:0]
	for _, b := range data {
		if b >= ' ' || b == '\t' || b == '\n' {
			kept = append(kept, b)
		}
	}
	if json.Unmarshal(kept, &f) != nil {
		return robotFrame{}, errBadFrame
	}
	return f, nil
}

// code reads the errcode of an acknowledgement; one without is no answer.
func (f *robotFrame) code() (int, bool) {
	code, err := strconv.Atoi(strings.Trim(string(f.Code), `"`))
	return code, err == nil
}

// message is the errmsg, which is only shown and never judged.
func (f *robotFrame) message() string {
	var text string
	if json.Unmarshal(f.Message, &text) != nil {
		return ""
	}
	return text
}

// readCallback turns a callback into an event for the robot bot. Unknown kinds of
// messages are events too, because a person waits; unknown events are not.
func readCallback(bot string, f *robotFrame) (overheard, error) {
	var b robotBody
	if json.Unmarshal(f.Body, &b) != nil {
		return overheard{}, errBadFrame
	}
	if f.Cmd == cmdEvent && b.Event.Type == eventEvicted {
		return overheard{}, errEvicted
	}
	if b.BotID != "" && b.BotID != bot {
		return overheard{}, errNotForUs
	}
	if f.Headers.ReqID == "" {
		return overheard{}, errBadFrame
	}
	h := overheard{reqID: f.Headers.ReqID, event: chat.Event{Channel: chat.Robot, SentAt: sentAt(strings.Trim(string(b.CreateTime), `"`))}}
	if err := b.place(&h); err != nil {
		return overheard{}, err
	}
	if f.Cmd == cmdEvent {
		if !b.readEvent(&h) {
			return overheard{}, errNoMeaning
		}
	} else {
		b.readMessage(&h.event)
	}
	h.event.ID = robotEventID(bot, b.MsgID, f.Body)
	return h, nil
}

// place says who spoke and where. A callback that does not say clearly whether
// it is of a group is refused: what belongs to a person must not be said there.
func (b *robotBody) place(h *overheard) error {
	from, ok := personID(b.From.UserID)
	if !ok {
		return errPerson
	}
	h.event.From, h.chat = from, b.From.UserID
	switch {
	case b.ChatType == "single":
		return nil
	case b.ChatType != chatGroup || !plainID(b.ChatID):
		return errBadFrame
	}
	h.event.Group, h.chat = b.ChatID, b.ChatID
	return nil
}

// readMessage fills in a message. Of what can be downloaded only pictures are
// taken; their addresses and keys are secret and die after five minutes.
func (b *robotBody) readMessage(ev *chat.Event) {
	kinds := map[string]chat.Kind{
		typeText: chat.Text, typeVoice: chat.Voice, typeImage: chat.Image, typeFile: chat.File, typeVideo: chat.Video,
	}
	kind, known := kinds[b.MsgType]
	switch {
	case b.MsgType == "mixed":
		ev.Kind, ev.Text = chat.Image, b.mixedText()
		if ev.Text != "" {
			ev.Kind = chat.Text
		}
		ev.Images = b.mixedImages()
	case !known:
		ev.Kind, ev.Text = chat.Unknown, cut(b.MsgType, maxName)
	default:
		ev.Kind, ev.Text = kind, b.Text.Content
		switch kind {
		case chat.Voice:
			ev.Text = b.Voice.Content
		case chat.Image:
			ev.Media = b.Image.media()
		default:
		}
	}
	if len(ev.Text) > maxBody {
		ev.Kind, ev.Text = chat.Unknown, "too long"
	}
}

// mixedText joins the texts of a message of texts and pictures.
func (b *robotBody) mixedText() string {
	var texts []string
	for _, item := range b.Mixed.Items {
		if item.MsgType == typeText && item.Text.Content != "" {
			texts = append(texts, item.Text.Content)
		}
	}
	return strings.Join(texts, "\n")
}

// mixedImages are the pictures of such a message, in order.
func (b *robotBody) mixedImages() []chat.Media {
	var images []chat.Media
	for _, item := range b.Mixed.Items {
		if item.MsgType == typeImage && item.Image.URL != "" {
			images = append(images, item.Image.media())
		}
	}
	return images
}

// readEvent fills in an event and reports whether it means something to us. A
// pressed card brings no code: the robot's cards are updated by the turn itself.
func (b *robotBody) readEvent(h *overheard) bool {
	switch b.Event.Type {
	case eventEnter:
		h.event.Kind, h.welcome = chat.Enter, true
		return true
	case eventCard:
		card := b.Event.Card
		var lines []string
		for _, item := range card.Selected.Items {
			lines = append(lines, item.Question+"="+strings.Join(item.Options.IDs, ","))
		}
		h.event.Kind, h.event.Text = chat.Click, strings.Join(lines, "\n")
		h.event.Click = chat.Press{Task: card.Task, Key: card.Key}
		return card.Key != ""
	default:
		return false
	}
}

// robotEventID is the same for every delivery of a callback (design.md D31).
func robotEventID(bot, msgID string, body []byte) string {
	if !plainID(msgID) {
		return hashID(body)
	}
	return strings.Join([]string{string(chat.Robot), bot, msgID}, "|")
}

// plainID checks an id of the platform: short, visible ASCII without what could
// break a storage key or a log line.
func plainID(id string) bool {
	if id == "" || len(id) > 2*maxPersonID {
		return false
	}
	for i := range len(id) {
		if id[i] <= ' ' || id[i] >= 0x7f {
			return false
		}
	}
	return !strings.ContainsAny(id, `|:{}<>"'\`)
}
