package dialog

import "cxbot/chat"

// direct does what a sentence alone says (Form.Now); false lets the form ask.
func (t *turn[V, C]) direct(f *Form[V, C], slots Slots) bool {
	if f.Now == nil {
		return false
	}
	c, why, ok := f.Now(t.in.View, slots)
	switch {
	case !ok && f.Finish != nil:
		return false
	case why != "":
		t.trace("refused " + f.ID)
		t.note = append(t.note, why)
		t.askShort()
	default:
		t.command(f, c)
	}
	return true
}

// command proposes a command that no draft stands behind.
func (t *turn[V, C]) command(f *Form[V, C], c C) {
	t.trace("command " + f.ID)
	t.out.Command = &c
	t.out.form, t.out.draft = f.ID, ""
}

// groupForm does what a sentence in a group says, for the few forms that may be
// used there; who may not is told by whom it is done.
func (t *turn[V, C]) groupForm(f *Form[V, C], h hit) {
	why := t.refused(h)
	if why == "" {
		var c C
		if c, why, _ = f.Now(t.in.View, h.slots); why == "" {
			t.command(f, c)
			return
		}
	}
	t.trace("refused " + f.ID)
	t.out.Reply.Text = why
}

// atOnce answers a command that no draft stands behind: an open question stays
// open and is shown again (UX rule 23). A group has no questions.
func (m *Machine[V, C]) atOnce(out *Output[C], in Input[V], reply chat.Reply) {
	out.Reply = reply
	if out.Group {
		return
	}
	t := &turn[V, C]{m: m, in: in, c: out.Conversation, note: []string{reply.Text}}
	t.askShort()
	out.Reply.Text = t.out.Reply.Text
	m.polish(out, in)
}
