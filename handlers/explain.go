package handlers

import (
	"maps"
	"strings"
	"time"

	"cxbot/award"
	"cxbot/dialog"
)

// Explanation is how a message would be read; nothing is stored.
type Explanation struct {
	// Intent is the stable name of the purpose ("topic.file"), "ask" when several
	// fit equally well, "" when the message would not be understood.
	Intent string            `json:"intent"`
	Slots  map[string]string `json:"slots"`
	// Missing lists the required fields the bot would ask for, by key.
	Missing []string `json:"missing"`
}

// explainRoles maps the roles of explain to those of the programme.
func explainRoles(role string) []award.Role {
	switch role {
	case "staff":
		return []award.Role{award.RoleStaff}
	case "reviewer":
		return []award.Role{award.RoleReviewer}
	default:
		return []award.Role{award.RoleFiler}
	}
}

// intentNames gives forms, queries and words the names the programme's papers use.
func intentName(id string, slots dialog.Slots) string {
	switch id {
	case filingID:
		if slots["edit"] != "" {
			return "topic.edit"
		}
		return "topic.file"
	case "withdraw":
		return "topic.withdraw"
	case "status":
		return "topic.status"
	case "missing":
		return "topic.missing"
	case "deadline":
		return "deadline.query"
	case "pending":
		return "review.pending"
	case "show":
		return "material.view"
	case "accept":
		return "filing.approve"
	case "return":
		return "filing.return"
	case "unfiled":
		return "filing.unfiled"
	case "count":
		return "stats.query"
	case "cycle":
		return "deadline.set"
	case "grant":
		return "delegate.set"
	case "confirm":
		return "topic.confirm"
	case "promise":
		return "reminder.snooze"
	case "prefs":
		return "reminder.prefs"
	case "plan":
		return "reminder.set"
	}
	return id
}

// Explain reads one message as somebody of a role ("secretary", "staff",
// "reviewer", "group") would be read at a moment, with no draft open.
func (b *Bot) Explain(text, role string, now time.Time) Explanation {
	out := Explanation{Slots: map[string]string{}, Missing: []string{}}
	if _, stop := award.Secrecy(text); stop {
		out.Intent = "secrecy.block"
		return out
	}
	v := V{View: award.NewMemory(award.DefaultCalendar()), Me: award.Person{UserID: "explain", Name: "某人", Unit: "某党委", Roles: explainRoles(role)}, Now: now}
	v.Unit = award.Unit{ID: "某党委", Name: "某党委", Owes: true, Filers: []string{"explain"}}
	if w := b.machine.Word(text); w != "" {
		out.Intent = wordIntent(w)
		return out
	}
	if read, missing, ok := b.machine.Pasted(v, text, now); ok && role != "staff" {
		out.Intent = "topic.file"
		maps.Copy(out.Slots, read)
		out.Missing = missing
		return out
	}
	found := b.machine.Understand(v, text)
	switch len(found) {
	case 0:
		return out
	case 1:
	default:
		out.Intent = "ask"
		names := make([]string, 0, len(found))
		for _, u := range found {
			names = append(names, intentName(u.Intent, u.Slots))
		}
		out.Slots["candidates"] = strings.Join(names, " ")
		return out
	}
	out.Intent = intentName(found[0].Intent, found[0].Slots)
	for k, s := range found[0].Slots {
		if k != "text" {
			out.Slots[k] = s
		}
	}
	if out.Intent == "topic.file" {
		out.Missing = b.machine.Required(filingID)
	}
	return out
}

// wordIntent names the reserved words that are purposes of their own.
func wordIntent(w string) string {
	switch w {
	case "提交":
		return "topic.submit"
	case "帮助":
		return "help"
	case "填报模板":
		return "template.get"
	}
	return "word." + w
}
