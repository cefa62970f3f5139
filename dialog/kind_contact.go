package dialog

import (
	"strings"
)

// Contact is one person in one line: name, post and phone in any order;
// canonical is one row name, post, phone. When something is missing the Reading
// is RuleBroken and Value holds the partial row: handed back as Env.Old, it lets
// the person send only the missing part.
type Contact struct{}

// Read implements Kind.
func (Contact) Read(text string, env Env) Reading {
	typed := strings.Join(strings.Fields(Normalise(text)), " ")
	got, problem := readContact(typed)
	if got.family {
		got.name = ""
	}
	if problem.Kind == RuleBroken && got != (contact{}) {
		got.family = false
		return Reading{Value: got.over(contactOf(env.Old)).join(), Problem: problem}
	}
	if problem.Kind != None {
		return Reading{Problem: problem}
	}
	got = got.over(contactOf(env.Old))
	value := got.join()
	if missing := got.missing(); missing != "" {
		return Reading{Value: value, Problem: Problem{RuleBroken, missing}}
	}
	shown := Contact{}.Show(value)
	r := Reading{Value: value}
	if shown != typed {
		r.Echo = shown
	}
	return r
}

// Show implements Kind.
func (Contact) Show(value string) string {
	c := contactOf(value)
	return strings.Join(strings.Fields(c.name+" "+c.post+" "+c.phone), " ")
}

// Form implements Kind.
func (Contact) Form() string { return "写姓名、职务和电话，空格隔开" }

// Numeric implements Kind.
func (Contact) Numeric() bool { return false }

// Long implements Kind.
func (Contact) Long() bool { return false }

// contact is a person as read; family marks a surname alone ("赵副主任").
type contact struct {
	name, post, phone string
	family            bool
}

func contactOf(value string) contact {
	rows := SplitRows(value)
	if len(rows) != 1 || len(rows[0]) != 3 {
		return contact{}
	}
	return contact{name: rows[0][0], post: rows[0][1], phone: rows[0][2]}
}

func (c contact) join() string { return JoinRows([][]string{{c.name, c.post, c.phone}}) }
