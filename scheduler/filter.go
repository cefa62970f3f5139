package scheduler

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cxbot/award"
	"cxbot/chat"
)

// Reason names what became of a notice; each one is counted and logged under it.
type Reason string

// The reasons.
const (
	Said       Reason = "said"       // sent as a message of its own
	Merged     Reason = "merged"     // sent as a part of the person's one message
	Inhibited  Reason = "inhibited"  // something louder is said about the same object
	Superseded Reason = "superseded" // a newer one of the same rule is said
	Stale      Reason = "stale"      // what it warned of has passed
	Held       Reason = "held"       // waited for the end of quiet hours or rest days
	Late       Reason = "late"       // missed while nothing was running, said late
	Skipped    Reason = "skipped"    // missed, and its policy says not to catch up
	Repeated   Reason = "repeated"   // another replica recorded the slot first
	Panicked   Reason = "panicked"   // the rule failed; the others went on
	Snoozed    Reason = "snoozed"    // the unit promised to file by a day to come
	Sparse     Reason = "sparse"     // the person wants only what is urgent
)

// Item is a notice with where it came from.
type Item struct {
	Notice

	Reminder string // name of the reminder
	Slot     time.Time
	Late     bool // missed while nothing was running: the text admits it
	Held     bool // its slot was in quiet hours or on a rest day
	// For is in whose place the receiver is told (交接), "" for his own.
	For string
}

// Verdict says what became of one notice.
type Verdict struct {
	Key    string
	Reason Reason
}

// maxText is the longest message in bytes: WeCom cuts at 2,048 without a word.
const maxText = 2000

// Filter turns everything that fell due at one moment into messages: what is
// over, repeated or outshouted is dropped, the rest becomes one message for each
// person, save notices that stand alone. Every notice gets a verdict. The same
// items give the same messages in the same order, whatever their order. slot is
// the newest slot judged and stands in the key of merged messages.
func Filter(items []Item, slot, now time.Time) ([]chat.Message, []Verdict) {
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b Item) int {
		if c := strings.Compare(a.To, b.To); c != 0 {
			return c
		}
		if a.Loud != b.Loud {
			return int(b.Loud - a.Loud)
		}
		return strings.Compare(a.Key, b.Key)
	})
	var (
		out      []chat.Message
		verdicts []Verdict
	)
	for start := 0; start < len(items); {
		end := start + 1
		for end < len(items) && items[end].To == items[start].To {
			end++
		}
		kept, dropped := choose(items[start:end], now)
		said, how := compose(kept, slot, now)
		out = append(out, said...)
		verdicts = append(append(verdicts, dropped...), how...)
		start = end
	}
	return out, verdicts
}

// choose keeps, of one person's items, what is still true, newest and loudest.
func choose(items []Item, now time.Time) ([]Item, []Verdict) {
	var (
		kept    []Item
		dropped []Verdict
	)
	for _, it := range items {
		switch {
		case it.Hold != "":
			dropped = append(dropped, Verdict{it.Key, it.Hold})
		case !it.Until.IsZero() && now.After(it.Until):
			dropped = append(dropped, Verdict{it.Key, Stale})
		case slices.ContainsFunc(items, func(o Item) bool { return newer(o, it) }):
			dropped = append(dropped, Verdict{it.Key, Superseded})
		case slices.ContainsFunc(items, func(o Item) bool { return louder(o, it, now) }):
			dropped = append(dropped, Verdict{it.Key, Inhibited})
		default:
			kept = append(kept, it)
		}
	}
	return kept, dropped
}

// newer reports whether o is a later word of the same rule on the same object.
func newer(o, it Item) bool {
	return o.Hold == "" && o.Reminder == it.Reminder && o.Object == it.Object && o.Slot.After(it.Slot)
}

// louder reports whether o, still true, outshouts the item about the same object.
func louder(o, it Item, now time.Time) bool {
	over := o.Hold != "" || !o.Until.IsZero() && now.After(o.Until)
	return o.Object == it.Object && o.Loud > it.Loud && !over
}

// compose writes the messages of one person: those that stand alone, and the
// rest as one message, or several where it would be too long for one.
func compose(items []Item, slot, now time.Time) ([]chat.Message, []Verdict) {
	var (
		out      []chat.Message
		parts    []Item
		verdicts = make([]Verdict, 0, len(items))
	)
	for _, it := range items {
		verdicts = append(verdicts, Verdict{it.Key, fate(it)})
		if it.Alone {
			out = append(out, single(it, now))
		} else {
			parts = append(parts, it)
		}
	}
	if len(parts) == 1 {
		return append(out, single(parts[0], now)), verdicts
	}
	for i, v := range verdicts {
		if v.Reason == Said && !items[i].Alone {
			verdicts[i].Reason = Merged
		}
	}
	return append(out, digest(parts, slot, now)...), verdicts
}

// fate names how a kept item came to be said; being late or held says more
// than being merged.
func fate(it Item) Reason {
	switch {
	case it.Late:
		return Late
	case it.Held:
		return Held
	default:
		return Said
	}
}

// single is an item's own message, within the limit.
func single(it Item, now time.Time) chat.Message {
	m := it.Message
	m.Text = fit(body(it), maxText)
	m.Latest = patience(now, []Item{it})
	return m
}

// body is an item's text with the admission that it comes late.
func body(it Item) string {
	if !it.Late {
		return it.Text
	}
	return it.Text + "\n（这条原定" + moment(it.Slot) + "发出，因系统停过机，迟发了，请见谅。）"
}

// digest writes several items to one person as numbered parts. A dated heading
// makes the whole true even when it is read late: one part may be settled
// between judging and sending, and a message has room for one condition only,
// so it is kept where all parts share it.
func digest(parts []Item, slot, now time.Time) []chat.Message {
	if len(parts) == 0 {
		return nil
	}
	head := "【提醒】共" + strconv.Itoa(len(parts)) + "件事，按" + moment(now) + "的情况整理："
	var (
		out   []chat.Message
		pages [][]Item
		texts []string
	)
	text := head
	var page []Item
	for i, it := range parts {
		part := fmt.Sprintf("\n\n第%d件：%s", i+1, body(it))
		part = fit(part, maxText-len(head))
		if len(page) > 0 && len(text)+len(part) > maxText {
			pages, texts = append(pages, page), append(texts, text)
			page, text = nil, head
		}
		page, text = append(page, it), text+part
	}
	pages, texts = append(pages, page), append(texts, text)
	for i, page := range pages {
		m := join(page, slot)
		m.Text, m.Latest = texts[i], patience(now, page)
		if i > 0 {
			m.Key += "|" + strconv.Itoa(i+1)
		}
		out = append(out, m)
	}
	return out
}

// join builds the envelope of a merged message: the key names person and day
// only, so that a second judgement of the same moment never says it twice.
func join(parts []Item, slot time.Time) chat.Message {
	m := chat.Message{To: parts[0].To, Priority: parts[0].Priority, Unless: parts[0].Unless, While: parts[0].While}
	var rules, clauses []string
	for _, it := range parts {
		m.Priority = min(m.Priority, it.Priority)
		if m.Unless != nil && (it.Unless == nil || *it.Unless != *m.Unless) {
			m.Unless = nil
		}
		if !slices.Equal(m.While, it.While) {
			m.While = nil
		}
		rules = appendNew(rules, it.Rule)
		clauses = appendNew(clauses, it.Clause)
	}
	m.Key = key("digest", "day", m.To, morningOf(slot))
	m.Rule, m.Clause = strings.Join(rules, "+"), strings.Join(clauses, "+")
	return m
}

// patience is until when what is said now may wait for a person who is answering
// questions (UX rule 40): an hour, within the hours in which the bot speaks, and
// never past what it warns of. Groups answer nothing.
func patience(now time.Time, parts []Item) time.Time {
	const most = time.Hour
	local := now.In(award.Shanghai)
	end := evening
	if local.Hour()*60+local.Minute() < noon {
		end = noon
	}
	latest := earlier(now.Add(most), award.DateOf(now).At(0, end-1))
	for _, it := range parts {
		if _, group := chat.ToGroup(it.To); group {
			return time.Time{}
		}
		if !it.Until.IsZero() {
			latest = earlier(latest, it.Until)
		}
	}
	return latest
}

// appendNew adds what is not there yet.
func appendNew(to []string, s string) []string {
	if s == "" || slices.Contains(to, s) {
		return to
	}
	return append(to, s)
}

// fit cuts a text to so many bytes at a character, and says that it did.
func fit(text string, limit int) string {
	const more = "……（略）"
	if len(text) <= limit {
		return text
	}
	cut := limit - len(more)
	for cut > 0 && text[cut]&0xC0 == 0x80 {
		cut--
	}
	return text[:cut] + more
}

// moment writes a slot for people: "12月21日（周一）9:00".
func moment(t time.Time) string {
	local := t.In(award.Shanghai)
	return fmt.Sprintf("%s%d:%02d", award.DateOf(t).Short(), local.Hour(), local.Minute())
}
