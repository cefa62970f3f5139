package bot_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"cxbot/bot"
	"cxbot/chat"
)

// bench is a Turn on fakes.
type bench struct {
	store  *store
	count  counts
	log    journal
	wakes  int
	wakeMu sync.Mutex
	config bot.Config
	turn   *bot.Turn
}

// echo answers every message with its text, counts events in the conversation's
// Serial, and folds what it says while more is waiting.
func echo(r bot.Request) bot.Response {
	out := bot.Response{Conversation: r.Conversation}
	out.Conversation.Serial++
	if r.More {
		out.Conversation.Unsaid = append(out.Conversation.Unsaid, r.Event.Text)
		return out
	}
	out.Reply.Text = strings.Join(append(r.Conversation.Unsaid, r.Event.Text), " ")
	out.Conversation.Unsaid = nil
	return out
}

func newBench(responder bot.Responder) *bench {
	b := &bench{store: newStore()}
	b.config = bot.Config{
		Store: b.store, Responder: responder, Cards: testCards(), Clock: wall{},
		Log: b.log.logger(), Count: b.count.add,
		Wake: func() {
			b.wakeMu.Lock()
			b.wakes++
			b.wakeMu.Unlock()
		},
	}
	b.turn = bot.New(b.config)
	return b
}

// text is a text event of a person.
func text(id, from, words string) chat.Event {
	return chat.Event{ID: id, Channel: chat.App, From: from, Kind: chat.Text, Text: words}
}

// click is a press of a button on a card made for the person.
func click(id, from, say string, ref chat.Ref) chat.Event {
	return chat.Event{ID: id, Channel: chat.App, From: from, Kind: chat.Click, Click: chat.Press{
		Task: testCards().Task(ref, from, "made earlier"), Key: say, Code: "code-" + id,
		Ref: chat.Ref{Kind: "smuggled", ID: "in"},
	}}
}

// answering responds the same to every event.
func answering(r bot.Response) bot.Responder {
	return func(bot.Request) bot.Response { return r }
}

func smallCard() *chat.Card {
	return &chat.Card{
		Ref: chat.Ref{Kind: "draft", ID: "filing.1", Rev: 4}, Title: "确认报送",
		Buttons: []chat.Button{{Label: "确认", Say: "提交"}, {Label: "修改", Say: "修改"}},
	}
}

func TestReplyIsPassiveAndRepeatedWordForWord(t *testing.T) {
	t.Parallel()
	b := newBench(echo)
	for range 8 {
		equal(t, "result", b.turn.Handle(t.Context(), text("m1", "u1", "你好")), bot.Result{Text: "你好"})
	}
	equal(t, "commits", len(b.store.committed()), 1)
	equal(t, "pushed", len(b.store.messages()), 0)
	equal(t, "repeats", b.count.get("turn.repeat"), 7)
	equal(t, "wakes", b.wakes, 0)
	got := b.store.committed()[0]
	equal(t, "stored reply", got.Reply, "你好")
	if got.Event.At.IsZero() || got.At.IsZero() {
		t.Errorf("times are missing: %v %v", got.Event.At, got.At)
	}
}

func TestWhereAReplyGoes(t *testing.T) {
	t.Parallel()
	ref := chat.Ref{Kind: "draft", ID: "filing.1", Rev: 3}
	foreign := click("e", "u1", "提交", ref)
	foreign.Click.Task = "rpt-42@v1"
	inGroup := text("e", "u1", "进度")
	inGroup.Group = "wr1"
	groupClick := click("e", "u1", "提交", ref)
	groupClick.Group, groupClick.Click.Task = "wr1", testCards().Task(ref, "group:wr1", "x")
	internal := text("e", "u1", "")
	internal.Channel = chat.Internal
	enter := text("e", "u1", "")
	enter.Kind = chat.Enter
	gone := text("e", "u1", "")
	gone.Kind = chat.Unsubscribe
	codeless := click("e", "u1", "提交", ref)
	codeless.Click.Code = ""
	reply := chat.Reply{Text: "好的", Card: smallCard()}
	own := []chat.Message{{Key: "own", To: "u1", Update: &chat.Update{Code: "code-e", Label: "已通过"}}}

	for name, c := range map[string]struct {
		event    chat.Event
		response bot.Response
		passive  string
		pushed   string // key→receiver:text[card]{label}
	}{
		"text":              {text("e", "u1", "x"), bot.Response{Reply: chat.Reply{Text: "好的"}}, "好的", ""},
		"text and card":     {text("e", "u1", "x"), bot.Response{Reply: reply}, "好的", "card:e→u1:[确认报送]"},
		"nothing to say":    {text("e", "u1", "x"), bot.Response{}, "", ""},
		"enter":             {enter, bot.Response{Reply: chat.Reply{Text: "欢迎"}}, "欢迎", ""},
		"unsubscribe":       {gone, bot.Response{Reply: chat.Reply{Text: "再见"}}, "", "reply:e→u1:再见"},
		"in a group":        {inGroup, bot.Response{Reply: reply}, "好的", "card:e→group:wr1:[确认报送]"},
		"internal":          {internal, bot.Response{Reply: chat.Reply{Text: "文件已收"}}, "", "reply:e→u1:文件已收"},
		"click":             {click("e", "u1", "提交", ref), bot.Response{Reply: reply}, "", "reply:e→u1:好的[确认报送] update:e→u1:{已收到}"},
		"click in a group":  {groupClick, bot.Response{}, "", "update:e→u1:{已收到}"},
		"foreign click":     {foreign, bot.Response{Reply: chat.Reply{Text: "已过期"}}, "", "reply:e→u1:已过期 update:e→u1:{已失效}"},
		"click, own update": {click("e", "u1", "提交", ref), bot.Response{Messages: own}, "", "own→u1:{已通过}"},
		"click, no code":    {codeless, bot.Response{Reply: chat.Reply{Text: "好"}}, "", "reply:e→u1:好"},
		"others' messages": {
			text("e", "u1", "x"),
			bot.Response{Reply: chat.Reply{Text: "好"}, Messages: []chat.Message{{Key: "k", To: "u2", Text: "新报送"}}}, "好", "k→u2:新报送",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(answering(c.response))
			equal(t, "result", b.turn.Handle(t.Context(), c.event), bot.Result{Text: c.passive})
			equal(t, "pushed", spell(b.store.messages()), c.pushed)
			equal(t, "stored reply", b.store.committed()[0].Reply, c.passive)
			equal(t, "woken", b.wakes > 0, c.pushed != "")
			for _, m := range b.store.messages() {
				equal(t, "priority of "+m.Key, m.Priority, chat.PriorityReply)
			}
		})
	}
}

// spell writes messages in one line.
func spell(msgs []chat.Message) string {
	var out []string
	for _, m := range msgs {
		s := m.Key + "→" + m.To + ":" + m.Text
		if m.Card != nil {
			s += "[" + m.Card.Title + "]"
		}
		if m.Update != nil {
			s += "{" + m.Update.Label + "}"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestClickRefIsReadFromTheTaskAlone(t *testing.T) {
	t.Parallel()
	want := chat.Ref{Kind: "draft", ID: "filing.1", Rev: 3}
	others := click("e3", "u1", "提交", want)
	others.From = "u2"
	for name, c := range map[string]struct {
		event chat.Event
		want  chat.Ref
	}{
		"own":         {click("e1", "u1", "提交", want), want},
		"other case":  {func() chat.Event { e := click("e2", "U1", "提交", want); e.From = "u1"; return e }(), want},
		"another's":   {others, chat.Ref{}},
		"unknown":     {func() chat.Event { e := click("e4", "u1", "提交", want); e.Click.Task = ""; return e }(), chat.Ref{}},
		"not a click": {chat.Event{ID: "e5", From: "u1", Kind: chat.Text}, chat.Ref{}},
	} {
		var got chat.Ref
		b := newBench(func(r bot.Request) bot.Response {
			got = r.Event.Click.Ref
			return bot.Response{}
		})
		b.turn.Handle(t.Context(), c.event)
		equal(t, name, got, c.want)
	}
}

func TestSlowStore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		took    time.Duration
		result  bot.Result
		pushed  string
		commits int
		at      time.Duration
	}{
		{2900 * time.Millisecond, bot.Result{Text: "好"}, "card:m→u1:[确认报送]", 1, 2900 * time.Millisecond},
		{3000 * time.Millisecond, bot.Result{}, "reply:m→u1:好[确认报送]", 1, 3000 * time.Millisecond},
		{3100 * time.Millisecond, bot.Result{}, "reply:m→u1:好[确认报送]", 1, 3100 * time.Millisecond},
		{4100 * time.Millisecond, bot.Result{Close: true}, "", 0, 4 * time.Second},
		{6000 * time.Millisecond, bot.Result{Close: true}, "", 0, 4 * time.Second},
	} {
		t.Run(c.took.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(answering(bot.Response{Reply: chat.Reply{Text: "好", Card: smallCard()}}))
				b.store.onLoad = func(ctx context.Context, _ chat.Event) error { return pause(ctx, c.took) }
				start := time.Now()
				equal(t, "result", b.turn.Handle(t.Context(), text("m", "u1", "x")), c.result)
				equal(t, "answered after", time.Since(start), c.at)
				equal(t, "pushed", spell(b.store.messages()), c.pushed)
				equal(t, "commits", len(b.store.committed()), c.commits)

				// The redelivery says the same again, or does at last what was closed.
				b.store.onLoad = nil
				want := c.result
				if want.Close {
					want = bot.Result{Text: "好"}
				}
				equal(t, "again", b.turn.Handle(t.Context(), text("m", "u1", "x")), want)
				equal(t, "commits after all", len(b.store.committed()), 1)
			})
		})
	}
}

// A responder that needs long is judged before the commit, not after the load.
func TestSlowResponder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(func(bot.Request) bot.Response {
			time.Sleep(4100 * time.Millisecond)
			return bot.Response{Reply: chat.Reply{Text: "好"}}
		})
		equal(t, "result", b.turn.Handle(t.Context(), text("m", "u1", "x")), bot.Result{Close: true})
		equal(t, "commits", len(b.store.committed()), 0)
		equal(t, "late", b.count.get("turn.late"), 1)
	})
}

func TestSlowCommitIsUnknownAndTheRedeliveryRepeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(echo)
		b.store.onCommit = func(ctx context.Context, o bot.Outcome) error {
			b.store.onCommit = nil
			if err := b.store.Commit(ctx, o); err != nil {
				return err
			}
			return pause(ctx, time.Hour) // executed, then the answer is lost
		}
		equal(t, "first", b.turn.Handle(t.Context(), text("m", "u1", "你好")), bot.Result{Close: true})
		equal(t, "again", b.turn.Handle(t.Context(), text("m", "u1", "你好")), bot.Result{Text: "你好"})
		equal(t, "effects", b.store.talks["u1"].Serial, 1)
	})
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		conflicts int
		event     chat.Event
		want      bot.Result
		commits   int
	}{
		{1, text("m", "u1", "你好"), bot.Result{Text: "你好"}, 1},
		{4, text("m", "u1", "你好"), bot.Result{Text: "你好"}, 1},
		{5, text("m", "u1", "你好"), bot.Result{Text: "有人同时在改，请再发一次。"}, 0},
		{5, click("m", "u1", "提交", chat.Ref{Kind: "t"}), bot.Result{Close: true}, 0},
	} {
		b := newBench(echo)
		loads := 0
		b.store.onLoad = func(context.Context, chat.Event) error { loads++; return nil }
		left := c.conflicts
		b.store.onCommit = func(context.Context, bot.Outcome) error {
			if left--; left >= 0 {
				return fmt.Errorf("wrapped: %w", bot.ErrConflict)
			}
			return nil
		}
		name := fmt.Sprintf("%d conflicts of a %s", c.conflicts, c.event.Kind)
		equal(t, name, b.turn.Handle(t.Context(), c.event), c.want)
		equal(t, name+": commits", len(b.store.committed()), c.commits)
		equal(t, name+": loads", loads, min(c.conflicts+1, 5))
		equal(t, name+": counted", b.count.get("turn.conflict"), c.conflicts)
		// Nothing was stored under the id, so the next delivery does the work.
		left = 0
		b.turn.Handle(t.Context(), c.event)
		equal(t, name+": commits in the end", len(b.store.committed()), 1)
	}
}

func TestRepeatAtCommitGivesTheStoredReply(t *testing.T) {
	t.Parallel()
	b := newBench(echo)
	b.store.onCommit = func(context.Context, bot.Outcome) error {
		return fmt.Errorf("wrapped: %w", &bot.Repeat{Reply: "早先的话"})
	}
	equal(t, "result", b.turn.Handle(t.Context(), text("m", "u1", "x")), bot.Result{Text: "早先的话"})
	equal(t, "wakes", b.wakes, 0)
}

func TestStoreFailures(t *testing.T) {
	t.Parallel()
	sorry := bot.Result{Text: "刚才这条没有存上，请一分钟后再发。"}
	closed := bot.Result{Close: true}
	menu := text("m", "u1", "MY")
	menu.Kind = chat.Menu
	internal := text("m", "u1", "")
	internal.Channel = chat.Internal
	enter := text("m", "u1", "")
	enter.Kind = chat.Enter
	press := click("m", "u1", "提交", chat.Ref{Kind: "t"})
	refused := fmt.Errorf("%w: OOM", bot.ErrNotStored)

	for name, c := range map[string]struct {
		event              chat.Event
		load, view, commit error
		want               bot.Result
	}{
		"load, message":        {text("m", "u1", "x"), errDown, nil, nil, sorry},
		"load, menu":           {menu, errDown, nil, nil, sorry},
		"load, click":          {press, errDown, nil, nil, closed},
		"load, internal":       {internal, errDown, nil, nil, closed},
		"load, enter":          {enter, errDown, nil, nil, closed},
		"view, message":        {text("m", "u1", "x"), nil, errDown, nil, sorry},
		"view, click":          {press, nil, errDown, nil, closed},
		"commit, surely not":   {text("m", "u1", "x"), nil, nil, refused, sorry},
		"commit, click":        {press, nil, nil, refused, closed},
		"commit, unknown":      {text("m", "u1", "x"), nil, nil, errDown, closed},
		"commit, unknown menu": {menu, nil, nil, errDown, closed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(echo)
			b.store.onLoad = func(context.Context, chat.Event) error { return c.load }
			b.store.onView = func() error { return c.view }
			b.store.onCommit = func(context.Context, bot.Outcome) error { return c.commit }
			equal(t, "result", b.turn.Handle(t.Context(), c.event), c.want)
			equal(t, "commits", len(b.store.committed()), 0)
		})
	}
}

func TestOutageIsToldOnceAMinuteToEach(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(echo)
		b.store.onLoad = func(context.Context, chat.Event) error { return errDown }
		told := map[string]int{}
		for second := range 180 {
			for _, who := range []string{"u1", "U1", "u2"} {
				r := b.turn.Handle(t.Context(), text(fmt.Sprint(who, second), who, "x"))
				// Either words or no answer: an empty one would say "kept".
				if r.Close == (r.Text != "") {
					t.Fatalf("second %d: %+v", second, r)
				}
				if r.Text != "" {
					told[strings.ToLower(who)]++
				}
			}
			time.Sleep(time.Second)
		}
		equal(t, "told u1", told["u1"], 3)
		equal(t, "told u2", told["u2"], 3)
	})
}

// After an unknown outcome "not stored" could be untrue.
func TestUnreadableRedeliveryIsClosed(t *testing.T) {
	t.Parallel()
	b := newBench(echo)
	b.store.onCommit = func(ctx context.Context, o bot.Outcome) error {
		b.store.onCommit = nil
		return errors.Join(errDown, b.store.Commit(ctx, o))
	}
	equal(t, "unknown outcome", b.turn.Handle(t.Context(), text("m", "u1", "你好")), bot.Result{Close: true})
	b.store.onLoad = func(context.Context, chat.Event) error { return errDown }
	equal(t, "cannot read", b.turn.Handle(t.Context(), text("m", "u1", "你好")), bot.Result{Close: true})
	b.store.onLoad = nil
	equal(t, "works again", b.turn.Handle(t.Context(), text("m", "u1", "你好")), bot.Result{Text: "你好"})
	equal(t, "effects", b.store.talks["u1"].Serial, 1)
}

// A process that has just started cannot know what the one before it has stored.
func TestHeirNeverSaysNotStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(echo)
		b.config.Heir = bot.DefaultHeir
		b.turn = bot.New(b.config)
		b.store.onLoad = func(context.Context, chat.Event) error { return errDown }
		equal(t, "at first", b.turn.Handle(t.Context(), text("m1", "u1", "你好")), bot.Result{Close: true})
		time.Sleep(bot.DefaultHeir)
		equal(t, "the same again", b.turn.Handle(t.Context(), text("m1", "u1", "你好")), bot.Result{Close: true})
		r := b.turn.Handle(t.Context(), text("m2", "u1", "你好"))
		if r.Close || !strings.Contains(r.Text, "没有存上") {
			t.Errorf("later: %+v", r)
		}
	})
}

func TestPanic(t *testing.T) {
	t.Parallel()
	for name, event := range map[string]chat.Event{
		"message":  text("m7", "u1", "秘密内容"),
		"click":    click("m7", "u1", "秘密内容", chat.Ref{Kind: "t"}),
		"internal": {ID: "m7", Channel: chat.Internal, From: "u1", Kind: chat.File, Text: "秘密内容"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad := true
			b := newBench(func(r bot.Request) bot.Response {
				if bad {
					panic("cannot read " + r.Event.Text)
				}
				return echo(r)
			})
			got := b.turn.Handle(t.Context(), event)
			equal(t, "counted", b.count.get("turn.panic"), 1)
			equal(t, "draft touched", b.store.talks["u1"].Rev, 0)
			switch name {
			case "message":
				if !strings.Contains(got.Text, "抱歉") || got.Close || len(b.store.committed()) != 0 {
					t.Errorf("got %+v and %d commits", got, len(b.store.committed()))
				}
			case "click":
				equal(t, "result", got, bot.Result{})
				if said := spell(b.store.messages()); !strings.Contains(said, "reply:m7→u1:抱歉") {
					t.Errorf("pushed %q", said)
				}
			case "internal":
				equal(t, "result", got, bot.Result{Close: true})
			}
			log := b.log.String()
			for _, want := range []string{"m7", "stack=", "TestPanic", "panic=string"} {
				if !strings.Contains(log, want) {
					t.Errorf("the log lacks %q:\n%s", want, log)
				}
			}
			if strings.Contains(log, "秘密") {
				t.Errorf("the log holds what was written:\n%s", log)
			}
			bad = false
			equal(t, "next", b.turn.Handle(t.Context(), text("m8", "u1", "好")), bot.Result{Text: "好"})
		})
	}
}

func TestPanicInTheStoreClosesAndLives(t *testing.T) {
	t.Parallel()
	b := newBench(echo)
	b.store.onLoad = func(context.Context, chat.Event) error { panic(errDown) }
	equal(t, "result", b.turn.Handle(t.Context(), text("m", "u1", "x")), bot.Result{Close: true})
	b.store.onLoad = nil
	equal(t, "next", b.turn.Handle(t.Context(), text("m", "u1", "x")), bot.Result{Text: "x"})
}

func TestBrokenRecordIsAlarmed(t *testing.T) {
	t.Parallel()
	b := newBench(echo)
	b.store.broken = true
	b.turn.Handle(t.Context(), text("m", "u1", "x"))
	equal(t, "counted", b.count.get("turn.broken-record"), 1)
}

func TestStrangersAreRefusedOnceAnHour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(answering(bot.Response{MarkOnly: true, Reply: chat.Reply{Text: "请联系张三。"}}))
		ask := func(id string, want string) {
			t.Helper()
			equal(t, id, b.turn.Handle(t.Context(), text(id, "stranger", "x")), bot.Result{Text: want})
		}
		ask("m1", "请联系张三。")
		ask("m1", "请联系张三。") // a redelivery hears the same
		ask("m2", "")
		time.Sleep(59 * time.Minute)
		ask("m3", "")
		time.Sleep(2 * time.Minute)
		ask("m4", "请联系张三。")
		equal(t, "stored conversations", len(b.store.talks), 0)
		equal(t, "marks", len(b.store.seen), 4)
		equal(t, "another", b.turn.Handle(t.Context(), text("m5", "second", "x")).Text, "请联系张三。")
	})
}

func TestGroupsAreAnsweredEveryTime(t *testing.T) {
	t.Parallel()
	b := newBench(answering(bot.Response{MarkOnly: true, Reply: chat.Reply{Text: "还有 28 天。"}}))
	for _, id := range []string{"m1", "m2", "m1"} {
		ev := text(id, "u1", "备案还有几天")
		ev.Channel, ev.Group = chat.Robot, "wrGroup1"
		equal(t, id, b.turn.Handle(t.Context(), ev), bot.Result{Text: "还有 28 天。"})
	}
	equal(t, "stored conversations", len(b.store.talks), 0)
}

func TestPassiveTextIsCutOnACharacter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		bytes, want int
		cut         int
	}{{2047, 2047, 0}, {2048, 2048, 0}, {2049, 2046, 1}, {9000, 2046, 1}} {
		long := strings.Repeat("x", c.bytes%3) + strings.Repeat("字", c.bytes/3)
		b := newBench(answering(bot.Response{Reply: chat.Reply{Text: long}}))
		got := b.turn.Handle(t.Context(), text("m", "u1", "x")).Text
		if len(got) > 2048 || !utf8.ValidString(got) || !strings.HasPrefix(long, got) || len(got) < c.want {
			t.Errorf("%d bytes became %d", c.bytes, len(got))
		}
		equal(t, "counted", b.count.get("turn.text-cut"), c.cut)
		equal(t, "stored as said", b.store.committed()[0].Reply, got)
	}
}

func TestCardsThatCannotBeSent(t *testing.T) {
	t.Parallel()
	long := smallCard()
	long.Title = strings.Repeat("题", 40)
	useless := smallCard()
	useless.Buttons = nil
	b := newBench(func(r bot.Request) bot.Response {
		card := long
		if r.Event.ID == "m2" {
			card = useless
		}
		return bot.Response{Conversation: r.Conversation, Reply: chat.Reply{Text: "好", Card: card}}
	})
	b.turn.Handle(t.Context(), text("m1", "u1", "x"))
	equal(t, "cut", b.count.get("card.cut"), 1)
	equal(t, "pushed", len(b.store.messages()), 1)
	if err := bot.Check(*b.store.messages()[0].Card); err != nil {
		t.Error(err)
	}
	equal(t, "text alone", b.turn.Handle(t.Context(), text("m2", "u1", "x")), bot.Result{Text: "好"})
	equal(t, "left out", b.count.get("card.left-out"), 1)
	equal(t, "pushed still", len(b.store.messages()), 1)
}

func TestTraceIsLoggedWithoutText(t *testing.T) {
	t.Parallel()
	b := newBench(answering(bot.Response{Trace: []string{"refused filing.quota"}, Reply: chat.Reply{Text: "名额已满"}}))
	b.turn.Handle(t.Context(), text("m1", "u1", "我要报课题"))
	log := b.log.String()
	if !strings.Contains(log, "level=INFO") || !strings.Contains(log, "refused filing.quota") {
		t.Errorf("log: %s", log)
	}
	if strings.Contains(log, "名额") || strings.Contains(log, "课题") {
		t.Errorf("the log holds words: %s", log)
	}
}
