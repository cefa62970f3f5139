package dialog

import (
	"fmt"
	"strings"
)

// pasted reads a message with two or more labels as a whole form (5.6).
func (t *turn[V, C]) pasted(f *Form[V, C], d *Draft, p Paste) bool {
	if ownLabels(p) < 2 {
		return false
	}
	t.applyPaste(f, d, p)
	return true
}

// ownLabels counts the form's own labels in a pasted text. Two make it a form;
// 单位 and 负责人 of one list row do not.
func ownLabels(p Paste) int { return p.Labels - len(p.Ignored) }

// pastedIdle opens the form a pasted text fits best, when no draft is open.
func (t *turn[V, C]) pastedIdle() bool {
	var best *Form[V, C]
	most := 1
	for _, f := range t.m.cfg.Forms {
		if !f.Keep {
			continue
		}
		if p := t.labels(f).paste(t.text); ownLabels(p) > most {
			best, most = f, ownLabels(p)
		}
	}
	if best == nil {
		return false
	}
	if why := allow(best, t.in.View); why != "" {
		t.trace("refused " + best.ID)
		t.reply(why)
		return true
	}
	slots := Slots{"text": t.text, "paste": "1"}
	begin, ok := t.begin(best, slots)
	if !ok {
		return true
	}
	d := t.open(best, slots, begin)
	if d == nil {
		return true
	}
	t.applyPaste(best, d, t.labels(best).paste(t.text))
	return true
}

// pasting collects what becomes of the values of a pasted form.
type pasting struct {
	taken                   []Value
	changed, echoes, warned []string
	wrong                   []wrongValue
}

// wrongValue is a pasted value that cannot stand; the number is looked up when
// all values are in.
type wrongValue struct {
	key, label, text string
	ask              bool // ask for it first
}

// applyPaste takes what can be taken as one undoable step and answers with
// counts, then only the problems (rule 29).
func (t *turn[V, C]) applyPaste(f *Form[V, C], d *Draft, p Paste) {
	t.trace("paste " + f.ID)
	t.keepPartial(f, d)
	before, total := t.applying(f, d), t.total(f, d)
	var got pasting
	work := *d
	for _, item := range t.dependentLast(f, p.Items) {
		t.applyItem(f, &work, item, &got)
	}
	for _, f := range p.Fixed {
		got.echoes = append(got.echoes, "“"+f.Key+"”按“"+f.Raw+"”理解")
	}
	for _, key := range p.Twice {
		if fl, _ := byKey(t.applying(f, &work), key); fl != nil {
			got.wrong = append(got.wrong, wrongValue{fl.Key, fl.Label, "出现了两次，内容不同，没有替您选，请单独发来", false})
		}
	}
	if len(got.taken) > 0 {
		d.set(got.taken...)
		for _, v := range got.taken {
			d.Asks = without(d.Asks, v.Key)
		}
	}
	fields := t.applying(f, d)
	d.Pos, d.Back, d.Partial, d.Tries = "", "", "", 0
	wrong := make([]string, 0, len(got.wrong))
	for _, w := range got.wrong {
		fl, n := byKey(fields, w.key)
		switch {
		case fl == nil:
			wrong = append(wrong, "⚠ "+w.label+"："+w.text)
			continue
		case d.Pos == "" && w.ask:
			d.Pos = w.key // the first field whose value cannot stand is asked first
		}
		wrong = append(wrong, fmt.Sprintf("⚠ %d %s：%s", n, w.label, w.text))
	}
	parts := []string{fmt.Sprintf("整表收到：填好 %d 项 · 要改 %d 项 · 未填 %d 项", len(got.taken), len(wrong), len(t.progress(f, d).Missing))}
	if len(got.taken)+len(got.changed)+len(wrong) == 0 {
		parts[0] = "整表收到，和已填的一样，没有改动。"
	}
	if len(got.echoes) > 0 {
		parts = append(parts, "按这样理解：\n"+strings.Join(got.echoes, "\n"))
	}
	if len(got.changed) > 0 {
		parts = append(parts, strings.Join(got.changed, "\n")+"\n（不对请回复 撤销）")
	}
	if len(wrong) > 0 {
		parts = append(parts, strings.Join(wrong, "\n"))
	}
	parts = append(parts, got.warned...)
	if s := t.changes(f, d, before, total, "按表里选的，"); s != "" && d.Readied {
		parts = append(parts, s)
	}
	if len(p.Unknown) > 0 {
		parts = append(parts, "这些栏目表里没有，没有用上："+join(p.Unknown))
	}
	t.note = append(t.note, joinParts(parts))
	t.ask()
}

// dependentLast puts the values of fields that depend on others behind the rest.
func (t *turn[V, C]) dependentLast(f *Form[V, C], items []PasteItem) []PasteItem {
	depends := func(key string) bool {
		fl, _ := byKey(t.m.prepared[f.ID].when, key)
		return fl != nil
	}
	sorted := make([]PasteItem, 0, len(items))
	for _, item := range items {
		if !depends(item.Key) {
			sorted = append(sorted, item)
		}
	}
	for _, item := range items {
		if depends(item.Key) {
			sorted = append(sorted, item)
		}
	}
	return sorted
}

// applyItem reads one pasted value into the working copy of the draft.
func (t *turn[V, C]) applyItem(f *Form[V, C], work *Draft, item PasteItem, got *pasting) {
	fl, _ := byKey(t.applying(f, work), item.Key)
	if fl == nil {
		if other, _ := byKey(t.m.prepared[f.ID].all, item.Key); other != nil {
			got.wrong = append(got.wrong, wrongValue{other.Key, other.Label, "没有用上，" + other.WhenNote, false})
		}
		return
	}
	old := work.value(fl.Key).Text
	if old != "" && sameShown(fl.Kind.Show(old), item.Raw) {
		return
	}
	r := t.readPasted(f, work, fl, item.Raw)
	if !r.Problem.OK() {
		t.trace("field " + f.ID + "." + fl.Key + " pasted wrong")
		got.wrong = append(got.wrong, wrongValue{fl.Key, fl.Label, r.Problem.Text, true})
		return
	}
	if r.Value == old {
		return
	}
	t.trace("field " + f.ID + "." + fl.Key + " pasted")
	if old != "" {
		got.changed = append(got.changed, fmt.Sprintf("%s 原：%s → 新：%s", fl.Label, Cut(oneLine(fl.Kind.Show(old)), 60), Cut(oneLine(fl.Kind.Show(r.Value)), 60)))
	}
	if r.Echo != "" && !strings.Contains(r.Echo, "\n") {
		got.echoes = append(got.echoes, fl.Label+"："+r.Echo)
	}
	v := Value{Key: fl.Key, Text: r.Value, From: fromPaste}
	work.put(v)
	got.taken = append(got.taken, v)
	if fl.Warn != nil {
		if w := fl.Warn(t.in.View, t.answers(f, work), r.Value); w != "" {
			got.warned = append(got.warned, w)
		}
	}
}

// readPasted reads and checks one value of a pasted form. What was copied from
// where it is shown cut is asked for in full.
func (t *turn[V, C]) readPasted(f *Form[V, C], d *Draft, fl *Field[V], raw string) Reading {
	if cutShort(raw) {
		return Breaks(quoted("好像没有复制全，请发全文。", Cut(oneLine(raw), 60)))
	}
	r := t.understand(f, d, fl, raw, "")
	if r.Problem.OK() && r.More {
		r.Problem = t.check(f, d, fl, r.Value)
	}
	return r
}
