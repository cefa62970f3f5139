package dialog

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// start opens a form for an intent, or comes back to a draft of the same thing.
func (t *turn[V, C]) start(f *Form[V, C], slots Slots) {
	if t.direct(f, slots) {
		return
	}
	if i := t.beginner(f); slots["change"] != "" && f.Keep && i >= 0 {
		t.trace("change in draft " + f.ID)
		t.front(i)
		if !t.changed(f, slots["change"]) {
			t.ask()
		}
		return
	}
	begin, ok := t.begin(f, slots)
	if !ok {
		return
	}
	if f.Keep && begin.Object == "" && len(begin.Answers) == 0 && slots["new"] == "" {
		if i := t.beginner(f); i >= 0 {
			t.trace("start existing " + f.ID)
			p := t.progress(f, &t.c.Drafts[i])
			t.note = append(t.note, fmt.Sprintf("您有一份没填完的%s%s，接着填就行。\n继续（%d/%d）· 重新开始 · 查看 · 再报一个", f.Title, t.nameOf(f, &t.c.Drafts[i]), p.Done, p.Total))
			t.front(i)
			t.absorb(f, t.active(), begin)
			t.ask()
			return
		}
	}
	if d := t.open(f, slots, begin); d != nil && !t.changed(f, begin.Then) {
		t.ask()
	}
}

// begin asks the form what to start from; ok is false when it refused, and the
// reply is set then.
func (t *turn[V, C]) begin(f *Form[V, C], slots Slots) (begin Start, ok bool) {
	if f.Begin == nil {
		return begin, true
	}
	begin, why := f.Begin(t.in.View, slots)
	if why != "" {
		t.trace("refused " + f.ID)
		t.note = append(t.note, why)
		t.askShort()
		return begin, false
	}
	return begin, true
}

// beginner finds a draft of the form that works on nothing that exists yet.
func (t *turn[V, C]) beginner(f *Form[V, C]) int {
	for i := range t.c.Drafts {
		if d := &t.c.Drafts[i]; d.Form == f.ID && t.usable(d) && d.Object == "" {
			return i
		}
	}
	return -1
}

// sameObject finds a draft about the same object. One made for an older
// revision of it is set aside: continuing it would undo what others did since.
func (t *turn[V, C]) sameObject(f *Form[V, C], object string) bool {
	for i := range t.c.Drafts {
		d := &t.c.Drafts[i]
		if !f.Keep || object == "" || d.Form != f.ID || !t.usable(d) || ObjectID(d.Object) != ObjectID(object) {
			continue
		}
		if d.Object == object {
			t.front(i)
			return true
		}
		t.remove(i, true)
		t.note = append(t.note, "之前改到一半的那份是旧稿，已换成最新内容（要看旧的请回复 找回草稿）。")
		return false
	}
	return false
}

// open makes a new draft, filled with what the intent and the defaults give, or
// comes back to one about the same object. It returns nil when there are too
// many drafts; the reply is set then.
func (t *turn[V, C]) open(f *Form[V, C], slots Slots, begin Start) *Draft {
	if t.sameObject(f, begin.Object) {
		return t.active()
	}
	t.dropActions()
	if len(t.c.Drafts) >= maxDrafts {
		t.trace("too many drafts")
		t.reply(fmt.Sprintf("您已有 %d 份草稿，最多留 %d 份。回复 草稿 查看，回复“删除草稿 编号”删掉用不着的再开新的。", len(t.c.Drafts), maxDrafts))
		return nil
	}
	if old := t.active(); old != nil {
		t.note = append(t.note, "“"+t.m.forms[old.Form].Title+"”先放下了，草稿存着，回来请回复 草稿。")
	}
	t.trace("start " + f.ID)
	t.c.Serial++
	d := Draft{Form: f.ID, Version: f.Version, N: t.c.Serial, Rev: 1, Object: begin.Object, Created: t.in.Now, Changed: t.in.Now}
	t.c.Drafts = append(append([]Draft(nil), t.c.Drafts...), d)
	t.front(len(t.c.Drafts) - 1)
	t.fill(f, t.active(), begin)
	if slots["paste"] == "" {
		t.opening(f, t.active(), begin)
	}
	return t.active()
}

// fill puts first values: the object's, those the sentence held, the defaults.
func (t *turn[V, C]) fill(f *Form[V, C], d *Draft, begin Start) {
	for _, key := range slices.Sorted(maps.Keys(begin.Answers)) { // in an order that is the same every time
		if v := begin.Answers[key]; v != "" {
			d.put(Value{Key: key, Text: v, From: fromBegin})
		}
	}
	var lines, problems []string
	for i := range f.Fields {
		fl := &f.Fields[i]
		raw, typed := begin.Raw[fl.Key]
		if typed {
			r := t.understand(f, d, fl, Normalise(raw), "")
			switch {
			case r.Problem.OK():
				d.put(Value{Key: fl.Key, Text: r.Value, From: fromTyped})
				if f.Keep {
					lines = append(lines, "✓ "+fl.Label+"："+Cut(oneLine(fl.Kind.Show(r.Value)), 120))
				}
			case f.Keep && r.Problem.Kind == RuleBroken && r.Value != "" && !fl.Kind.Long():
				d.put(Value{Key: partPrefix + fl.Key, Text: r.Value, From: fromTyped})
				lines = append(lines, "○ "+fl.Label+"：先记下“"+Cut(oneLine(raw), 60)+"”，轮到这一项时再补全")
			default:
				problems = append(problems, fl.Label+"：“"+Cut(oneLine(raw), 120)+"”，"+r.Problem.Text)
			}
		}
	}
	if len(lines) > 0 {
		t.note = append(t.note, "我记下了：\n"+strings.Join(lines, "\n")+"\n对不对？不对的随时说，如“"+f.Fields[0].Label+"改成…”。")
	}
	t.note = append(t.note, problems...)
	t.derive(f, d)
	for key, why := range begin.Asks {
		d.Asks = append(d.Asks, Value{Key: key, Text: why})
	}
	sortAsks(f, d)
	for i, item := range begin.Items {
		d.Asks = append(d.Asks, Value{Key: itemPrefix + strconv.Itoa(i+1), Text: item})
	}
}

// derive fills the fields that are not asked from their defaults.
func (t *turn[V, C]) derive(f *Form[V, C], d *Draft) {
	for i := range f.Fields {
		fl := &f.Fields[i]
		if !fl.Quiet || fl.Default == nil || d.value(fl.Key).Text != "" {
			continue
		}
		if v := fl.Default(t.in.View, t.answers(f, d)); v != "" && t.check(f, d, fl, v).OK() {
			d.put(Value{Key: fl.Key, Text: v, From: fromDefault})
		}
	}
}

// sortAsks puts a return's items into the order of the form, so that the same
// start always gives the same draft.
func sortAsks[V, C any](f *Form[V, C], d *Draft) {
	var sorted []Value
	for i := range f.Fields {
		for _, a := range d.Asks {
			if a.Key == f.Fields[i].Key {
				sorted = append(sorted, a)
			}
		}
	}
	d.Asks = sorted
}

// opening says what, how many, how long, and that all is saved (UX rules 1–2).
func (t *turn[V, C]) opening(f *Form[V, C], d *Draft, begin Start) {
	if begin.Note != "" {
		t.note = append(t.note, begin.Note)
	}
	defer t.trayNote(f)
	if !f.Keep || len(begin.Asks) > 0 || begin.Object != "" {
		return
	}
	p := t.progress(f, d)
	ways := "可以一项一项答；也可以把写好的整张表粘贴过来（回复 填报模板 可拿空表）。"
	if f.Reuse != nil && (f.MayReuse == nil || f.MayReuse(t.in.View)) {
		ways = "三种填法：一项一项答；把写好的整张表粘贴过来（回复 填报模板 可拿空表）；回复 沿用上次，带出上次报的内容。"
	}
	t.note = append(t.note, fmt.Sprintf("%s，共 %d 项，约 %d 分钟。每答一项自动保存，随时可以停。\n%s", f.Title, p.Total, f.Minutes, ways))
}

// dropActions removes unfinished one-off actions: they are not worth keeping,
// but it is said.
func (t *turn[V, C]) dropActions() {
	for i, d := range slices.Backward(t.c.Drafts) {
		if f := t.m.forms[d.Form]; f != nil && !f.Keep {
			t.remove(i, false)
			t.note = append(t.note, "刚才的“"+f.Title+"”没有办，先放下了。")
		}
	}
}

// resume opens draft i and shows where it stands.
func (t *turn[V, C]) resume(i int) {
	t.front(i)
	if t.active() == nil {
		t.trace("draft readable")
		t.c.Active = false
		t.reply(t.readable(&t.c.Drafts[0]))
		return
	}
	t.recap()
	t.trayNote(t.m.forms[t.active().Form])
	t.ask()
}

// resumeNumber resumes the open draft, the n-th, or the only one.
func (t *turn[V, C]) resumeNumber(n int) {
	switch {
	case n > len(t.c.Drafts):
		t.note = append(t.note, fmt.Sprintf("没有第 %d 份草稿。", n))
		t.drafts()
	case n > 0:
		t.resume(n - 1)
	case t.active() != nil:
		t.ask()
	case len(t.c.Drafts) == 0:
		t.note = append(t.note, "您现在没有没填完的表。")
		t.help()
	case len(t.c.Drafts) == 1:
		t.resume(0)
	default:
		t.drafts()
	}
}

// draftLine is one line of the list of drafts.
func (t *turn[V, C]) draftLine(i int, d *Draft) string {
	if !t.usable(d) {
		return fmt.Sprintf("%d 别的版本填的草稿（只能看和复制：回复 草稿 %d）", i+1, i+1)
	}
	f := t.m.forms[d.Form]
	p := t.progress(f, d)
	name := ""
	if len(d.Values) > 0 && len(f.Fields) > 0 {
		if v := d.value(f.Fields[0].Key).Text; v != "" {
			name = "：" + Cut(oneLine(f.Fields[0].Kind.Show(v)), 60)
		}
	}
	return fmt.Sprintf("%d %s%s（已填 %d/%d）", i+1, f.Title, name, p.Done, p.Total)
}

// drafts lists all drafts.
func (t *turn[V, C]) drafts() {
	if len(t.c.Drafts) == 0 {
		t.reply("您现在没有草稿。")
		return
	}
	lines := []string{fmt.Sprintf("草稿 %d 份：", len(t.c.Drafts))}
	for i := range t.c.Drafts {
		lines = append(lines, t.draftLine(i, &t.c.Drafts[i]))
	}
	lines = append(lines, "接着填请回复“继续 编号”，如 继续 1；不要的回复“删除草稿 编号”。")
	t.reply(strings.Join(lines, "\n"))
}

// deleteDraft deletes the n-th draft, else the open or only one; 撤销 brings it back.
func (t *turn[V, C]) deleteDraft(n int) {
	i := n - 1
	if n == 0 {
		switch {
		case t.active() != nil, len(t.c.Drafts) == 1:
			i = 0
		default:
			t.drafts()
			return
		}
	}
	if i < 0 || i >= len(t.c.Drafts) {
		t.drafts()
		return
	}
	t.trace("draft deleted")
	line := t.draftLine(i, &t.c.Drafts[i])
	t.remove(i, true)
	t.reply("已删除草稿：" + line + "。24 小时内回复 找回草稿 可以找回。")
}

// restore brings back the draft deleted or restarted within a day.
func (t *turn[V, C]) restore() bool {
	if t.c.Dropped == nil || t.in.Now.Sub(t.c.DroppedAt) > dropLife || len(t.c.Drafts) >= maxDrafts {
		return false
	}
	d := *t.c.Dropped
	d.Rev++
	t.note = append(t.note, t.bringUp(&d)...)
	t.c.Dropped = nil
	t.c.Drafts = append(append([]Draft(nil), t.c.Drafts...), d)
	t.trace("draft restored")
	t.note = append(t.note, "草稿找回来了。")
	t.resume(len(t.c.Drafts) - 1)
	return true
}

// restart empties the open draft; the old one can be had back for a day.
func (t *turn[V, C]) restart(f *Form[V, C], d *Draft) {
	slots := Slots{"new": "1", "object": ObjectID(d.Object)}
	t.trace("restarted " + f.ID)
	t.remove(0, true)
	if begin, ok := t.begin(f, slots); ok && t.open(f, slots, begin) != nil {
		t.ask()
	}
}

// cancel leaves a form: long ones are kept as drafts, one-off actions are not done.
func (t *turn[V, C]) cancel(f *Form[V, C], d *Draft) {
	if !f.Keep {
		t.trace("cancelled " + f.ID)
		t.remove(0, false)
		t.reply("好的，没有办。")
		return
	}
	p := t.progress(f, d)
	t.trace("parked " + f.ID)
	t.park()
	t.reply(fmt.Sprintf("已退出，草稿存着（已填 %d/%d）。接着填请回复 继续；不要了请回复 删除草稿。", p.Done, p.Total))
}

// back goes one question back and shows the old value (UX rule 19).
func (t *turn[V, C]) back(f *Form[V, C], d *Draft) {
	t.keepPartial(f, d)
	if fl := t.before(f, d, t.current(d)); fl != nil {
		t.trace("back " + f.ID + "." + fl.Key)
		d.Pos, d.Partial, d.Tries, d.Confirm = fl.Key, "", 0, false
		t.reply(t.question(f, d, fl))
		return
	}
	t.trace("back at first")
	t.note = append(t.note, "已经是第一项了。", t.overview(f, d, 60))
	t.askShort()
}

// before is the question asked before a field, nil at the first; the field nil
// means the confirmation.
func (t *turn[V, C]) before(f *Form[V, C], d *Draft, at *Field[V]) *Field[V] {
	var last *Field[V]
	for _, fl := range t.applying(f, d) {
		if at != nil && fl.Key == at.Key {
			return last
		}
		if asked(fl, d) {
			last = fl
		}
	}
	return last
}

// skip leaves a question: for good when optional, for now when required.
func (t *turn[V, C]) skip(f *Form[V, C], d *Draft) {
	fl := t.current(d)
	if fl == nil {
		t.ask()
		return
	}
	if d.Partial != "" && fl.Kind.Long() {
		t.done(f, d)
		return
	}
	t.trace("field " + f.ID + "." + fl.Key + " skipped")
	d.Partial, d.Tries = "", 0
	if d.value(fl.Key).Text != "" {
		d.Asks = without(d.Asks, fl.Key)
		d.Pos, d.Back = d.Back, ""
		t.ask()
		return
	}
	if fl.Required && !f.Keep {
		t.note = append(t.note, "“"+fl.Label+"”不能空着。不办了请回复 取消。")
		t.askShort()
		return
	}
	d.set(Value{Key: fl.Key, Skip: true})
	d.Pos, d.Back = d.Back, ""
	if fl.Required {
		t.note = append(t.note, "“"+fl.Label+"”先空着，提交前要补上。")
	} else {
		t.note = append(t.note, "“"+fl.Label+"”不填。")
	}
	t.ask()
}

// undo takes the last change back; it can itself be undone by 重做.
func (t *turn[V, C]) undo(f *Form[V, C], d *Draft) {
	t.keepPartial(f, d)
	n := len(d.Undo)
	if n == 0 {
		t.trace("nothing to undo")
		t.note = append(t.note, "没有可以撤销的了。")
		t.askShort()
		return
	}
	c := d.Undo[n-1]
	d.Undo = d.Undo[: n-1 : n-1]
	d.Redo = append(d.Redo, d.swap(c))
	d.Pos, d.Back, d.Partial = "", "", ""
	t.sayChange(f, d, c, "undone", "已撤销")
}

// redo takes an undo back.
func (t *turn[V, C]) redo(f *Form[V, C], d *Draft) {
	n := len(d.Redo)
	if n == 0 {
		t.note = append(t.note, "没有可以重做的了。")
		t.askShort()
		return
	}
	c := d.Redo[n-1]
	d.Redo = d.Redo[: n-1 : n-1]
	d.Undo = append(d.Undo, d.swap(c))
	t.sayChange(f, d, c, "redone", "已重做")
}

// sayChange tells what a field is now, after 撤销 or 重做.
func (t *turn[V, C]) sayChange(f *Form[V, C], d *Draft, c Change, mark, verb string) {
	var lines []string
	fields := t.applying(f, d)
	for _, v := range c.Before {
		t.trace("field " + f.ID + "." + v.Key + " " + mark)
		fl, _ := byKey(fields, v.Key)
		if fl == nil {
			if strings.HasPrefix(v.Key, itemPrefix) {
				lines = append(lines, verb+"，补正要求的答复改回来了。")
			}
			continue
		}
		now := "（空）"
		if text := d.value(v.Key).Text; text != "" {
			now = Cut(oneLine(fl.Kind.Show(text)), 90)
		}
		lines = append(lines, verb+"，"+fl.Label+"现在是："+now)
	}
	t.note = append(t.note, strings.Join(lines, "\n"))
	t.ask()
}
