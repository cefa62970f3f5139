package wecom

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"cxbot/chat"
)

// Reasons for not handing an inner message on.
var (
	errPerson     = errors.New("wecom: FromUserName is not one person")
	errOtherAgent = errors.New("wecom: for another app")
	errOtherCorp  = errors.New("wecom: for another corp")
)

// decoded is one inner message.
type decoded struct {
	event chat.Event
	// quiet marks notices nobody waits for an answer to (a position report, an
	// opened link, contact changes, events yet unknown): they change nothing.
	quiet bool
	// what is the MsgType or Event as the platform spells it, for counters.
	what string
	// msgID is a sane MsgId, or "".
	msgID string
	// agent says that the message names this app itself.
	agent bool
}

// decoder turns inner messages (90238, 90240) into events.
type decoder struct{ corp, agent string }

// fields is the parsed inner message with a shorter spelling.
type fields struct{ doc *document }

func (f fields) get(name string) string {
	value, _ := f.doc.top(name)
	return string(value)
}

// decode reads a decrypted message. at is the arrival by our clock; doc is
// scratch space. Elements may come in any order.
func (d decoder) decode(doc *document, inner []byte, at time.Time) (decoded, error) {
	if err := doc.parse(inner); err != nil {
		return decoded{}, err
	}
	f := fields{doc: doc}
	if value, found := doc.top("MsgType"); !found || len(value) == 0 {
		return decoded{}, errMissing
	}
	to, found := doc.top("ToUserName")
	if !found {
		return decoded{}, errMissing
	}
	if string(to) != d.corp {
		return decoded{}, errOtherCorp
	}
	agent, found := doc.top("AgentID")
	if found && string(agent) != d.agent {
		return decoded{}, errOtherAgent
	}
	got := decoded{agent: found, event: chat.Event{Channel: chat.App, SentAt: sentAt(f.get("CreateTime")), At: at}}
	if kind := f.get("MsgType"); kind == "event" {
		got.what = f.get("Event")
		got.quiet = readEvent(f, got.what, &got.event)
	} else {
		got.what = kind
		readMessage(f, kind, &got.event)
		got.msgID = saneID(f.get("MsgId"))
	}
	got.event.ID = hashID(inner)
	if got.msgID != "" {
		got.event.ID = d.messageID(got.msgID)
	}
	from, ok := personID(f.get("FromUserName"))
	if !ok && !got.quiet {
		return got, errPerson
	}
	got.event.From = from
	return got, nil
}

// messageID is the id of an ordinary message (design.md D31).
func (d decoder) messageID(msgID string) string {
	return strings.Join([]string{string(chat.App), d.corp, d.agent, msgID}, "|")
}

// hashID is the id of an event or of a message without a sane MsgId: the whole
// decrypted text, so that two different events never share an id.
func hashID(inner []byte) string {
	sum := sha256.Sum256(inner)
	return hex.EncodeToString(sum[:])
}

// saneID returns a MsgId of 1 to 20 digits without a leading zero, or "". It
// stays text: ids pass 2^53.
func saneID(id string) string {
	const longest = 20
	if id == "" || len(id) > longest || id[0] == '0' {
		return ""
	}
	for i := range len(id) {
		if id[i] < '0' || id[i] > '9' {
			return ""
		}
	}
	return id
}

// sentAt reads CreateTime (Unix seconds); nonsense is the zero time, because
// only the arrival counts.
func sentAt(raw string) time.Time {
	const lastOfYear9999 = 253402300799
	seconds, err := strconv.ParseInt(raw, 10, 64)
	if err != nil || seconds < 0 || seconds > lastOfYear9999 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// readMessage fills in an ordinary message (90239). "file" is not documented
// for self-built apps, but read in case the platform begins to send it.
func readMessage(f fields, kind string, ev *chat.Event) {
	switch kind {
	case typeText:
		ev.Kind, ev.Text = chat.Text, f.get("Content")
	case typeImage:
		ev.Kind, ev.URL = chat.Image, f.get("PicUrl")
		ev.Media.ID = f.get("MediaId")
	case typeVoice:
		ev.Kind, ev.Text = chat.Voice, f.get("Recognition")
		ev.Media = chat.Media{ID: f.get("MediaId"), Format: f.get("Format")}
	case typeVideo:
		ev.Kind = chat.Video
		ev.Media.ID = f.get("MediaId")
	case typeFile:
		ev.Kind = chat.File
		ev.Media = chat.Media{ID: f.get("MediaId"), Name: f.get("FileName"), Size: fileSize(f.get("FileSize"))}
	case "location":
		ev.Kind, ev.Text = chat.Location, place(f.get("Label"), f.get("Location_X"), f.get("Location_Y"))
	case "link":
		ev.Kind, ev.Text, ev.URL = chat.Link, f.get("Title"), f.get("Url")
	default:
		ev.Kind, ev.Text = chat.Unknown, kind
	}
}

// readEvent fills in an event (90240) and reports whether it is quiet. Clicks
// and menu presses without a key say nothing and are quiet, too.
func readEvent(f fields, name string, ev *chat.Event) (quiet bool) {
	key := f.get("EventKey")
	switch name {
	case "subscribe":
		ev.Kind = chat.Subscribe
	case "unsubscribe":
		ev.Kind = chat.Unsubscribe
	case "enter_agent":
		ev.Kind = chat.Enter
	case "click":
		ev.Kind, ev.Text = chat.Menu, key
		return key == ""
	case "scancode_push", "scancode_waitmsg":
		ev.Kind, ev.Text, ev.URL = chat.Menu, key, f.nested("ScanCodeInfo", "ScanResult")
		return key == ""
	case "location_select":
		const parent = "SendLocationInfo"
		ev.Kind = chat.Location
		ev.Text = place(f.nested(parent, "Label"), f.nested(parent, "Location_X"), f.nested(parent, "Location_Y"))
	case "template_card_event", "template_card_menu_event", "taskcard_click":
		ev.Kind, ev.Text = chat.Click, f.selected()
		ev.Click = chat.Press{Task: f.get("TaskId"), Key: key, Code: f.get("ResponseCode")}
		return key == ""
	default:
		// LOCATION, view, view_miniprogram, pic_*, batch_job_result, approvals,
		// change_contact, the app's life cycle, and whatever comes next.
		ev.Kind, ev.Text = chat.Unknown, name
		return true
	}
	return false
}

// nested returns the value of parent/child for a child of the root.
func (f fields) nested(parent, child string) string {
	inside := false
	for i := range f.doc.elements {
		e := &f.doc.elements[i]
		switch {
		case e.depth == 2:
			inside = string(e.name) == parent
		case inside && e.depth == 3 && string(e.name) == child:
			return string(e.value)
		}
	}
	return ""
}

// selected writes the choices of a vote or multiple-choice card as lines
// "question=option,option" (app-protocol 5.4); our own cards have none.
func (f fields) selected() string {
	var lines []string
	inside := false
	for i := range f.doc.elements {
		e := &f.doc.elements[i]
		switch {
		case e.depth == 2:
			inside = string(e.name) == "SelectedItems"
		case !inside:
		case string(e.name) == "QuestionKey":
			lines = append(lines, string(e.value)+"=")
		case string(e.name) == "OptionId" && len(lines) > 0:
			last := &lines[len(lines)-1]
			if !strings.HasSuffix(*last, "=") {
				*last += ","
			}
			*last += string(e.value)
		}
	}
	return strings.Join(lines, "\n")
}

// place is a location's label, or its coordinates when it has none.
func place(label, latitude, longitude string) string {
	if label != "" || latitude == "" {
		return label
	}
	return latitude + "," + longitude
}

// fileSize reads a size in bytes; 0 means unknown.
func fileSize(raw string) int64 {
	n, err := strconv.ParseInt(raw, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
