package wecom

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cxbot/bot"
	"cxbot/chat"
)

// opened is a kept file in memory.
type opened struct{ *strings.Reader }

func (opened) Close() error { return nil }

// shelfOf keeps files by name.
func shelfOf(files map[string]string) func(*Config) {
	return func(c *Config) {
		c.Open = func(hash string) (io.ReadSeekCloser, error) {
			text, ok := files[hash]
			if !ok {
				return nil, io.ErrUnexpectedEOF
			}
			return opened{strings.NewReader(text)}, nil
		}
	}
}

// uploadsOf answers uploads with M1, M2 …, and refuses the given media ids.
func uploadsOf(f *fakeAPI, gone ...string) {
	var mu sync.Mutex
	n := 0
	f.script = func(_ *fakeAPI, s seen) (int, http.Header, string, bool) {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasSuffix(s.path, "/media/upload") {
			n++
			return http.StatusOK, nil, fmt.Sprintf(`{"errcode":0,"errmsg":"","type":"image","media_id":"M%d"}`, n), true
		}
		for _, id := range gone {
			if strings.Contains(s.body, `"`+id+`"`) {
				return http.StatusOK, nil, `{"errcode":40007,"errmsg":"invalid media_id"}`, true
			}
		}
		return 0, nil, "", false
	}
}

func picture(to, hash string, size int64) chat.Message {
	return chat.Message{Key: "p-" + to + hash, To: to, File: &chat.Attachment{Hash: hash, Name: "附件1.jpg", Kind: "image/jpeg", Size: size}}
}

func TestSendFile(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	uploadsOf(f)
	w := newWatch()
	a := newApp(t, f.URL, shelfOf(map[string]string{"h1": "a picture", "big": "a large one"}), func(c *Config) { c.Now = w.Now })
	send := func(m chat.Message) map[string]any {
		t.Helper()
		if err := a.Send(t.Context(), m, ""); err != nil {
			t.Fatal(err)
		}
		calls := f.of("/message/send")
		return fieldsOf(t, calls[len(calls)-1].body)
	}
	if got := send(picture("lisi", "h1", 9)); got["msgtype"] != "image" || fmt.Sprint(got["image"]) != "map[media_id:M1]" || got["file"] != nil {
		t.Errorf("sent %v", got)
	}
	send(picture("wangwu", "h1", 9))
	w.add(47 * time.Hour)
	send(picture("zhaoliu", "h1", 9))
	if n := len(f.of("/media/upload")); n != 1 {
		t.Errorf("%d uploads for three people", n)
	}
	w.add(2 * time.Hour)
	if got := send(picture("sunqi", "h1", 9)); fmt.Sprint(got["image"]) != "map[media_id:M2]" {
		t.Errorf("after two days %v", got)
	}
	if got := send(picture("lisi", "big", 6<<20)); got["msgtype"] != "file" || fmt.Sprint(got["file"]) != "map[media_id:M3]" || got["image"] != nil {
		t.Errorf("a large one %v", got)
	}
}

// TestSendFileAgain uploads once more when the platform has lost the media.
func TestSendFileAgain(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	uploadsOf(f)
	a := newApp(t, f.URL, shelfOf(map[string]string{"h1": "a picture"}))
	if err := a.Send(t.Context(), picture("lisi", "h1", 9), ""); err != nil {
		t.Fatal(err)
	}
	uploadsOf(f, "M1") // … and what it gives out now begins with M1 again
	known, ok := errors.AsType[*bot.SendError](a.Send(t.Context(), picture("wangwu", "h1", 9), ""))
	if n := len(f.of("/media/upload")); n != 2 || !ok || known.Code != codeBadMedia {
		t.Errorf("%d uploads, want one more; %v", n, known)
	}
	if err := a.Send(t.Context(), picture("wangwu", "h1", 9), ""); err != nil {
		t.Errorf("with a fresh id: %v", err)
	}
}

func TestSendFileRefuses(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	uploadsOf(f)
	permanent := func(err error) {
		t.Helper()
		if known, ok := errors.AsType[*bot.SendError](err); !ok || known.Class != bot.Permanent {
			t.Errorf("%v", err)
		}
	}
	permanent(newApp(t, f.URL).Send(t.Context(), picture("lisi", "h1", 9), ""))
	permanent(newApp(t, f.URL, shelfOf(nil)).Send(t.Context(), picture("lisi", "h1", 9), ""))
	group := Routes{App: newApp(t, f.URL), Webhook: newApp(t, f.URL)}
	permanent(group.Send(t.Context(), picture(chat.GroupPrefix+"wr1", "h1", 9), ""))
	if len(f.calls) > 0 {
		t.Errorf("%d calls", len(f.calls))
	}
}
