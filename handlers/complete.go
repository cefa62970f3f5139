package handlers

import (
	"strings"

	"cxbot/dialog"
)

// completePerson fills in a person of the asker's own unit by name from the list of
// people: post and telephone when the answer says nothing of them. What was written stays.
func completePerson(v V, text, partial string) string {
	said := toContact(partial)
	if number := digits(text); said.Name == "" || number != "" && (said.Phone == "" || !strings.Contains(number, digits(said.Phone))) {
		return "" // a number that could not be read is asked for
	}
	for _, id := range unique("", []string{v.Me.UserID}, v.Unit.Heads, v.Unit.Deputys, v.Unit.Filers) {
		p, ok := v.Person(id)
		if !ok || p.Name != said.Name {
			continue
		}
		if said.Post == "" {
			said.Post = p.Post
		}
		if said.Phone == "" {
			said.Phone = p.Phone
		}
		if said.Post == "" || said.Phone == "" {
			return ""
		}
		return dialog.JoinRows([][]string{{said.Name, said.Post, said.Phone}})
	}
	return ""
}

// digits are the digits of a text in a row.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}
