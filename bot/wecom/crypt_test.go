package wecom

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// The platform's sample credentials and what was made with them.
const (
	sampleToken = "QDG6eK"
	sampleKey   = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
	sampleCorp  = "wx5823bf96d3bd56c7"
	sampleAgent = "218"
)

// vector is one known callback: its parts and the message inside.
type vector struct {
	name                                         string
	token, key, corp                             string
	timestamp, nonce, signature, encrypt, random string
	message                                      string
}

func vectors() []vector {
	return []vector{
		{
			name: "A official echo", token: sampleToken, key: sampleKey, corp: sampleCorp,
			timestamp: "1409659589", nonce: "263014780", signature: "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
			encrypt: "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
			random:  "c41b64491c2468d0", message: "1616140317555161061",
		},
		{
			name: "B official message", token: sampleToken, key: sampleKey, corp: sampleCorp,
			timestamp: "1409659813", nonce: "1372623149", signature: "477715d11cdb4164915debcba66cb864d751f3e6",
			encrypt: "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==",
			random:  "0960688932c47ef1",
			message: "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>\n<FromUserName><![CDATA[mycreate]]></FromUserName>\n<CreateTime>1409659813</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[hello]]></Content>\n<MsgId>4561255354251345929</MsgId>\n<AgentID>218</AgentID>\n</xml>",
		},
		{
			name: "C captured message", token: "kz7Yx62CH8SaLN", key: "cD0d7jx4tYvVtzqrmh3Dm3QFCXe6f8SlHoMtMh3qQEP", corp: "ww6a112864f8022910",
			timestamp: "1583995625", nonce: "1584392382", signature: "f265ae551b1932727204c3d707628d01376a6940",
			encrypt: "EUCt7xMcNiyASzZj0Hjc5yDjFQrCum6AfQ3ntHiUzjGQ51xieKmbvtrZ40/EcB2W/W8yH0n4Lqx48gJl/T9HD/R309I0P/r5pIZucK3lyEn48FYMr4YdE0QdL2jIJ3xkcXUr6uzefzCxG6lMvwpAJaOyVCzN7sRRw47njfxy5EIqU6R9ZBhlTzfdnhhOhK/nTwzrZX3SoGlXFA9OBeZ6ru1NWpXFk76x9DUMe0lcxPPiUqK8ctnQcYXSGUHVqC6DfG7E7mab0OmruNN8cBZY5d3dYOBA4OgaH55Q0AJmUpdT8vNiXpXx+6TxT3TIjySXpDrHVyrsb772aYywgg/Nu4kUmGkALwFZlzhjNegR7wDwb9lr4ERXsSSS8JZ8lbBmaQ3F2Tq584xoPj5rIhXAF734ynm4no1g+SdHiNqR328=",
			random:  "\x21\xe3\x30\x70\xc5\x6d\x1c\xa4\xe4\xfa\x84\xac\xe7\x13\x34\xf6",
			message: "<xml><ToUserName><![CDATA[ww6a112864f8022910]]></ToUserName><FromUserName><![CDATA[foobar]]></FromUserName><CreateTime>1583995625</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[x123]]></Content><MsgId>2018405441</MsgId><AgentID>1000002</AgentID></xml>",
		},
		{
			name: "C captured echo", token: "kjr2TKI8umCBfVF3wAHk8JiPwma5VBme", key: "4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws", corp: "ww6a112864f8022910",
			timestamp: "1583940690", nonce: "VHh7ymSeb0jc4lSb", signature: "1ba3cb09c0d2c2b3ed6900d37f91a6efae6cb011",
			encrypt: "6KmUQuPVu7UhjyVqRdbo5SfcRqaHvbUlKSHFvBV2ZuR6TIlKsygcfeSd1GDplg1C5KSKr6UPHCaC/nIX3ZNt9w==",
			message: "94966531020182955848408",
		},
		{
			name: "D reply", token: sampleToken, key: sampleKey, corp: sampleCorp,
			timestamp: "1409659813", nonce: "1372623149", signature: "761c5d7fb4cf676fecd519f7d0271b6bc2cd1f76",
			encrypt: "sKqRbbiSUnDhFHOvPjtUMUZd0d6HMB5JJ4hRr99qmbcYRpCGjcdtIqatk0WVPdBJ3F+EeYPg/92/649c+i2bLN6YhB8IME9zkiP9EUgdcYr4/ppeTAT8w2gJeMQL4efgZKK+zMyN4VAnRpkO3CC3eSc73l+bVXE1sZYGduc0nAGwgRHGTpC3J3qZoRYo70O4VqdXWcM4dtHiO5F9ueHjjYLgnYxEsbpEJxjTkOPHwKvRp7s8HE+hOXtxiyelGmShyHZ4VPplg0c+D4du52iZrrwRlYBAWVP3kiOnPXL1VMrjFhEik7W2M4T+wMD7xb+/Mv7+s0wMHHxDxZDeaeiz/UI0hrNuxQZ1mQa0IBIAyQLjJGH6P6d0OGSNWhp5bIiP",
			random:  "0123456789abcdef",
			message: "<xml><ToUserName><![CDATA[mycreate]]></ToUserName><FromUserName><![CDATA[wx5823bf96d3bd56c7]]></FromUserName><CreateTime>1409659813</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好 world]]></Content></xml>",
		},
		{
			name: "E click", token: sampleToken, key: sampleKey, corp: sampleCorp,
			timestamp: "1409659900", nonce: "42", signature: "027774855bbe04b3cf5fd944ab2b694b0c0892a0",
			encrypt: "P9TP8OO8ZpJE35Ha/87+5PeE/hmAOiJuQdVSk7PuF43WP/tIdtvvSOQOXdjGDbrIaRygsoKL6AeplVftC44nlmM3a/PLbJqzEhZSYkB2w6uaQ07VYSuss8HswBUIkuyTLOD769XVGa4Hg6wxU9hpYkOGKdiUI7GDkJAq98uW9GT1OpR6RtZxIF/6/O5GMPiSmv9nqJr0a/okp3eBjnAPkvZkc1LhQq2LOCX2F8jTyU0oH8/MwGDd6f8uNtkIbaZxxCNDMSaa05vLtF0RmwaKNV73eE1aD1Ee3hi5KgJ0ZIpmaP4aoEyXeotEatiFhv6Rzdp0p/p0q3iGV/BYvSc3qg5JOq9l606n8BIxZ9DmjD5qG7T2t9Y2RPmq7r4KPt8vwgtg1DqKQ/I5/cCa4gi3gigeJPexEfIhJs83k/qoYceooIU8Mhol8VN3w5BEmv4ntZpRZKdWaorFzVNYfkAHaLa6eEZY7T0GdS14XA+d6RimkgLXbIZnQqQS+VR1KeiWvPYoBsjO5QKvABVw+S5J51PTJjr772da1PjgfMlG7FniagX5JDzHEG0nNoIImo+PMarBDtGOfMX4s6aK4AGE6LzRqM+4DTwsOlA3wtUgShgvLue8BJQct3JmAx6NFIHI",
			random:  "fedcba9876543210",
			message: "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName><FromUserName><![CDATA[mycreate]]></FromUserName><CreateTime>1409659900</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[template_card_event]]></Event><EventKey><![CDATA[btn_ok]]></EventKey><TaskId><![CDATA[task-1]]></TaskId><CardType><![CDATA[button_interaction]]></CardType><ResponseCode><![CDATA[RC1]]></ResponseCode><AgentID>218</AgentID></xml>",
		},
		{
			name: "F full block of padding", token: sampleToken, key: sampleKey, corp: sampleCorp,
			timestamp: "1", nonce: "2", signature: "60c0396755e895216cacd1e04aa4ea83143bc9d7",
			encrypt: "ZTf9a//tmPI9WVNY3aaWQJS0zU3AIPnmeWgZT9s7tZAMcbvd8shmma0jTbTqQ5DhbrkP7H3VpCd7mK8CwBF4CQEk7P9LwZ4L+pOR8lPPj0s3D7PB00mQlLzGi6uyC545",
			random:  "AAAAAAAAAAAAAAAA", message: strings.Repeat("a", 26),
		},
	}
}

func (v vector) crypter(t testing.TB) *Crypter {
	t.Helper()
	c, err := NewCrypter(CrypterConfig{
		Token: Secret(v.token), AESKey: Secret(v.key), ReceiveID: v.corp, Random: strings.NewReader(v.random),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestVectorsOpen(t *testing.T) {
	t.Parallel()
	for _, v := range vectors() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			c := v.crypter(t)
			gen, ok := c.Verify(v.signature, v.timestamp, v.nonce, []byte(v.encrypt))
			if !ok {
				t.Fatal("the signature is refused")
			}
			got, _, err := c.Open(gen, nil, []byte(v.encrypt))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != v.message {
				t.Errorf("message %q, want %q", got, v.message)
			}
		})
	}
}

func TestVectorsSeal(t *testing.T) {
	t.Parallel()
	sealed := 0
	for _, v := range vectors() {
		if v.random == "" {
			continue
		}
		sealed++
		got, err := v.crypter(t).Seal(Generation{}, nil, []byte(v.message), v.timestamp, v.nonce)
		if err != nil {
			t.Fatal(v.name, err)
		}
		want := "<xml><Encrypt><![CDATA[" + v.encrypt + "]]></Encrypt><MsgSignature><![CDATA[" + v.signature +
			"]]></MsgSignature><TimeStamp>" + v.timestamp + "</TimeStamp><Nonce><![CDATA[" + v.nonce + "]]></Nonce></xml>"
		if string(got) != want {
			t.Errorf("%s:\n got %s\nwant %s", v.name, got, want)
		}
	}
	if sealed != 6 {
		t.Errorf("%d vectors sealed, want 6", sealed)
	}
}

func TestVerifyRefusesShapes(t *testing.T) {
	t.Parallel()
	v := vectors()[1]
	c := v.crypter(t)
	for name, signature := range map[string]string{
		"empty": "", "short": v.signature[:39], "long": v.signature + "0", "upper case": strings.ToUpper(v.signature),
		"not hex": "g" + v.signature[1:], "spaces": " " + v.signature[1:], "first digit": "5" + v.signature[1:],
	} {
		if _, ok := c.Verify(signature, v.timestamp, v.nonce, []byte(v.encrypt)); ok {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, ok := c.Verify(v.signature, v.timestamp, strings.Repeat("1", 129), []byte(v.encrypt)); ok {
		t.Error("an endless nonce is accepted")
	}
}

// lay makes a plaintext of any shape and encrypts it with the sample key.
func lay(t testing.TB, plain []byte) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(sampleKey + "=")
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]byte, len(plain))
	cipher.NewCBCEncrypter(block, raw[:16]).CryptBlocks(out, plain)
	return []byte(base64.StdEncoding.EncodeToString(out))
}

// layout builds random, length field, message, receive id and padding.
func layout(random string, length uint32, message, corp string, padding func(missing int) []byte) []byte {
	plain := binary.BigEndian.AppendUint32([]byte(random), length)
	plain = append(append(plain, message...), corp...)
	return append(plain, padding(32-len(plain)%32)...)
}

func rightPadding(missing int) []byte { return bytes.Repeat([]byte{byte(missing)}, missing) }

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	const random = "0123456789abcdef"
	good := func(corp string) []byte { return layout(random, 5, "hello", corp, rightPadding) }
	padded := func(last ...byte) []byte {
		plain := layout(random, 5, "hello", sampleCorp, rightPadding)
		copy(plain[len(plain)-len(last):], last)
		return plain
	}
	tests := []struct {
		name    string
		encrypt []byte
		want    error
	}{
		{"good", lay(t, good(sampleCorp)), nil},
		{"B9 empty", nil, ErrSealed},
		{"B9 not base64", []byte("*not base64*"), ErrSealed},
		{"B9 cut base64", lay(t, good(sampleCorp))[:10], ErrSealed},
		{"B9 length not a multiple of 16", []byte(base64.StdEncoding.EncodeToString(make([]byte, 33))), ErrSealed},
		{"B9 length a multiple of 16 only", lay(t, good(sampleCorp)[:48]), ErrSealed},
		{"B9 zeros", lay(t, make([]byte, 64)), ErrSealed},
		{"B10 padding byte 0", lay(t, padded(0)), ErrSealed},
		{"B10 padding byte 33", lay(t, padded(33)), ErrSealed},
		{"B10 padding byte 255", lay(t, padded(255)), ErrSealed},
		{"B10 padding longer than the text", lay(t, bytes.Repeat([]byte{32}, 32)), ErrSealed},
		{"B10 inconsistent padding", lay(t, padded(9, 17)), ErrSealed},
		{"B10 first byte of the padding", lay(t, flipAt(good(sampleCorp), -int(good(sampleCorp)[63]))), ErrSealed},
		{"B11 length negative", lay(t, layout(random, 0xffffffff, "hello", sampleCorp, rightPadding)), ErrSealed},
		{"B11 length larger than the body", lay(t, layout(random, 600, "hello", sampleCorp, rightPadding)), ErrSealed},
		{"B11 length zero", lay(t, layout(random, 0, "", sampleCorp, rightPadding)), ErrSealed},
		{"B11 length zero before a message", lay(t, layout(random, 0, "hello", sampleCorp, rightPadding)), ErrSealed},
		{"B12 another corp", lay(t, good("wx5823bf96d3bd56c8")), ErrReceiver},
		{"B12 no corp", lay(t, layout(random, 25, strings.Repeat("x", 25), "", rightPadding)), ErrReceiver},
		{"B12 corp as a prefix", lay(t, good(sampleCorp+"x")), ErrReceiver},
		{"B13 short random", lay(t, layout("01234567", 5, "hello", sampleCorp, rightPadding)), ErrSealed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, _, err := vectors()[0].crypter(t).Open(Generation{}, nil, test.encrypt)
			if !errors.Is(err, test.want) {
				t.Fatalf("error %v, want %v", err, test.want)
			}
			if test.want != nil && got != nil {
				t.Errorf("text %q comes with the error", got)
			}
		})
	}
}

// flipAt changes one byte, counted from the end when negative.
func flipAt(data []byte, at int) []byte {
	out := bytes.Clone(data)
	if at < 0 {
		at += len(out)
	}
	out[at] ^= 1
	return out
}

func TestRotation(t *testing.T) {
	t.Parallel()
	const newKey, newToken = "cD0d7jx4tYvVtzqrmh3Dm3QFCXe6f8SlHoMtMh3qQEP", "fresh"
	v := vectors()[4]
	both, err := NewCrypter(CrypterConfig{
		Token: newToken, AESKey: newKey, ReceiveID: sampleCorp,
		PreviousToken: sampleToken, PreviousAESKey: sampleKey, Random: strings.NewReader(v.random + v.random),
	})
	if err != nil {
		t.Fatal(err)
	}
	gen, ok := both.Verify(v.signature, v.timestamp, v.nonce, []byte(v.encrypt))
	if !ok {
		t.Fatal("the previous token is refused")
	}
	message, gen, err := both.Open(gen, nil, []byte(v.encrypt))
	if err != nil || string(message) != v.message {
		t.Fatalf("the previous key is refused: %v", err)
	}
	reply, err := both.Seal(gen, nil, message, v.timestamp, v.nonce)
	if err != nil || !strings.Contains(string(reply), v.encrypt) || !strings.Contains(string(reply), v.signature) {
		t.Errorf("the reply does not use the request's credentials: %v %s", err, reply)
	}
	fresh, err := both.Seal(Generation{}, nil, message, v.timestamp, v.nonce)
	if err != nil || strings.Contains(string(fresh), v.signature) {
		t.Errorf("the newest credentials are not the default: %v", err)
	}
}

func TestNewCrypterRefuses(t *testing.T) {
	t.Parallel()
	good := CrypterConfig{Token: sampleToken, AESKey: sampleKey, ReceiveID: sampleCorp}
	if _, err := NewCrypter(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*CrypterConfig){
		"no receive id":  func(c *CrypterConfig) { c.ReceiveID = "" },
		"no token":       func(c *CrypterConfig) { c.Token = "" },
		"long token":     func(c *CrypterConfig) { c.Token = Secret(strings.Repeat("t", 33)) },
		"short key":      func(c *CrypterConfig) { c.AESKey = Secret(sampleKey[:42]) },
		"key with =":     func(c *CrypterConfig) { c.AESKey = Secret(sampleKey[:42] + "=") },
		"key with break": func(c *CrypterConfig) { c.AESKey = Secret(sampleKey[:42] + "\n") },
		"bad previous":   func(c *CrypterConfig) { c.PreviousAESKey = "short" },
	} {
		cfg := good
		change(&cfg)
		if _, err := NewCrypter(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), sampleKey[:10]) {
			t.Errorf("%s: the error shows the key: %v", name, err)
		}
	}
}

func TestSealRefusesOddParameters(t *testing.T) {
	t.Parallel()
	c := vectors()[0].crypter(t)
	for _, nonce := range []string{"", "a]]>", "a b", "号", strings.Repeat("1", 129)} {
		if _, err := c.Seal(Generation{}, nil, []byte("x"), "1", nonce); err == nil {
			t.Errorf("nonce %q is accepted", nonce)
		}
	}
	short, err := NewCrypter(CrypterConfig{Token: sampleToken, AESKey: sampleKey, ReceiveID: sampleCorp, Random: strings.NewReader("")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = short.Seal(Generation{}, nil, []byte("x"), "1", "2"); err == nil {
		t.Error("a reply is sealed without random bytes")
	}
}

func TestSecretNeverShows(t *testing.T) {
	t.Parallel()
	const planted = "PLANTED"
	shown := fmt.Sprintf("%v %s %q %+v %#v %x %d", Secret(planted), Secret(planted), Secret(planted),
		Config{Secret: planted}, CrypterConfig{Token: planted, AESKey: planted}, Secret(planted), Secret(planted))
	text, err := Secret(planted).MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	shown += string(text) + Secret(planted).LogValue().String() + Secret(planted).String() + Secret(planted).GoString()
	if strings.Contains(shown, planted) || strings.Contains(shown, fmt.Sprintf("%x", planted)) {
		t.Errorf("the secret shows: %s", shown)
	}
}

func FuzzOpen(f *testing.F) {
	for _, v := range vectors() {
		f.Add([]byte(v.encrypt), v.signature, v.timestamp, v.nonce)
	}
	f.Add([]byte(""), "", "", "")
	c := vectors()[0].crypter(f)
	sealer, err := NewCrypter(CrypterConfig{Token: sampleToken, AESKey: sampleKey, ReceiveID: sampleCorp})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, encrypt []byte, signature, timestamp, nonce string) {
		c.Verify(signature, timestamp, nonce, encrypt)
		if got, _, err := c.Open(Generation{}, nil, encrypt); (err == nil) == (len(got) == 0) {
			t.Fatalf("text %q with error %v", got, err)
		}
		if len(encrypt) == 0 {
			return
		}
		reply, err := sealer.Seal(Generation{}, nil, encrypt, "1", "2")
		if err != nil {
			t.Fatal(err)
		}
		var doc document
		if err = doc.parse(reply); err != nil && len(reply) <= maxDocument {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		inside, _ := doc.top("Encrypt")
		back, _, err := sealer.Open(Generation{}, nil, inside)
		if err != nil || !bytes.Equal(back, encrypt) {
			t.Fatalf("round trip: %v", err)
		}
	})
}
