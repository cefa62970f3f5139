package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cxbot/chat"
)

// chatAs runs "cxbot chat" with an input and returns what it said on both outputs.
func (s *serving) chatAs(t *testing.T, as, input string) (code int, out, note string) {
	t.Helper()
	var said, noted strings.Builder
	code = run(t.Context(), []string{"chat", "--as", as}, &command{
		environ: s.environ, in: strings.NewReader(input), out: &said, err: &noted, log: slog.New(slog.DiscardHandler),
	})
	return code, said.String(), noted.String()
}

// shortServing is a serving whose data directory has a path short enough for a socket.
func shortServing(t *testing.T, environ ...string) (s *serving, dir string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "cx")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s = newServing(t, nil, append(environ, "CXBOT_DATA_DIR="+dir)...)
	waitFor(t, func() bool { _, err := os.Stat(filepath.Join(dir, deskFile)); return err == nil })
	return s, dir
}

// TestChatWithARunningBot: a terminal speaks as a person to the bot in service; it
// hears the answers and what is sent to that person, others are written to on
// their real way, and every sentence leaves an audit line.
func TestChatWithARunningBot(t *testing.T) {
	t.Parallel()
	s, dir := shortServing(t)
	ctx := t.Context()
	if info, err := os.Stat(filepath.Join(dir, deskFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v, %v", info.Mode(), err)
	}
	code, out, note := s.chatAs(t, "李春梅", "我要报课题\n\n  村级党群议事会机制探索  \n")
	if code != exitOK || !strings.Contains(out, "课题名称") || !strings.Contains(out, "村级党群议事会机制探索") || !strings.Contains(note, "以李春梅的身份说话") {
		t.Errorf("%d %q %q", code, out, note)
	}
	// It is the same conversation as on the phone.
	if d, err := s.sim.Say(ctx, "lichunmei", "进度"); err != nil || !strings.Contains(d.Reply, "村级党群议事会机制探索") && !strings.Contains(d.Reply, "草稿") {
		t.Errorf("on the phone: %q, %v", d.Reply, err)
	}
	// A push to the person shows in the terminal and on the phone; one to another
	// person only there.
	before := len(s.sim.Shown())
	reader, writer := io.Pipe()
	said := &lockedText{}
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"chat", "--as", "sunjing"}, &command{environ: s.environ, in: reader, out: said, err: io.Discard, log: slog.New(slog.DiscardHandler)})
	}()
	if _, err := io.WriteString(writer, "待审\n"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return strings.Contains(said.String(), "待审") })
	card := &chat.Card{Ref: chat.Ref{Kind: "cycle", ID: "2026", Rev: 1}, Title: "请看", Buttons: []chat.Button{{Label: "看一看", Say: "帮助"}}}
	if err := s.store.Enqueue(ctx, trialStart(), []chat.Message{
		{Key: "to her", To: "SunJing", Text: "给孙静的", Card: card}, {Key: "to him", To: "wangjianguo", Text: "给王建国的"},
	}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return strings.Contains(said.String(), "（推送）给孙静的\n[看一看]") })
	waitFor(t, func() bool {
		backlog, err := s.store.Backlog(ctx)
		return err == nil && backlog.Messages == 0
	})
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if code := <-done; code != exitOK || strings.Contains(said.String(), "王建国") {
		t.Errorf("%d %q", code, said.String())
	}
	real := map[string]bool{}
	for _, shown := range s.sim.Shown()[before:] {
		real[shown.To+" "+shown.Text] = true
	}
	if !real["sunjing 给孙静的"] || !real["wangjianguo 给王建国的"] {
		t.Errorf("on the phones: %v", real)
	}
	if code, out, note := s.chatAs(t, "没有这个人", "在吗\n"); code != exitFail || out != "" || !strings.Contains(note, "名单里没有“没有这个人”") {
		t.Errorf("a stranger: %d %q %q", code, out, note)
	}
	if code := s.stop(); code != exitOK {
		t.Fatalf("stopped with %d", code)
	}
	// Three sentences, three lines; none of them holds what was said.
	lines := 0
	days, err := s.store.AuditDays(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range days {
		if err := s.store.AuditRange(ctx, day, func(line string) error {
			if strings.Contains(line, `"did":"terminal.say"`) && strings.Contains(line, `"event":"terminal|`) {
				lines++
			}
			if strings.Contains(line, "村级党群") {
				t.Errorf("the trail holds what was said: %s", line)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if lines != 3 {
		t.Errorf("%d audit lines", lines)
	}
	// Now that nothing runs, the same command is a trial.
	if code, _, note := s.chatAs(t, "lichunmei", "帮助\n"); code != exitOK || !strings.Contains(note, "没有正在运行的 serve") {
		t.Errorf("after the stop: %d %q", code, note)
	}
}

// lockedText collects output of another goroutine.
type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p) //nolint:wrapcheck // Never fails.
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestDeskSurvivesNonsense: garbage, silence and a socket left behind by a killed
// process do no harm.
func TestDeskSurvivesNonsense(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "cx")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, deskFile)
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	if err := left.Close(); err != nil {
		t.Fatal(err)
	}
	s := newServing(t, nil, "CXBOT_DATA_DIR="+dir)
	dial := func() net.Conn {
		t.Helper()
		var conn net.Conn
		waitFor(t, func() bool {
			var err error
			conn, err = net.Dial("unix", path)
			return err == nil
		})
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	for _, nonsense := range []string{"hello\n", "{}\n", "{\"as\":5}\n", "\x00\xff\n", strings.Repeat("x", maxDeskLine+1) + "\n", "{\"as\":\"sunjing\"}\nnonsense\n"} {
		conn := dial()
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		go func() { _, _ = io.WriteString(conn, nonsense) }()
		answer, _ := io.ReadAll(conn)
		if strings.Contains(string(answer), `"reply"`) {
			t.Errorf("%.20q answered %q", nonsense, answer)
		}
	}
	silent := dial()
	if code, out, _ := s.chatAs(t, "sunjing", "待审\n"); code != exitOK || out == "" {
		t.Errorf("beside a silent one: %d %q", code, out)
	}
	begin := time.Now()
	if code := s.stop(); code != exitOK || time.Since(begin) > 5*time.Second {
		t.Errorf("stopped with %d after %v", code, time.Since(begin))
	}
	var word deskWord
	if json.NewDecoder(silent).Decode(&word) == nil {
		t.Errorf("the silent one heard %+v", word)
	}
}

// failing is a wire on which nothing arrives.
type failing struct{}

func (failing) Send(context.Context, chat.Message, string) error { return io.ErrUnexpectedEOF }

// TestTapHearsOnce: a message tried again and again is heard once, by the person
// it is for and nobody else, and the failure stays the outbox's.
func TestTapHearsOnce(t *testing.T) {
	t.Parallel()
	tap := &tapWire{Wire: failing{}, ears: map[int]ear{}}
	var heard []string
	stop := tap.listen("sunjing", func(m chat.Message) { heard = append(heard, pushed(m).shown()) })
	send := func(to, key string, m chat.Message) {
		t.Helper()
		m.To, m.Key = to, key
		if err := tap.Send(t.Context(), m, ""); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v", key, err)
		}
	}
	for range 3 {
		send("SunJing", "a", chat.Message{Text: "一"})
		send("lichunmei", "b", chat.Message{Text: "二"})
		send("sunjing", "c", chat.Message{Card: &chat.Card{Title: "三", Desc: "四", Buttons: []chat.Button{{Label: "看"}}}})
		send("sunjing", "d", chat.Message{Update: &chat.Update{Label: "已收到"}})
	}
	stop()
	send("sunjing", "e", chat.Message{Text: "五"})
	if want := []string{"一", "三\n四\n[看]", "（卡片变为：已收到）"}; !slices.Equal(heard, want) {
		t.Errorf("heard %q", heard)
	}
}
