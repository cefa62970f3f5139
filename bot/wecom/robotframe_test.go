package wecom

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"cxbot/chat"
)

func TestReadCallback(t *testing.T) {
	t.Parallel()
	const head = `"msgid":"M1","aibotid":"aibROBOT","create_time":1795386530,"from":{"userid":"ZhangSan"},`
	sent := time.Unix(1795386530, 0).UTC()
	person := chat.Event{ID: "robot|aibROBOT|M1", Channel: chat.Robot, From: "zhangsan", SentAt: sent}
	in := func(change func(*chat.Event)) chat.Event {
		ev := person
		change(&ev)
		return ev
	}
	tests := []struct {
		name, cmd, body string
		want            chat.Event
		err             error
	}{
		{"text", cmdMessage, `"chattype":"single","msgtype":"text","text":{"content":" 我要报课题 "}`,
			in(func(ev *chat.Event) { ev.Kind, ev.Text = chat.Text, " 我要报课题 " }), nil},
		{"group, mention kept", cmdMessage, `"chattype":"group","chatid":"wrGroup1","msgtype":"text","text":{"content":"@小助手 备案还有几天"}`,
			in(func(ev *chat.Event) {
				ev.Kind, ev.Text, ev.Group = chat.Text, "@小助手 备案还有几天", "wrGroup1"
			}), nil},
		{"group with a quoted file", cmdMessage, `"chattype":"group","chatid":"wrGroup1","msgtype":"text","text":{"content":"@小助手 看"},"quote":{"msgtype":"file","file":{"url":"http://x","aeskey":"k"}}`,
			in(func(ev *chat.Event) { ev.Kind, ev.Text, ev.Group = chat.Text, "@小助手 看", "wrGroup1" }), nil},
		{"group with a quoted text", cmdMessage, `"chattype":"group","chatid":"wrGroup1","msgtype":"text","text":{"content":"@小助手 进度"},"quote":{"msgtype":"text","text":{"content":"绝密"}}`,
			in(func(ev *chat.Event) { ev.Kind, ev.Text, ev.Group = chat.Text, "@小助手 进度", "wrGroup1" }), nil},
		{"voice is its words", cmdMessage, `"chattype":"single","msgtype":"voice","voice":{"content":"我要报课题"}`,
			in(func(ev *chat.Event) { ev.Kind, ev.Text = chat.Voice, "我要报课题" }), nil},
		{"image", cmdMessage, `"chattype":"single","msgtype":"image","image":{"url":"http://x","aeskey":"k"}`,
			in(func(ev *chat.Event) { ev.Kind, ev.Media = chat.Image, chat.Media{URL: "http://x", Key: "k"} }), nil},
		{"file without its secrets", cmdMessage, `"chattype":"single","msgtype":"file","file":{"url":"http://x","aeskey":"k"}`,
			in(func(ev *chat.Event) { ev.Kind = chat.File }), nil},
		{"video", cmdMessage, `"chattype":"single","msgtype":"video","video":{"url":"http://x","aeskey":"k"}`,
			in(func(ev *chat.Event) { ev.Kind = chat.Video }), nil},
		{"mixed", cmdMessage, `"chattype":"single","msgtype":"mixed","mixed":{"msg_item":[{"msgtype":"text","text":{"content":"一"}},{"msgtype":"image","image":{"url":"u"}},{"msgtype":"text","text":{"content":"二"}}]}`,
			in(func(ev *chat.Event) {
				ev.Kind, ev.Text, ev.Images = chat.Text, "一\n二", []chat.Media{{URL: "u"}}
			}), nil},
		{"mixed of pictures", cmdMessage, `"chattype":"single","msgtype":"mixed","mixed":{"msg_item":[{"msgtype":"image","image":{"url":"u","aeskey":"k"}},{"msgtype":"image","image":{"url":"v","aeskey":"l"}}]}`,
			in(func(ev *chat.Event) {
				ev.Kind, ev.Images = chat.Image, []chat.Media{{URL: "u", Key: "k"}, {URL: "v", Key: "l"}}
			}), nil},
		{"a type yet unknown", cmdMessage, `"chattype":"single","msgtype":"sticker"`,
			in(func(ev *chat.Event) { ev.Kind, ev.Text = chat.Unknown, "sticker" }), nil},
		{"a text too long", cmdMessage, `"chattype":"single","msgtype":"text","text":{"content":"` + strings.Repeat("x", maxBody+1) + `"}`,
			in(func(ev *chat.Event) { ev.Kind, ev.Text = chat.Unknown, "too long" }), nil},
		{"chat opened", cmdEvent, `"chattype":"single","msgtype":"event","event":{"eventtype":"enter_chat"}`,
			in(func(ev *chat.Event) { ev.Kind = chat.Enter }), nil},
		{"card pressed", cmdEvent, `"chattype":"single","msgtype":"event","event":{"eventtype":"template_card_event","template_card_event":{"card_type":"vote_interaction","event_key":"通过 3","task_id":"T","selected_items":{"selected_item":[{"question_key":"Q","option_ids":{"option_id":["a","b"]}}]}}}`,
			in(func(ev *chat.Event) {
				ev.Kind, ev.Text, ev.Click = chat.Click, "Q=a,b", chat.Press{Task: "T", Key: "通过 3"}
			}), nil},
		{"card without a key", cmdEvent, `"chattype":"single","msgtype":"event","event":{"eventtype":"template_card_event"}`, chat.Event{}, errNoMeaning},
		{"feedback", cmdEvent, `"chattype":"single","msgtype":"event","event":{"eventtype":"feedback_event"}`, chat.Event{}, errNoMeaning},
		{"evicted", cmdEvent, `"msgtype":"event","event":{"eventtype":"disconnected_event"}`, chat.Event{}, errEvicted},
		{"evicted by a message", cmdMessage, `"chattype":"single","msgtype":"event","event":{"eventtype":"disconnected_event"}`,
			in(func(ev *chat.Event) { ev.Kind, ev.Text = chat.Unknown, "event" }), nil},
		{"group without a name", cmdMessage, `"chattype":"group","msgtype":"text"`, chat.Event{}, errBadFrame},
		{"group with an evil name", cmdMessage, `"chattype":"group","chatid":"a}:b","msgtype":"text"`, chat.Event{}, errBadFrame},
		{"neither group nor single", cmdMessage, `"chatid":"wrGroup1","msgtype":"text"`, chat.Event{}, errBadFrame},
		{"wrong shape", cmdMessage, `"chattype":"single","msgtype":7`, chat.Event{}, errBadFrame},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f, err := readFrame([]byte(fmt.Sprintf(`{"cmd":%q,"headers":{"req_id":"R"},"body":{%s%s}}`, test.cmd, head, test.body)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := readCallback("aibROBOT", &f)
			if !errors.Is(err, test.err) || !reflect.DeepEqual(got.event, test.want) {
				t.Errorf("got %+v, %v", got.event, err)
			}
			if err != nil {
				return
			}
			to := "ZhangSan"
			if got.event.Group != "" {
				to = "wrGroup1"
			}
			if got.reqID != "R" || got.chat != to || got.welcome != (got.event.Kind == chat.Enter) {
				t.Errorf("answered with %q in %q, welcome %v", got.reqID, got.chat, got.welcome)
			}
		})
	}
}

func TestRobotEventIDs(t *testing.T) {
	t.Parallel()
	for id, plain := range map[string]bool{"M1": true, "abc-_=.@9": true, "": false, "a|b": false, "a}b": false, "消息": false, strings.Repeat("x", 200): false} {
		one, again, other := robotEventID("r", id, []byte("a")), robotEventID("r", id, []byte("a")), robotEventID("r", id, []byte("b"))
		if one != again || (one == "robot|r|"+id) != plain || (one == other) != plain {
			t.Errorf("%q: %q and %q", id, one, other)
		}
	}
}

func TestAcknowledgementsAreReadLeniently(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`{"errcode":0,"errmsg":"ok"}`: 0, `{"errcode":"846609"}`: 846609, `{"errcode":-1,"errmsg":{"a":1},"hint":[1]}`: -1,
		`{"errmsg":"ok"}`: -99, `{"errcode":null}`: -99, `{"errcode":1.5}`: -99,
	} {
		f, err := readFrame([]byte(text))
		code, ok := f.code()
		if !ok {
			code = -99
		}
		if err != nil || code != want || strings.Contains(f.message(), "{") {
			t.Errorf("%s: %d, %q, %v", text, code, f.message(), err)
		}
	}
}

// FuzzReadCallback looks for panics, and for events that could be taken for
// somebody else's or said in the wrong place.
func FuzzReadCallback(f *testing.F) {
	for _, body := range []map[string]any{single("m", "a", "x"), inGroup("m", "a", "x"), eventOf("e", "a", eventEnter)} {
		data, err := json.Marshal(map[string]any{"cmd": cmdMessage, "headers": map[string]string{"req_id": "R"}, "body": body})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, err := readFrame(data)
		if err != nil {
			return
		}
		got, err := readCallback("aibROBOT", &frame)
		if err != nil {
			return
		}
		if id, ok := personID(got.event.From); !ok || id != got.event.From || got.event.ID == "" || got.reqID == "" {
			t.Errorf("event %+v", got.event)
		}
		if strings.Contains(string(frame.Body), `"chattype":"group"`) && got.event.Group == "" && !strings.Contains(string(frame.Body), `"single"`) {
			t.Errorf("a group's words in a single chat: %s", data)
		}
	})
}
