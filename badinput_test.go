package main

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cxbot/bot/wecom"
)

// parcel is one callback to be, taken apart so that each part can be spoilt.
// Parts left empty are made as WeCom makes them.
type parcel struct {
	key, token       string
	corp             string
	agent            int64
	method, path     string
	inner            string // message
	plain            []byte // random, length, message, receiver, padding
	encrypt          string
	timestamp, nonce string
	signature        string
	query, body      string // as they go over the wire
	header           string
	length           int // Content-Length, 0: right, -1: none
}

// newParcel is a good callback of a person's text.
func newParcel(s *stage, from, id, text string) *parcel {
	k := s.keys
	return &parcel{
		key: k.AESKey.Reveal(), token: k.Token.Reveal(), corp: k.CorpID, agent: k.Agent, method: http.MethodPost, path: wecom.CallbackPath,
		inner:     message(s, from, "text", "<Content><![CDATA["+text+"]]></Content><MsgId>"+id+"</MsgId>"),
		timestamp: strconv.FormatInt(s.clock.Now().Unix(), 10), nonce: "20261123",
	}
}

// message is an inner document.
func message(s *stage, from, kind, rest string) string {
	return "<xml><ToUserName><![CDATA[" + s.keys.CorpID + "]]></ToUserName><FromUserName><![CDATA[" + from + "]]></FromUserName>" +
		"<CreateTime>" + strconv.FormatInt(s.clock.Now().Unix(), 10) + "</CreateTime><MsgType><![CDATA[" + kind + "]]></MsgType>" +
		rest + "<AgentID>" + strconv.FormatInt(s.keys.Agent, 10) + "</AgentID></xml>"
}

// layout is the plaintext of WeCom's encryption (document 90968).
func layout(random string, size int32, text, receiver string) []byte {
	var b bytes.Buffer
	b.WriteString(random)
	_ = binary.Write(&b, binary.BigEndian, size) // into memory
	b.WriteString(text + receiver)
	n := 32 - b.Len()%32
	b.Write(bytes.Repeat([]byte{byte(n)}, n))
	return b.Bytes()
}

const sixteen = "0123456789abcdef"

// seal makes everything that is still missing and returns the request's bytes.
func (p *parcel) seal(t *testing.T) []byte {
	t.Helper()
	if p.plain == nil {
		p.plain = layout(sixteen, int32(len(p.inner)), p.inner, p.corp)
	}
	if p.encrypt == "" {
		key, err := base64.StdEncoding.DecodeString(p.key + "=")
		if err != nil {
			t.Fatal(err)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			t.Fatal(err)
		}
		sealed := make([]byte, len(p.plain))
		cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(sealed, p.plain)
		p.encrypt = base64.StdEncoding.EncodeToString(sealed)
	}
	if p.signature == "" {
		parts := []string{p.token, p.timestamp, p.nonce, p.encrypt}
		slices.Sort(parts)
		sum := sha1.Sum([]byte(strings.Join(parts, "")))
		p.signature = hex.EncodeToString(sum[:])
	}
	if p.query == "" {
		p.query = "msg_signature=" + p.signature + "&timestamp=" + p.timestamp + "&nonce=" + p.nonce
	}
	if p.body == "" && p.method == http.MethodPost {
		p.body = fmt.Sprintf("<xml><ToUserName><![CDATA[%s]]></ToUserName><AgentID><![CDATA[%d]]></AgentID><Encrypt><![CDATA[%s]]></Encrypt></xml>", p.corp, p.agent, p.encrypt)
	}
	length := p.length
	if length == 0 {
		length = len(p.body)
	}
	head := p.method + " " + p.path + "?" + p.query + " HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n" + p.header
	if length > 0 {
		head += "Content-Length: " + strconv.Itoa(length) + "\r\n"
	}
	return []byte(head + "\r\n" + p.body)
}

// post sends bytes to the bot and reads the answer; status 0 means that the
// connection was closed without one.
func (s *stage) post(t *testing.T, request []byte) (status int, body string) {
	t.Helper()
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = conn.Write(request) // the bot may close before it has read all
		if tcp, ok := conn.(*net.TCPConn); ok && bytes.Contains(request, []byte("X-Cut: 1")) {
			_ = tcp.CloseWrite()
		}
	}()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, ""
	}
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(data)
}

// opened decrypts a passive reply and returns its text.
func (s *stage) opened(t *testing.T, body string) string {
	t.Helper()
	var outer, reply struct {
		Encrypt, Content string
	}
	if err := xml.Unmarshal([]byte(body), &outer); err != nil {
		t.Fatalf("answer %q: %v", body, err)
	}
	key, err := base64.StdEncoding.DecodeString(s.keys.AESKey.Reveal() + "=")
	if err != nil {
		t.Fatal(err)
	}
	data, err := base64.StdEncoding.DecodeString(outer.Encrypt)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	cipher.NewCBCDecrypter(block, key[:16]).CryptBlocks(data, data)
	size := binary.BigEndian.Uint32(data[16:])
	if err := xml.Unmarshal(data[20:20+size], &reply); err != nil {
		t.Fatal(err)
	}
	return reply.Content
}

// badRow is a callback that must have no effect.
type badRow struct {
	name   string
	status []int // what may come back, 0: closed connection
	spoil  func(p *parcel)
}

// badRows are B1 to B28 of reliability.md, save the floods and what is accepted.
func badRows(s *stage) []badRow {
	row := func(name string, status int, spoil func(p *parcel)) badRow { return badRow{name, []int{status}, spoil} }
	at := func(d time.Duration) string { return strconv.FormatInt(s.clock.Now().Add(d).Unix(), 10) }
	plain := func(change func(p *parcel) []byte) func(p *parcel) {
		return func(p *parcel) { p.plain = change(p) }
	}
	inner := func(from, to string) func(p *parcel) {
		return func(p *parcel) { p.inner = strings.Replace(p.inner, from, to, 1) }
	}
	person := func(id string) badRow {
		return row(fmt.Sprintf("B28 %.12q", id), 400, func(p *parcel) { p.inner = message(s, id, "text", "<Content>x</Content><MsgId>28</MsgId>") })
	}
	event := func(name, rest string) func(p *parcel) {
		return func(p *parcel) { p.inner = message(s, "lichunmei", "event", "<Event>"+name+"</Event>"+rest) }
	}
	body := func(text string) func(p *parcel) { return func(p *parcel) { p.body = text } }
	path := func(at string) badRow {
		return badRow{"B22 " + at, []int{404, 405}, func(p *parcel) { p.path = at }}
	}
	method := func(name string) badRow {
		return badRow{"B22 " + name, []int{404, 405}, func(p *parcel) { p.method, p.body = name, "x" }}
	}
	return []badRow{
		row("B1 none", 403, func(p *parcel) { p.query = "timestamp=" + p.timestamp + "&nonce=" + p.nonce }),
		row("B1 empty", 403, func(p *parcel) { p.query = "msg_signature=&timestamp=" + p.timestamp + "&nonce=" + p.nonce }),
		row("B1 short", 403, func(p *parcel) { p.signature = strings.Repeat("a", 39) }),
		row("B1 long", 403, func(p *parcel) { p.signature = strings.Repeat("a", 41) }),
		row("B1 not hex", 403, func(p *parcel) { p.signature = strings.Repeat("g", 40) }),
		row("B3 another app's token", 403, func(p *parcel) { p.token = "another" }),
		row("B4 no time", 403, func(p *parcel) { p.timestamp = "" }),
		row("B4 words", 403, func(p *parcel) { p.timestamp = "noon" }),
		row("B4 negative", 403, func(p *parcel) { p.timestamp = "-" + p.timestamp }),
		row("B4 20 digits", 403, func(p *parcel) { p.timestamp = strings.Repeat("1", 20) }),
		row("B4 8 days old", 403, func(p *parcel) { p.timestamp = at(-8 * 24 * time.Hour) }),
		row("B4 8 days ahead", 403, func(p *parcel) { p.timestamp = at(8 * 24 * time.Hour) }),
		row("B7 twice", 400, func(p *parcel) { p.header = "X-Again: nonce\r\n" }),
		row("B8 echo wrong", 403, func(p *parcel) {
			p.method, p.query = http.MethodGet, "msg_signature="+strings.Repeat("a", 40)+"&timestamp="+p.timestamp+"&nonce=1&echostr=abc"
		}),
		row("B8 echo missing", 403, func(p *parcel) { p.method = http.MethodGet }),
		row("B9 not base64", 400, func(p *parcel) { p.encrypt = "*not base64*" }),
		row("B9 length", 400, func(p *parcel) { p.encrypt = "AAAAAAAAAAAAAAAAAAAAAA==" }),
		row("B10 padding 0", 400, plain(func(p *parcel) []byte { return lastByte(p, 0) })),
		row("B10 padding 33", 400, plain(func(p *parcel) []byte { return lastByte(p, 33) })),
		row("B10 padding only", 400, plain(func(*parcel) []byte { return bytes.Repeat([]byte{32}, 32) })),
		row("B11 negative", 400, plain(func(p *parcel) []byte { return layout(sixteen, -1, p.inner, p.corp) })),
		row("B11 larger", 400, plain(func(p *parcel) []byte { return layout(sixteen, int32(len(p.inner)+100), p.inner, p.corp) })),
		row("B11 zero", 400, plain(func(p *parcel) []byte { return layout(sixteen, 0, "", p.corp) })),
		row("B12 another corp", 403, plain(func(p *parcel) []byte { return layout(sixteen, int32(len(p.inner)), p.inner, "ww6a112864f8022910") })),
		row("B13 short random", 400, plain(func(p *parcel) []byte { return layout("01234567", int32(len(p.inner)), p.inner, p.corp) })),
		row("B14 entity bomb", 400, func(p *parcel) {
			p.inner = `<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>` + strings.Replace(p.inner, "<Content>", "<Content>&b;", 1)
		}),
		row("B14 unused DOCTYPE", 400, func(p *parcel) { p.inner = "<!DOCTYPE xml>" + p.inner }),
		row("B14 in the envelope", 400, body("<!DOCTYPE xml><xml><Encrypt>x</Encrypt></xml>")),
		{"B15 deep", []int{413, 0}, body(strings.Repeat("<a>", 1_000_000))},
		{"B15 attributes", []int{413, 0}, body("<xml" + strings.Repeat(" a='1'", 200_000) + "/>")},
		row("B15 65,537 bytes", 413, body(strings.Repeat(" ", 65_537))),
		row("B16 sender twice", 400, inner("<MsgId>", "<FromUserName>wangjianguo</FromUserName><MsgId>")),
		row("B16 id twice", 400, inner("<MsgId>", "<MsgId>2</MsgId><MsgId>")),
		row("B16 nested", 400, inner("<FromUserName>", "<FromUserName><b>")),
		row("B16 namespace", 400, inner("<MsgId>", `<MsgId xmlns="urn:x">`)),
		row("B17 comment", 400, inner("<Content><![CDATA[", "<Content><!-- x --><![CDATA[")),
		row("B17 instruction", 400, inner("<Content><![CDATA[", "<Content><?x y?><![CDATA[")),
		row("B18 after the end", 400, func(p *parcel) { p.inner += "x" }),
		row("B18 two documents", 400, func(p *parcel) { p.inner += p.inner }),
		row("B18 NUL", 400, inner("<Content><![CDATA[", "<Content><![CDATA[\x00")),
		row("B18 bad UTF-8", 400, inner("<Content><![CDATA[", "<Content><![CDATA[\xff\xfe")),
		row("B18 GBK declared", 400, func(p *parcel) { p.inner = `<?xml version="1.0" encoding="GBK"?>` + p.inner }),
		row("B19 JSON", 400, body(`{"Encrypt":"x"}`)),
		row("B19 JSON inside", 400, func(p *parcel) { p.inner = `{"msgtype":"text"}` }),
		row("B20 JSON nested", 400, body(strings.Repeat("[", 20_000))),
		row("B21 gzip", 400, func(p *parcel) { p.header = "Content-Encoding: gzip\r\n" }),
		{"B21 chunks without an end", []int{400, 408, 0}, func(p *parcel) {
			p.header, p.length, p.body = "Transfer-Encoding: chunked\r\nX-Cut: 1\r\n", -1, "5\r\nhello\r\n"
		}},
		{"B21 the length lies", []int{400, 408, 0}, func(p *parcel) { p.header, p.length = "X-Cut: 1\r\n", 4000 }},
		method(http.MethodPut), method(http.MethodDelete), method(http.MethodOptions), method(http.MethodTrace), method("BREW"),
		row("B22 GET with a body", 405, func(p *parcel) { p.method, p.body = http.MethodGet, "x" }),
		path("/wecom//callback"), path("//wecom/callback"), path("/wecom/callback/.."), path("/wecom/%2e/callback"), path("/wecom%2fcallback"),
		path("/"), path("/metrics/../wecom/callback"),
		row("B24 unknown event", 200, event("dance", "")), row("B24 no event", 200, event("", "")),
		row("B24 menu without a key", 200, event("click", "<EventKey></EventKey>")),
		row("B24 card without a key", 200, event("template_card_event", "<TaskId>t</TaskId>")),
		row("B26 another app", 200, inner(fmt.Sprintf("<AgentID>%d<", s.keys.Agent), "<AgentID>1<")),
		row("B26 on the envelope", 403, func(p *parcel) { p.agent = 1 }),
		person(""), person("@all"), person(strings.Repeat("x", 500)), person("corp/user"), person("a:b"), person("a\nb"), person("a|b"),
	}
}

// lastByte is a good plaintext with another last byte.
func lastByte(p *parcel, b byte) []byte {
	plain := layout(sixteen, int32(len(p.inner)), p.inner, p.corp)
	plain[len(plain)-1] = b
	return plain
}

// TestBadCallbacksChangeNothing: each row gets its status and no body, nobody is
// shown anything and not one key changes.
func TestBadCallbacksChangeNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageConfig{})
	if _, err := s.sim.Say(t.Context(), "lichunmei", "我要报课题"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.settle(); err != nil {
		t.Fatal(err)
	}
	clean, shown := dumpAll(t, s.redis), len(s.sim.Shown())
	for _, row := range badRows(s) {
		p := newParcel(s, "lichunmei", "7001", "村级党群议事会机制探索")
		row.spoil(p)
		request := p.seal(t)
		if strings.HasPrefix(row.name, "B7") {
			request = bytes.Replace(request, []byte("&nonce="), []byte("&nonce=b&nonce="), 1)
		}
		status, body := s.post(t, request)
		if !slices.Contains(row.status, status) || body != "" {
			t.Errorf("%s: status %d, body %q, want %v", row.name, status, body, row.status)
		}
		if _, err := s.settle(); err != nil {
			t.Fatal(err)
		}
		if n := len(s.sim.Shown()); n != shown {
			t.Errorf("%s: somebody was shown %q", row.name, s.sim.Shown()[n-1].Text)
			shown = n
		}
		if now := dumpAll(t, s.redis); !maps.Equal(clean, now) {
			t.Errorf("%s changed the store: %v", row.name, differences(clean, now))
			clean = now
		}
	}
	checkQuiet(t, s)
}

// TestOddButGoodCallbacks: what is unusual and still WeCom's is taken once.
func TestOddButGoodCallbacks(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageConfig{})
	id := 8000
	for name, spoil := range map[string]func(p *parcel){
		"B4 10 min old":      func(p *parcel) { p.timestamp = strconv.FormatInt(s.clock.Now().Add(-10*time.Minute).Unix(), 10) },
		"B4 10 min ahead":    func(p *parcel) { p.timestamp = strconv.FormatInt(s.clock.Now().Add(10*time.Minute).Unix(), 10) },
		"B18 BOM":            func(p *parcel) { p.inner = "\ufeff" + p.inner },
		"B25 no MsgId":       func(p *parcel) { p.inner = strings.Replace(p.inner, fmt.Sprintf("<MsgId>%d</MsgId>", id), "", 1) },
		"B25 negative MsgId": func(p *parcel) { p.inner = strings.Replace(p.inner, "<MsgId>", "<MsgId>-", 1) },
		"B25 30 digits":      func(p *parcel) { p.inner = strings.Replace(p.inner, "<MsgId>", "<MsgId>"+strings.Repeat("9", 26), 1) },
		"B27 1970":           func(p *parcel) { p.inner = strings.Replace(p.inner, "<CreateTime>", "<CreateTime>-", 1) },
		"B27 words":          func(p *parcel) { p.inner = strings.Replace(p.inner, "<CreateTime>", "<CreateTime>soon", 1) },
	} {
		id++
		p := newParcel(s, "lichunmei", strconv.Itoa(id), "帮助 ")
		spoil(p)
		request := p.seal(t)
		status, first := s.post(t, request)
		if status != http.StatusOK || first == "" {
			t.Errorf("%s: status %d, body %q", name, status, first)
			continue
		}
		// B5: the same bytes again change nothing and get the same words.
		state := dumpAll(t, s.redis)
		for _, pause := range []time.Duration{time.Second, time.Hour, 3 * time.Hour} {
			s.clock.Jump(s.clock.Now().Add(pause))
			status, again := s.post(t, request)
			if status != http.StatusOK || s.opened(t, again) != s.opened(t, first) {
				t.Errorf("%s after %s: status %d, %q", name, pause, status, again)
			}
			if now := dumpAll(t, s.redis); !maps.Equal(state, now) {
				t.Errorf("%s after %s changed the store: %v", name, pause, differences(state, now))
			}
		}
	}
	// B6: the same nonce with another body is another message.
	for i := range 2 {
		p := newParcel(s, "lichunmei", strconv.Itoa(9000+i), "进度")
		if status, body := s.post(t, p.seal(t)); status != http.StatusOK || body == "" {
			t.Errorf("B6 %d: status %d, body %q", i, status, body)
		}
	}
	checkQuiet(t, s)
}

// TestEveryByteOfACallbackCounts flips one bit of each byte of the query and of
// the body of a good callback (B2, P14).
func TestEveryByteOfACallbackCounts(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageConfig{})
	good := newParcel(s, "lichunmei", "7002", "我要报课题")
	request := good.seal(t)
	clean := dumpAll(t, s.redis)
	begin, end := bytes.IndexByte(request, '?')+1, bytes.Index(request, []byte(" HTTP/"))
	body := bytes.Index(request, []byte("\r\n\r\n")) + 4
	tried := 0
	for i := range request {
		if i < begin || i >= end && i < body {
			continue
		}
		spoilt := slices.Clone(request)
		spoilt[i] ^= 1 << (i % 7)
		tried++
		status, answer := s.post(t, spoilt)
		refused := status >= http.StatusBadRequest && status < http.StatusInternalServerError
		if !refused || answer != "" && answer != "400 Bad Request" {
			t.Errorf("byte %d of %q as %q: status %d, body %q", i, request[max(0, i-8):min(len(request), i+8)], spoilt[i], status, answer)
		}
	}
	if now := dumpAll(t, s.redis); !maps.Equal(clean, now) {
		t.Errorf("the store has changed: %v", differences(clean, now))
	}
	if n := len(s.sim.Shown()); n > 0 || tried < 500 {
		t.Errorf("%d things shown, %d bytes tried", n, tried)
	}
	if status, _ := s.post(t, request); status != http.StatusOK {
		t.Errorf("the unchanged callback gets %d", status)
	}
	checkQuiet(t, s)
}
