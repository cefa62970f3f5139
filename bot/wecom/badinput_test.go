package wecom

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

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
