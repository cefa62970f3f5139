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
		if p := t.labels(f, &Draft{Form: f.ID, Version: f.Version}).paste(t.text); ownLabels(p) > most {
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
	t.applyPaste(best, d, t.labels(best, d).paste(t.text))
	return true
}

// applyPaste takes what can be taken as one undoable step and answers with
// counts, then only the problems (rule 29).
func (t *turn[V, C]) applyPaste(f *Form[V, C], d *Draft, p Paste) {
	t.trace("paste " + f.ID)
	t.keepPartial(f, d)
	fields := t.applying(f, d)
	var taken []Value
	var wrong, changed, echoes []string
	first := "" // the first field whose value cannot stand: it is asked first
	work := *d
	for _, item := range p.Items {
		fl, n := byKey(fields, item.Key)
		if fl == nil {
			continue
		}
		old := d.value(fl.Key).Text
		if old != "" && sameShown(fl.Kind.Show(old), item.Raw) {
			continue
		}
		r := t.readPasted(f, &work, fl, item.Raw)
		if !r.Problem.OK() {
			t.trace("field " + f.ID + "." + fl.Key + " pasted wrong")
			wrong = append(wrong, fmt.Sprintf("⚠ %d %s：%s", n, fl.Label, r.Problem.Text))
			if first == "" {
				first = fl.Key
			}
			continue
		}
		if r.Value == old {
			continue
		}
		t.trace("field " + f.ID + "." + fl.Key + " pasted")
		if old != "" {
			changed = append(changed, fmt.Sprintf("%s 原：%s → 新：%s", fl.Label, Cut(oneLine(fl.Kind.Show(old)), 60), Cut(oneLine(fl.Kind.Show(r.Value)), 60)))
		}
		if r.Echo != "" && !strings.Contains(r.Echo, "\n") {
			echoes = append(echoes, fl.Label+"："+r.Echo)
		}
		v := Value{Key: fl.Key, Text: r.Value, From: fromPaste}
		work.put(v)
		taken = append(taken, v)
	}
	for _, key := range p.Twice {
		if fl, n := byKey(fields, key); fl != nil {
			wrong = append(wrong, fmt.Sprintf("⚠ %d %s：出现了两次，内容不同，没有替您选，请单独发来", n, fl.Label))
		}
	}
	if len(taken) > 0 {
		d.set(taken...)
		for _, v := range taken {
			d.Asks = without(d.Asks, v.Key)
		}
	}
	d.Pos, d.Back, d.Partial, d.Tries = first, "", "", 0
	missing := t.progress(f, d).Missing
	head := fmt.Sprintf("整表收到：填好 %d 项 · 要改 %d 项 · 未填 %d 项", len(taken), len(wrong), len(missing))
	parts := []string{head}
	if len(echoes) > 0 {
		parts = append(parts, "按这样理解：\n"+strings.Join(echoes, "\n"))
	}
	if len(changed) > 0 {
		parts = append(parts, strings.Join(changed, "\n")+"\n（不对请回复 撤销）")
	}
	if len(wrong) > 0 {
		parts = append(parts, strings.Join(wrong, "\n"))
	}
	if len(p.Unknown) > 0 {
		parts = append(parts, "这些栏目表里没有，没有用上："+join(p.Unknown))
	}
	t.note = append(t.note, joinParts(parts))
	t.ask()
}

// readPasted reads and checks one value of a pasted form. What was copied from
// where it is shown cut is asked for in full.
func (t *turn[V, C]) readPasted(f *Form[V, C], d *Draft, fl *Field[V], raw string) Reading {
	if cutShort(raw) {
		return Breaks(quoted("好像没有复制全，请发全文。", Cut(oneLine(raw), 60)))
	}
	r := fl.Kind.Read(raw, Env{Now: t.in.Now, Label: fl.Label})
	if r.Problem.OK() {
		r.Problem = t.check(f, d, fl, r.Value)
	}
	return r
}
