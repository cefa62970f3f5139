package wecom

import (
	"bufio"
	"context"
	"crypto/sha1" //nolint:gosec // The platform's signature.
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cxbot/chat"
)

// noon is the bot's clock in these tests.
func noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

// desk is a handler with what it counted and was asked.
type desk struct {
	*Handler

	mu      sync.Mutex
	counted []string
	events  []chat.Event
	result  Result
}

func newDesk(t testing.TB, result Result) *desk {
	t.Helper()
	crypter, err := NewCrypter(CrypterConfig{Token: sampleToken, AESKey: sampleKey, ReceiveID: sampleCorp})
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{result: result}
	d.Handler, err = NewHandler(HandlerConfig{
		Crypter: crypter, AgentID: sampleAgent, Now: noon,
		Handle: func(_ context.Context, ev chat.Event) Result {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.events = append(d.events, ev)
			return d.result
		},
		Count: func(outcome string) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.counted = append(d.counted, outcome)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// signed is a callback in parts, each of which a test may change.
type signed struct {
	method, path                          string
	token, timestamp, nonce, encrypt      string
	signature, extraQuery, body, echo     string
	noSignature, noTimestamp, noNonceEcho bool
	header                                http.Header
}

// callback is a good delivery of an inner message.
func callback(t testing.TB, inner string) signed {
	t.Helper()
	encrypt := lay(t, layout("0123456789abcdef", uint32(len(inner)), inner, sampleCorp, rightPadding)) //nolint:gosec // Short.
	return signed{
		method: http.MethodPost, path: CallbackPath, token: sampleToken,
		timestamp: strconv.FormatInt(noon().Unix(), 10), nonce: "1372623149", encrypt: string(encrypt),
	}
}

func sign(token, timestamp, nonce, encrypt string) string {
	parts := []string{token, timestamp, nonce, encrypt}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) //nolint:gosec // The platform's signature.
	return hex.EncodeToString(sum[:])
}

func envelope(encrypt string) string {
	return "<xml><ToUserName><![CDATA[" + sampleCorp + "]]></ToUserName><AgentID><![CDATA[" + sampleAgent +
		"]]></AgentID><Encrypt><![CDATA[" + encrypt + "]]></Encrypt></xml>"
}

// request makes the HTTP request, filling in what the test left out.
func (s signed) request(t testing.TB) *http.Request {
	t.Helper()
	if s.signature == "" && !s.noSignature {
		s.signature = sign(s.token, s.timestamp, s.nonce, s.encrypt)
	}
	query := url.Values{}
	if !s.noSignature {
		query.Set("msg_signature", s.signature)
	}
	if !s.noTimestamp {
		query.Set("timestamp", s.timestamp)
	}
	query.Set("nonce", s.nonce)
	if s.method == http.MethodGet && !s.noNonceEcho {
		query.Set("echostr", s.encrypt)
	}
	if s.body == "" && s.method == http.MethodPost {
		s.body = envelope(s.encrypt)
	}
	var body io.Reader
	if s.body != "" {
		body = strings.NewReader(s.body)
	}
	r := httptest.NewRequestWithContext(t.Context(), s.method, s.path+"?"+query.Encode()+s.extraQuery, body)
	for name, values := range s.header {
		r.Header[name] = values
	}
	return r
}

// told returns what was counted and handled so far.
func (d *desk) told() ([]string, []chat.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.counted), slices.Clone(d.events)
}

func (d *desk) do(t testing.TB, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

// text writes an inner text message.
func text(from, msgID, content string) string {
	return "<xml><ToUserName><![CDATA[" + sampleCorp + "]]></ToUserName><FromUserName><![CDATA[" + from +
		"]]></FromUserName><CreateTime>1409659813</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[" +
		content + "]]></Content><MsgId>" + msgID + "</MsgId><AgentID>" + sampleAgent + "</AgentID></xml>"
}

// event writes an inner event.
func event(name, more string) string {
	return "<xml><ToUserName><![CDATA[" + sampleCorp + "]]></ToUserName><FromUserName><![CDATA[LiChunmei]]></FromUserName>" +
		"<CreateTime>1409659813</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[" + name + "]]></Event>" + more +
		"<AgentID>" + sampleAgent + "</AgentID></xml>"
}

func TestCallbackReply(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Result{Text: "收到]]>，<a href=\"x\">好</a>\u2028。\x00"})
	w := d.do(t, callback(t, text("LiChunmei", "4561255354251345929", "我要报课题")).request(t))
	if w.Code != http.StatusOK || !slices.Equal(d.counted, []string{OutcomeReply}) {
		t.Fatalf("status %d, counted %v", w.Code, d.counted)
	}
	if len(d.events) != 1 || d.events[0].Text != "我要报课题" || d.events[0].From != "lichunmei" ||
		d.events[0].ID != "app|"+sampleCorp+"|218|4561255354251345929" || !d.events[0].At.Equal(noon()) {
		t.Errorf("event %+v", d.events)
	}
	inner := d.openReply(t, w.Body.Bytes())
	want := "<xml><ToUserName><![CDATA[lichunmei]]></ToUserName><FromUserName><![CDATA[" + sampleCorp +
		"]]></FromUserName><CreateTime>" + strconv.FormatInt(noon().Unix(), 10) +
		"</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[收到]]]]><![CDATA[>，＜a href=\"x\">好</a>\n。]]></Content></xml>"
	if inner != want {
		t.Errorf("reply\n%s\nwant\n%s", inner, want)
	}
	if got := w.Header().Get("Content-Type"); got != "application/xml; charset=utf-8" {
		t.Errorf("content type %q", got)
	}
}

// openReply checks a reply document as the platform does and returns its text.
func (d *desk) openReply(t testing.TB, body []byte) string {
	t.Helper()
	var doc document
	if err := doc.parse(body); err != nil {
		t.Fatal(err)
	}
	part := func(name string) string {
		value, found := doc.top(name)
		if !found {
			t.Fatalf("the reply has no %s", name)
		}
		return string(value)
	}
	if want := sign(sampleToken, part("TimeStamp"), part("Nonce"), part("Encrypt")); part("MsgSignature") != want {
		t.Errorf("signature %s, want %s", part("MsgSignature"), want)
	}
	inner, _, err := d.cfg.Crypter.Open(Generation{}, nil, []byte(part("Encrypt")))
	if err != nil {
		t.Fatal(err)
	}
	return string(inner)
}

func TestCallbackEmptyReply(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Result{})
	w := d.do(t, callback(t, text("a", "1", "x")).request(t))
	if w.Code != http.StatusOK || w.Body.Len() != 0 || !slices.Equal(d.counted, []string{OutcomeOK}) || len(d.events) != 1 {
		t.Errorf("status %d, body %q, counted %v", w.Code, w.Body, d.counted)
	}
}

func TestCallbackLongReply(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Result{Text: strings.Repeat("长", 683)})
	w := d.do(t, callback(t, text("a", "1", "x")).request(t))
	inner := d.openReply(t, w.Body.Bytes())
	_, rest, _ := strings.Cut(inner, "<Content><![CDATA[")
	content, _, _ := strings.Cut(rest, "]]>")
	if content != strings.Repeat("长", 681)+"…" || !slices.Contains(d.counted, OutcomeLongReply) {
		t.Errorf("%d bytes, counted %v", len(content), d.counted)
	}
}

func TestCallbackClose(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Result{Close: true})
	server := httptest.NewServer(d)
	defer server.Close()
	r := callback(t, text("a", "1", "x")).request(t)
	req, err := http.NewRequestWithContext(t.Context(), r.Method, server.URL+r.URL.String(), r.Body)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = r.ContentLength
	res, err := server.Client().Do(req)
	if err == nil {
		_ = res.Body.Close()
		t.Fatalf("an answer came: %s", res.Status)
	}
	if counted, events := d.told(); !slices.Equal(counted, []string{OutcomeClosed}) || len(events) != 1 {
		t.Errorf("counted %v", counted)
	}
}

func TestEcho(t *testing.T) {
	t.Parallel()
	v := vectors()[0]
	crypter := v.crypter(t)
	called := 0
	h, err := NewHandler(HandlerConfig{
		Crypter: crypter, AgentID: sampleAgent, Now: func() time.Time { return time.Unix(1409659600, 0) },
		Handle: func(context.Context, chat.Event) Result { called++; return Result{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	const target = "/wecom/callback?msg_signature=5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3&timestamp=1409659589&nonce=263014780" +
		"&echostr=P9nAzCzyDtyTWESHep1vC5X9xho%2FqYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp%2B4RPcs8TgAE7OaBO%2BFZXvnaqQ%3D%3D"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil))
	if w.Code != http.StatusOK || w.Body.String() != v.message || called != 0 {
		t.Errorf("status %d, body %q", w.Code, w.Body)
	}
}

func TestRepeats(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Result{})
	send := func(message, nonce string) string {
		s := callback(t, message)
		s.nonce = nonce
		before := len(d.counted)
		if w := d.do(t, s.request(t)); w.Code != http.StatusOK {
			t.Fatalf("status %d", w.Code)
		}
		return strings.Join(d.counted[before:], " ")
	}
	steps := []struct{ name, message, nonce, counted string }{
		{"first", text("a", "7", "x"), "n1", "ok"},
		{"B5 again, byte for byte", text("a", "7", "x"), "n1", "repeated ok"},
		{"retry with another nonce", text("a", "7", "x"), "n2", "ok"},
		{"B6 same nonce, other body", text("a", "8", "y"), "n1", "nonce_reused ok"},
		{"B25 same id, other content", text("a", "7", "z"), "n3", "id_conflict ok"},
		{"same id, other CreateTime", strings.Replace(text("a", "7", "x"), "1409659813", "1409659818", 1), "n4", "ok"},
	}
	for _, step := range steps {
		if got := send(step.message, step.nonce); got != step.counted {
			t.Errorf("%s: counted %q, want %q", step.name, got, step.counted)
		}
	}
	ids := make([]string, len(d.events))
	for i, ev := range d.events {
		ids[i] = ev.ID
	}
	if ids[0] != ids[1] || ids[0] != ids[2] || ids[0] != ids[5] {
		t.Errorf("a repeat has another id: %q", ids)
	}
	if ids[3] == ids[0] || ids[4] == ids[0] || len(ids[4]) != 64 {
		t.Errorf("different messages share an id: %q", ids)
	}
}

func TestBrokenTransfers(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Result{})
	server := httptest.NewUnstartedServer(nil)
	server.Config = NewServer("", d)
	server.Start()
	defer server.Close()
	good := callback(t, text("a", "7", "x")).request(t)
	target := good.URL.RequestURI()
	tests := []struct{ name, raw, status string }{
		{"B21 Content-Length lies", "POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n<xml>", "400"},
		{"B21 chunked without end", "POST " + target + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<xml>\r\n", "400"},
		{"B22 //", "POST //wecom/callback HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "404"},
		{"B22 /..", "GET /wecom/callback/.. HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "404"},
		{"B22 %2e", "GET /wecom/%2e/callback HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "404"},
	}
	for _, test := range tests {
		if got := rawStatus(t, server.Listener.Addr().String(), test.raw); got != test.status {
			t.Errorf("%s: status %q, want %s", test.name, got, test.status)
		}
	}
	if _, events := d.told(); len(events) != 0 {
		t.Errorf("%d events handled", len(events))
	}
}

// rawStatus writes bytes, closes its side and reads the status of the answer,
// which must end the connection.
func rawStatus(t *testing.T, address, raw string) string {
	t.Helper()
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err = io.WriteString(conn, raw); err != nil {
		t.Fatal(err)
	}
	if half, ok := conn.(*net.TCPConn); ok {
		_ = half.CloseWrite()
	}
	reader := bufio.NewReader(conn)
	line, err := reader.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if _, err = io.Copy(io.Discard, reader); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(line, " ")
	status, _, _ := strings.Cut(rest, " ")
	return status
}

// trickle is a body that ends in a read deadline, as a slow client's does.
type trickle struct{}

func (trickle) Read([]byte) (int, error) { return 0, timeoutError{} }

type timeoutError struct{}

func (timeoutError) Error() string   { return "i/o timeout" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return false }

func TestSlowBody(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Result{})
	r := callback(t, text("a", "7", "x")).request(t)
	r.Body, r.ContentLength = io.NopCloser(trickle{}), -1
	w := d.do(t, r)
	if w.Code != http.StatusRequestTimeout || !slices.Equal(d.counted, []string{OutcomeTimeout}) || w.Header().Get("Connection") != "close" {
		t.Errorf("status %d, counted %v", w.Code, d.counted)
	}
}

// TestFlood: forged callbacks leave nothing behind and do not touch the good
// ones (B23; their price is BenchmarkBadSignature).
func TestFlood(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Result{})
	const forged = 10_000
	s := callback(t, text("a", "7", "x"))
	s.signature = sign("another", s.timestamp, s.nonce, s.encrypt)
	s.body = envelope(s.encrypt)
	for range forged {
		if w := d.do(t, s.request(t)); w.Code != http.StatusForbidden {
			t.Fatalf("status %d", w.Code)
		}
	}
	s.signature = ""
	if w := d.do(t, s.request(t)); w.Code != http.StatusOK || len(d.events) != 1 {
		t.Errorf("the good one gets %d", w.Code)
	}
	if len(d.nonces.known) != 1 || len(d.ids.known) != 1 || len(d.counted) != forged+1 {
		t.Errorf("%d nonces, %d ids, %d counted", len(d.nonces.known), len(d.ids.known), len(d.counted))
	}
}

// pipeListener serves in-memory connections, so that time can be simulated.
type pipeListener struct{ conns chan net.Conn }

func (l pipeListener) Accept() (net.Conn, error) {
	conn, open := <-l.conns
	if !open {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (pipeListener) Close() error   { return nil }
func (pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// TestTrickle: a body that stops in the middle is given up after five seconds,
// a header after five, and neither holds a goroutine longer.
func TestTrickle(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		raw, status string
		after       time.Duration
	}{
		"body":   {"POST /wecom/callback?%s HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n<xml>", "408", readTimeout},
		"header": {"POST /wecom/callback?%s HTTP/1.1\r\nHost: x\r\n", "", 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t, Result{})
				listener := pipeListener{conns: make(chan net.Conn, 1)}
				server := NewServer("", d)
				go func() { _ = server.Serve(listener) }()
				mine, theirs := net.Pipe()
				listener.conns <- theirs
				start := time.Now()
				_, err := fmt.Fprintf(mine, test.raw, callback(t, text("a", "7", "x")).request(t).URL.RawQuery)
				if err != nil {
					t.Fatal(err)
				}
				answer, err := io.ReadAll(mine)
				if err != nil {
					t.Fatal(err)
				}
				if waited := time.Since(start); waited < test.after || waited > test.after+time.Second {
					t.Errorf("given up after %v", waited)
				}
				_, rest, _ := strings.Cut(string(answer), " ")
				if status, _, _ := strings.Cut(rest, " "); status != test.status {
					t.Errorf("answer %q", answer)
				}
				close(listener.conns)
				synctest.Wait()
			})
		})
	}
}

func TestNewHandlerRefuses(t *testing.T) {
	t.Parallel()
	if _, err := NewHandler(HandlerConfig{AgentID: "1", Now: noon}); err == nil {
		t.Error("a handler without a crypter is made")
	}
}

// TestVectorsThroughHandler plays the official and captured deliveries.
func TestVectorsThroughHandler(t *testing.T) {
	t.Parallel()
	for i, agent := range map[int]string{1: "218", 2: "1000002", 5: "218"} {
		v := vectors()[i]
		seconds, err := strconv.ParseInt(v.timestamp, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		var got []chat.Event
		h, err := NewHandler(HandlerConfig{
			Crypter: v.crypter(t), AgentID: agent, Now: func() time.Time { return time.Unix(seconds, 0) },
			Handle: func(_ context.Context, ev chat.Event) Result { got = append(got, ev); return Result{} },
		})
		if err != nil {
			t.Fatal(err)
		}
		s := signed{
			method: http.MethodPost, path: CallbackPath, timestamp: v.timestamp, nonce: v.nonce, signature: v.signature,
			body: "<xml><Encrypt><![CDATA[" + v.encrypt + "]]></Encrypt><AgentID>" + agent + "</AgentID></xml>",
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, s.request(t))
		if w.Code != http.StatusOK || len(got) != 1 || got[0].SentAt.Unix() != seconds {
			t.Errorf("%s: status %d, events %+v", v.name, w.Code, got)
		}
	}
}

func TestConcurrentCallbacks(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Result{Text: "好"})
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			id := strconv.Itoa(i + 1)
			w := d.do(t, callback(t, text("p"+id, id, strings.Repeat("字", i))).request(t))
			if inner := d.openReply(t, w.Body.Bytes()); !strings.Contains(inner, "[p"+id+"]") {
				t.Errorf("reply to p%s: %s", id, inner)
			}
		})
	}
	group.Wait()
	for _, ev := range d.events {
		if !strings.HasSuffix(ev.ID, "|"+ev.From[1:]) {
			t.Errorf("event %q of %q", ev.ID, ev.From)
		}
	}
}
