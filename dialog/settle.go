package dialog

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cxbot/chat"
)

// submit is the word 提交: what is missing or cannot stand comes first, then
// the confirmation, and only a confirmed screen is acted on.
func (t *turn[V, C]) submit(f *Form[V, C], d *Draft) {
	if f.Confirm == ConfirmYes {
		t.trace("submit on " + f.ID)
		t.note = append(t.note, "现在办的是“"+f.Title+"”，不是提交。")
		t.ask()
		return
	}
	if d.Partial != "" {
		if fl := t.current(d); fl != nil && fl.Kind.Long() {
			t.done(f, d)
			return
		}
	}
	if p := t.progress(f, d); len(p.Missing) > 0 {
		t.trace("submit missing")
		for i := range d.Values {
			d.Values[i].Skip = false
		}
		note := fmt.Sprintf("还差 %d 项：%s。", len(p.Missing), join(p.Missing))
		if n := len(d.items()); n > 0 {
			note += fmt.Sprintf("还有 %d 条补正要求没有答复。", n)
		}
		t.note = append(t.note, note)
		d.Pos = ""
		t.ask()
		return
	}
	if list := d.items(); len(list) > 0 {
		t.trace("submit items")
		t.note = append(t.note, fmt.Sprintf("还有 %d 条补正要求没有答复。", len(list)))
		d.Pos = ""
		t.ask()
		return
	}
	if d.Confirm {
		t.finish(f, d)
		return
	}
	d.Pos, d.Back = "", ""
	t.confirm(f, d)
}

// finish makes the command out of a draft whose values all stand.
func (t *turn[V, C]) finish(f *Form[V, C], d *Draft) {
	if list := t.problems(f, d); len(list) > 0 {
		t.trace("finish problems")
		t.showProblems(f, d, list)
		return
	}
	if t.waits(d) {
		return
	}
	c, why := f.Finish(t.in.View, t.answers(f, d))
	if why != "" {
		t.trace("refused " + f.ID)
		if !f.Keep {
			t.remove(0, false)
		}
		t.reply(why)
		return
	}
	t.trace("command " + f.ID)
	t.out.Command = &c
	t.out.form, t.out.draft, t.out.object = f.ID, d.Name(), d.Object
}

// Done ends a step whose command was decided: the draft goes, the words stand.
// about names what came of it, so that a second 提交 can be judged.
func (m *Machine[V, C]) Done(out *Output[C], in Input[V], reply chat.Reply, about chat.Ref) {
	t := &turn[V, C]{m: m, in: in, c: out.Conversation}
	if i := t.find(out.draft); i >= 0 {
		t.remove(i, false)
	}
	if out.draft == "" {
		m.atOnce(out, in, reply)
		out.Trace = append(out.Trace, "done "+out.form)
		return
	}
	t.c.Receipt, t.c.ReceiptAt, t.c.ReceiptRef = "", time.Time{}, about
	if m.forms[out.form].Keep {
		t.c.Receipt, t.c.ReceiptAt = reply.Text, in.Now
	}
	out.Conversation = t.c
	out.Reply = reply
	out.Trace = append(out.Trace, "done "+out.form)
	m.polish(out, in)
}

// Refusal is why a command was refused: the rule's stable name, the words, and
// the field the next answer is for, "" for none.
type Refusal struct{ Rule, Text, Field string }

// Refused ends a step whose command was refused: a long form keeps its draft,
// a one-off action is dropped; the words say why.
func (m *Machine[V, C]) Refused(out *Output[C], in Input[V], no Refusal) {
	t := &turn[V, C]{m: m, in: in, c: out.Conversation}
	f := m.forms[out.form]
	if out.draft == "" {
		m.atOnce(out, in, chat.Reply{Text: no.Text})
		out.Trace = append(out.Trace, "refused "+no.Rule)
		return
	}
	t.c.Receipt = ""
	if i := t.find(out.draft); i >= 0 {
		if f.Keep {
			t.c.Drafts = append([]Draft(nil), t.c.Drafts...)
			t.c.Drafts[i].Confirm = false
			t.c.Drafts[i].Pos = no.Field
			no.Text += "\n\n内容都还在草稿里。"
		} else {
			t.remove(i, false)
		}
	}
	out.Conversation = t.c
	out.Reply = chat.Reply{Text: no.Text}
	out.Trace = append(out.Trace, "refused "+no.Rule)
	m.polish(out, in)
}

// touch dates the drafts that were changed.
func (*Machine[V, C]) touch(out *Output[C], in Input[V]) {
	c := &out.Conversation
	for i := range c.Drafts {
		if c.Drafts[i].Rev != revOf(in.Conversation, c.Drafts[i].Name()) {
			c.Drafts[i].Changed = in.Now
		}
	}
}

// polish folds in what a burst left unsaid and cuts the reply into pages.
func (m *Machine[V, C]) polish(out *Output[C], in Input[V]) {
	m.touch(out, in)
	c := &out.Conversation
	if out.Reply.IsEmpty() && len(c.Unsaid) == 0 {
		return // a picture: what is being read stays as it is
	}
	if in.More {
		first, _, _ := strings.Cut(out.Reply.Text, "\n")
		c.Unsaid = append(slices.Clip(c.Unsaid), Cut(first, 120))
		out.Reply = chat.Reply{}
		return
	}
	text := out.Reply.Text
	if len(c.Unsaid) > 0 {
		text = "刚才几条都收到了：\n" + strings.Join(c.Unsaid, "\n") + "\n\n" + text
		c.Unsaid = nil
	}
	if len(text) <= PageBytes {
		out.Reply.Text = text
		if !out.paged() {
			c.Pages = nil
		}
		return
	}
	pages := Pages(text, PageBytes)
	out.Reply.Text = pages[0]
	c.Pages = pages[1:]
}

// paged reports whether this step read a further page, whose rest must stay.
func (o *Output[C]) paged() bool {
	for _, mark := range o.Trace {
		if strings.HasPrefix(mark, "page") {
			return true
		}
	}
	return false
}

func revOf(c Conversation, name string) int64 {
	for i := range c.Drafts {
		if c.Drafts[i].Name() == name {
			return c.Drafts[i].Rev
		}
	}
	return -1
}

// next shows the next page of a long reply.
func (t *turn[V, C]) next() {
	if len(t.c.Pages) == 0 {
		t.trace("no page")
		t.note = append(t.note, "没有下一页了。")
		t.askShort()
		return
	}
	t.trace("page")
	t.out.Reply.Text = t.c.Pages[0]
	t.c.Pages = t.c.Pages[1:]
}

// again answers a second 提交 with the receipt of the first (UX rule 37).
func (t *turn[V, C]) again() bool {
	if t.c.Receipt == "" || t.in.Now.Sub(t.c.ReceiptAt) > listLife {
		return false
	}
	if t.m.cfg.Stale != nil {
		if note, instead := t.m.cfg.Stale(t.in.View, t.c.ReceiptRef, string(wordSubmit)); note != "" {
			t.note = append(t.note, note)
			t.text = instead
			t.idle()
			return true
		}
	}
	t.trace("receipt again")
	t.reply("已经提交过了，不用再交。\n" + t.c.Receipt)
	return true
}
