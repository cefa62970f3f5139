package wecom

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // The platform's signature.
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"net/http/httptest"
	"testing"
)

// The floor is what the callback costs when nothing is checked but the
// signature: the fields are found by searching for their tags, all memory is
// kept. BenchmarkOpen and BenchmarkSeal are to stay within 2.5 and 2 times of it
// and within 6 allocations for opening.

type floor struct {
	iv              []byte
	opener, sealer  cbcMode
	token           []byte
	buf, out, plain []byte
	hex             [40]byte
}

func newFloor(b *testing.B) *floor {
	b.Helper()
	raw, err := base64.StdEncoding.DecodeString(sampleKey + "=")
	if err != nil {
		b.Fatal(err)
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		b.Fatal(err)
	}
	opener, canOpen := cipher.NewCBCDecrypter(block, raw[:16]).(cbcMode)
	sealer, canSeal := cipher.NewCBCEncrypter(block, raw[:16]).(cbcMode)
	if !canOpen || !canSeal {
		b.Fatal("the CBC modes cannot be reset")
	}
	return &floor{
		iv: raw[:16], opener: opener, sealer: sealer, token: []byte(sampleToken),
		buf: make([]byte, 0, 4096), out: make([]byte, 0, 4096), plain: make([]byte, 4096),
	}
}

// sum knows the order of the vectors' parts: timestamp, nonce, token, text or
// text before token.
func (f *floor) sum(timestamp, nonce string, encrypt []byte) []byte {
	f.buf = append(append(f.buf[:0], nonce...), timestamp...)
	if bytes.Compare(encrypt, f.token) < 0 {
		f.buf = append(append(f.buf, encrypt...), f.token...)
	} else {
		f.buf = append(append(f.buf, f.token...), encrypt...)
	}
	sum := sha1.Sum(f.buf) //nolint:gosec // The platform's signature.
	hex.Encode(f.hex[:], sum[:])
	return f.hex[:]
}

func (f *floor) open(body []byte, signature, timestamp, nonce string) []byte {
	_, rest, _ := bytes.Cut(body, []byte("<Encrypt><![CDATA["))
	encrypt, _, _ := bytes.Cut(rest, []byte("]]>"))
	if string(f.sum(timestamp, nonce, encrypt)) != signature {
		return nil
	}
	n, err := base64.StdEncoding.Decode(f.plain, encrypt)
	if err != nil {
		return nil
	}
	f.opener.SetIV(f.iv)
	f.opener.CryptBlocks(f.plain[:n], f.plain[:n])
	return f.plain[20 : 20+binary.BigEndian.Uint32(f.plain[16:])]
}

func (f *floor) seal(message []byte, timestamp, nonce string) []byte {
	plain := f.plain[:16]
	if _, err := rand.Read(plain); err != nil {
		return nil
	}
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(message))) //nolint:gosec // Short.
	plain = append(append(plain, message...), sampleCorp...)
	pad := 32 - len(plain)%32
	for range pad {
		plain = append(plain, byte(pad))
	}
	f.sealer.SetIV(f.iv)
	f.sealer.CryptBlocks(plain, plain)
	f.out = append(f.out[:0], "<xml><Encrypt><![CDATA["...)
	f.out = base64.StdEncoding.AppendEncode(f.out, plain)
	sum := f.sum(timestamp, nonce, f.out[len("<xml><Encrypt><![CDATA["):])
	f.out = append(f.out, "]]></Encrypt><MsgSignature><![CDATA["...)
	f.out = append(f.out, sum...)
	f.out = append(f.out, "]]></MsgSignature><TimeStamp>"...)
	f.out = append(f.out, timestamp...)
	f.out = append(f.out, "</TimeStamp><Nonce><![CDATA["...)
	f.out = append(f.out, nonce...)
	return append(f.out, "]]></Nonce></xml>"...)
}

func benchBody() (vector, []byte) {
	v := vectors()[1]
	return v, []byte(envelope(v.encrypt))
}

func BenchmarkOpenFloor(b *testing.B) {
	v, body := benchBody()
	f := newFloor(b)
	b.ReportAllocs()
	for b.Loop() {
		if len(f.open(body, v.signature, v.timestamp, v.nonce)) != len(v.message) {
			b.Fatal("not opened")
		}
	}
}

// BenchmarkOpen goes from the body to the decoded inner message's text, with
// every check.
func BenchmarkOpen(b *testing.B) {
	v, body := benchBody()
	d := newDesk(b, Result{})
	q := query{signature: v.signature, timestamp: v.timestamp, nonce: v.nonce}
	ws := new(workspace)
	b.ReportAllocs()
	for b.Loop() {
		ws.body = append(ws.body[:0], body...)
		inner, _, no := d.open(q, ws)
		if no != nil || len(inner) != len(v.message) {
			b.Fatal("not opened")
		}
	}
}

// BenchmarkDecode is the second half: inner message to event.
func BenchmarkDecode(b *testing.B) {
	v := vectors()[1]
	var doc document
	inner := []byte(v.message)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sampleDecoder().decode(&doc, inner, noon()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSealFloor(b *testing.B) {
	v := vectors()[4]
	f := newFloor(b)
	message := []byte(v.message)
	b.ReportAllocs()
	for b.Loop() {
		if len(f.seal(message, v.timestamp, v.nonce)) == 0 {
			b.Fatal("not sealed")
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	v := vectors()[4]
	d := newDesk(b, Result{})
	message := []byte(v.message)
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if out, err = d.cfg.Crypter.Seal(Generation{}, out[:0], message, v.timestamp, v.nonce); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBadSignature is what a flood of forged callbacks costs each (B23).
func BenchmarkBadSignature(b *testing.B) {
	d := newDesk(b, Result{})
	d.cfg.Count = func(string) {}
	_, body := benchBody()
	s := callback(b, text("a", "7", "x"))
	s.signature = sign("another", s.timestamp, s.nonce, s.encrypt)
	s.body = string(body)
	request := s.request(b)
	reader := bytes.NewReader(body)
	request.Body = nopCloser{reader}
	w := httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		reader.Reset(body)
		d.ServeHTTP(w, request)
	}
}

type nopCloser struct{ *bytes.Reader }

func (nopCloser) Close() error { return nil }

// TestOpenAllocations holds the target of the benchmark in the ordinary tests.
//
//nolint:paralleltest // AllocsPerRun counts the whole process.
func TestOpenAllocations(t *testing.T) {
	v, body := benchBody()
	d := newDesk(t, Result{})
	q := query{signature: v.signature, timestamp: v.timestamp, nonce: v.nonce}
	ws := new(workspace)
	if got := testing.AllocsPerRun(100, func() {
		ws.body = append(ws.body[:0], body...)
		if _, _, no := d.open(q, ws); no != nil {
			t.Fatal("not opened")
		}
	}); got > 6 {
		t.Errorf("%.0f allocations to open a callback, want at most 6", got)
	}
}
