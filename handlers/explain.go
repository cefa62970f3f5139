package handlers

import (
	"maps"
	"time"

	"cxbot/award"
)

// Explanation is how a message would be read; nothing is stored.
type Explanation struct {
	// Intent is the stable name of the purpose ("topic.file"), "ask" when several
	// fit equally well, "" when the message would not be understood.
	Intent string `json:"intent"`
	// Slots are the parts of the message in the shapes of domain.md, appendix B.
	Slots map[string]any `json:"slots"`
	// Missing lists the fields the seed document demands of a filing and the message
	// does not give, by the names of appendix B.
	Missing []string `json:"missing"`
}

// Explain reads one message as somebody of a role ("secretary", "staff",
// "reviewer", "group") would be read at a moment, with no draft open.
func (b *Bot) Explain(text, role string, now time.Time) Explanation {
	out := Explanation{Slots: map[string]any{}, Missing: []string{}}
	cal := award.DefaultCalendar()
	if hit, stop := award.Secrecy(text); stop {
		out.Intent = "secrecy.block"
		out.Slots["trigger"] = hit
		return out
	}
	s, ok := b.sensor.read(text, now, cal, role)
	if !ok {
		return out
	}
	out.Intent = s.Intent
	maps.Copy(out.Slots, s.Slots)
	if s.Missing != nil {
		out.Missing = s.Missing
	}
	return out
}
