package handlers

import (
	"maps"
	"strings"
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
	if role == group {
		text = mention.ReplaceAllString(strings.TrimSpace(text), "")
	}
	cal := award.DefaultCalendar()
	if hit, stop := award.Secrecy(text); stop {
		out.Intent = "secrecy.block"
		out.Slots["trigger"] = hit
		return out
	}
	s, ok := b.sensor.read(text, now, cal, role)
	switch {
	case ok && len(s.Rivals) > 0:
		out.Intent = "ask"
		out.Slots["candidates"] = append([]string{s.Intent}, s.Rivals...)
		return out
	case ok:
		out.Intent = s.Intent
		maps.Copy(out.Slots, s.Slots)
		if s.Missing != nil {
			out.Missing = s.Missing
		}
		if hit, _ := award.Secrecy(text); s.Intent == "secrecy.block" && hit != "" {
			out.Slots["trigger"] = hit
		}
		return out
	}
	return b.explainPhrase(text, role, now)
}

// explainPhrase names what only the phrases of the conversations understand.
func (b *Bot) explainPhrase(text, role string, now time.Time) Explanation {
	out := Explanation{Slots: map[string]any{}, Missing: []string{}}
	if w := b.machine.Word(text); w != "" {
		out.Intent = "word." + w
		return out
	}
	found := b.machine.Understand(explainer(role, now), text)
	switch len(found) {
	case 0:
		return out
	case 1:
	default:
		out.Intent = "ask"
		var names []string
		for _, u := range found {
			names = append(names, purposeOf(u.Intent))
		}
		out.Slots["candidates"] = names
		return out
	}
	out.Intent = purposeOf(found[0].Intent)
	for k, v := range found[0].Slots {
		if k != "text" {
			out.Slots[k] = v
		}
	}
	return out
}

// explainer is somebody of a role in a unit that owes a filing.
func explainer(role string, now time.Time) V {
	v := V{View: award.NewMemory(award.DefaultCalendar()), Me: award.Person{UserID: "explain", Name: "某人", Unit: "某党委", Roles: explainRoles(role)}, Now: now}
	v.Unit = award.Unit{ID: "某党委", Name: "某党委", Owes: true, Filers: []string{"explain"}}
	return v
}
