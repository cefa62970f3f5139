package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"unicode/utf8"
)

// newLogger logs JSON lines to w, one event a line, with everything private
// taken out (reliability.md B91, B99).
func newLogger(w io.Writer, level slog.Level) *slog.Logger {
	inner := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})
	return slog.New(&redactor{inner})
}

// redisLog takes in what the Redis client says, which would else go to standard
// error as it is.
type redisLog struct{ log *slog.Logger }

// Printf implements the client's logger.
func (r redisLog) Printf(ctx context.Context, format string, args ...any) {
	r.log.WarnContext(ctx, "redis client", "says", fmt.Sprintf(format, args...))
}

// redactor is a slog.Handler that masks phone and ID numbers, tokens and
// passwords in every text, and replaces what people wrote by its length.
type redactor struct{ inner slog.Handler }

// Enabled implements slog.Handler.
func (r *redactor) Enabled(ctx context.Context, level slog.Level) bool {
	return r.inner.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (r *redactor) Handle(ctx context.Context, rec slog.Record) error {
	out := slog.NewRecord(rec.Time, rec.Level, redactText(rec.Message), rec.PC)
	rec.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(redactAttr(a))
		return true
	})
	if err := r.inner.Handle(ctx, out); err != nil {
		return fmt.Errorf("log: %w", err)
	}
	return nil
}

// WithAttrs implements slog.Handler.
func (r *redactor) WithAttrs(attrs []slog.Attr) slog.Handler {
	safe := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		safe[i] = redactAttr(a)
	}
	return &redactor{r.inner.WithAttrs(safe)}
}

// WithGroup implements slog.Handler.
func (r *redactor) WithGroup(name string) slog.Handler { return &redactor{r.inner.WithGroup(name)} }

// redactAttr makes one attribute safe by its name and its value.
func redactAttr(a slog.Attr) slog.Attr {
	value := a.Value.Resolve()
	if value.Kind() == slog.KindGroup {
		group := value.Group()
		safe := make([]slog.Attr, len(group))
		for i, inner := range group {
			safe[i] = redactAttr(inner)
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(safe...)}
	}
	switch value.Kind() {
	case slog.KindBool, slog.KindDuration, slog.KindFloat64, slog.KindTime:
		return slog.Attr{Key: a.Key, Value: value}
	case slog.KindInt64, slog.KindUint64:
		// A number can be a phone number, so it is looked at as text too.
		if text := value.String(); redactText(text) == text {
			return slog.Attr{Key: a.Key, Value: value}
		}
	default:
	}
	text := value.String() // %+v for errors and structs; secrets hide themselves
	switch strings.ToLower(a.Key) {
	case "secret", "token", "password", "aes_key", "authorization", "access_token", "ticket":
		text = "******"
	case "text", "content", "reply", "body", "value", "values", "title":
		text = fmt.Sprintf("（%d 字）", utf8.RuneCountInString(text))
	default:
		text = redactText(text)
	}
	return slog.String(a.Key, text)
}

const maxLogText = 2000

var (
	digits       = regexp.MustCompile(`\d{11,}[Xx]?`)
	idNumber     = regexp.MustCompile(`^[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx]$`)
	phoneNumber  = regexp.MustCompile(`^(86)?1[3-9]\d{9}$`)
	spacedNumber = regexp.MustCompile(`1[3-9]\d[ -]\d{4}[ -]\d{4}`)
	credential   = regexp.MustCompile(`(?i)((?:access_token|corpsecret|secret|password|ticket|[?&]key)["']?\s*[=:]\s*["']?)[^\s&"',;}]+`)
	userinfo     = regexp.MustCompile(`(://[^/\s:@]*:)[^/\s@]+@`)
)

// redactText masks what must not be logged and keeps a text short, on one line
// and valid.
func redactText(s string) string {
	if len(s) > maxLogText {
		s = s[:maxLogText] + "…"
	}
	s = strings.ToValidUTF8(s, "?")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	s = userinfo.ReplaceAllString(s, "${1}******@")
	s = credential.ReplaceAllString(s, "${1}******")
	s = digits.ReplaceAllStringFunc(s, maskDigits)
	return spacedNumber.ReplaceAllStringFunc(s, func(p string) string { return p[:3] + " ****" + p[8:] })
}

// maskDigits hides the middle of a phone or ID number; other long numbers
// (message ids) stay.
func maskDigits(s string) string {
	const keep = 4
	switch {
	case idNumber.MatchString(s):
		return s[:6] + "********" + s[len(s)-keep:]
	case phoneNumber.MatchString(s):
		return s[:len(s)-8] + "****" + s[len(s)-keep:]
	}
	return s
}
