// Package wecom is the wire to 企业微信. For the self-built app (自建应用) it has
// the encrypted callback in (Handler) and the API out (App), for the smart robot
// (智能机器人) the long connection both ways (Robot), for groups the webhook out
// (Webhook); Routes chooses the way out. It decides nothing about the programme.
// It may import chat, the contract types of bot (docs/adr/0002), the standard
// library, silenceper/wechat and coder/websocket; it never imports simulator,
// which has its own codec so that a mistake here cannot hide there.
package wecom

import (
	"fmt"
	"log/slog"
	"strings"
)

// Secret is a credential. It prints as stars wherever it is formatted, logged
// or marshalled; only a conversion to string shows it.
type Secret string

const stars = "***"

// String implements fmt.Stringer.
func (Secret) String() string { return stars }

// GoString implements fmt.GoStringer.
func (Secret) GoString() string { return stars }

// Format implements fmt.Formatter, so that no verb shows the value.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(stars)) }

// MarshalText implements encoding.TextMarshaler.
func (Secret) MarshalText() ([]byte, error) { return []byte(stars), nil }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(stars) }

// maxPersonID is the longest userid the platform makes, in bytes (96255).
const maxPersonID = 64

// personID checks a userid and folds it to lower case, because the platform
// compares userids without case and answers in lower case (90236). It refuses
// what could address more than one person (@all, a|b), break a storage key
// (":", "{") or a log line, and ids of linked corps ("corp/user").
func personID(raw string) (string, bool) {
	if raw == "" || len(raw) > maxPersonID || raw[0] == '@' {
		return "", false
	}
	for _, r := range raw {
		if r <= ' ' || r == 0x7f || r == '\u0085' || r == '\u2028' || r == '\u2029' || r == '\ufffd' {
			return "", false
		}
	}
	if strings.ContainsAny(raw, `/\:|{}<>,"'`) {
		return "", false
	}
	return strings.ToLower(raw), true
}
