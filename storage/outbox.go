package storage

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"cxbot/chat"
)

// The places of the outbox keys in keys.outbox() that Go code needs.
const (
	lanesCount = 4 // due zsets stand first

	outMsgs   = 8
	outTally  = 12
	outFailed = 13
	outFailix = 14
)

// outboxKinds are the Redis types of keys.outbox(), in the same order.
func outboxKinds() []string {
	return []string{
		kindZset, kindZset, kindZset, kindZset, // due
		kindHash, kindHash, kindHash, kindText, kindHash, kindHash, // lane hold lease seq msgs tries
		kindHash, kindSet, kindHash, kindHash, kindZset, kindHash, kindText, // replace … fence
	}
}

// A queued body is priority, what limits apply, until when it may be held back (ms,
// or nothing), the fact it is dropped for, the tag by which it is replaced and the
// message as JSON, so that no script reads JSON. Facts that must hold follow the
// one it is dropped for:
//
//	"2m␞unit:某镇|filed␞2026␞filing.t7␞{…}"
//	"2m1798016400000␞unit:某镇|filed␟cycle|deadline␞2026␟2026-12-21␞filing.t7␞{…}"
const (
	fieldSep   = "\x1e"
	factSep    = "\x1f"
	limitUser  = "m" // counted against a member's limits
	limitGroup = "g" // counted against a group webhook's limit
	limitNone  = "u" // a card update says nothing new and is not counted
)

// errNoKey refuses a message that could never be recognised again.
var errNoKey = errors.New("storage: a message without key or receiver")

// factField names a fact in the facts hash.
func factField(record, field string) string { return record + "|" + field }

// receiver is the name a receiver is queued and counted under: the platform
// ignores the case of userids, but not that of chat ids.
func receiver(to string) string {
	if _, group := chat.ToGroup(to); group {
		return to
	}
	return fold(to)
}

// clean keeps a part from breaking the frame of a body.
func clean(part string) string { return frame.Replace(part) }

var frame = strings.NewReplacer(fieldSep, "", factSep, "")

// priority is a message's lane, 0 to 3.
func priority(m *chat.Message) int {
	return int(min(max(m.Priority, chat.PriorityReply), chat.PriorityDigest))
}

// encodeMessage makes the queued body.
func encodeMessage(m *chat.Message) ([]byte, error) {
	if m.Key == "" || m.To == "" {
		return nil, errNoKey
	}
	text, err := json.Marshal(m) //nolint:musttag // the words of chat carry no tags; a test keeps the stored form
	if err != nil {
		return nil, fmt.Errorf("storage: encode message: %w", err)
	}
	limit := limitUser
	if _, group := chat.ToGroup(m.To); group {
		limit = limitGroup
	}
	if m.Update != nil {
		limit = limitNone
	}
	fact, value := "", ""
	if m.Unless != nil {
		fact, value = clean(factField(m.Unless.Record, m.Unless.Field)), clean(m.Unless.Value)
	}
	facts, values := []string{fact}, []string{value}
	for _, c := range m.While {
		facts, values = append(facts, clean(factField(c.Record, c.Field))), append(values, clean(c.Value))
	}
	fact, value = strings.Join(facts, factSep), strings.Join(values, factSep)
	b := make([]byte, 0, len(text)+len(fact)+len(value)+8)
	b = append(b, byte('0'+priority(m)))
	b = append(b, limit...)
	if !m.Latest.IsZero() {
		b = strconv.AppendInt(b, m.Latest.UnixMilli(), 10)
	}
	for _, part := range []string{fact, value, clean(m.Replaces)} {
		b = append(b, fieldSep...)
		b = append(b, part...)
	}
	b = append(b, fieldSep...)
	return append(b, text...), nil
}

// decodeMessage reads a queued body back.
func decodeMessage(body string) (chat.Message, error) {
	const parts = 5
	var m chat.Message
	cut := strings.SplitN(body, fieldSep, parts)
	if err := json.Unmarshal([]byte(cut[len(cut)-1]), &m); err != nil { //nolint:musttag // see encodeMessage
		return m, fmt.Errorf("storage: decode message: %w", err)
	}
	return m, nil
}
