package dialog

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// word is a reserved word: what it does everywhere (dialog.md 5.5, rule 4).
type word string

// The reserved words.
const (
	wordHelp     word = "帮助"
	wordCancel   word = "取消"
	wordBack     word = "返回"
	wordSkip     word = "跳过"
	wordPreview  word = "预览"
	wordDrafts   word = "草稿"
	wordUndo     word = "撤销"
	wordRedo     word = "重做"
	wordSubmit   word = "提交"
	wordContinue word = "继续"
	wordRestart  word = "重新开始"
	wordRestartY word = "确定重来"
	wordDone     word = "完成"
	wordNext     word = "下一页"
	wordDelete   word = "删除草稿"
	wordTemplate word = "填报模板"
	wordReuse    word = "沿用"
	wordLast     word = "沿用上次"
	wordRecover  word = "找回草稿"
	wordMore     word = "更多"
	wordTray     word = "放进附件"
	wordNoWait   word = "不等图片"
)

// reserved maps what people type for a word, as Key spells it.
var reserved = map[string]word{
	"帮助": wordHelp, "help": wordHelp, "你好": wordHelp, "您好": wordHelp, "在吗": wordHelp, "怎么用": wordHelp, "功能": wordHelp, "菜单": wordHelp, "帮忙": wordHelp, "?": wordHelp, "bangzhu": wordHelp,
	"不知道": wordHelp, "不清楚": wordHelp, "不会填": wordHelp, "不懂": wordHelp, "拿不准": wordHelp, "不晓得": wordHelp, "没想好": wordHelp,
	"取消": wordCancel, "退出": wordCancel, "cancel": wordCancel, "算了": wordCancel, "0": wordCancel, "存草稿": wordCancel, "先不填": wordCancel, "quxiao": wordCancel,
	"返回": wordBack, "上一步": wordBack, "上一题": wordBack, "back": wordBack, "fanhui": wordBack,
	"跳过": wordSkip, "skip": wordSkip, "先跳过": wordSkip, "稍后补": wordSkip, "后补": wordSkip, "以后补": wordSkip, "tiaoguo": wordSkip,
	"预览": wordPreview, "preview": wordPreview, "看看填的": wordPreview, "yulan": wordPreview,
	"草稿": wordDrafts, "我的草稿": wordDrafts, "草稿箱": wordDrafts, "drafts": wordDrafts, "caogao": wordDrafts,
	"撤销": wordUndo, "undo": wordUndo, "恢复": wordUndo, "chexiao": wordUndo,
	"重做": wordRedo, "redo": wordRedo,
	"提交": wordSubmit, "报送": wordSubmit, "submit": wordSubmit, "确认提交": wordSubmit, "提交报送": wordSubmit, "没问题,提交": wordSubmit, "没问题,报送": wordSubmit, "tijiao": wordSubmit,
	"继续": wordContinue, "接着填": wordContinue, "继续填": wordContinue, "continue": wordContinue, "jixu": wordContinue,
	"开始": wordContinue, "开始吧": wordContinue, "好的,开始吧": wordContinue, "好,开始吧": wordContinue, "好开始吧": wordContinue, "好的开始吧": wordContinue, "好的,开始": wordContinue, "好,开始": wordContinue, "好开始": wordContinue, "好的开始": wordContinue, "行,开始": wordContinue, "那开始": wordContinue, "那就开始吧": wordContinue, "开始填吧": wordContinue,
	"重新开始": wordRestart, "重填": wordRestart, "重来": wordRestart, "restart": wordRestart,
	"确定重来": wordRestartY,
	"完成":   wordDone, "done": wordDone, "发完": wordDone, "wancheng": wordDone,
	"下一页": wordNext, "下页": wordNext, "翻页": wordNext, "next": wordNext, "还有": wordNext,
	"删除草稿": wordDelete, "删草稿": wordDelete,
	"填报模板": wordTemplate, "模板": wordTemplate, "template": wordTemplate,
	"找回草稿": wordRecover, "恢复草稿": wordRecover,
	"模版": wordTemplate, "先存草稿": wordCancel, "先放着": wordCancel,
	"更多": wordMore, "更多功能": wordMore, "其他功能": wordMore, "还有什么功能": wordMore, "还能干啥": wordMore, "还能办什么": wordMore,
	"沿用": wordReuse, "同上": wordReuse, "沿用上次": wordLast, "沿用上次的": wordLast, "沿用上次内容": wordLast, "用上次的": wordLast, "带出上次": wordLast, "带出上次的": wordLast,
	"查看":   wordPreview,
	"放进附件": wordTray, "放入附件": wordTray, "放附件": wordTray, "放到附件": wordTray, "放到附件里": wordTray, "放进附件里": wordTray, "加进附件": wordTray,
	"不等图片": wordNoWait, "不等了": wordNoWait,
}

var submitLoose = regexp.MustCompile(`^(?:没(?:有)?问题|好|可以|行|填好|填完|都填好)了?[,，。 、]*(?:现在|就|请)?(?:提交|报送)$`)

// helpLoose reads "你都能干啥", "你会做什么".
var helpLoose = regexp.MustCompile(`^(?:你|您)?(?:都|还)?(?:能|会|可以)(?:干|做|办|帮我(?:干|做|办))(?:啥|什么|些什么|些啥|哪些事?)$`)

// numbered reads "继续 2", "草稿 1", "删除草稿 2".
var numbered = regexp.MustCompile(`^(继续|接着填|草稿|删除草稿|删草稿)\s*第?\s*(\d{1,2})\s*(?:份|个)?$`)

// numberedHeads are the characters numbered begins with.
const numberedHeads = "继接草删"

// pauseLoose reads ways to say that somebody will go on later.
var pauseLoose = regexp.MustCompile(`^我?(?:(?:先)?(?:存着|放着|存草稿|存一下|填到这(?:里|儿)?|不填|放一放|这样)[,，]?)?(?:(?:明天|过两天|过几天|回头|改天|晚点|有空|下次|等会儿?)再?(?:填|弄|说|报|来|搞))?$`)

// goingOn reads "还是继续报吧", "接着填".
var goingOn = regexp.MustCompile(`^(?:那|我|我们|还是|再|要)*(?:继续|接着)(?:[报填写弄搞])(?:下去)?$`)

// templateLoose reads "备案模板发一个", "发个模版".
var templateLoose = regexp.MustCompile(`^.{0,8}(?:模板|模版)(?:发|给|来|要)?.{0,6}$`)

// howLoose asks, while a question is open, how to answer it.
var howLoose = regexp.MustCompile(`^(?:这|该|本)?(?:一)?(?:个|项|里|栏|题)?(?:应该|该|要)?(?:怎么|咋|如何|怎样)(?:填|写|答)(?:啊|呀|呢)?$`)

// endsAsking reports the endings helpLoose can have.
func endsAsking(key string) bool {
	return strings.HasSuffix(key, "啥") || strings.HasSuffix(key, "什么") || strings.HasSuffix(key, "事")
}

// readWord reads a reserved word and its number, if the whole message is one.
func readWord(text string) (w word, n int, ok bool) {
	key := Key(strings.TrimLeft(text, "/#"))
	if w, ok := reserved[key]; ok {
		return w, 0, true
	}
	if (strings.HasSuffix(key, "提交") || strings.HasSuffix(key, "报送")) && submitLoose.MatchString(key) {
		return wordSubmit, 0, true
	}
	if goingOn.MatchString(key) {
		return wordContinue, 0, true
	}
	if pauseLoose.MatchString(key) {
		return wordCancel, 0, true
	}
	if strings.Contains(key, "模") && templateLoose.MatchString(key) {
		return wordTemplate, 0, true
	}
	if endsAsking(key) && helpLoose.MatchString(key) {
		return wordHelp, 0, true
	}
	if beginsWith(key, numberedHeads) {
		if found := numbered.FindStringSubmatch(key); found != nil {
			n, _ = strconv.Atoi(found[2])
			return reserved[found[1]], n, true
		}
	}
	return "", 0, false
}

// route sends a text message its way; the first match wins (dialog.md 5.5).
func (t *turn[V, C]) route() {
	if t.choose() {
		return
	}
	if w, n, ok := readWord(t.text); ok && !t.answersOpen(w) {
		t.trace("word " + string(w))
		t.reserved(w, n)
		return
	}
	d := t.active()
	if d == nil {
		t.idle()
		return
	}
	f := t.m.forms[d.Form]
	if why := allow(f, t.in.View); why != "" {
		t.trace("refused " + f.ID)
		t.park()
		t.reply(why)
		return
	}
	if t.current(d) != nil && howLoose.MatchString(Key(t.text)) {
		t.trace("word how")
		t.help()
		return
	}
	if t.loneLink(f, d) {
		return
	}
	t.text = t.labels(f).spoken(t.text)
	if p := t.labels(f).paste(t.text); t.pasted(f, d, p) || t.edited(f, d, p.Labels) || t.heard(f, d) || t.digress(d) || t.wondered(d) {
		return
	}
	t.answer()
}

// wondered answers what is plainly a question, or a change of a list that is
// not open, instead of storing it as a short answer.
func (t *turn[V, C]) wondered(d *Draft) bool {
	fl := t.current(d)
	if fl == nil || d.Confirm {
		return false
	}
	if _, short := fl.Kind.(Text); !short {
		return false
	}
	switch {
	case rowWish.MatchString(t.text):
		t.note = append(t.note, "要改哪一项里的？请先说项目，比如“改 6 "+Cut(oneLine(t.text), 60)+"”。")
	case (asking.MatchString(t.text) || wondering.MatchString(Key(t.text))) && !onlyMarks(t.text):
		t.note = append(t.note, "“"+Cut(oneLine(t.text), 60)+"”像是在问，没有填进去；真要填，请回复：内容："+Cut(oneLine(t.text), 60))
		t.helped(d)
		return true
	default:
		return false
	}
	t.trace("wondered")
	t.askShort()
	return true
}

func allow[V, C any](f *Form[V, C], v V) string {
	if f.Allow == nil {
		return ""
	}
	return f.Allow(v)
}

// answersOpen reports whether the word is an answer to the open question rather
// than a command: "0" where a number is asked, "完成" where nothing is collected.
func (t *turn[V, C]) answersOpen(w word) bool {
	d := t.active()
	if d == nil {
		return false
	}
	fl := t.current(d)
	if fl == nil {
		return false
	}
	return Key(t.text) == "0" && w == wordCancel && fl.Kind.Numeric()
}

// reserved carries out a reserved word.
func (t *turn[V, C]) reserved(w word, n int) {
	switch w {
	case wordHelp:
		t.help()
	case wordMore:
		t.more()
	case wordNext:
		t.next()
	case wordDrafts:
		if n > 0 {
			t.resumeNumber(n)
			return
		}
		t.drafts()
	case wordContinue:
		t.resumeNumber(n)
	case wordDelete:
		t.deleteDraft(n)
	case wordTray:
		t.fromTray()
	case wordNoWait:
		t.dontWait()
	case wordRecover:
		if !t.restore() {
			t.note = append(t.note, "没有可以找回的草稿（删除后保留 24 小时）。")
			t.askShort()
		}
	default:
		d := t.active()
		if d == nil {
			t.reservedIdle(w)
			return
		}
		t.reservedActive(w, d)
	}
}

// reservedIdle handles words that need a draft when none is open.
func (t *turn[V, C]) reservedIdle(w word) {
	if w == wordUndo && t.restore() {
		return
	}
	if w == wordSubmit && len(t.c.Drafts) == 0 && t.again() {
		return
	}
	if w == wordTemplate {
		t.templateIdle()
		return
	}
	if w == wordLast && t.startFromLast() {
		return
	}
	if len(t.c.Drafts) == 1 && (w == wordSubmit || w == wordPreview || w == wordSkip) {
		t.front(0)
		t.reservedActive(w, t.active())
		return
	}
	t.note = append(t.note, "现在没有打开的表，“"+string(w)+"”用不上。")
	t.askOrNudge()
}

func (t *turn[V, C]) reservedActive(w word, d *Draft) {
	f := t.m.forms[d.Form]
	switch w {
	case wordCancel:
		t.cancel(f, d)
	case wordBack:
		t.back(f, d)
	case wordSkip:
		t.skip(f, d)
	case wordPreview:
		t.reply(t.preview(f, d) + "\n\n" + t.shortAsk(f, d))
	case wordUndo:
		t.undo(f, d)
	case wordRedo:
		t.redo(f, d)
	case wordSubmit:
		t.submit(f, d)
	case wordRestart:
		t.reply("重新开始会清空这份" + f.Title + "已填的 " + strconv.Itoa(t.progress(f, d).Done) + " 项（24 小时内回复 找回草稿 可以找回）。确定的话请回复 确定重来；不清空请接着填。")
	case wordRestartY:
		t.restart(f, d)
	case wordDone:
		t.done(f, d)
	case wordTemplate:
		t.reply(t.template(f, d))
	case wordReuse:
		t.reuse(f, d)
	case wordLast:
		t.reuseLast(f, d)
	default:
		t.ask()
	}
}

// choose answers an open 1/2/3 question when the message is one of its numbers.
func (t *turn[V, C]) choose() bool {
	c := t.c.Choice
	if len(c.Options) == 0 {
		return false
	}
	t.c.Choice = OpenChoice{}
	if t.in.Now.Sub(c.At) > choiceLife {
		return false
	}
	n, err := strconv.Atoi(Key(t.text))
	if err != nil || n < 1 || n > len(c.Options) {
		return false
	}
	t.trace("choice")
	t.text = c.Text
	option := c.Options[n-1]
	if option == optionAnswer {
		t.asided = true // said to be the answer
		t.answer()
		return true
	}
	if w, ok := strings.CutPrefix(option, optionWord); ok {
		t.reserved(word(w), 0)
		return true
	}
	for _, in := range t.m.intents {
		if in.id != option {
			continue
		}
		h, ok := in.read(t.text, Key(t.text))
		if !ok {
			h = hit{id: in.id, form: in.form, slots: t.sensedSlots(in.id, t.text)}
		}
		t.act(h)
		return true
	}
	return false
}

// Options of a Choice besides ids of forms and queries.
const (
	optionAnswer = "="
	optionWord   = "!"
)

// loneNumber is the number of a row and nothing else.
var loneNumber = regexp.MustCompile(`^\d{1,2}$`)

// idle judges a message when no draft is open.
func (t *turn[V, C]) idle() {
	if t.pastedIdle() {
		return
	}
	if loneNumber.MatchString(t.text) && len(t.c.List.IDs) > 0 && t.in.Now.Sub(t.c.List.At) < listLife {
		t.text = "看 " + t.text // a number alone points at the list just shown
	}
	hits := t.match(t.text)
	switch {
	case len(hits) == 1:
		t.act(hits[0])
	case len(hits) > 1:
		t.askWhich(hits)
	default:
		t.trace("not understood")
		t.note = append(t.note, "没听懂“"+Cut(oneLine(t.text), 90)+"”。")
		t.askOrNudge()
	}
}

// askWhich asks which of several readings is meant.
func (t *turn[V, C]) askWhich(hits []hit) {
	t.trace("ambiguous")
	t.c.Choice = OpenChoice{Text: t.text, At: t.in.Now}
	lines := []string{"您是想："}
	for i, h := range hits {
		if i == 3 {
			break
		}
		t.c.Choice.Options = append(t.c.Choice.Options, h.id)
		lines = append(lines, fmt.Sprintf("%d %s", i+1, t.m.title(h.id)))
	}
	lines = append(lines, "请回复数字。")
	t.reply(strings.Join(lines, "\n"))
}

// digress answers a side question and comes back to the open one (UX rule 23).
// In a long-text field a short message that looks like one is asked about (D25).
func (t *turn[V, C]) digress(d *Draft) bool {
	hits := t.match(t.text)
	if len(hits) == 0 {
		return false
	}
	fl := t.current(d)
	if hits[0].score == scoreKeywords && fl != nil && !d.Confirm {
		// A vague likeness never takes an answer away.
		return false
	}
	if fl != nil && fl.Kind.Long() && !d.Confirm && hits[0].score < scoreExact {
		if Runes(t.text) > 15 {
			return false
		}
		t.trace("ask answer or intent")
		t.c.Choice = OpenChoice{Text: t.text, Options: []string{hits[0].id, optionAnswer}, At: t.in.Now}
		t.reply("“" + oneLine(t.text) + "”是想：\n1 " + t.m.title(hits[0].id) + "\n2 填进“" + fl.Label + "”\n请回复 1 或 2。")
		return true
	}
	if len(hits) > 1 {
		t.askWhich(hits)
		return true
	}
	t.act(hits[0])
	return true
}

// act starts a form or answers a query.
func (t *turn[V, C]) act(h hit) {
	if why := t.refused(h); why != "" {
		t.trace("refused " + h.id)
		t.note = append(t.note, why)
		t.askShort()
		return
	}
	if w, ok := strings.CutPrefix(h.id, optionWord); ok {
		t.trace("word " + w)
		t.reserved(word(w), 0)
		return
	}
	if h.form {
		t.start(t.m.forms[h.id], h.slots)
		return
	}
	q := t.m.query(h.id)
	t.trace("query " + q.ID)
	a := q.Answer(t.in.View, h.slots)
	if a.List != nil {
		t.c.List = *a.List
		t.c.List.At = t.in.Now
	}
	t.note = append(t.note, a.Text)
	t.out.Reply.Card = a.Card
	t.out.Files, t.out.About = a.Files, a.About
	t.askShort()
}

// oneLine shows text on one line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
