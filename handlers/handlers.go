// Package handlers is the content: one file per conversation, each beside its
// talks in testdata. A handler declares a dialog.Form or dialog.Query and
// returns values; it never sends, stores or looks at a clock. The package may
// import chat, award and dialog, and is pure.
package handlers

import (
	"maps"
	"slices"
	"strings"
	"time"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// V is what a conversation sees: the facts, who asks, and when.
type V struct {
	award.View

	Me   award.Person
	Unit award.Unit // the asker's unit
	Now  time.Time
	// List is what was last shown to the asker as a numbered list.
	List dialog.List
	// Group is the chat id of the group it was said in, "" in a single chat;
	// Webhook says that a group is reached by the configured webhook.
	Group   string
	Webhook bool
}

// Action is what a finished form wants done and the words once it is done.
type Action struct {
	Command award.Command
	// Takes names whose drafts pass to the asker with it (接手), "" for nobody's.
	Takes string
	// Done renders the decided changes: the answer to the asker and what others are told.
	Done func(V, award.Changes) Said
}

// Said is an answer and the messages beside it.
type Said struct {
	Reply    chat.Reply
	Messages []chat.Message
	// About names the record a receipt is about, so that a second 提交 can be judged.
	About chat.Ref
}

type (
	// Form is a form of this programme.
	Form = dialog.Form[V, Action]
	// Field is a field of such a form.
	Field = dialog.Field[V]
	// Query is a question of this programme.
	Query = dialog.Query[V]
)

// Request is one event with everything loaded for it.
type Request struct {
	Event        chat.Event
	Conversation dialog.Conversation
	View         award.View
	Now          time.Time
	More         bool
	Other        func(userid string) (c dialog.Conversation, ok bool)
}

// Response is what should be stored and said, still a proposal.
type Response struct {
	Conversation dialog.Conversation
	Others       []dialog.Conversation
	Reply        chat.Reply
	Changes      award.Changes
	Messages     []chat.Message
	Fetches      []chat.Fetch
	MarkOnly     bool
	Trace        []string
}

// Bot is the assembled machine of all conversations. It keeps no state.
type Bot struct {
	machine *dialog.Machine[V, Action]
	webhook bool
	sensor  *sensor
}

// Option sets what a county may have.
type Option func(*Bot)

// WithWebhook says that a group webhook is configured.
func WithWebhook(on bool) Option { return func(b *Bot) { b.webhook = on } }

// New assembles the conversations; county is the name people read ("清河县").
func New(county string, options ...Option) (*Bot, error) {
	reads, err := newSensor()
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, f := range forms() {
		known[f.ID] = true
	}
	for _, q := range queries() {
		known[q.ID] = true
	}
	m, err := dialog.New(dialog.Config[V, Action]{
		Read:    reads.reader(known),
		Edit:    reads.editor(),
		Forms:   forms(),
		Queries: queries(),
		Help:    func(v V, menu string) string { return help(v, county, menu) },
		Human:   human,
		Stale:   stale,
		Scope:   actingFor,
		Nudge:   nudge,
		Gate:    award.Secrecy,
		Secrecy: secrecyText,
	})
	if err != nil {
		return nil, err
	}
	b := &Bot{machine: m, sensor: reads}
	for _, set := range options {
		set(b)
	}
	return b, nil
}

// forms lists every form; the order is the menu's.
func forms() []*Form {
	return []*Form{
		filingForm(), proxyForm(), confirmForm(), consentForm(), claimForm(), declineForm(), withdrawForm(), grantForm(),
		aideForm(), takeOverForm(), handOverForm(), endHandOverForm(),
		acceptForm(), returnForm(), openCycleForm(), extendForm(), askExtensionForm(), quotaForm(), resendForm(),
		rescheduleForm(), declineWishForm(), closeForm(),
		remindForm(), requestForm(), promiseForm(), prefsForm(), silenceForm(), planForm(),
	}
}

// queries lists every query; the order is the menu's.
func queries() []*Query {
	return []*Query{
		statusQuery(), missingQuery(), deadlineQuery(), aboutQuery(), directionsQuery(), directionCodeQuery(), pastQuery(), showQuery(), filesQuery(), pendingQuery(), unfiledQuery(), countQuery(), failedQuery(), thanksQuery(),
		wishesQuery(), simulateQuery(), filedQuery(), unitQuery(), topicQuery(), resultsQuery(), calendarQuery(), howQuery(),
		prefsQuery(), groupsQuery(), templateQuery(), privacyQuery(), secrecyQuery(), laterQuery(),
	}
}

// secrecyText is said when a text is stopped; it repeats nothing (domain.md 2.3).
const secrecyText = "这条内容有涉密字样，没有保存，也没有转给任何人。涉密材料请走机要渠道，不要在微信里发送或拍照。"

// Respond judges one event: dialog step, then the decision, both pure.
func (b *Bot) Respond(req Request) Response {
	me, known := req.View.Person(req.Event.From)
	if !known || me.Left {
		return b.stranger(req, me)
	}
	unit, _ := req.View.Unit(me.Unit)
	v := V{View: req.View, Me: me, Unit: unit, Now: req.Now, List: freshList(req), Group: req.Event.Group, Webhook: b.webhook}
	in := dialog.Input[V]{Conversation: req.Conversation, Event: req.Event, View: v, Now: req.Now, More: req.More}
	out := b.machine.Step(in)
	res := Response{}
	if out.Command != nil {
		b.decide(&out, in, req.Other, &res)
	}
	res.Conversation, res.Reply, res.Trace = out.Conversation, out.Reply, out.Trace
	if out.Group {
		res.MarkOnly = true
		if out.Private != "" {
			res.Messages = append(res.Messages, chat.Message{
				Key: "group|" + req.Event.ID, To: me.UserID, Text: out.Private, Priority: chat.PriorityReply,
			})
		}
		return res
	}
	b.summaries(req.Conversation, &res, v)
	forward(v, res.Messages)
	// What is for the asker stays with the asker.
	res.Messages = append(res.Messages, out.Messages...)
	res.Fetches = out.Fetches
	shownFiles(req, &out, &res)
	res.Changes.Log = append(res.Changes.Log, logEntries(req, out.Trace)...)
	return res
}

// manyMessages is from how many messages on nobody's absence is looked up: a
// notice to every unit goes to those the directory names.
const manyMessages = 12

// forward sends what is for people who handed over to whoever took over (交接).
func forward(v V, messages []chat.Message) {
	if len(messages) > manyMessages {
		return
	}
	today := award.DateOf(v.Now)
	for i := range messages {
		m := &messages[i]
		p, known := v.Person(m.To)
		if !known {
			continue
		}
		if to := award.Stand(v.View, p, today); to.UserID != p.UserID {
			m.To, m.Text = to.UserID, "（发给"+p.Name+"的，已交接给您）\n"+m.Text
		}
	}
}

// decide puts the command before the rules and renders what came of it.
func (b *Bot) decide(
	out *dialog.Output[Action], in dialog.Input[V], other func(string) (dialog.Conversation, bool), res *Response,
) {
	action := *out.Command
	in.View = actingFor(in.View, out.Object())
	var taken dialog.Conversation
	if action.Takes != "" {
		why := "这位同事现在没有可以接手的草稿。"
		if got, ok := other(action.Takes); ok {
			taken = got
			if n, full := b.machine.Movable(got, out.Conversation); n > 0 {
				why = full
			}
		}
		if why != "" {
			b.machine.Refused(out, in, dialog.Refusal{Rule: "takeover.none", Text: why})
			return
		}
	}
	changes, refusal := award.Decide(in.View.View, action.Command, in.Now)
	if refusal != nil {
		by, did, object := award.Describe(action.Command)
		res.Changes.Log = append(res.Changes.Log, award.RefusalEntry(in.Now, by, did, object, refusal))
		no := dialog.Refusal{Rule: refusal.Rule, Text: refusal.Text}
		if refusal.Rule == "filing.late" {
			no.Field = "late"
			no.Text += "\n现在就把原因发来，再回复 提交。"
		}
		b.machine.Refused(out, in, no)
		return
	}
	res.Changes = changes
	if action.Takes != "" {
		b.takeOver(out, in, taken, action, res)
		return
	}
	said := action.Done(in.View, changes)
	res.Messages = said.Messages
	b.machine.Done(out, in, said.Reply, said.About)
}

// stranger is the one polite refusal to people nobody entered (D16).
func (b *Bot) stranger(req Request, me award.Person) Response {
	res := Response{MarkOnly: true, Trace: []string{"stranger"}}
	if req.Event.Group != "" || req.Event.Kind == chat.Unsubscribe || req.Event.Channel == chat.Internal {
		return res
	}
	who := "县委组织部"
	if admins := req.View.WithRole(award.RoleAdmin); len(admins) > 0 {
		who = "管理员" + admins[0].Name
	}
	if me.Left {
		res.Reply.Text = "您的账号在名单里已停用，这里办不了事。如果是误停，请联系" + who + "。"
		return res
	}
	res.Reply.Text = "您好！名单里还没有您的账号，所以这里暂时办不了事。请联系" + who + "，把您加进来后再发一次就行。"
	return res
}

// freshList returns the list last shown when it is younger than a day.
func freshList(req Request) dialog.List {
	if req.Now.Sub(req.Conversation.List.At) > 24*time.Hour {
		return dialog.List{}
	}
	return req.Conversation.List
}

// summaries reports how far the unit's drafts are, so that reminders can say
// what is missing (D22). Only what changed is written.
func (b *Bot) summaries(before dialog.Conversation, res *Response, v V) {
	was := newFilings(b.machine.Progresses(before, v), v)
	now := newFilings(b.machine.Progresses(res.Conversation, v), v)
	for _, unit := range slices.Sorted(maps.Keys(now)) {
		p, old := now[unit], was[unit]
		if p.Name != old.Name || p.Done != old.Done || p.Total != old.Total || strings.Join(p.Missing, "") != strings.Join(old.Missing, "") {
			res.Changes.Drafts = append(res.Changes.Drafts, award.DraftSummary{
				Person: v.Me.UserID, Unit: unit, Form: filingID, Draft: p.Name, Done: p.Done, Total: p.Total, Missing: p.Missing, At: v.Now,
			})
		}
	}
	for _, unit := range slices.Sorted(maps.Keys(was)) {
		if _, has := now[unit]; !has {
			res.Changes.Drafts = append(res.Changes.Drafts, award.DraftSummary{Person: v.Me.UserID, Unit: unit, Form: filingID})
		}
	}
}

// newFilings picks the first draft of a new filing for each unit.
func newFilings(list []dialog.Progress, v V) map[string]dialog.Progress {
	out := map[string]dialog.Progress{}
	for _, p := range list {
		unit, proxy := proxied(p.Object)
		switch {
		case p.Form == filingID && p.Object == "":
			unit = v.Me.Unit
		case !proxy:
			continue
		}
		if _, have := out[unit]; !have {
			out[unit] = p
		}
	}
	return out
}

// logEntries turns what the step did into audit lines: which field changed by
// which message, never a value.
func logEntries(req Request, trace []string) []award.Entry {
	var did []string
	for _, mark := range trace {
		for _, head := range []string{"field ", "paste ", "draft ", "restarted ", "secrecy ", "refused ", "picture "} {
			if strings.HasPrefix(mark, head) {
				did = append(did, mark)
			}
		}
	}
	if len(did) == 0 {
		return nil
	}
	return []award.Entry{{
		At: req.Now, Who: req.Event.From, Did: "dialog", Object: "conversation:" + req.Event.From,
		Detail: strings.Join(did, "; "), Event: req.Event.ID,
	}}
}

// stale judges a card about a topic: what was pressed on an older state of it is
// not done, the present state is shown instead. Reading is never stale.
func stale(v V, ref chat.Ref, say string) (note, instead string) {
	if ref.Kind != "topic" || strings.HasPrefix(say, "看") {
		return "", ""
	}
	t, ok := v.Topic(ref.ID)
	if !ok || t.Rev == ref.Rev {
		return "", ""
	}
	if say == "提交" {
		return "《" + t.Title() + "》已经交过了，之后有了变化。现在是这样：", "进度"
	}
	if strings.HasPrefix(say, "确认报送") && t.Status.IsDelivered() && !t.ConfirmedAt.IsZero() {
		return "《" + t.Title() + "》已经确认过了（" + timeText(t.ConfirmedAt) + "），不用再点。", ""
	}
	return "这张卡片发出以后，这份课题有了变化，刚才的点击没有生效。现在是这样：", "看 " + ref.ID
}

// human names whom to turn to.
func human(v V) string {
	if v.Me.Has(award.RoleStaff) {
		return ""
	}
	if staff := v.WithRole(award.RoleStaff); len(staff) > 0 {
		return "组织部经办" + staff[0].Name
	}
	return "县委组织部"
}

// help is the menu with a greeting.
func help(v V, county, menu string) string {
	text := v.Me.Name + "，您好！我是" + county + "创新奖助手。您可以直接说：\n" + menu
	if c, ok := v.Cycle(); ok && v.Unit.Owes {
		text += "\n\n本届备案截止：" + deadlineText(c, v.Unit) + "。"
		if end := award.FilingDeadline(c, v.Unit); !v.Now.Before(end) {
			text = strings.TrimSuffix(text, "本届备案截止："+deadlineText(c, v.Unit)+"。") + "本届备案已于" + momentText(end) + "截止，没报的仍可以报，会标“逾期”。"
		}
	}
	return text + "\n说一句话就行，不用记命令；随时可以回复 帮助。"
}

// may judges an action on the asker's own unit: "" or the refusal in words.
func may(v V, a award.Action) string {
	return refusal(award.May(v.Me, a, award.Object{Unit: v.Unit}))
}

// mayAll judges an action on the whole programme.
func mayAll(v V, a award.Action) string {
	return refusal(award.May(v.Me, a, award.Object{}))
}

func refusal(r *award.Refusal) string {
	if r == nil {
		return ""
	}
	return r.Text
}
