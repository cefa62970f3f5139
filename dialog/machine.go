// Package dialog is the conversation machine: forms and queries declared as
// data, a pure Step from (conversation, event, view, now) to (conversation,
// reply, command), the kinds that read answers, pasted forms and pages. It may
// import chat and the standard library only, and is pure: no clock, network,
// disk, randomness or reflection.
package dialog

import (
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"cxbot/chat"
)

// Limits of a conversation.
const (
	maxDrafts = 5
	maxUndo   = 50
	// PageBytes is the size of one reply page (design.md D7): below the platform's
	// 2,048 bytes (WeCom 90236), so that nothing is ever cut off there.
	PageBytes = 2000
	// MaxText is the longest message taken at all; the platform sends at most
	// 2,048 bytes, pasted forms over the robot up to 20 kB.
	MaxText    = 64 << 10
	listLife   = 24 * time.Hour
	choiceLife = 30 * time.Minute
	dropLife   = 24 * time.Hour
	askedLife  = 10 * time.Minute
	recapAfter = 2 * time.Hour
)

// Config declares a machine.
type Config[V, C any] struct {
	Forms   []*Form[V, C]
	Queries []*Query[V]
	// Help is the text of 帮助 outside a form and of the first greeting; menu is
	// computed from the forms and queries this person may use.
	Help func(v V, menu string) string
	// Human names the person to turn to ("组织部 孙静"), "" when unknown.
	Human func(V) string
	// Stale looks at a card about a record: "" when nothing has changed since it
	// was made, else what to say and do instead of what was pressed.
	Stale func(v V, ref chat.Ref, say string) (note, instead string)
	// Scope is the view of somebody who works on an object ("" for none): who
	// enters a form for others sees it as they do. nil: always the asker's own.
	Scope func(v V, object string) V
	// Nudge is the one line that helps this person most when a message was not
	// understood ("您有一份退回补正的课题，回复 补正"), "" for none.
	Nudge func(v V, text string) string
	// Gate stops texts before anything is stored or logged: stop is final, a hit
	// without stop asks to send again behind 内容：.
	Gate func(text string) (hit string, stop bool)
	// Read understands messages that fit no phrase as a whole, best sense first;
	// nil: only phrases count. Group says that it was said in a group.
	Read func(v V, text string, group bool) []Sense
	// Edit reads a change of a form's field that is said in a free sentence; nil:
	// only the usual words count.
	Edit func(v V, form, text string) (Edit, bool)
	// Secrecy is what is said when Gate stops.
	Secrecy string
}

// Machine serves every person; it keeps nothing between steps.
type Machine[V, C any] struct {
	cfg      Config[V, C]
	forms    map[string]*Form[V, C]
	prepared map[string]*prepared[V]
	intents  []intent
}

// Input is one event with what it is judged by.
type Input[V any] struct {
	Conversation Conversation
	Event        chat.Event
	View         V
	Now          time.Time
	// More says that another message of this person is waiting (D19).
	More bool
}

// Output is what a step proposes. When Command is set, its owner decides it and
// calls Done or Refused; the reply stands only after that.
type Output[C any] struct {
	Conversation Conversation
	Reply        chat.Reply
	Command      *C
	// Private is for the asker alone, beside a reply in a group.
	Private string
	// Fetches are downloads to begin, Messages what is said later (see files.go).
	Fetches  []chat.Fetch
	Messages []chat.Message
	// Files are what an answer hands out to the asker, About whose they are.
	Files []chat.Attachment
	About string
	// Group says the turn was in a group: its conversation must not be stored.
	Group bool
	Trace []string

	form   string
	draft  string
	object string
}

// Object is what the draft behind the command works on.
func (o *Output[C]) Object() string { return o.object }

// errDeclaration marks a form or query that cannot be used as it is declared.
var errDeclaration = errors.New("dialog: declaration")

// New checks the declarations and makes a machine. Every fault a builder could
// make shows here, not in front of a person.
func New[V, C any](cfg Config[V, C]) (*Machine[V, C], error) {
	m := &Machine[V, C]{
		cfg: cfg, forms: make(map[string]*Form[V, C], len(cfg.Forms)), prepared: make(map[string]*prepared[V], len(cfg.Forms)),
	}
	for _, f := range cfg.Forms {
		if err := checkForm(f); err != nil {
			return nil, err
		}
		if m.forms[f.ID] != nil {
			return nil, fmt.Errorf("%w: form %q declared twice", errDeclaration, f.ID)
		}
		m.forms[f.ID] = f
		ready, err := prepare(f.Fields, f.Ignore)
		if err != nil {
			return nil, err
		}
		m.prepared[f.ID] = ready
		in, err := compile(f.ID, true, f.Intent)
		if err != nil {
			return nil, err
		}
		m.intents = append(m.intents, in)
	}
	seen := map[string]bool{}
	for _, q := range cfg.Queries {
		if q.ID == "" || seen[q.ID] || m.forms[q.ID] != nil {
			return nil, fmt.Errorf("%w: query %q declared twice or without an id", errDeclaration, q.ID)
		}
		seen[q.ID] = true
		in, err := compile(q.ID, false, q.Intent)
		if err != nil {
			return nil, err
		}
		m.intents = append(m.intents, in)
	}
	return m, nil
}

// checkForm finds what would embarrass us in front of a person: a field
// without words, two fields of one name.
func checkForm[V, C any](f *Form[V, C]) error {
	if f.ID == "" || f.Title == "" || f.Version < 1 || f.Finish == nil && f.Now == nil || f.Group && f.Now == nil {
		return fmt.Errorf("%w: form %q lacks id, title, version or finish", errDeclaration, f.ID)
	}
	for _, rule := range f.Rules {
		if len(rule.Blames) == 0 || rule.Check == nil {
			return fmt.Errorf("%w: form %s: rule %q lacks a check or the fields it can blame", errDeclaration, f.ID, rule.Name)
		}
	}
	keys, labels, when := map[string]bool{}, map[string]string{}, 0
	for _, fl := range f.Fields {
		if fl.When != nil {
			when++
		}
		if fl.Key == "" || fl.Label == "" || fl.Kind == nil {
			return fmt.Errorf("%w: form %s: field %q lacks key, label or kind", errDeclaration, f.ID, fl.Key)
		}
		if keys[fl.Key] {
			return fmt.Errorf("%w: form %s: key %s twice", errDeclaration, f.ID, fl.Key)
		}
		keys[fl.Key] = true
		for _, l := range append([]string{fl.Label}, fl.Aliases...) {
			if other, taken := labels[Key(l)]; taken {
				return fmt.Errorf("%w: form %s: label %s is both %s and %s", errDeclaration, f.ID, l, other, fl.Key)
			}
			labels[Key(l)] = fl.Key
		}
		if fl.Ask == "" || Runes(fl.Ask) > 40 {
			return fmt.Errorf("%w: form %s: field %s needs an ask of at most 40 characters", errDeclaration, f.ID, fl.Key)
		}
		if fl.Example == "" {
			return fmt.Errorf("%w: form %s: field %s needs an example", errDeclaration, f.ID, fl.Key)
		}
	}
	if when > maxWhen {
		return fmt.Errorf("%w: form %s: %d fields depend on others, at most %d can", errDeclaration, f.ID, when, maxWhen)
	}
	return nil
}

// turn is the working state of one step.
type turn[V, C any] struct {
	m    *Machine[V, C]
	in   Input[V]
	own  V // the asker's own view, see Config.Scope
	c    Conversation
	text string // normalised
	out  Output[C]
	// note is said before the question that ends the reply.
	note []string
	// brief keeps the confirmation short: it was read in full before.
	brief bool
	// expired is how many pictures the tray has just lost.
	expired int
	// echo asks for the new value to be read back: the bot changed it, not the person.
	echo bool
	// asided: the message was looked at a second time already.
	asided bool
}

// Step judges one event. It is pure and may be called again with fresh state.
func (m *Machine[V, C]) Step(in Input[V]) Output[C] {
	t := &turn[V, C]{m: m, in: in, own: in.View, c: in.Conversation}
	t.c.Person = in.Event.From
	if in.Event.Group != "" {
		t.group()
		t.out.Conversation = in.Conversation
		return t.out
	}
	away := !t.c.SeenAt.IsZero() && in.Now.Sub(t.c.SeenAt) > recapAfter
	// What came in stays as it was: a turn may be repeated, and its owner compares.
	t.c.Drafts = slices.Clone(t.c.Drafts)
	t.migrate()
	t.tidy()
	if in.Event.Kind == chat.Fetched {
		// The person has not said anything, so nothing else of the talk moves.
		t.fetched(in.Event.Result)
		t.out.Conversation = t.c
		m.touch(&t.out, in)
		return t.out
	}
	t.scope()
	t.event(away)
	t.c.SeenAt = in.Now
	t.out.Conversation = t.c
	if t.out.Command == nil {
		m.polish(&t.out, in)
	}
	return t.out
}

// scope looks at the facts as whoever works on the open draft does.
func (t *turn[V, C]) scope() {
	if t.m.cfg.Scope == nil {
		return
	}
	object := ""
	if d := t.active(); d != nil {
		object = d.Object
	}
	t.in.View = t.m.cfg.Scope(t.own, object)
}

// event sends each kind of event its way.
func (t *turn[V, C]) event(away bool) {
	ev := t.in.Event
	switch ev.Kind {
	case chat.Text, chat.Menu:
		t.text = Normalise(ev.Text)
		if away && t.active() != nil {
			t.recap()
		}
		t.said(ev.Text)
		t.beside(ev)
	case chat.Click:
		t.click(ev.Click)
	case chat.Enter:
		if d := t.active(); d != nil && away {
			t.trace("enter recap")
			t.recap()
			t.ask()
		}
	case chat.Subscribe:
		t.trace("enter greeting")
		t.help()
	case chat.Unsubscribe:
		t.trace("left")
	case chat.Image:
		t.image(ev)
	case chat.Voice, chat.Video, chat.File, chat.Location, chat.Link, chat.Unknown:
		t.media(ev)
	case chat.Fetched: // Step has dealt with it
	}
}

// said judges a text message.
func (t *turn[V, C]) said(raw string) {
	switch {
	case len(raw) > MaxText:
		t.trace("too long")
		t.reply(fmt.Sprintf("这条消息有 %d 字，一次最多收 %d 字节，没有收下。请分几条发，每条不超过 600 字。", Runes(raw), MaxText))
		return
	case !Visible(t.text):
		t.trace("empty")
		t.note = append(t.note, "没有看到内容。")
		t.askOrNudge()
		return
	}
	body, forced := strings.CutPrefix(t.text, "内容：")
	if !forced {
		body, forced = strings.CutPrefix(t.text, "内容:")
	}
	if t.m.cfg.Gate != nil {
		hit, stop := t.m.cfg.Gate(t.text)
		if stop {
			t.trace("secrecy stop")
			t.reply(t.m.cfg.Secrecy)
			return
		}
		if hit != "" && !t.sentAgain() {
			t.trace("secrecy ask")
			t.reply("这条里有“" + hit + "”字样，先没有保存。涉密内容请不要在这里发；确实不涉密的，请把这条原样再发一遍，我就收下。")
			return
		}
	}
	if d := t.active(); forced && d != nil && ownLabels(t.labels(t.m.forms[d.Form]).paste(t.text)) < 2 {
		t.text = Normalise(body)
		t.answer()
		return
	}
	t.route()
}

// sentAgain reports whether a held-back message came a second time, unchanged,
// within ten minutes; the first time it only remembers a hash.
func (t *turn[V, C]) sentAgain() bool {
	h := fnv.New64a()
	_, _ = h.Write([]byte(t.text))
	sum := strconv.FormatUint(h.Sum64(), 36)
	if t.c.Asked == sum && t.in.Now.Sub(t.c.AskedAt) <= askedLife {
		t.c.Asked = ""
		return true
	}
	t.c.Asked, t.c.AskedAt = sum, t.in.Now
	return false
}

// click judges a pressed button: it is the same as typing what it says, when
// the card is still about the present state.
func (t *turn[V, C]) click(p chat.Press) {
	t.text = Normalise(p.Key)
	switch {
	case p.Ref.IsZero() || t.text == "":
		t.trace("card unknown")
		t.note = append(t.note, "这张卡片用不了了，请直接打字说。")
		t.askOrNudge()
	case p.Ref.Kind != "draft":
		t.record(p.Ref)
	default:
		i := t.find(p.Ref.ID)
		switch {
		case i < 0 && t.isSubmit() && t.again():
		case i < 0:
			t.trace("card gone")
			t.note = append(t.note, "这件事已经办完或取消了，不用再点。")
			t.askShort()
		case t.c.Drafts[i].Rev != p.Ref.Rev:
			t.trace("card stale")
			t.note = append(t.note, "这张卡片之后内容有改动，刚才的点击没有生效。现在的情况：")
			t.resume(i)
		default:
			t.trace("card live")
			t.front(i)
			t.route()
		}
	}
}

// record judges a click on a card about a record.
func (t *turn[V, C]) record(ref chat.Ref) {
	if t.m.cfg.Stale != nil {
		if note, instead := t.m.cfg.Stale(t.in.View, ref, t.text); note != "" {
			t.trace("card stale " + ref.Kind)
			t.note = append(t.note, note)
			if instead == "" {
				t.askShort()
				return
			}
			t.text = instead
			t.route()
			return
		}
	}
	t.trace("card " + ref.Kind)
	t.route()
}

// isSubmit reports whether the message is the word 提交.
func (t *turn[V, C]) isSubmit() bool {
	w, _, ok := readWord(t.text)
	return ok && w == wordSubmit
}

// media answers what is not text: always with words that say how to go on.
func (t *turn[V, C]) media(ev chat.Event) {
	t.trace("media " + string(ev.Kind))
	human := ""
	if t.m.cfg.Human != nil {
		human = t.m.cfg.Human(t.in.View)
	}
	deliver := "把原件交给组织部经办"
	if human != "" {
		deliver = "把原件交给" + human
	}
	words := map[chat.Kind]string{
		chat.File:     "文件在这里收不了，没有保存。可以：① 把正文复制、粘贴过来；② 给文件拍照，长按照片点“提取文字”，再把文字发来；③ 把在线文档的链接写进要填的那一项；④ " + deliver + "。",
		chat.Image:    "图片上的字我认不出来，图片没有保存。可以：① 长按图片点“提取文字”，把文字发来；② 直接打字或粘贴正文；③ 把在线文档的链接写进要填的那一项；④ " + deliver + "。",
		chat.Voice:    "语音我听不了。请用输入法的“语音转文字”，说完把文字发来就行。",
		chat.Video:    "视频在这里收不了，没有保存。请用文字说明，或发在线文档的链接，也可以" + deliver + "。",
		chat.Location: "位置收到了，但这里用不上。地点请直接打字。",
		chat.Link:     "链接卡片这里读不了。请把链接地址复制成文字发来，我会原样记下。",
		chat.Unknown:  "这种消息我还看不懂，没有保存。请改用文字发来。",
	}
	if ev.Kind == chat.File && t.collects() {
		words[chat.File] = "文件在这里收不了，没有保存。可以：① 把正文复制、粘贴过来；② 给文件拍照，把照片发来，会放进附件；③ 把在线文档的链接发来，也放进附件；④ " + deliver + "。"
	}
	t.note = append(t.note, words[ev.Kind])
	t.askShort()
}

// group answers in a group: public facts and counts only; nothing is stored (D29).
func (t *turn[V, C]) group() {
	t.out.Group = true
	if t.in.Event.Kind == chat.Image {
		t.trace("group picture")
		t.out.Reply.Text = "图片请在单聊里发给我：点我的头像就行。群里发的没有保存。"
	}
	if t.in.Event.Kind != chat.Text {
		return
	}
	if len(t.in.Event.Images) > 0 {
		defer func() {
			t.out.Reply.Text = joinParts([]string{t.out.Reply.Text, "图片请在单聊里发，群里发的没有保存。"})
		}()
	}
	t.text = Normalise(stripMention(t.in.Event.Text))
	if t.m.cfg.Gate != nil {
		if _, stop := t.m.cfg.Gate(t.text); stop {
			t.trace("secrecy stop")
			t.out.Reply.Text = t.m.cfg.Secrecy
			return
		}
	}
	best := t.match(t.text)
	if len(best) == 0 {
		t.trace("group unknown")
		t.out.Reply.Text = "群里可以问：截止、报了多少家。填报和办理请点我的头像，在单聊里说。"
		return
	}
	if f := t.m.forms[best[0].id]; f != nil && f.Group {
		t.groupForm(f, best[0])
		return
	}
	q := t.m.query(best[0].id)
	if best[0].form || q == nil || q.Group == nil {
		t.trace("group private " + best[0].id)
		t.out.Reply.Text = "“" + t.m.title(best[0].id) + "”请在单聊里说：点我的头像，把刚才的话再发一遍就行。群里不显示各单位的具体内容。"
		return
	}
	t.trace("query " + q.ID + " group")
	a := q.Group(t.in.View, best[0].slots)
	t.out.Reply.Text = Pages(a.Text, PageBytes)[0]
	t.out.Private = a.Private
}

// stripMention removes a leading "@name" of a group message.
func stripMention(s string) string {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, "@") {
		return s
	}
	if i := strings.IndexAny(s, " \u2005\u00a0\t\n　"); i > 0 {
		return strings.TrimLeft(s[i:], " \u2005\u00a0\t\n　")
	}
	return ""
}

func (m *Machine[V, C]) query(id string) *Query[V] {
	for _, q := range m.cfg.Queries {
		if q.ID == id {
			return q
		}
	}
	return nil
}

func (t *turn[V, C]) trace(mark string) { t.out.Trace = append(t.out.Trace, mark) }

// reply sets the text; notes collected so far stand before it.
func (t *turn[V, C]) reply(text string) {
	parts := append(t.note, text) //nolint:gocritic // note is finished with here
	t.note = nil
	t.out.Reply.Text = joinParts(parts)
}

// joinParts joins non-empty paragraphs with an empty line.
func joinParts(parts []string) string {
	kept := parts[:0:0]
	for _, p := range parts {
		if p = strings.Trim(p, "\n"); p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "\n\n")
}
