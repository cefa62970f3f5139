package wecom

import (
	"bufio"
	"bytes"
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
	if !slices.Equal(d.counted, []string{OutcomeClosed}) || len(d.events) != 1 {
		t.Errorf("counted %v", d.counted)
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

// row is one refused (or accepted) callback.
type row struct {
	name    string
	request func(t *testing.T) *http.Request
	status  int
	outcome string
	events  int
}

// of changes a good callback; the signature is made afterwards.
func of(change func(*signed)) func(t *testing.T) *http.Request {
	return func(t *testing.T) *http.Request {
		t.Helper()
		s := callback(t, text("a", "7", "x"))
		change(&s)
		return s.request(t)
	}
}

// inner is a good callback of another inner message.
func inner(message string) func(t *testing.T) *http.Request {
	return func(t *testing.T) *http.Request { t.Helper(); return callback(t, message).request(t) }
}

// plain is a callback with any plaintext, encrypted and signed.
func plain(data []byte) func(t *testing.T) *http.Request {
	return func(t *testing.T) *http.Request {
		t.Helper()
		s := callback(t, "")
		s.encrypt = string(lay(t, data))
		return s.request(t)
	}
}

func at(offset time.Duration) string { return strconv.FormatInt(noon().Add(offset).Unix(), 10) }

func signatureRows() []row {
	no := func(name string, change func(*signed)) row {
		return row{name, of(change), http.StatusForbidden, OutcomeSignature, 0}
	}
	return []row{
		no("B1 no signature", func(s *signed) { s.noSignature = true }),
		no("B1 empty", func(s *signed) { s.noSignature = true; s.extraQuery = "&msg_signature=" }),
		no("B1 short", func(s *signed) { s.signature = strings.Repeat("a", 39) }),
		no("B1 long", func(s *signed) { s.signature = strings.Repeat("a", 41) }),
		no("B1 upper case", func(s *signed) {
			s.signature = strings.ToUpper(sign(s.token, s.timestamp, s.nonce, s.encrypt))
		}),
		no("B1 not hex", func(s *signed) { s.signature = strings.Repeat("g", 40) }),
		no("B3 another app's token", func(s *signed) { s.token = "another" }),
		no("B2 other nonce", func(s *signed) { s.signature = sign(s.token, s.timestamp, "1", s.encrypt) }),
		{"B4 missing", of(func(s *signed) { s.noTimestamp = true }), http.StatusForbidden, OutcomeStale, 0},
		{"B4 text", of(func(s *signed) { s.timestamp = "noon" }), http.StatusForbidden, OutcomeStale, 0},
		{"B4 negative", of(func(s *signed) { s.timestamp = "-" + s.timestamp }), http.StatusForbidden, OutcomeStale, 0},
		{"B4 20 digits", of(func(s *signed) { s.timestamp = strings.Repeat("1", 20) }), http.StatusForbidden, OutcomeStale, 0},
		{"B4 8 days old", of(func(s *signed) { s.timestamp = at(-8 * 24 * time.Hour) }), http.StatusForbidden, OutcomeStale, 0},
		{"B4 8 days ahead", of(func(s *signed) { s.timestamp = at(8 * 24 * time.Hour) }), http.StatusForbidden, OutcomeStale, 0},
		{"B4 10 min old", of(func(s *signed) { s.timestamp = at(-10 * time.Minute) }), http.StatusOK, OutcomeLate, 1},
		{"B4 6 days old", of(func(s *signed) { s.timestamp = at(-6 * 24 * time.Hour) }), http.StatusOK, OutcomeLate, 1},
		{"B4 10 min ahead", of(func(s *signed) { s.timestamp = at(10 * time.Minute) }), http.StatusOK, OutcomeLate, 1},
		{"B4 4 min old", of(func(s *signed) { s.timestamp = at(-4 * time.Minute) }), http.StatusOK, OutcomeOK, 1},
		{"B7 nonce twice", of(func(s *signed) { s.extraQuery = "&nonce=b" }), http.StatusBadRequest, OutcomeQuery, 0},
		{"B7 signature twice", of(func(s *signed) { s.extraQuery = "&msg_signature=b" }), http.StatusBadRequest, OutcomeQuery, 0},
		{"B7 escaped name twice", of(func(s *signed) { s.extraQuery = "&%6eonce=b" }), http.StatusBadRequest, OutcomeQuery, 0},
		{"B7 bad escape", of(func(s *signed) { s.extraQuery = "&x=%zz" }), http.StatusBadRequest, OutcomeQuery, 0},
		{"B7 semicolon", of(func(s *signed) { s.extraQuery = "&x=1;y=2" }), http.StatusBadRequest, OutcomeQuery, 0},
		{"B7 other parameters are nobody's", of(func(s *signed) { s.extraQuery = "&x=1&x=2" }), http.StatusOK, OutcomeOK, 1},
		{"B8 echo wrong", get(func(s *signed) { s.signature = strings.Repeat("a", 40) }), http.StatusForbidden, OutcomeSignature, 0},
		{"B8 echo missing", get(func(s *signed) { s.noNonceEcho = true }), http.StatusForbidden, OutcomeSignature, 0},
		{"B8 echo not base64", get(func(s *signed) { s.encrypt = "*" }), http.StatusForbidden, OutcomeSealed, 0},
		{"B8 echo for another corp", func(t *testing.T) *http.Request {
			t.Helper()
			encrypt := lay(t, layout("0123456789abcdef", 5, "hello", "ww6a112864f8022910", rightPadding))
			return get(func(s *signed) { s.encrypt = string(encrypt) })(t)
		}, http.StatusForbidden, OutcomeSealed, 0},
	}
}

func get(change func(*signed)) func(t *testing.T) *http.Request {
	return of(func(s *signed) { s.method = http.MethodGet; change(s) })
}

func cryptoRows() []row {
	const random = "0123456789abcdef"
	message := text("a", "7", "x")
	size := uint32(len(message)) //nolint:gosec // Short.
	spoilt := func(last byte) []byte {
		data := layout(random, size, message, sampleCorp, rightPadding)
		data[len(data)-1] = last
		return data
	}
	bad := func(name string, request func(t *testing.T) *http.Request) row {
		return row{name, request, http.StatusBadRequest, OutcomeSealed, 0}
	}
	return []row{
		bad("B9 not base64", of(func(s *signed) { s.encrypt = "*not base64*" })),
		bad("B9 empty", of(func(s *signed) { s.encrypt = "" })),
		bad("B9 length", of(func(s *signed) { s.encrypt = "AAAAAAAAAAAAAAAAAAAAAA==" })),
		bad("B10 padding 0", plain(spoilt(0))),
		bad("B10 padding 33", plain(spoilt(33))),
		bad("B10 padding longer than the text", plain(bytes.Repeat([]byte{32}, 32))),
		bad("B10 inconsistent", plain(flipAt(layout(random, size, message, sampleCorp, rightPadding), -2))),
		bad("B11 negative", plain(layout(random, 0x80000000, message, sampleCorp, rightPadding))),
		bad("B11 larger", plain(layout(random, size+100, message, sampleCorp, rightPadding))),
		bad("B11 zero", plain(layout(random, 0, "", sampleCorp, rightPadding))),
		{
			"B12 another corp", plain(layout(random, size, message, "ww6a112864f8022910", rightPadding)),
			http.StatusForbidden, OutcomeReceiver, 0,
		},
		{
			"B12 another corp in the message", inner(strings.Replace(message, sampleCorp, "ww1", 1)),
			http.StatusForbidden, OutcomeReceiver, 0,
		},
		{
			"B12 another corp on the envelope", of(func(s *signed) {
				s.body = strings.Replace(envelope(s.encrypt), sampleCorp, "ww1", 1)
			}), http.StatusForbidden, OutcomeReceiver, 0,
		},
		bad("B13 short random", plain(layout("01234567", size, message, sampleCorp, rightPadding))),
	}
}

func transportRows() []row {
	body := func(text string) func(t *testing.T) *http.Request {
		return of(func(s *signed) { s.body = text })
	}
	method := func(name, method string) row {
		return row{"B22 " + name, of(func(s *signed) { s.method = method }), http.StatusMethodNotAllowed, OutcomeMethod, 0}
	}
	path := func(path string) row {
		return row{"B22 " + path, of(func(s *signed) { s.path = path }), http.StatusNotFound, OutcomePath, 0}
	}
	header := func(name, value string) func(t *testing.T) *http.Request {
		return of(func(s *signed) { s.header = http.Header{name: {value}} })
	}
	return []row{
		{"B15 a million elements", body(strings.Repeat("<a>", 1_000_000)), http.StatusRequestEntityTooLarge, OutcomeTooLarge, 0},
		{"B15 200,000 attributes", body("<xml" + strings.Repeat(" a='1'", 200_000) + "/>"), http.StatusRequestEntityTooLarge, OutcomeTooLarge, 0},
		{"B15 10 MB CDATA", body("<xml><A><![CDATA[" + strings.Repeat("x", 10<<20)), http.StatusRequestEntityTooLarge, OutcomeTooLarge, 0},
		{"B15 65,537 bytes", body(strings.Repeat(" ", 65537)), http.StatusRequestEntityTooLarge, OutcomeTooLarge, 0},
		{"B15 65,536 bytes", body(strings.Repeat(" ", 65536)), http.StatusBadRequest, OutcomeParse, 0},
		{"B19 JSON", body(`{"ToUserName":"x","Encrypt":"y"}`), http.StatusBadRequest, OutcomeParse, 0},
		{"B19 JSON inside", inner(`{"msgtype":"text"}`), http.StatusBadRequest, OutcomeParse, 0},
		{"B20 JSON, keys twice", body(`{"Encrypt":"a","Encrypt":"b"}`), http.StatusBadRequest, OutcomeParse, 0},
		{"B20 JSON, nested", body(strings.Repeat("[", 20_000)), http.StatusBadRequest, OutcomeParse, 0},
		{"B20 JSON, NaN", inner(`{"CreateTime":NaN}`), http.StatusBadRequest, OutcomeParse, 0},
		{"B20 JSON, other case", body(`{"encrypt":"a"}`), http.StatusBadRequest, OutcomeParse, 0},
		{"B21 gzip", header("Content-Encoding", "gzip"), http.StatusBadRequest, OutcomeTransfer, 0},
		{"B21 expect", header("Expect", "100-continue"), http.StatusBadRequest, OutcomeTransfer, 0},
		method("PUT", http.MethodPut), method("TRACE", http.MethodTrace), method("OPTIONS", http.MethodOptions),
		method("HEAD", http.MethodHead), method("DELETE", http.MethodDelete),
		{"B22 GET with a body", get(func(s *signed) { s.body = "x" }), http.StatusMethodNotAllowed, OutcomeMethod, 0},
		path("/wecom//callback"), path("//callback"), path("/wecom/callback/.."), path("/wecom/callback/"),
		path("/wecom/%63allback"), path("/wecom%2fcallback"), path("/wecom/%2e/callback"), path("/WECOM/callback"),
		{"no Encrypt", body("<xml><ToUserName>" + sampleCorp + "</ToUserName></xml>"), http.StatusBadRequest, OutcomeParse, 0},
	}
}

func messageRows() []row {
	person := func(from string) row {
		name := from
		if len(name) > 20 {
			name = name[:20]
		}
		return row{fmt.Sprintf("B28 %q", name), inner(text(from, "7", "x")), http.StatusBadRequest, OutcomePerson, 0}
	}
	quiet := func(name, message string) row {
		return row{name, inner(message), http.StatusOK, OutcomeNotice, 0}
	}
	good := func(name, message string) row { return row{name, inner(message), http.StatusOK, OutcomeOK, 1} }
	noFrom := strings.Replace(text("a", "7", "x"), "<FromUserName><![CDATA[a]]></FromUserName>", "", 1)
	return []row{
		{"B24 unknown MsgType", inner(strings.Replace(text("a", "7", "x"), "[text]", "[sticker]", 1)), http.StatusOK, OutcomeUnknownKinds, 1},
		quiet("B24 unknown event", event("dance", "")),
		quiet("B24 event without a name", event("", "")),
		quiet("B24 menu without a key", event("click", "<EventKey></EventKey>")),
		quiet("B24 card without a key", event("template_card_event", "<TaskId>t</TaskId>")),
		good("B25 MsgId missing", strings.Replace(text("a", "7", "x"), "<MsgId>7</MsgId>", "", 1)),
		good("B25 MsgId 0", text("a", "0", "x")),
		good("B25 MsgId negative", text("a", "-5", "x")),
		good("B25 MsgId 30 digits", text("a", strings.Repeat("7", 30), "x")),
		{"B26 another app", inner(strings.Replace(text("a", "7", "x"), ">218<", ">219<", 1)), http.StatusOK, OutcomeOtherAgent, 0},
		{"B26 another app on the envelope", of(func(s *signed) {
			s.body = strings.Replace(envelope(s.encrypt), "[218]", "[219]", 1)
		}), http.StatusForbidden, OutcomeReceiver, 0},
		{"B26 another app's notice", func(t *testing.T) *http.Request {
			t.Helper()
			s := callback(t, strings.Replace(event("batch_job_result", ""), "<AgentID>218</AgentID>", "", 1))
			s.body = strings.Replace(envelope(s.encrypt), "[218]", "[219]", 1)
			return s.request(t)
		}, http.StatusOK, OutcomeOtherAgent, 0},
		good("B27 CreateTime 1970", strings.Replace(text("a", "7", "x"), "1409659813", "0", 1)),
		good("B27 CreateTime 2100", strings.Replace(text("a", "7", "x"), "1409659813", "4102444800", 1)),
		good("B27 CreateTime text", strings.Replace(text("a", "7", "x"), "1409659813", "soon", 1)),
		good("B27 CreateTime huge", strings.Replace(text("a", "7", "x"), "1409659813", strings.Repeat("9", 30), 1)),
		person(""), person("@all"), person(strings.Repeat("x", 500)), person("corp/user"), person("a:b"), person("a\nb"),
		person("a|b"), person("a b"), person("a\u2028b"), person("{a}"), person("<@a>"), person("\u0085"),
		{"B28 missing", inner(noFrom), http.StatusBadRequest, OutcomePerson, 0},
		good("B28 64 characters", text(strings.Repeat("x", 64), "7", "x")),
		{"no MsgType", inner("<xml><ToUserName>" + sampleCorp + "</ToUserName></xml>"), http.StatusBadRequest, OutcomeParse, 0},
		{"no ToUserName", inner("<xml><MsgType>text</MsgType></xml>"), http.StatusBadRequest, OutcomeParse, 0},
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	for _, test := range slices.Concat(signatureRows(), cryptoRows(), transportRows(), messageRows(), xmlRows()) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, Result{})
			w := d.do(t, test.request(t))
			if w.Code != test.status {
				t.Errorf("status %d, want %d (counted %v)", w.Code, test.status, d.counted)
			}
			if !slices.Contains(d.counted, test.outcome) {
				t.Errorf("counted %v, want %s", d.counted, test.outcome)
			}
			if len(d.events) != test.events {
				t.Errorf("%d events handled, want %d", len(d.events), test.events)
			}
			if w.Body.Len() != 0 {
				t.Errorf("body %q", w.Body)
			}
		})
	}
}

// xmlRows sends every document of the XML tests as envelope and as message.
func xmlRows() []row {
	var rows []row
	for _, bad := range badDocuments() {
		rows = append(rows, row{bad.name + ", inside", inner(bad.text), http.StatusBadRequest, OutcomeParse, 0})
		if bad.text == "" {
			rows[len(rows)-1].outcome = OutcomeSealed // An inner length of zero.
			continue
		}
		if len(bad.text) > maxBody {
			// Too large to be sent inside an envelope at all.
			rows[len(rows)-1].status, rows[len(rows)-1].outcome = http.StatusRequestEntityTooLarge, OutcomeTooLarge
		}
		outer := row{bad.name + ", envelope", of(func(s *signed) { s.body = bad.text }), http.StatusBadRequest, OutcomeParse, 0}
		if len(bad.text) > maxBody {
			outer.status, outer.outcome = http.StatusRequestEntityTooLarge, OutcomeTooLarge
		}
		rows = append(rows, outer)
	}
	return rows
}

// TestRefusalsLookAlike: B1, B9 and B10 differ in nothing but the status.
func TestRefusalsLookAlike(t *testing.T) {
	t.Parallel()
	var first http.Header
	for _, test := range slices.Concat(signatureRows()[:8], cryptoRows()) {
		w := newDesk(t, Result{}).do(t, test.request(t))
		if first == nil {
			first = w.Result().Header
		}
		if got := w.Result().Header; fmt.Sprint(got) != fmt.Sprint(first) || w.Body.Len() != 0 {
			t.Errorf("%s: headers %v, body %q", test.name, got, w.Body)
		}
	}
}

// TestEveryByteCounts flips each byte of a signed request once (B2, P14).
func TestEveryByteCounts(t *testing.T) {
	t.Parallel()
	good := callback(t, text("a", "7", "x"))
	good.signature = sign(good.token, good.timestamp, good.nonce, good.encrypt)
	good.body = envelope(good.encrypt)
	d := newDesk(t, Result{Text: "好"})
	if w := d.do(t, good.request(t)); w.Code != http.StatusOK || len(d.events) != 1 {
		t.Fatalf("the unchanged request gets %d", w.Code)
	}
	tried := 0
	for name, field := range map[string]func(*signed) *string{
		"signature": func(s *signed) *string { return &s.signature },
		"timestamp": func(s *signed) *string { return &s.timestamp },
		"nonce":     func(s *signed) *string { return &s.nonce },
		"body":      func(s *signed) *string { return &s.body },
	} {
		for i := range len(*field(&good)) {
			for _, bit := range []byte{0x01, 0x02, 0x20, 0x80} {
				changed := good
				raw := []byte(*field(&changed))
				raw[i] ^= bit
				*field(&changed) = string(raw)
				tried++
				w := d.do(t, changed.request(t))
				if w.Code < http.StatusBadRequest || w.Body.Len() != 0 || len(d.events) != 1 {
					t.Fatalf("%s byte %d bit %#x: status %d, %d events", name, i, bit, w.Code, len(d.events))
				}
			}
		}
	}
	if tried < 2000 {
		t.Errorf("only %d changes tried", tried)
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
	if len(d.events) != 0 {
		t.Errorf("%d events handled", len(d.events))
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
