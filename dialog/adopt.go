package dialog

import (
	"fmt"
	"slices"
)

// Movable counts somebody's drafts of the forms that are kept, and says why they
// cannot all go to another person, "" when they can.
func (m *Machine[V, C]) Movable(from, to Conversation) (n int, why string) {
	for i := range from.Drafts {
		if m.kept(&from.Drafts[i]) {
			n++
		}
	}
	have := 0
	for i := range to.Drafts {
		if f := m.forms[to.Drafts[i].Form]; f == nil || f.Keep {
			have++
		}
	}
	if have+n > maxDrafts {
		return n, fmt.Sprintf("您已有 %d 份草稿，加上要接手的 %d 份超过 %d 份。请先删掉用不着的：回复 草稿 查看。", have, n, maxDrafts)
	}
	return n, ""
}

func (m *Machine[V, C]) kept(d *Draft) bool {
	f := m.forms[d.Form]
	return f != nil && f.Keep
}

// Adopt ends a step that takes over somebody's drafts: they leave the other
// conversation, which is returned, and the one last worked on is shown. note is
// said before it. Nothing of a draft is lost on the way, 撤销 included.
func (m *Machine[V, C]) Adopt(out *Output[C], in Input[V], other Conversation, note string) Conversation {
	t := &turn[V, C]{m: m, in: in, own: in.View, c: out.Conversation}
	if i := t.find(out.draft); i >= 0 {
		t.remove(i, false)
	}
	t.c.Drafts = slices.Clone(t.c.Drafts)
	at := len(t.c.Drafts)
	left := other
	left.Drafts = nil
	for i := range other.Drafts {
		d := other.Drafts[i]
		if !m.kept(&d) {
			left.Drafts = append(left.Drafts, d)
			continue
		}
		t.c.Serial++
		d.N = t.c.Serial
		d.Rev++
		d.Confirm = false
		t.c.Drafts = append(t.c.Drafts, d)
	}
	left.Active = false
	t.migrate()
	t.note = append(t.note, note)
	t.resume(at)
	out.Conversation, out.Reply = t.c, t.out.Reply
	out.Trace = append(append(out.Trace, "adopted"), t.out.Trace...)
	m.polish(out, in)
	return left
}
