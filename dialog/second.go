package dialog

import (
	"regexp"
	"slices"
	"strings"
)

// What people say in the middle of a form besides answers. None of it is looked
// for in what can stand as an answer; in what cannot, it need not fit exactly.
var (
	// pausing: somebody stops for now.
	pausing = regexp.MustCompile(`^.{0,4}(?:先?到这|先这样|先(?:放|停|存)|(?:算了|那就)?不[报填写弄]了?|先不[报填写弄]|(?:明天|后天|回头|改天|过几?[天些日]|晚点|下次|以后|下周|回来).{0,3}(?:再|接着|继续)).{0,8}$`)
	// whereAmI: somebody wants to know how far the form is.
	whereAmI = regexp.MustCompile(`^.{0,4}(?:填|写|报|弄|做)到(?:哪|第几|几)|第几[项步]了?$|还[有差剩]几项`)
	// wondering: somebody asks how to answer.
	wondering = regexp.MustCompile(`^(?:能不能|可不可以|能否|可否|要不要|是不是|有没有|什么叫|什么是|啥是|啥叫)|(?:区别|例子|样例|范文|参考)$|(?:要求|区别|例子|样例|范文).{0,4}[吗么？?]|(?:写|填|多少|几)(?:多长|多少字?|几个?字|什么|啥|啥样)$|^.{2,14}还是.{2,14}[？?]?$`)
	// acknowledged answers nothing.
	acknowledged = map[string]bool{"收到": true, "好的": true, "知道": true, "明白": true, "谢谢": true, "多谢": true, "辛苦": true}
	// swapped: "不要A了，换成B".
	swapped = regexp.MustCompile(`^(?:不要|去掉|把)(.{2,30}?)了?[，,]?(?:换成|改成|改为|换为)(.{2,40})$`)
)

// maxAside is the longest message that is taken for something said aside.
const maxAside = 40

// aside looks a second time at a message that cannot stand as the answer: it may
// be a question, a pause, a change of a list answered before, or politeness.
// False leaves the answer's own problem to be told.
func (t *turn[V, C]) aside(f *Form[V, C], d *Draft, fl *Field[V], text string) bool {
	if t.asided || text != t.text || Runes(text) > maxAside || strings.Contains(text, "\n") {
		return false
	}
	t.asided = true
	key := Key(text)
	switch {
	case acknowledged[key] && d.Tries == 0:
		t.trace("acknowledged")
		t.note = append(t.note, "好的，请接着填。")
		t.askShort()
		return true
	case whereAmI.MatchString(key):
		t.reserved(wordPreview, 0)
		return true
	case pausing.MatchString(key):
		t.trace("word " + string(wordCancel))
		t.cancel(f, d)
		return true
	}
	if hits := t.match(text); len(hits) == 1 && !hits[0].form {
		t.act(hits[0])
		return true
	}
	if t.changesList(f, d, fl, text) {
		return true
	}
	if wondering.MatchString(key) || asking.MatchString(text) && !onlyMarks(text) {
		t.helped(d)
		return true
	}
	return false
}

// helped answers a question about the open field with how it is filled in.
func (t *turn[V, C]) helped(d *Draft) {
	t.trace("helped")
	fl := t.current(d)
	text := fl.Ask + "\n写法：" + fl.Kind.Form()
	if fl.Help != "" {
		text += "\n" + fl.Help
	}
	last := "这一项可以先回复 跳过。"
	if t.m.cfg.Human != nil {
		if who := t.m.cfg.Human(t.in.View); who != "" {
			last = "别的拿不准可以问" + who + "；这一项可以先回复 跳过。"
		}
	}
	t.note = append(t.note, text+"\n例："+fl.Example+"\n"+last)
	t.askShort()
}

// changesList carries out "再加一个…", "把…去掉" and "不要…，换成…" on the nearest
// list answered before the open question; what is taken out must be in it.
func (t *turn[V, C]) changesList(f *Form[V, C], d *Draft, fl *Field[V], text string) bool {
	fields := t.applying(f, d)
	for _, list := range slices.Backward(fields) {
		value := d.value(list.Key).Text
		if _, rows := list.Kind.(Rows); !rows || value == "" || list.Key == fl.Key {
			continue
		}
		phrase := list.Label + text
		if m := swapped.FindStringSubmatch(text); m != nil {
			phrase = list.Label + "里的" + m[1] + "改成" + m[2]
		}
		e, ok := t.labels(f).edit(phrase, 1)
		if !ok || e.Key != list.Key {
			continue
		}
		shown := list.Kind.Show(value)
		switch e.Op {
		case opAdd:
		case opRemove, opRemoveText:
			if !strings.Contains(shown, strings.Trim(e.Value, "“”")) {
				continue
			}
		case opReplace:
			if !strings.Contains(shown, e.From) {
				continue
			}
		default:
			continue
		}
		t.text = phrase
		return t.edited(f, d, 1)
	}
	return false
}
