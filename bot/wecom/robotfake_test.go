package wecom

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"cxbot/chat"
)

const (
	robotID     = "aibROBOT"
	robotSecret = "PLANTED-robot-secret"
)

// pipes is a network in memory, so that time in a test is synctest's.
type pipes struct {
	calls chan net.Conn
	over  chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.calls:
		return c, nil
	case <-p.over:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.over) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.calls <- far:
		return near, nil
	case <-p.over:
	case <-ctx.Done():
	}
	return nil, &net.OpError{Op: "dial", Err: net.ErrClosed}
}

// sentFrame is one frame of the robot as the gateway got it.
type sentFrame struct {
	cmd, reqID string
	body       map[string]any
	at         time.Time
	link       int // which connection, from 1
}

// gateway is the platform's end of the long connection, written from the notes.
type gateway struct {
	t *testing.T

	mu     sync.Mutex
	frames []sentFrame
	conn   *websocket.Conn
	links  int
	// answer overrides the acknowledgement: a code, or silence.
	answer func(f sentFrame) (code int, say bool)
	down   bool // refuses connections
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	down := g.down
	g.mu.Unlock()
	if down {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		g.t.Error(err)
		return
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(1 << 20)
	g.mu.Lock()
	g.conn = conn
	g.links++
	link := g.links
	g.mu.Unlock()
	for first := true; ; first = false {
		_, data, err := conn.Read(context.Background())
		if err != nil {
			return
		}
		if first && !strings.Contains(string(data), `"cmd":"`+cmdSubscribe+`"`) {
			g.t.Errorf("the first frame is %s", data)
		}
		g.take(conn, link, data)
	}
}

// take notes a frame and acknowledges it.
func (g *gateway) take(conn *websocket.Conn, link int, data []byte) {
	var f struct {
		Cmd     string
		Headers struct {
			ReqID string `json:"req_id"`
		}
		Body map[string]any
	}
	if err := json.Unmarshal(data, &f); err != nil {
		g.t.Errorf("the robot sent %s: %v", data, err)
		return
	}
	s := sentFrame{f.Cmd, f.Headers.ReqID, f.Body, time.Now(), link}
	g.mu.Lock()
	g.frames = append(g.frames, s)
	answer := g.answer
	g.mu.Unlock()
	code, say := 0, true
	if answer != nil {
		code, say = answer(s)
	}
	if !say {
		return
	}
	g.write(conn, map[string]any{
		"headers": map[string]string{"req_id": s.reqID}, "errcode": code, "errmsg": "said " + robotSecret + ", hint: [1]",
	})
}

func (g *gateway) write(conn *websocket.Conn, frame any) {
	data, err := json.Marshal(frame)
	if err != nil {
		g.t.Error(err)
	}
	_ = conn.Write(context.Background(), websocket.MessageText, data) // The robot may have hung up, which some tests want.
}

// script sets what answers frames from now on.
func (g *gateway) script(answer func(sentFrame) (int, bool)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answer = answer
}

// on answers one command with a code and everything else with 0.
func on(cmd string, code int) func(sentFrame) (int, bool) {
	return func(f sentFrame) (int, bool) {
		if f.cmd == cmd {
			return code, true
		}
		return 0, true
	}
}

// mute does not acknowledge one command.
func mute(cmd string) func(sentFrame) (int, bool) {
	return func(f sentFrame) (int, bool) { return 0, f.cmd != cmd }
}

// call sends a callback and lets the robot do what it can without time passing.
func (g *gateway) call(cmd, reqID string, body map[string]any) {
	g.mu.Lock()
	conn := g.conn
	g.mu.Unlock()
	g.write(conn, map[string]any{"cmd": cmd, "headers": map[string]string{"req_id": reqID}, "body": body})
	synctest.Wait()
}

// raw sends bytes as they are.
func (g *gateway) raw(text string) {
	g.mu.Lock()
	conn := g.conn
	g.mu.Unlock()
	_ = conn.Write(context.Background(), websocket.MessageText, []byte(text)) // What is too large breaks off.
	synctest.Wait()
}

// drop cuts the connection and lets the robot notice.
func (g *gateway) drop() {
	g.cut()
	synctest.Wait()
}

// cut cuts the connection.
func (g *gateway) cut() {
	g.mu.Lock()
	conn := g.conn
	g.mu.Unlock()
	_ = conn.CloseNow()
}

// got returns the frames of a command so far.
func (g *gateway) got(cmd string) []sentFrame {
	synctest.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	var list []sentFrame
	for _, f := range g.frames {
		if f.cmd == cmd {
			list = append(list, f)
		}
	}
	return list
}

// single and inGroup are text messages.
func single(msgID, from, text string) map[string]any {
	return map[string]any{
		"msgid": msgID, "aibotid": robotID, "chattype": "single", "from": map[string]string{"userid": from},
		"create_time": 1795386530, "msgtype": "text", "text": map[string]string{"content": text},
	}
}

func inGroup(msgID, from, text string) map[string]any {
	body := single(msgID, from, text)
	body["chattype"], body["chatid"] = "group", "wrGroup1"
	return body
}

func eventOf(msgID, from, kind string) map[string]any {
	return map[string]any{
		"msgid": msgID, "aibotid": robotID, "chattype": "single", "from": map[string]string{"userid": from},
		"msgtype": "event", "event": map[string]any{"eventtype": kind},
	}
}

// robotRig is a robot that runs against a gateway.
type robotRig struct {
	*Robot

	gate   *gateway
	counts *counts
	log    *strings.Builder // read it after stop
	stop   func() error     // ends Run and returns its error
}

// withRobot runs a test in virtual time with a connected robot. handle answers
// events; nil repeats their text.
func withRobot(t *testing.T, handle func(context.Context, chat.Event) Result, test func(t *testing.T, r *robotRig)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := &pipes{calls: make(chan net.Conn), over: make(chan struct{})}
		gate := &gateway{t: t}
		server := &http.Server{Handler: gate, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
		served := make(chan error, 1)
		go func() { served <- server.Serve(wire) }()

		rig := &robotRig{gate: gate, counts: &counts{seen: map[string]int{}}, log: &strings.Builder{}}
		if handle == nil {
			handle = func(_ context.Context, ev chat.Event) Result { return Result{Text: "收到：" + ev.Text} }
		}
		robot, err := NewRobot(RobotConfig{
			URL: "ws://gateway/robot", ID: robotID, Secret: robotSecret, Now: noon, Handle: handle, Count: rig.counts.add,
			Log: slog.New(slog.NewTextHandler(rig.log, nil)), HTTPClient: &http.Client{Transport: &http.Transport{DialContext: wire.dial}},
		})
		if err != nil {
			t.Fatal(err)
		}
		rig.Robot = robot
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- robot.Run(ctx) }()
		rig.stop = sync.OnceValue(func() error { cancel(); return <-ran })
		if err := robot.WaitConnected(ctx); err != nil {
			t.Fatal(err)
		}
		test(t, rig)
		if err := rig.stop(); err != nil && !errors.Is(err, ErrEvicted) {
			t.Error("Run:", err)
		}
		if strings.Contains(rig.log.String(), "PLANTED") {
			t.Errorf("a secret shows: %s", rig.log)
		}
		gate.cut()
		_ = server.Close()
		_ = wire.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) && !errors.Is(err, io.EOF) {
			t.Error(err)
		}
	})
}

// counts notes outcomes.
type counts struct {
	mu   sync.Mutex
	seen map[string]int
}

func (c *counts) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[name]++
}

func (c *counts) of(name string) int {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen[name]
}

// all returns every count.
func (c *counts) all() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.seen)
}
