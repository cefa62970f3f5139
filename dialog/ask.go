package dialog

import (
	"fmt"
	"strconv"
	"strings"

	"cxbot/chat"
)

// ask ends the reply with the open question in full, or with the confirmation
// when nothing is open.
func (t *turn[V, C]) ask() {
	d := t.active()
	if d == nil {
		t.reply("")
		return
	}
	f := t.m.forms[d.Form]
	fl := t.current(d)
	if fl == nil {
		t.confirm(f, d)
		return
	}
	t.reply(t.question(f, d, fl))
}

// askShort ends the reply with the open question in short form, or with nothing.
func (t *turn[V, C]) askShort() {
	if d := t.active(); d != nil {
		t.reply(t.shortAsk(t.m.forms[d.Form], d))
		return
	}
	t.reply("")
}

// askOrNudge shows the open question, else the one line that helps most.
func (t *turn[V, C]) askOrNudge() {
	if t.active() != nil {
		t.ask()
		return
	}
	line := ""
	for i := range t.c.Drafts {
		if d := &t.c.Drafts[i]; t.usable(d) && t.m.forms[d.Form].Keep {
			line = "您有没交的“" + t.m.forms[d.Form].Title + "”，接着填回复 继续。"
		}
	}
	if t.m.cfg.Nudge != nil {
		if s := t.m.cfg.Nudge(t.in.View, t.text); s != "" {
			line = s
		}
	}
	t.reply(strings.TrimPrefix(line+"\n能办的事请回复 帮助。", "\n"))
}

// askOrHelp shows the open question, else the parked drafts and the menu.
func (t *turn[V, C]) askOrHelp() {
	if t.active() != nil {
		t.ask()
		return
	}
	t.help()
}

// shortAsk is one line that says where the person was.
func (t *turn[V, C]) shortAsk(f *Form[V, C], d *Draft) string {
	fl := t.current(d)
	if fl != nil && strings.HasPrefix(fl.Key, itemPrefix) {
		return "（接着答 " + fl.Label + "：" + Cut(oneLine(fl.Ask), 60) + "）"
	}
	if fl == nil {
		if f.Confirm == ConfirmYes {
			return "（" + f.Title + "等您确认：回复 确认 或 取消）"
		}
		return "（" + f.Title + "已填完，回复 提交 就报上去）"
	}
	return "（接着填 " + strings.TrimSpace(t.place(f, d, fl)+" "+fl.Label) + "）"
}

// place is "3/11", or just the number for fields outside the count.
func (t *turn[V, C]) place(f *Form[V, C], d *Draft, fl *Field[V]) string {
	fields := t.applying(f, d)
	_, n := byKey(fields, fl.Key)
	total := t.total(f, d)
	if !f.Keep || n == 0 {
		return ""
	}
	if n > total || !asked(fl, d) {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d/%d", n, total)
}

// question is one question (UX rules 4–11).
func (t *turn[V, C]) question(f *Form[V, C], d *Draft, fl *Field[V]) string {
	const usual = 10 // lines and words of a question, so that neither list has to grow
	lines, words := make([]string, 0, usual), make([]string, 0, usual)
	if strings.HasPrefix(fl.Key, itemPrefix) {
		return t.itemQuestion(f, d, fl)
	}
	lines = append(lines, strings.TrimSpace(t.place(f, d, fl)+" "+fl.Label))
	for _, a := range d.Asks {
		if a.Key == fl.Key {
			lines = append(lines, "要补正："+a.Text)
		}
	}
	lines = append(lines, fl.Ask)
	if c, ok := fl.Kind.(interface{ Menu() string }); ok {
		lines = append(lines, c.Menu())
	}
	lines = append(lines, "例："+fl.Example)
	old := d.value(fl.Key)
	if f.Keep && t.before(f, d, fl) != nil {
		words = append(words, "返回")
	}
	switch {
	case old.Text == "" && d.value(partPrefix+fl.Key).Text != "":
		lines = append(lines, "已记下："+Cut(oneLine(fl.Kind.Show(d.value(partPrefix+fl.Key).Text)), 120)+"，把缺的补上就行")
	case old.Text != "":
		lines = append(lines, "现在是："+Cut(oneLine(fl.Kind.Show(old.Text)), 240))
		words = append(words, "跳过")
	default:
		if v := t.proposal(f, d, fl); v != "" {
			word := "1 "
			if !takesOne(fl.Kind) {
				word = ""
			}
			lines = append(lines, "可沿用："+Cut(oneLine(fl.Kind.Show(v)), 240)+"（回复 "+word+"沿用）")
		}
	}
	if !fl.Required {
		lines = append(lines, "选填，不填回复 跳过")
	}
	if f.Keep {
		words = append(words, "预览")
	}
	words = append(words, "取消", "帮助")
	return strings.Join(append(lines, strings.Join(words, " · ")), "\n")
}

// proposal is the value a question proposes, "" for none.
func (t *turn[V, C]) proposal(f *Form[V, C], d *Draft, fl *Field[V]) string {
	if fl.Default == nil || d.value(fl.Key).Text != "" {
		return ""
	}
	if v := fl.Default(t.in.View, t.answers(f, d)); v != "" && t.check(f, d, fl, v).OK() {
		return v
	}
	return ""
}

// takesOne reports whether a bare 1 can mean the proposal, because it is no answer
// to the question itself.
func takesOne(k Kind) bool {
	_, date := k.(Date)
	return date || !k.Numeric()
}

// itemQuestion asks whether a thing that no field holds is done.
func (t *turn[V, C]) itemQuestion(f *Form[V, C], d *Draft, fl *Field[V]) string {
	head := fl.Label
	if n := len(d.items()); n > 1 {
		head += fmt.Sprintf("（还有 %d 条）", n)
	}
	words := "预览 · 取消 · 帮助"
	if t.before(f, d, fl) != nil {
		words = "返回 · " + words
	}
	return head + "\n" + fl.Ask + "\n" + fl.Help + "\n" + words
}

// confirm asks for the last word: the preview in short, what was derived, what
// is optional, and the card.
func (t *turn[V, C]) confirm(f *Form[V, C], d *Draft) {
	if problems := t.problems(f, d); len(problems) > 0 {
		t.showProblems(f, d, problems)
		return
	}
	if f.Confirm == ConfirmNone {
		t.finish(f, d)
		return
	}
	d.Confirm = true
	a := t.answers(f, d)
	card := &chat.Card{Ref: chat.Ref{Kind: "draft", ID: d.Name(), Rev: d.Rev}, Title: f.Title}
	if f.Facts != nil {
		card.Rows = f.Facts(t.in.View, a)
	}
	if f.Confirm == ConfirmYes {
		text := f.Title
		if f.Summary != nil {
			text = f.Summary(t.in.View, a)
		}
		card.Buttons = []chat.Button{{Label: "确认", Say: "确认"}, {Label: "取消", Say: "取消"}}
		t.out.Reply.Card = card
		t.reply(text + "\n\n回复 确认 就办，回复 取消 不办。")
		return
	}
	if t.brief {
		t.out.Reply.Card = t.confirmCard(card)
		t.reply("其余不变。没问题请回复 提交，看全文回复 预览。")
		return
	}
	text := ""
	for _, width := range []int{60, 45, 30} {
		// What there is to do must stand on the first page, however much was filled in.
		if text = t.readBack(f, d, a, width); len(text)+len(joinParts(t.note)) <= PageBytes-spareBytes {
			break
		}
	}
	d.Readied = true
	t.out.Reply.Card = t.confirmCard(card)
	t.reply(text)
}

// spareBytes are left for what a burst still has to say.
const spareBytes = 150

// readBack is the confirmation as text, values cut to a width in bytes.
func (t *turn[V, C]) readBack(f *Form[V, C], d *Draft, a Answers, width int) string {
	parts := []string{"都填好了，请核对：", t.overview(f, d, width)}
	if !d.Readied {
		parts = append(parts, t.derived(f, d, width))
	}
	parts = append(parts, t.optional(f, d))
	if f.Hint != nil {
		parts = append(parts, f.Hint(t.in.View, a))
	}
	return joinParts(append(parts, "没问题请回复 提交；要改回复“改 编号”（如 改 3）；看全文回复 预览；先放着回复 取消。"))
}

// confirmCard gives the card its buttons; 提交 is the only strong one (rule 35).
func (t *turn[V, C]) confirmCard(card *chat.Card) *chat.Card {
	card.Buttons = []chat.Button{{Label: "提交", Say: "提交"}, {Label: "预览", Say: "预览"}, {Label: "先存草稿", Say: "取消"}}
	return card
}

// overview lists the asked fields, one short line each, values cut to a width in bytes.
func (t *turn[V, C]) overview(f *Form[V, C], d *Draft, width int) string {
	var lines []string
	for i, fl := range t.applying(f, d) {
		if asked(fl, d) {
			lines = append(lines, fmt.Sprintf("%d %s：%s", i+1, fl.Label, Cut(oneLine(fl.Kind.Show(d.value(fl.Key).Text)), width)))
		}
	}
	return strings.Join(lines, "\n")
}

// derived reads back once what was filled in without asking, and what was given
// beyond the questions (D9).
func (t *turn[V, C]) derived(f *Form[V, C], d *Draft, width int) string {
	var derived, more []string
	for i, fl := range t.applying(f, d) {
		v := d.value(fl.Key)
		if asked(fl, d) || v.Text == "" {
			continue
		}
		line := fmt.Sprintf("%d %s：%s", i+1, fl.Label, Cut(oneLine(fl.Kind.Show(v.Text)), width))
		if fl.Note != nil {
			line += fl.Note(v.Text)
		}
		if fl.Required {
			derived = append(derived, line)
		} else {
			more = append(more, line)
		}
	}
	var parts []string
	if len(derived) > 0 {
		parts = append(parts, "自动带出的（不对请改）：\n"+strings.Join(derived, "\n"))
	}
	if len(more) > 0 {
		parts = append(parts, "另外填的：\n"+strings.Join(more, "\n"))
	}
	return joinParts(parts)
}

// optional offers the optional fields in one closing question (D9).
func (t *turn[V, C]) optional(f *Form[V, C], d *Draft) string {
	var names []string
	for i, fl := range t.applying(f, d) {
		if v := d.value(fl.Key); !fl.Required && !fl.Silent && v.Text == "" && !v.Skip {
			names = append(names, fmt.Sprintf("%d %s", i+1, fl.Label))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "选填，可不填：" + join(names) + "。要填就回复“改 编号 内容”。"
}

// preview shows every field by section with its mark (5.7); copying it and
// pasting it back changes nothing.
func (t *turn[V, C]) preview(f *Form[V, C], d *Draft) string {
	p := t.progress(f, d)
	lines := []string{fmt.Sprintf("%s预览（已填 %d/%d）", f.Title, p.Done, p.Total)}
	var wrong []string
	section := ""
	for i, fl := range t.applying(f, d) {
		if fl.Section != section && fl.Section != "" {
			section = fl.Section
			lines = append(lines, "", "【"+section+"】")
		}
		v := d.value(fl.Key)
		if fl.Silent && v.Text == "" {
			continue
		}
		mark := "✓"
		var shown string
		switch {
		case v.Text == "" && fl.Required:
			mark, shown = "○", "（未填）"
		case v.Text == "":
			mark, shown = "－", "（未填）"
		default:
			if pr := t.check(f, d, fl, v.Text); !pr.OK() {
				mark = "⚠"
				wrong = append(wrong, fmt.Sprintf("%d %s", i+1, fl.Label))
			}
			shown = fl.Kind.Show(v.Text)
			if strings.Contains(shown, "\n") {
				shown = "\n" + shown
			}
		}
		lines = append(lines, fmt.Sprintf("%s %d %s：%s", mark, i+1, fl.Label, shown))
	}
	if len(wrong) > 0 {
		lines[0] += "\n⚠ 先看这几项，要改：" + join(wrong) // rule 34: what must change comes first
	}
	return strings.Join(lines, "\n")
}

// template is the form as text to fill in elsewhere and paste back (rule 28).
func (t *turn[V, C]) template(f *Form[V, C], d *Draft) string {
	t.trace("template " + f.ID)
	lines := []string{"复制下面整段，填好后发回来就行（顺序可以乱，不填的留空）：", ""}
	for _, fl := range t.applying(f, d) {
		shown := ""
		if fl.Silent && d.value(fl.Key).Text == "" {
			continue
		}
		if v := d.value(fl.Key); v.Text != "" {
			shown = fl.Kind.Show(v.Text)
			if strings.Contains(shown, "\n") {
				shown = "\n" + shown
			}
		}
		lines = append(lines, fl.Label+"："+shown)
	}
	return strings.Join(lines, "\n")
}

// templateIdle shows the template of the first form that can be pasted.
func (t *turn[V, C]) templateIdle() {
	for _, f := range t.m.cfg.Forms {
		if f.Keep && allow(f, t.in.View) == "" {
			t.reply(t.template(f, &Draft{Form: f.ID, Version: f.Version}))
			return
		}
	}
	t.note = append(t.note, "您现在没有可填的表。")
	t.askOrHelp()
}

// recap says in three lines where a person was, after two hours or more.
func (t *turn[V, C]) recap() {
	d := t.active()
	f := t.m.forms[d.Form]
	p := t.progress(f, d)
	line := "您有一份“" + f.Title + "”" + t.nameOf(f, d) + "没填完。"
	second := fmt.Sprintf("\n已填 %d/%d，都存着；还差：%s。", p.Done, p.Total, someOf(p.Missing))
	if p.Done == p.Total {
		line, second = "您有一份“"+f.Title+"”"+t.nameOf(f, d)+"填好了，还没有提交。", "\n填的都存着。"
	}
	line += second
	if n := len(d.Undo); n > 0 && p.Done < p.Total && len(d.Undo[n-1].Before) > 0 {
		last := d.value(d.Undo[n-1].Before[0].Key)
		if fl, _ := byKey(t.applying(f, d), last.Key); fl != nil && last.Text != "" {
			line += "\n上次填到：" + fl.Label + " " + Cut(oneLine(fl.Kind.Show(last.Text)), 60)
		}
	}
	t.note = append(t.note, line)
}

// nameOf is what a draft is called, by its first field: "《村级…》".
func (t *turn[V, C]) nameOf(f *Form[V, C], d *Draft) string {
	if len(f.Fields) == 0 {
		return ""
	}
	v := d.value(f.Fields[0].Key).Text
	if v == "" {
		return ""
	}
	return "《" + Cut(oneLine(f.Fields[0].Kind.Show(v)), 60) + "》"
}

// someOf names the first few of a list.
func someOf(names []string) string {
	const most = 4
	if len(names) <= most {
		return join(names)
	}
	return join(names[:most]) + fmt.Sprintf("等 %d 项", len(names))
}

// help is the menu, or the help of the open question.
func (t *turn[V, C]) help() {
	if d := t.active(); d != nil {
		f := t.m.forms[d.Form]
		t.reply(t.fieldHelp(f, d))
		return
	}
	var lines []string
	for i := range t.c.Drafts {
		if d := &t.c.Drafts[i]; t.usable(d) {
			lines = append(lines, t.draftLine(i, d))
		}
	}
	if len(lines) > 0 {
		t.note = append(t.note, "没填完的：\n"+strings.Join(lines, "\n")+"\n接着填请回复 继续。")
	}
	menu := t.menu(false)
	if t.menu(true) != "" {
		menu += "\n· 更多（其他能办的事）"
	}
	if t.m.cfg.Help != nil {
		t.reply(t.m.cfg.Help(t.in.View, menu))
		return
	}
	t.reply(menu)
}

// more lists what the first screen of the menu leaves out.
func (t *turn[V, C]) more() {
	rest := t.menu(true)
	if rest == "" {
		t.note = append(t.note, "没有别的了，能办的都在 帮助 里。")
		t.askShort()
		return
	}
	t.note = append(t.note, "还可以说：\n"+rest)
	t.askShort()
}

// menu lists what this person may say, computed from the declarations: what is
// needed often, or the rest.
func (t *turn[V, C]) menu(rare bool) string {
	var lines []string
	for _, f := range t.m.cfg.Forms {
		if f.Rare == rare && f.Menu != "" && allow(f, t.in.View) == "" {
			lines = append(lines, "· "+f.Menu)
		}
	}
	for _, q := range t.m.cfg.Queries {
		if q.Rare == rare && q.Menu != "" && (q.Allow == nil || q.Allow(t.in.View) == "") {
			lines = append(lines, "· "+q.Menu)
		}
	}
	return strings.Join(lines, "\n")
}

// fieldHelp explains the open question in full.
func (t *turn[V, C]) fieldHelp(f *Form[V, C], d *Draft) string {
	fl := t.current(d)
	words := "可以说：返回（上一项）、跳过、预览、改 编号、撤销、重做、草稿、填报模板（整表粘贴）、提交、取消（退出，草稿留着）。每答一项都会自动保存。"
	if fl == nil {
		return t.shortAsk(f, d) + "\n" + words
	}
	text := fl.Help
	if text == "" {
		text = fl.Ask + "\n要求：" + fl.Kind.Form()
	}
	parts := []string{t.place(f, d, fl) + " " + fl.Label + "\n" + text + "\n例：" + fl.Example, words}
	if t.m.cfg.Human != nil {
		if who := t.m.cfg.Human(t.in.View); who != "" {
			parts = append(parts, "拿不准可以问"+who+"。")
		}
	}
	return joinParts(parts)
}
