package simulator

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

// The sample token, key and corp of the platform's own documents.
const (
	sampleToken = "QDG6eK"
	sampleKey   = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
	sampleCorp  = "wx5823bf96d3bd56c7"
)

func mustSeals(t *testing.T, token, key, corp string) seals {
	t.Helper()

	s, err := newSeals(token, key, corp)
	if err != nil {
		t.Fatal(err)
	}

	return s
}

func TestOpenVectors(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name, token, key, corp, timestamp, nonce, sealed, signature, want string
	}{
		{
			"A official echo", sampleToken, sampleKey, sampleCorp, "1409659589", "263014780",
			"P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
			"5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", "1616140317555161061",
		},
		{
			"B official message", sampleToken, sampleKey, sampleCorp, "1409659813", "1372623149",
			"RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==",
			"477715d11cdb4164915debcba66cb864d751f3e6",
			"<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>\n<FromUserName><![CDATA[mycreate]]></FromUserName>\n<CreateTime>1409659813</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[hello]]></Content>\n<MsgId>4561255354251345929</MsgId>\n<AgentID>218</AgentID>\n</xml>",
		},
		{
			"C live message", "kz7Yx62CH8SaLN", "cD0d7jx4tYvVtzqrmh3Dm3QFCXe6f8SlHoMtMh3qQEP", "ww6a112864f8022910", "1583995625", "1584392382",
			"EUCt7xMcNiyASzZj0Hjc5yDjFQrCum6AfQ3ntHiUzjGQ51xieKmbvtrZ40/EcB2W/W8yH0n4Lqx48gJl/T9HD/R309I0P/r5pIZucK3lyEn48FYMr4YdE0QdL2jIJ3xkcXUr6uzefzCxG6lMvwpAJaOyVCzN7sRRw47njfxy5EIqU6R9ZBhlTzfdnhhOhK/nTwzrZX3SoGlXFA9OBeZ6ru1NWpXFk76x9DUMe0lcxPPiUqK8ctnQcYXSGUHVqC6DfG7E7mab0OmruNN8cBZY5d3dYOBA4OgaH55Q0AJmUpdT8vNiXpXx+6TxT3TIjySXpDrHVyrsb772aYywgg/Nu4kUmGkALwFZlzhjNegR7wDwb9lr4ERXsSSS8JZ8lbBmaQ3F2Tq584xoPj5rIhXAF734ynm4no1g+SdHiNqR328=",
			"f265ae551b1932727204c3d707628d01376a6940",
			"<xml><ToUserName><![CDATA[ww6a112864f8022910]]></ToUserName><FromUserName><![CDATA[foobar]]></FromUserName><CreateTime>1583995625</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[x123]]></Content><MsgId>2018405441</MsgId><AgentID>1000002</AgentID></xml>",
		},
		{
			"C live echo", "kjr2TKI8umCBfVF3wAHk8JiPwma5VBme", "4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws", "ww6a112864f8022910", "1583940690", "VHh7ymSeb0jc4lSb",
			"6KmUQuPVu7UhjyVqRdbo5SfcRqaHvbUlKSHFvBV2ZuR6TIlKsygcfeSd1GDplg1C5KSKr6UPHCaC/nIX3ZNt9w==",
			"1ba3cb09c0d2c2b3ed6900d37f91a6efae6cb011", "94966531020182955848408",
		},
	}

	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			s := mustSeals(t, tt.token, tt.key, tt.corp)

			err := s.verify(tt.signature, tt.timestamp, tt.nonce, tt.sealed)
			if err != nil {
				t.Fatal(err)
			}

			got, err := s.open(tt.sealed)
			if err != nil {
				t.Fatal(err)
			}

			if string(got) != tt.want {
				t.Errorf("opened\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestSealVectors(t *testing.T) {
	t.Parallel()

	tests := []struct{ name, random, msg, timestamp, nonce, sealed, signature string }{
		{
			"D reply", "0123456789abcdef",
			"<xml><ToUserName><![CDATA[mycreate]]></ToUserName><FromUserName><![CDATA[wx5823bf96d3bd56c7]]></FromUserName><CreateTime>1409659813</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好 world]]></Content></xml>",
			"1409659813", "1372623149",
			"sKqRbbiSUnDhFHOvPjtUMUZd0d6HMB5JJ4hRr99qmbcYRpCGjcdtIqatk0WVPdBJ3F+EeYPg/92/649c+i2bLN6YhB8IME9zkiP9EUgdcYr4/ppeTAT8w2gJeMQL4efgZKK+zMyN4VAnRpkO3CC3eSc73l+bVXE1sZYGduc0nAGwgRHGTpC3J3qZoRYo70O4VqdXWcM4dtHiO5F9ueHjjYLgnYxEsbpEJxjTkOPHwKvRp7s8HE+hOXtxiyelGmShyHZ4VPplg0c+D4du52iZrrwRlYBAWVP3kiOnPXL1VMrjFhEik7W2M4T+wMD7xb+/Mv7+s0wMHHxDxZDeaeiz/UI0hrNuxQZ1mQa0IBIAyQLjJGH6P6d0OGSNWhp5bIiP",
			"761c5d7fb4cf676fecd519f7d0271b6bc2cd1f76",
		},
		{
			"E card event", "fedcba9876543210",
			"<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName><FromUserName><![CDATA[mycreate]]></FromUserName><CreateTime>1409659900</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[template_card_event]]></Event><EventKey><![CDATA[btn_ok]]></EventKey><TaskId><![CDATA[task-1]]></TaskId><CardType><![CDATA[button_interaction]]></CardType><ResponseCode><![CDATA[RC1]]></ResponseCode><AgentID>218</AgentID></xml>",
			"1409659900", "42",
			"P9TP8OO8ZpJE35Ha/87+5PeE/hmAOiJuQdVSk7PuF43WP/tIdtvvSOQOXdjGDbrIaRygsoKL6AeplVftC44nlmM3a/PLbJqzEhZSYkB2w6uaQ07VYSuss8HswBUIkuyTLOD769XVGa4Hg6wxU9hpYkOGKdiUI7GDkJAq98uW9GT1OpR6RtZxIF/6/O5GMPiSmv9nqJr0a/okp3eBjnAPkvZkc1LhQq2LOCX2F8jTyU0oH8/MwGDd6f8uNtkIbaZxxCNDMSaa05vLtF0RmwaKNV73eE1aD1Ee3hi5KgJ0ZIpmaP4aoEyXeotEatiFhv6Rzdp0p/p0q3iGV/BYvSc3qg5JOq9l606n8BIxZ9DmjD5qG7T2t9Y2RPmq7r4KPt8vwgtg1DqKQ/I5/cCa4gi3gigeJPexEfIhJs83k/qoYceooIU8Mhol8VN3w5BEmv4ntZpRZKdWaorFzVNYfkAHaLa6eEZY7T0GdS14XA+d6RimkgLXbIZnQqQS+VR1KeiWvPYoBsjO5QKvABVw+S5J51PTJjr772da1PjgfMlG7FniagX5JDzHEG0nNoIImo+PMarBDtGOfMX4s6aK4AGE6LzRqM+4DTwsOlA3wtUgShgvLue8BJQct3JmAx6NFIHI",
			"027774855bbe04b3cf5fd944ab2b694b0c0892a0",
		},
		{
			"F whole pad", strings.Repeat("A", 16), strings.Repeat("a", 26), "1", "2",
			"ZTf9a//tmPI9WVNY3aaWQJS0zU3AIPnmeWgZT9s7tZAMcbvd8shmma0jTbTqQ5DhbrkP7H3VpCd7mK8CwBF4CQEk7P9LwZ4L+pOR8lPPj0s3D7PB00mQlLzGi6uyC545",
			"60c0396755e895216cacd1e04aa4ea83143bc9d7",
		},
	}

	s := mustSeals(t, sampleToken, sampleKey, sampleCorp)

	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			got, err := s.seal([]byte(tt.random), []byte(tt.msg))
			if err != nil {
				t.Fatal(err)
			}

			if got != tt.sealed {
				t.Errorf("sealed %s, want %s", got, tt.sealed)
			}

			if sign := s.sign(tt.timestamp, tt.nonce, got); sign != tt.signature {
				t.Errorf("signature %s, want %s", sign, tt.signature)
			}

			back, err := s.open(got)
			if err != nil || string(back) != tt.msg {
				t.Errorf("opened %q, %v", back, err)
			}
		})
	}
}

// The event of vector E is what our own codec writes for the same fields.
func TestDocumentIsVectorE(t *testing.T) {
	t.Parallel()

	got := document([]Field{
		textField("ToUserName", sampleCorp), textField("FromUserName", "mycreate"), numberField("CreateTime", 1409659900),
		textField("MsgType", "event"), textField("Event", "template_card_event"), textField("EventKey", "btn_ok"),
		textField("TaskId", "task-1"), textField("CardType", "button_interaction"), textField("ResponseCode", "RC1"),
		numberField("AgentID", 218),
	})
	if len(got) != 423 {
		t.Errorf("%d bytes, want 423:\n%s", len(got), got)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()

	s := mustSeals(t, sampleToken, sampleKey, sampleCorp)
	random := []byte("0123456789abcdef")

	nameless := s
	nameless.receiver = ""
	unaddressed, _ := nameless.seal(random, []byte("hi"))

	other := s
	other.receiver = "wwother"
	foreign, _ := other.seal(random, []byte("hi"))
	whole, _ := s.seal(random, []byte("hi"))
	data, _ := base64.StdEncoding.DecodeString(whole)
	tampered := bytes.Clone(data)
	tampered[len(tampered)-1] ^= 1

	tests := []struct {
		name   string
		sealed string
		want   error
	}{
		{"another corp", foreign, errReceiver},
		{"no corp", unaddressed, errReceiver},
		{"not base64", "!!", errSealed},
		{"empty", "", errSealed},
		{"half a block", base64.StdEncoding.EncodeToString(data[:40]), errSealed},
		{"AES block but no padding block", base64.StdEncoding.EncodeToString(data[:48]), errSealed},
		{"damaged", base64.StdEncoding.EncodeToString(tampered), errSealed},
	}

	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			_, err := s.open(tt.sealed)
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}

	if s.verify("5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd4", "1409659589", "263014780", "x") == nil {
		t.Error("a wrong signature passed")
	}
}

func TestUnpad(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name string
		tail []byte
		ok   bool
	}{
		{"pad 1", []byte{1}, true},
		{"pad 32", bytes.Repeat([]byte{32}, 32), true},
		{"pad 17", bytes.Repeat([]byte{17}, 17), true},
		{"pad 0", []byte{0}, false},
		{"pad 33", bytes.Repeat([]byte{33}, 33), false},
		{"uneven", []byte{2, 3, 3}, false},
	}

	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			data := append(bytes.Repeat([]byte{'x'}, 64-len(tt.tail)), tt.tail...)
			if _, err := unpad(data); (err == nil) != tt.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestNewSealsRefusesShortKey(t *testing.T) {
	t.Parallel()

	for _, key := range []string{"", "short", sampleKey + "A", "!" + sampleKey[1:]} {
		if _, err := newSeals("t", key, "c"); !errors.Is(err, errKey) {
			t.Errorf("key %q: %v", key, err)
		}
	}
}

func TestCDATA(t *testing.T) {
	t.Parallel()

	tests := []struct{ in, want string }{
		{"a", "<![CDATA[a]]>"},
		{"a]]>b", "<![CDATA[a]]]]><![CDATA[>b]]>"},
		{"a\r\nb\x00\x07c", "<![CDATA[a\nbc]]>"},
		{"\xff好", "<![CDATA[好]]>"},
	}

	for _, tt := range tests {
		if got := cdata(tt.in); got != tt.want {
			t.Errorf("cdata(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestCutKeepsWholeCharacters(t *testing.T) {
	t.Parallel()

	tests := []struct {
		in    string
		limit int
		want  string
	}{
		{"abc", 3, "abc"}, {"abcd", 3, "abc"}, {"你好", 5, "你"}, {"你好", 6, "你好"}, {"你好", 2, ""},
	}

	for _, tt := range tests {
		if got := cut(tt.in, tt.limit); got != tt.want {
			t.Errorf("cut(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}
