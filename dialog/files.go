package dialog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cxbot/chat"
)

// Pictures come when they come: in the middle of another question, ten at once,
// or before there is a draft. A message with pictures says which downloads to
// begin; each download ends as an event of its own, and its file goes into the
// draft it was sent for, or onto the tray. What is said about them is said once a
// burst, because of a message that replaces itself until it is quiet.

// Coming is a picture somebody sent that is not kept yet.
type Coming struct {
	ID    string // of the download
	Draft string // it is for, "" for the tray
	N     int    // its place in the burst
	At    time.Time
}

// Kept is a picture on the tray: kept for a day, in no draft.
type Kept struct {
	File File
	At   time.Time
}

// Burst is what has not been said about pictures yet: it is, at Due.
type Burst struct {
	ID    string
	Draft string // they are for, "" for the tray
	// Since is when it began, Last when the last picture was sent.
	Since, Last, Due time.Time
	Sent, Got        int
	Same, Full       int // kept already; more than there is room for
	Bad              []string
}

const (
	trayLife   = 24 * time.Hour
	comingLife = time.Hour // longer than any download is tried
	burstQuiet = 2500 * time.Millisecond
	burstLong  = 10 * time.Second // it is said at last, though more may come
	burstFull  = 10
	maxBad     = 3
	maxTray    = 9
)

// filesField is the form's field for pictures, nil when it has none.
func filesField[V, C any](f *Form[V, C]) *Field[V] {
	if f == nil {
		return nil
	}
	for i := range f.Fields {
		if _, ok := f.Fields[i].Kind.(Files); ok {
			return &f.Fields[i]
		}
	}
	return nil
}

// filesKey is that field's key, "" when there is none.
func filesKey[V, C any](f *Form[V, C]) string {
	if fl := filesField(f); fl != nil {
		return fl.Key
	}
	return ""
}

// holder is the draft of a name that takes pictures.
func (t *turn[V, C]) holder(name string) (*Draft, *Field[V]) {
	i := t.find(name)
	if i < 0 || !t.usable(&t.c.Drafts[i]) {
		return nil, nil
	}
	fl := filesField(t.m.forms[t.c.Drafts[i].Form])
	if fl == nil {
		return nil, nil
	}
	return &t.c.Drafts[i], fl
}

// collects reports whether this person could fill in a form that takes pictures.
func (t *turn[V, C]) collects() bool {
	return slices.ContainsFunc(t.m.cfg.Forms, func(f *Form[V, C]) bool {
		return filesField(f) != nil && allow(f, t.in.View) == ""
	})
}

// tidy forgets what is long past.
func (t *turn[V, C]) tidy() {
	old := func(k Kept) bool { return t.in.Now.Sub(k.At) > trayLife }
	if slices.ContainsFunc(t.c.Tray, old) {
		had := len(t.c.Tray)
		t.c.Tray = slices.DeleteFunc(slices.Clone(t.c.Tray), old)
		t.expired = had - len(t.c.Tray)
	}
	lost := func(c Coming) bool { return t.in.Now.Sub(c.At) > comingLife }
	if slices.ContainsFunc(t.c.Coming, lost) {
		t.c.Coming = slices.DeleteFunc(slices.Clone(t.c.Coming), lost)
	}
}

// comingTo counts the pictures on their way to a draft, "" for the tray.
func (t *turn[V, C]) comingTo(draft string) int {
	n := 0
	for _, c := range t.c.Coming {
		if c.Draft == draft {
			n++
		}
	}
	return n
}

// image judges a picture sent by itself. Nothing is said to it at once where the
// receipt follows in a moment; the robot's chat shows that it waits, so it is told.
func (t *turn[V, C]) image(ev chat.Event) {
	if !t.collects() {
		t.media(ev)
		return
	}
	t.pictures(ev.Pictures())
	if ev.Channel == chat.Robot {
		t.note = append(t.note, "图片收到，正在保存，结果在“工作台”的应用里告诉您。")
	}
	if len(t.note) > 0 || len(t.c.Unsaid) > 0 {
		t.askShort()
	}
}

// beside takes the pictures among a message's text, unless the text was held back.
func (t *turn[V, C]) beside(ev chat.Event) {
	held := slices.ContainsFunc(t.out.Trace, func(mark string) bool { return strings.HasPrefix(mark, "secrecy ") })
	if len(ev.Images) > 0 && !held && t.collects() {
		t.pictures(ev.Images)
	}
}

// pictures takes the pictures of a message: to the open draft, else to the tray.
func (t *turn[V, C]) pictures(list []chat.Media) {
	target, room := "", maxTray-len(t.c.Tray)
	if d := t.active(); d != nil {
		if _, fl := t.holder(d.Name()); fl != nil {
			target, room = d.Name(), maxFiles(fl)-len(SplitFiles(d.value(fl.Key).Text))
		}
	}
	t.trace("pictures " + strconv.Itoa(len(list)))
	b := t.burst(target)
	room -= t.comingTo(target)
	for i, media := range list {
		b.Sent++
		if room--; room < 0 {
			b.Full++
			continue
		}
		at := t.in.Event.At
		if at.IsZero() {
			at = t.in.Now
		}
		id := t.in.Event.ID + "|" + strconv.Itoa(i+1)
		t.c.Coming = append(slices.Clip(t.c.Coming), Coming{ID: id, Draft: target, N: b.Sent, At: t.in.Now})
		t.out.Fetches = append(t.out.Fetches, chat.Fetch{
			ID: id, Person: t.in.Event.From, Channel: t.in.Event.Channel, Media: media, At: at,
		})
	}
	b.Last = t.in.Now
	t.announce()
}

func maxFiles[V any](fl *Field[V]) int {
	k, _ := fl.Kind.(Files)
	return k.Max
}

// burst is the present burst, or a new one when the last one has been said or was
// about something else.
func (t *turn[V, C]) burst(target string) *Burst {
	b := &t.c.Burst
	if b.ID == "" || b.Draft != target || t.in.Now.After(b.Due) {
		*b = Burst{ID: t.in.Event.ID, Draft: target, Since: t.in.Now}
	}
	return b
}

// fetched ends a download: the file goes where it was sent for.
func (t *turn[V, C]) fetched(r chat.FetchResult) {
	var c Coming
	if i := slices.IndexFunc(t.c.Coming, func(c Coming) bool { return c.ID == r.ID }); i >= 0 {
		c = t.c.Coming[i]
		t.c.Coming = slices.Delete(slices.Clone(t.c.Coming), i, i+1)
	}
	d, fl := t.holder(c.Draft)
	target := ""
	if d != nil {
		target = d.Name()
	}
	b := t.burst(target)
	switch {
	case r.Why != "":
		t.trace("picture refused " + string(r.Why))
		b.Bad = append(slices.Clip(b.Bad), t.which(c)+"没收下："+whyWords(r.Why))
	case d == nil:
		t.shelve(File{Hash: r.File.Hash, Name: r.File.Name, Kind: r.File.Kind, Size: r.File.Size})
	default:
		t.attach(d, fl, File{Hash: r.File.Hash, Name: r.File.Name, Kind: r.File.Kind, Size: r.File.Size})
	}
	t.announce()
}

// attach puts a file into a draft's field; a burst is one undoable step. A draft that is
// about to be submitted stays so: what has changed is read back with the receipt.
func (t *turn[V, C]) attach(d *Draft, fl *Field[V], f File) bool {
	have := SplitFiles(d.value(fl.Key).Text)
	b := &t.c.Burst
	switch {
	case slices.ContainsFunc(have, func(o File) bool { return o.Hash == f.Hash && f.Hash != "" }):
		t.trace("picture kept before")
		b.Same++
		return true
	case len(have) >= maxFiles(fl):
		b.Full++
		return false
	}
	mark := "good"
	if len(have) > 0 {
		mark = "edited"
	}
	t.trace("field " + d.Form + "." + fl.Key + " " + mark)
	v := Value{Key: fl.Key, Text: JoinFiles(append(have, f)), From: fromEdited}
	if n := len(d.Undo); b.Got > 0 && n > 0 && len(d.Undo[n-1].Before) == 1 && d.Undo[n-1].Before[0].Key == fl.Key {
		d.put(v) // 撤销 takes back what one receipt has named
		d.Rev++
	} else {
		confirm := d.Confirm
		d.set(v)
		d.Confirm = confirm
	}
	b.Got++
	return true
}

// shelve puts a file onto the tray.
func (t *turn[V, C]) shelve(f File) {
	b := &t.c.Burst
	switch {
	case slices.ContainsFunc(t.c.Tray, func(k Kept) bool { return k.File.Hash == f.Hash }):
		t.trace("picture kept before")
		b.Same++
	case len(t.c.Tray) >= maxTray:
		b.Full++
	default:
		t.trace("picture on the tray")
		t.c.Tray = append(slices.Clip(t.c.Tray), Kept{File: f, At: t.in.Now})
		b.Got++
	}
}

// which names a picture as the sender knows it.
func (t *turn[V, C]) which(c Coming) string {
	if c.N == 0 {
		return "刚才的图片"
	}
	return fmt.Sprintf("%s 发的第 %d 张", c.At.In(t.in.Now.Location()).Format("15:04"), c.N)
}

// whyWords says why a picture was not taken and how to send it.
func whyWords(why chat.Why) string {
	words := map[chat.Why]string{
		chat.WhyGone:        "在企业微信里已经过期了，请重新发一次。",
		chat.WhyLarge:       "超过 10 MB。请在手机上截图，把截图发来。",
		chat.WhyEmpty:       "是空的，请重新发一次。",
		chat.WhyPixels:      "尺寸太大。请在手机上截图，把截图发来。",
		chat.WhyGIF:         "是动图（GIF），这里收不了。请截一张图发来。",
		chat.WhyWebP:        "是 WebP 格式，这里收不了。请打开它截一张图发来。",
		chat.WhyHEIC:        "是苹果手机的 HEIC 格式，这里收不了。请截图发来；以后拍照前可在手机“设置—相机—格式”里选“兼容性最佳”。",
		chat.WhyOther:       "不是照片，这里只收 jpg 和 png 图片。文档请发在线文档的链接，或拍照发来。",
		chat.WhyBroken:      "没有传完整，请重新发一次。",
		chat.WhySecret:      "文件名里有涉密字样，没有保存。涉密材料请走机要渠道，不要在这里发。",
		chat.WhyUnreachable: "一直没能从企业微信取到，请重新发一次。",
	}
	if text := words[why]; text != "" {
		return text
	}
	return "没能保存，请重新发一次。"
}

// announce makes the one message of the burst anew, due when it is quiet.
func (t *turn[V, C]) announce() {
	b := &t.c.Burst
	pending := t.comingTo(b.Draft)
	due := b.Last.Add(burstQuiet)
	if quiet := t.in.Now.Add(burstQuiet); pending > 0 && quiet.After(due) {
		due = quiet
	}
	if end := b.Since.Add(burstLong); due.After(end) {
		due = end
	}
	if due.Before(t.in.Now) || b.Sent >= burstFull {
		due = t.in.Now
	}
	b.Due = due
	t.out.Messages = append(t.out.Messages, chat.Message{
		Key: "files|" + t.in.Event.ID, To: t.in.Event.From, Text: t.burstText(pending), NotBefore: due,
		Replaces: "files|" + b.ID, Priority: chat.PriorityReply,
	})
}

// burstText is the receipt of a burst (UX rules 31–33).
func (t *turn[V, C]) burstText(pending int) string {
	b := &t.c.Burst
	d, fl := t.holder(b.Draft)
	var lines []string
	say := func(n int, format string, args ...any) {
		if n > 0 {
			lines = append(lines, fmt.Sprintf(format, append([]any{n}, args...)...))
		}
	}
	switch {
	case d != nil:
		say(b.Got, "已收到 %d 张图片，放进“"+t.m.forms[d.Form].Title+"”的附件。")
	default:
		say(b.Got, "收到 %d 张图片，先放着 24 小时。")
	}
	if len(lines) > 0 || len(b.Bad) > 0 {
		say(pending, "还有 %d 张正在保存，存好告诉您。")
	} else {
		say(pending, "收到 %d 张图片，正在保存，存好告诉您。")
	}
	say(b.Same, "有 %d 张和已有的一模一样，只留一张。")
	if d != nil {
		say(b.Full, "附件最多 %[2]d 个，有 %[1]d 张没有收。先删掉用不着的，再发。", maxFiles(fl))
	} else {
		say(b.Full, "最多先放着 %[2]d 张，有 %[1]d 张没有收。", maxTray)
	}
	lines = append(lines, b.Bad[:min(len(b.Bad), maxBad)]...)
	say(len(b.Bad)-maxBad, "另有 %d 张也没收下，请重新发一次。")
	parts := []string{strings.Join(lines, "\n"), t.burstNext(d, fl)}
	return Cut(joinParts(parts), PageBytes)
}

// burstNext says what is there now and how to go on.
func (t *turn[V, C]) burstNext(d *Draft, fl *Field[V]) string {
	if d == nil {
		if len(t.c.Tray) == 0 {
			return ""
		}
		for i := range t.c.Drafts {
			if d, _ := t.holder(t.c.Drafts[i].Name()); d != nil {
				return "要放进“" + t.m.forms[d.Form].Title + "”的附件，请回复 放进附件。"
			}
		}
		return "要放进课题的附件，请先回复 报课题，再回复 放进附件。"
	}
	f := t.m.forms[d.Form]
	lines := fileLines(d.value(fl.Key).Text)
	if len(lines) > 0 {
		lines = append([]string{fmt.Sprintf("附件现在共 %d 个：", len(lines))}, lines...)
	}
	open := t.active() != nil && t.active().Name() == d.Name()
	if cur := t.current(d); open && cur != nil && cur.Key == fl.Key {
		return joinParts([]string{strings.Join(append(lines, "完成请回复 完成；不要的回复 删 编号，如 删 1；还有就接着发。"), "\n")})
	}
	if len(lines) > 0 {
		lines = append(lines, "不要的回复“附件 删 编号”，如 附件 删 1。")
	}
	text := strings.Join(lines, "\n")
	if open {
		text = joinParts([]string{text, t.shortAsk(f, d)})
	}
	return text
}

// fileLines lists files, one short line each.
func fileLines(value string) []string {
	const longest = 90
	var lines []string
	for i, f := range SplitFiles(value) {
		lines = append(lines, Cut(fmt.Sprintf("%d. %s", i+1, f), longest))
	}
	return lines
}

// fromTray puts what waits on the tray into a draft (放进附件).
func (t *turn[V, C]) fromTray() {
	if len(t.c.Tray) == 0 {
		t.trace("tray empty")
		line := "现在没有放着的图片。填课题时直接把图片发来就行，会放进附件。"
		if t.expired > 0 {
			line = fmt.Sprintf("放着的 %d 张图片过了 24 小时，没有再留，请重新发一次。", t.expired)
		}
		t.note = append(t.note, line)
		t.askShort()
		return
	}
	var names []string
	for i := range t.c.Drafts {
		name := t.c.Drafts[i].Name()
		if d, _ := t.holder(name); d != nil && (i > 0 || !t.c.Active) {
			names = append(names, name)
		} else if d != nil {
			names = []string{name} // the open one
			break
		}
	}
	switch len(names) {
	case 0:
		t.trace("tray waits")
		t.note = append(t.note, fmt.Sprintf("您还没有课题的草稿。请先回复 报课题，再回复 放进附件；%d 张图片给您留着。", len(t.c.Tray)))
		t.askShort()
		return
	case 1:
	default:
		t.trace("tray which")
		t.note = append(t.note, "您有几份草稿，请先打开要放的那份，再回复 放进附件。")
		t.drafts()
		return
	}
	t.front(t.find(names[0]))
	d, fl := t.holder(names[0])
	t.c.Burst = Burst{}
	var left []Kept
	for _, k := range t.c.Tray {
		if !t.attach(d, fl, k.File) {
			left = append(left, k)
		}
	}
	t.c.Tray = left
	b := t.c.Burst
	t.c.Burst = Burst{}
	line := fmt.Sprintf("放进 %d 张图片。", b.Got)
	if b.Same > 0 {
		line += fmt.Sprintf("有 %d 张和已有的一模一样，只留一张。", b.Same)
	}
	if b.Full > 0 {
		line += fmt.Sprintf("附件最多 %d 个，还有 %d 张放不下，先留着。", maxFiles(fl), b.Full)
	}
	t.note = append(t.note, "✓ 附件："+line+"\n"+strings.Join(fileLines(d.value(fl.Key).Text), "\n"))
	t.ask()
}

// trayNote reminds whoever opens a form of what waits on the tray.
func (t *turn[V, C]) trayNote(f *Form[V, C]) {
	if n := len(t.c.Tray); n > 0 && filesField(f) != nil {
		t.note = append(t.note, fmt.Sprintf("您之前发的 %d 张图片还放着，要放进附件请回复 放进附件。", n))
	}
}

// loneLink takes a message that is nothing but links for the form's files, whatever
// question is open: no other answer is only an address.
func (t *turn[V, C]) loneLink(f *Form[V, C], d *Draft) bool {
	fl := filesField(f)
	if fl == nil || strings.TrimSpace(linkForm.ReplaceAllString(t.text, "")) != "" {
		return false
	}
	if cur := t.current(d); cur != nil && cur.Key == fl.Key {
		return false // the open question
	}
	r := fl.Kind.Read(t.text, Env{Now: t.in.Now, Old: d.value(fl.Key).Text, Label: fl.Label})
	if r.Problem.OK() {
		r.Problem = t.check(f, d, fl, r.Value)
	}
	if !r.Problem.OK() {
		t.trace("field " + f.ID + "." + fl.Key + " broken")
		t.note = append(t.note, r.Problem.Text)
		t.askShort()
		return true
	}
	t.trace("field " + f.ID + "." + fl.Key + " good")
	d.set(Value{Key: fl.Key, Text: r.Value, From: fromEdited})
	t.note = append(t.note, "✓ 链接放进了"+fl.Label+"，"+r.Echo+"。")
	t.askShort()
	return true
}

// doneFiles ends the collecting of pictures (UX rule 32).
func (t *turn[V, C]) doneFiles(f *Form[V, C], d *Draft, fl *Field[V]) {
	have, pending := CountFiles(d.value(fl.Key).Text), t.comingTo(d.Name())
	switch {
	case have == "" && pending == 0 && (fl.Required || !f.Keep):
		t.note = append(t.note, "还没有收到附件。"+fl.Kind.Form()+"。")
		t.askShort()
		return
	case have == "" && pending == 0:
		t.trace("field " + f.ID + "." + fl.Key + " skipped")
		d.set(Value{Key: fl.Key, Skip: true})
		t.note = append(t.note, "“"+fl.Label+"”不填。")
	case have != "":
		t.note = append(t.note, "✓ "+fl.Label+"："+have)
	}
	if pending > 0 {
		t.note = append(t.note, fmt.Sprintf("还有 %d 张图片正在保存，存好告诉您。", pending))
	}
	d.Asks = without(d.Asks, fl.Key)
	d.Tries, d.Partial = 0, ""
	d.Pos, d.Back = d.Back, ""
	t.ask()
}

// waits refuses to submit while a picture is still on its way: what is reported
// must carry what its sender saw arrive.
func (t *turn[V, C]) waits(d *Draft) bool {
	n := t.comingTo(d.Name())
	if n == 0 {
		return false
	}
	t.trace("submit waits for pictures")
	t.reply(fmt.Sprintf("还有 %d 张图片正在保存，一般几秒就好，存好我会告诉您，到时再回复 提交。不等了请回复 不等图片。", n))
	return true
}

// dontWait lets a draft go without the pictures on their way: they go to the tray.
func (t *turn[V, C]) dontWait() {
	d := t.active()
	if d == nil || t.comingTo(d.Name()) == 0 {
		t.note = append(t.note, "现在没有正在保存的图片。")
		t.askShort()
		return
	}
	t.trace("pictures not waited for")
	t.c.Coming = slices.Clone(t.c.Coming)
	for i := range t.c.Coming {
		if t.c.Coming[i].Draft == d.Name() {
			t.c.Coming[i].Draft = ""
		}
	}
	t.note = append(t.note, "好的，不等了。存好的图片先放着 24 小时，要用再回复 放进附件。")
	t.askShort()
}
