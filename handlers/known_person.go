package handlers

import "cxbot/dialog"

// knownPerson completes a person of the asker's own unit by name from the list of
// people: post and telephone when the answer lacks them. What was written stays.
func knownPerson(v V, partial string) string {
	said := toContact(partial)
	if said.Name == "" {
		return ""
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
