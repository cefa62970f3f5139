package wecom

import (
	"net/url"
	"strings"
	"time"
)

// query holds the callback's four parameters.
type query struct{ signature, timestamp, nonce, echo string }

// readQuery takes a raw query apart. It reports false when a parameter comes
// twice or is badly escaped: another reader might see the other value.
func readQuery(raw string) (query, bool) {
	const longest = 4096
	var q query
	seen := [4]bool{}
	if len(raw) > longest || strings.Contains(raw, ";") {
		return q, false
	}
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return q, false
		}
		value, err = url.QueryUnescape(value)
		if err != nil {
			return q, false
		}
		var target *string
		index := 0
		switch name {
		case "msg_signature":
			target = &q.signature
		case "timestamp":
			target, index = &q.timestamp, 1
		case "nonce":
			target, index = &q.nonce, 2
		case "echostr":
			target, index = &q.echo, 3
		default:
			continue
		}
		if seen[index] {
			return q, false
		}
		seen[index], *target = true, value
	}
	return q, true
}

// freshness judges a callback's timestamp.
type freshness int

const (
	fresh freshness = iota
	late            // too far from our clock, but a repeat would still be recognised
	stale           // not a time, or older than what the bot remembers
)

// The limits of a timestamp (design.md 7, Replay). There is no nonce store:
// the platform's retry may be byte-identical, and the seen mark answers it.
const (
	seenMemory = 7 * 24 * time.Hour
	lateAfter  = 5 * time.Minute
)

// judgeTime compares a timestamp in Unix seconds with now.
func judgeTime(raw string, now time.Time) freshness {
	const longest = 11
	if raw == "" || len(raw) > longest {
		return stale
	}
	var seconds int64
	for i := range len(raw) {
		if raw[i] < '0' || raw[i] > '9' {
			return stale
		}
		seconds = seconds*10 + int64(raw[i]-'0')
	}
	switch off := now.Sub(time.Unix(seconds, 0)).Abs(); {
	case off > seenMemory:
		return stale
	case off > lateAfter:
		return late
	default:
		return fresh
	}
}
