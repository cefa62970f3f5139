package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

var errLogTest = errors.New("get https://qyapi/cgi-bin/gettoken?corpid=ww1&corpsecret=s3cr3t&debug=1")

func TestLogHidesWhatIsPrivate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		attr slog.Attr
		want string
	}{
		{"phone", slog.String("who", "李春梅13800000011来电"), "李春梅138****0011来电"},
		{"phone with country", slog.String("who", "+8613800000011"), "+86138****0011"},
		{"phone with blanks", slog.String("who", "138 0000 0011"), "138 **** 0011"},
		{"phone as a number", slog.Int64("who", 13800000011), "138****0011"},
		{"id number", slog.String("who", "身份证11010519900307233X。"), "身份证110105********233X。"},
		{"message id stays", slog.String("id", "7051138000000117051"), "7051138000000117051"},
		{"what people wrote", slog.String("text", "我要报课题"), "（5 字）"},
		{"token by name", slog.String("access_token", "abc"), "******"},
		{"secret in an error", slog.Any("err", errLogTest), "get https://qyapi/cgi-bin/gettoken?corpid=ww1&corpsecret=******&debug=1"},
		{"password in a URL", slog.String("url", "redis://:pa55@host:6379/0"), "redis://:******@host:6379/0"},
		{"webhook key", slog.String("url", "https://x/send?key=693a91f6"), "https://x/send?key=******"},
		{"one line", slog.String("x", "a\nb\x1b[31mc"), "a b [31mc"},
		{"invalid", slog.String("x", "a\xffb"), "a?b"},
		{"typed secret", slog.Any("x", Secret("abc")), "******"},
		{"long", slog.String("x", strings.Repeat("长", 5000)), strings.Repeat("长", 666) + "?…"},
	} {
		var b strings.Builder
		log := newLogger(&b, slog.LevelInfo)
		log.Info("m", c.attr)
		log.With(c.attr).WithGroup("g").Info("m", slog.Group("inner", c.attr))
		for _, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
			var got map[string]any
			if err := json.Unmarshal([]byte(line), &got); err != nil {
				t.Fatalf("%s: %v in %q", c.name, err, line)
			}
			if got[c.attr.Key] != c.want {
				t.Errorf("%s: %q, want %q", c.name, got[c.attr.Key], c.want)
			}
			if g, ok := got["g"].(map[string]any); ok {
				if inner, ok := g["inner"].(map[string]any); !ok || inner[c.attr.Key] != c.want {
					t.Errorf("%s in a group: %v", c.name, got)
				}
			}
		}
	}
}

func TestLogMasksTheMessageAndKeepsNumbers(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	newLogger(&b, slog.LevelInfo).Info("call 13800000011", "n", 42, "ok", true)
	newLogger(&b, slog.LevelInfo).Debug("quiet")
	got := b.String()
	if !strings.Contains(got, "call 138****0011") || !strings.Contains(got, `"n":42,"ok":true`) || strings.Contains(got, "quiet") {
		t.Errorf("logged %q", got)
	}
}
