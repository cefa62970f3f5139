package dialog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// answer reads the message as the answer to the open question, or as yes or no
// to an open confirmation.
func (t *turn[V, C]) answer() {
	d := t.active()
	f := t.m.forms[d.Form]
	fl := t.current(d)
	if fl == nil {
		t.answerConfirm(f, d)
		return
	}
	if t.text == "1" && takesOne(fl.Kind) && t.proposal(f, d, fl) != "" {
		t.reuse(f, d) // "（回复 1 沿用）"
		return
	}
	t.read(f, d, fl, t.text)
}

// What people say for 提交 and 预览 when everything is filled in.
var (
	handsIn   = regexp.MustCompile(`^(?:好|可以|行|没问题|[填改写弄补]好|[填改写弄补]完|都好)?了?[,，。 、]*(?:现在|就|请|这样|那就|直接|给我)*(?:提交|报送|上报|报上去|交上去|发上去|交|报)(?:上去)?(?:吧|了)?$`)
	wantsText = regexp.MustCompile(`^(?:我|再|先|给我)*(?:看看|看一下|看下|看一看|看)(?:全文|内容|全部|整表|整张表|一遍)?$`)
)

// answerConfirm handles words other than 提交 while the last word is awaited.
func (t *turn[V, C]) answerConfirm(f *Form[V, C], d *Draft) {
	if !d.Confirm {
		t.ask()
		return
	}
	r := YesNo{}.Read(t.text, Env{Now: t.in.Now})
	switch {
	case r.Problem.OK() && r.Value == Yes:
		t.finish(f, d)
	case r.Problem.OK():
		t.cancel(f, d)
	case f.Confirm == ConfirmSubmit && handsIn.MatchString(Key(t.text)):
		t.reserved(wordSubmit, 0)
	case f.Confirm == ConfirmSubmit && wantsText.MatchString(Key(t.text)):
		t.reserved(wordPreview, 0)
	default:
		t.trace("confirm not understood")
		t.note = append(t.note, "这句没有看懂：“"+Cut(oneLine(t.text), 60)+"”。")
		if f.Confirm == ConfirmYes {
			t.reply("办的话请回复 确认，不办请回复 取消。")
			return
		}
		t.reply("报上去请回复 提交；要改请回复“改 编号”，比如 改 3；先放着请回复 取消。")
	}
}

// read reads one answer for one field and moves on, or says what stands against it.
func (t *turn[V, C]) read(f *Form[V, C], d *Draft, fl *Field[V], text string) {
	if !fl.Required && f.Keep && nothing[Key(text)] {
		t.leaveOut(f, d, fl)
		return
	}
	old := d.value(fl.Key).Text
	if old == "" {
		old = d.value(partPrefix + fl.Key).Text
	}
	if d.Partial != "" {
		old = d.Partial
		if fl.Kind.Long() {
			text = d.Partial + "\n" + text
		}
	}
	r := t.understand(f, d, fl, text, old)
	if r.Problem.OK() && r.More {
		d.Partial = r.Value
		t.trace("field " + f.ID + "." + fl.Key + " more")
		t.reply(fmt.Sprintf("“%s”已收到 %d 字。还有就接着发，没有了回复 完成。", fl.Label, Runes(r.Value)))
		return
	}
	if !r.Problem.OK() {
		if !t.aside(f, d, fl, text) {
			t.failed(f, d, fl, r)
		}
		return
	}
	t.settle(f, d, fl, r)
}

// nothing are the answers that leave an optional field empty.
var nothing = map[string]bool{"无": true, "没有": true, "暂无": true, "不填": true, "不用填": true, "空着": true, "不写": true}

// leaveOut empties an optional field, which can be taken back.
func (t *turn[V, C]) leaveOut(f *Form[V, C], d *Draft, fl *Field[V]) {
	t.trace("field " + f.ID + "." + fl.Key + " left out")
	note := "“" + fl.Label + "”不填。"
	if old := d.value(fl.Key).Text; old != "" {
		note = "“" + fl.Label + "”清空了，原来是：" + Cut(oneLine(fl.Kind.Show(old)), 120) + "（不对请回复 撤销）"
	}
	d.set(Value{Key: fl.Key, Skip: true})
	d.Asks = without(d.Asks, fl.Key)
	d.Tries, d.Partial = 0, ""
	d.Pos, d.Back = d.Back, ""
	t.brief = d.Readied
	t.note = append(t.note, note)
	t.ask()
}

// understand reads an answer, completes it by the facts and checks it; what is
// still being collected is not checked yet.
func (t *turn[V, C]) understand(f *Form[V, C], d *Draft, fl *Field[V], text, old string) Reading {
	r := fl.Kind.Read(text, Env{Now: t.in.Now, Old: old, Label: fl.Label})
	if r.Problem.Kind == RuleBroken && r.Value != "" && fl.Complete != nil {
		if whole := fl.Complete(t.in.View, text, r.Value); whole != "" {
			r = Reading{Value: whole, Echo: Cut(oneLine(fl.Kind.Show(whole)), 120)}
		}
	}
	if !r.Problem.OK() || r.More {
		return r
	}
	if fl.Kind.Numeric() && questioned(text) {
		return NotRead(quoted("像是在问，没有记下。定了请去掉问号再发："+fl.Kind.Form()+"。", shortQuote(text)))
	}
	if fl.Resolve != nil {
		whole, problem := fl.Resolve(t.in.View, t.answers(f, d), r.Value)
		if !problem.OK() {
			return Reading{Problem: problem}
		}
		if whole != r.Value {
			r.Value, r.Echo = whole, Cut(oneLine(fl.Kind.Show(whole)), 120)
		}
	}
	r.Problem = t.check(f, d, fl, r.Value)
	return r
}

// settle stores a good answer and asks what is next.
func (t *turn[V, C]) settle(f *Form[V, C], d *Draft, fl *Field[V], r Reading) {
	mark := "good"
	switch d.value(fl.Key).From {
	case fromTyped, fromPaste, fromEdited:
		mark = "edited"
	}
	from := fromTyped
	if fl.Quiet && !asked(fl, d) {
		from = fromEdited
	}
	t.trace("field " + f.ID + "." + fl.Key + " " + mark)
	before := t.applying(f, d)
	total := t.total(f, d)
	d.put(Value{Key: partPrefix + fl.Key})
	d.set(Value{Key: fl.Key, Text: r.Value, From: from})
	d.Asks = without(d.Asks, fl.Key)
	d.Tries, d.Partial = 0, ""
	d.Pos, d.Back = d.Back, ""
	done := "✓ " + fl.Label
	if strings.HasPrefix(fl.Key, itemPrefix) {
		r.Echo = Cut(oneLine(fl.Ask), 120)
	}
	t.brief = d.Readied
	switch {
	case r.Echo == "" && t.echo:
		r.Echo = Cut(oneLine(fl.Kind.Show(r.Value)), 120)
	case r.Echo == "" && fl.Kind.Long():
		r.Echo = fmt.Sprintf("%d 字", Runes(r.Value))
	case r.Echo == "" && Runes(fl.Kind.Show(r.Value)) > 2:
		r.Echo = Cut(oneLine(fl.Kind.Show(r.Value)), 75)
	}
	if r.Echo != "" {
		done += "：" + r.Echo
	}
	lines := []string{done}
	if fl.Warn != nil {
		if w := fl.Warn(t.in.View, t.answers(f, d), r.Value); w != "" {
			lines = append(lines, w)
		}
	}
	if s := t.changes(f, d, before, total, "因“"+fl.Label+"”是“"+Cut(oneLine(fl.Kind.Show(r.Value)), 45)+"”，"); s != "" {
		t.brief = false
		lines = append(lines, s)
	}
	if s := t.sectionDone(f, d, fl); s != "" && mark == "good" {
		lines = append(lines, s)
	}
	t.note = append(t.note, strings.Join(lines, "\n"))
	t.ask()
}

// sectionDone praises a finished section once (UX rule 25).
func (t *turn[V, C]) sectionDone(f *Form[V, C], d *Draft, fl *Field[V]) string {
	if fl.Section == "" || f.Confirm != ConfirmSubmit || d.Object != "" {
		return ""
	}
	n := 0
	for _, other := range t.applying(f, d) {
		if other.Section != fl.Section || !asked(other, d) {
			continue
		}
		n++
		if isOpen(other, d) {
			return ""
		}
	}
	if n < 2 || t.current(d) == nil {
		return ""
	}
	return fmt.Sprintf("%s %d/%d ✓ 已保存，休息一下也行。", fl.Section, n, n)
}

// changes says why there is more or less to fill in than before (UX rule 26),
// "" when there is not.
func (t *turn[V, C]) changes(f *Form[V, C], d *Draft, before []*Field[V], total int, why string) string {
	now := t.applying(f, d)
	var parts []string
	if more := beyond(now, before); len(more) > 0 {
		names := make([]string, 0, len(more))
		for _, fl := range more {
			name := fl.Label
			if !fl.Required {
				name += "（选填）"
			}
			names = append(names, name)
		}
		parts = append(parts, fmt.Sprintf("新增 %d 项：%s", len(names), join(names)))
	}
	for _, fl := range beyond(before, now) {
		part := "“" + fl.Label + "”不用填了"
		if d.value(fl.Key).Text != "" {
			part += "（填过的留着，不报）"
		}
		parts = append(parts, part)
	}
	if n := t.total(f, d); n != total {
		parts = append(parts, fmt.Sprintf("要填的由 %d 项变为 %d 项", total, n))
	}
	if len(parts) == 0 {
		return ""
	}
	return why + strings.Join(parts, "；") + "。"
}

// beyond lists the fields of one list that another lacks.
func beyond[V any](list, other []*Field[V]) []*Field[V] {
	var out []*Field[V]
	for _, fl := range list {
		if !slices.Contains(other, fl) {
			out = append(out, fl)
		}
	}
	return out
}

// failed says why an answer cannot stand; help grows with the tries (rules 13–16).
func (t *turn[V, C]) failed(f *Form[V, C], d *Draft, fl *Field[V], r Reading) {
	mark := "notread"
	if r.Problem.Kind == RuleBroken {
		mark = "broken"
		if r.Value != "" && !fl.Kind.Long() {
			d.Partial = r.Value
		}
	}
	t.trace("field " + f.ID + "." + fl.Key + " " + mark)
	d.Tries++
	if d.Pos == "" && !isOpen(fl, d) {
		d.Pos = fl.Key
	}
	lines := []string{r.Problem.Text}
	switch {
	case d.Tries >= 4 && d.Tries%2 == 0 && fl.Help != "":
		lines = append(lines, fl.Help) // never the same words twice in a row
	case d.Tries >= 2:
		lines = append(lines, "写法："+fl.Kind.Form(), "例："+fl.Example)
	}
	if d.Tries >= 3 {
		last := "也可以先回复 跳过，稍后再补"
		if t.m.cfg.Human != nil {
			if who := t.m.cfg.Human(t.in.View); who != "" {
				last += "，或请" + who + "帮忙"
			}
		}
		lines = append(lines, last+"。")
	}
	lines = append(lines, "", t.shortAsk(f, d))
	t.reply(strings.Join(lines, "\n"))
}

// check applies the field's own rules and the form's, to a canonical value.
func (t *turn[V, C]) check(f *Form[V, C], d *Draft, fl *Field[V], value string) Problem {
	a := t.answers(f, d).with(fl.Key, value)
	if fl.Check != nil {
		if p := fl.Check(t.in.View, a, value); !p.OK() {
			return p
		}
	}
	for _, rule := range f.Rules {
		if !slices.Contains(rule.Blames, fl.Key) {
			continue
		}
		if key, p := rule.Check(t.in.View, a); !p.OK() && key == fl.Key {
			return p
		}
	}
	return Problem{}
}

// problem is a stored value that cannot stand.
type problem struct {
	key   string
	n     int
	label string
	text  string
}

// problems checks every stored value again, as 提交 must.
func (t *turn[V, C]) problems(f *Form[V, C], d *Draft) []problem {
	var out []problem
	for i, fl := range t.applying(f, d) {
		v := d.value(fl.Key)
		if v.Text == "" {
			if fl.Required && !isOpen(fl, d) {
				out = append(out, problem{fl.Key, i + 1, fl.Label, "必填，还没有填"})
			}
			continue
		}
		if p := t.check(f, d, fl, v.Text); !p.OK() {
			out = append(out, problem{fl.Key, i + 1, fl.Label, p.Text})
		}
	}
	return out
}

// showProblems lists them and opens the first.
func (t *turn[V, C]) showProblems(f *Form[V, C], d *Draft, list []problem) {
	lines := []string{fmt.Sprintf("还有 %d 项要改：", len(list))}
	for _, p := range list {
		lines = append(lines, fmt.Sprintf("⚠ %d %s：%s", p.n, p.label, p.text))
	}
	d.Pos, d.Confirm = list[0].key, false
	for i, v := range d.Values {
		if v.Key == d.Pos && v.Skip {
			d.Values[i].Skip = false
		}
	}
	t.note = append(t.note, strings.Join(lines, "\n"))
	if fl := t.current(d); fl != nil {
		t.reply(t.question(f, d, fl))
	}
}

// edited handles "改 5", a label, a label with its new value, and phrases that
// change part of a value (5.5 rule 5). labels is how many labels the message holds.
func (t *turn[V, C]) edited(f *Form[V, C], d *Draft, labels int) bool {
	e, ok := t.labels(f).edit(t.text, labels)
	if ok && (e.Op == opRemove || e.Op == opRemoveText) && t.m.cfg.Edit != nil {
		if said, also := t.m.cfg.Edit(t.in.View, f.ID, t.text); also {
			e = said
		}
	}
	if !ok && labels < 2 && t.m.cfg.Edit != nil && Runes(t.text) <= maxChanged {
		e, ok = t.m.cfg.Edit(t.in.View, f.ID, t.text)
	}
	if !ok {
		return false
	}
	fields := t.applying(f, d)
	if cur := t.current(d); cur != nil && e.Number > 0 && e.Value != "" && isRow(cur.Kind, d.value(cur.Key).Text, e.Number) {
		// In an open list that has rows, "改 2 …" means its second row.
		t.read(f, d, cur, t.text)
		return true
	}
	fl, _ := byKey(fields, e.Key)
	if fl == nil && e.Number >= 1 && e.Number <= len(fields) {
		fl = fields[e.Number-1]
	}
	if other, _ := byKey(t.m.prepared[f.ID].all, e.Key); fl == nil && other != nil {
		t.trace("edit not applying")
		t.note = append(t.note, "“"+other.Label+"”现在不用填，"+other.WhenNote+"。")
		t.askShort()
		return true
	}
	if fl == nil {
		t.trace("edit unknown")
		t.note = append(t.note, fmt.Sprintf("没有这个编号。可以改的是 1 到 %d 项，回复 预览 能看到编号。", len(fields)))
		t.askShort()
		return true
	}
	if _, short := fl.Kind.(Text); e.Op == opRemove && (short || fl.Kind.Long()) {
		e.Op = opRemoveText
	}
	text := editText(e, d.value(fl.Key).Text, fl.Kind)
	if why := notThere(e, d.value(fl.Key).Text, fl.Kind); why != "" {
		t.trace("edit not there")
		t.note = append(t.note, "“"+fl.Label+"”里没有“"+Cut(why, 40)+"”，没有改。现在是："+Cut(oneLine(fl.Kind.Show(d.value(fl.Key).Text)), 120))
		t.askShort()
		return true
	}
	if fl.Required && nothing[Key(text)] {
		text = "" // "责任人：无" asks for it
	}
	if cur := t.current(d); cur != nil && cur.Key != fl.Key && d.Back == "" && !isOpen(cur, d) {
		d.Back = d.Pos
	}
	t.keepPartial(f, d)
	d.Pos, d.Partial, d.Tries = fl.Key, "", 0
	d.Confirm = false
	if text == "" {
		t.trace("edit " + f.ID + "." + fl.Key)
		t.reply(t.question(f, d, fl))
		return true
	}
	t.echo = e.Op == "remove_text" || e.Op == "replace"
	t.read(f, d, fl, text)
	return true
}

// isRow reports whether n numbers a row of a list's value.
func isRow(k Kind, value string, n int) bool {
	_, list := k.(Rows)
	return list && n <= len(SplitRows(value))
}

// notThere is what an edit wants taken out or replaced that the value does not
// hold, "" when it does; of an empty value nothing can be taken.
func notThere(e Edit, old string, k Kind) string {
	words := map[string]string{opRemoveText: e.Value, opReplace: e.From}[e.Op]
	if words == "" || old == "" || strings.Contains(k.Show(old), words) {
		return ""
	}
	return words
}

// editText turns an edit phrase into what would be typed as the answer, "" when
// only the field was named.
func editText(e Edit, old string, k Kind) string {
	switch e.Op {
	case "remove_text":
		shown := k.Show(old)
		if !strings.Contains(shown, e.Value) {
			return ""
		}
		return strings.ReplaceAll(shown, e.Value, "")
	case "replace":
		return strings.ReplaceAll(k.Show(old), e.From, e.Value)
	case "add":
		return "加 " + e.Value
	case "remove":
		return "删 " + e.Value
	default:
		return e.Value
	}
}

// keepPartial stores a long text that was being collected, before the person
// moves elsewhere: what was acknowledged is never thrown away.
func (t *turn[V, C]) keepPartial(f *Form[V, C], d *Draft) {
	fl := t.current(d)
	if d.Partial == "" || fl == nil || !fl.Kind.Long() {
		return
	}
	r := fl.Kind.Read(d.Partial, Env{Now: t.in.Now, Label: fl.Label})
	if !r.Problem.OK() || !t.check(f, d, fl, r.Value).OK() {
		t.note = append(t.note, fmt.Sprintf("“%s”收到的 %d 字超出要求，没有记下，请精简后再发。", fl.Label, Runes(d.Partial)))
	} else {
		t.trace("field " + f.ID + "." + fl.Key + " good")
		t.note = append(t.note, fmt.Sprintf("“%s”先按已收到的 %d 字记下了。", fl.Label, Runes(r.Value)))
		d.set(Value{Key: fl.Key, Text: r.Value, From: fromTyped})
	}
	d.Partial = ""
}

// done ends the collecting of a long text.
func (t *turn[V, C]) done(f *Form[V, C], d *Draft) {
	fl := t.current(d)
	if fl != nil && fl.Key == filesKey(f) {
		t.doneFiles(f, d, fl)
		return
	}
	if fl == nil || d.Partial == "" || !fl.Kind.Long() {
		t.note = append(t.note, "现在没有要收尾的内容。")
		t.ask()
		return
	}
	r := fl.Kind.Read(d.Partial, Env{Now: t.in.Now, Label: fl.Label})
	r.More = false
	if r.Problem.OK() {
		r.Problem = t.check(f, d, fl, r.Value)
	}
	if !r.Problem.OK() {
		t.failed(f, d, fl, r)
		return
	}
	t.settle(f, d, fl, r)
}

func without(list []Value, key string) []Value {
	var kept []Value
	for _, v := range list {
		if v.Key != key {
			kept = append(kept, v)
		}
	}
	return kept
}
