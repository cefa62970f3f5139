package bot_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"cxbot/bot"
	"cxbot/chat"
)

func testCards() bot.Cards { return bot.Cards{Secret: []byte("a secret of the tests")} }

func TestTaskRoundTrip(t *testing.T) {
	t.Parallel()
	cards := testCards()
	for name, ref := range map[string]chat.Ref{
		"draft":          {Kind: "draft", ID: "filing.3", Rev: 12},
		"topic":          {Kind: "topic", ID: "2026-017", Rev: 1},
		"chinese unit":   {Kind: "unit", ID: "城关镇党委", Rev: 7},
		"long unit":      {Kind: "unit", ID: strings.Repeat("镇", 20), Rev: 99},
		"no id":          {Kind: "menu"},
		"leading mark":   {Kind: "topic", ID: "-x", Rev: 1},
		"separator":      {Kind: "topic", ID: "a@b@c", Rev: 1},
		"chinese kind":   {Kind: "课题", ID: "1", Rev: 1},
		"largest":        {Kind: "t", ID: "1", Rev: 1<<63 - 1},
		"negative":       {Kind: "t", ID: "1", Rev: -5},
		"looks encoded":  {Kind: "t", ID: "-ZHJhZnQ", Rev: 3},
		"not valid utf8": {Kind: "t", ID: "a\xffb", Rev: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			task := cards.Task(ref, "LiChunmei", "reply:app|corp|1|99")
			if len(task) == 0 || len(task) > 128 {
				t.Fatalf("task %q has %d bytes", task, len(task))
			}
			if rest := strings.Trim(task, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-@"); rest != "" {
				t.Errorf("task %q has other characters: %q", task, rest)
			}
			got, ok := cards.Ref(task, "lichunmei") // WeCom folds userids
			if !ok || got != ref {
				t.Errorf("got %+v %v, want %+v", got, ok, ref)
			}
			equal(t, "same serial", cards.Task(ref, "LiChunmei", "reply:app|corp|1|99"), task)
			if cards.Task(ref, "LiChunmei", "other") == task {
				t.Error("another serial gives the same task_id")
			}
		})
	}
}

func TestTaskCannotBeMade(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cards bot.Cards
		ref   chat.Ref
	}{
		"no secret":     {bot.Cards{}, chat.Ref{Kind: "draft", ID: "1", Rev: 1}},
		"about nothing": {testCards(), chat.Ref{}},
		"id too long":   {testCards(), chat.Ref{Kind: "unit", ID: strings.Repeat("镇", 30), Rev: 1}},
	} {
		if task := c.cards.Task(c.ref, "u1", "s"); task != "" {
			t.Errorf("%s: made %q", name, task)
		}
	}
}

func TestRefRefusesForgeries(t *testing.T) {
	t.Parallel()
	cards := testCards()
	task := cards.Task(chat.Ref{Kind: "draft", ID: "filing.3", Rev: 12}, "u1", "s")
	body := task[:strings.LastIndex(task, "@")]
	forged := map[string]string{
		"empty":     "",
		"no mac":    body,
		"empty mac": body + "@",
		"short mac": task[:len(task)-1],
		"long mac":  task + "A",
		"spaces":    " " + task,
		"one part":  "@" + task[len(body)+1:],
		"too long":  task + strings.Repeat("A", 128),
		"foreign":   "rpt-42@v1",
	}
	for i := range len(task) {
		altered := []byte(task)
		altered[i] ^= 1
		forged["flipped "+string(rune('0'+i/10))+string(rune('0'+i%10))] = string(altered)
	}
	for name, f := range forged {
		if ref, ok := cards.Ref(f, "u1"); ok || !ref.IsZero() {
			t.Errorf("%s: %q accepted as %+v", name, f, ref)
		}
	}
	if _, ok := cards.Ref(task, "u2"); ok {
		t.Error("another person's card accepted")
	}
	if _, ok := (bot.Cards{Secret: []byte("another")}).Ref(task, "u1"); ok {
		t.Error("another secret's card accepted")
	}
	if _, ok := (bot.Cards{}).Ref(task, "u1"); ok {
		t.Error("accepted without a secret")
	}
	if _, ok := cards.Ref(task, "u1"); !ok {
		t.Error("the true card is refused")
	}
}

// goodCard is a card at every limit.
func goodCard() chat.Card {
	c := chat.Card{
		Ref: chat.Ref{Kind: "topic", ID: "7", Rev: 2}, Title: strings.Repeat("题", 36), Desc: strings.Repeat("述", 44),
	}
	for i := range 6 {
		c.Rows = append(c.Rows, chat.Row{Name: strings.Repeat("名", 5), Value: strings.Repeat("值", 30)})
		c.Buttons = append(c.Buttons, chat.Button{
			Label: strings.Repeat("钮", 10), Say: strings.Repeat("k", 1023) + string(rune('0'+i)), Style: i % 5,
		})
	}
	return c
}

func TestCheckNamesEveryLimit(t *testing.T) {
	t.Parallel()
	if err := bot.Check(goodCard()); err != nil {
		t.Fatalf("a card at every limit is refused: %v", err)
	}
	for name, c := range map[string]struct {
		change func(*chat.Card)
		want   string
	}{
		"title":        {func(c *chat.Card) { c.Title += "x" }, "title has 37 characters, 36 fit"},
		"no title":     {func(c *chat.Card) { c.Title = "" }, "title is empty"},
		"title bytes":  {func(c *chat.Card) { c.Title = "\xff" }, "title is not valid UTF-8"},
		"desc":         {func(c *chat.Card) { c.Desc += "x" }, "desc has 45 characters, 44 fit"},
		"rows":         {func(c *chat.Card) { c.Rows = append(c.Rows, c.Rows[0]) }, "7 rows, 6 fit"},
		"row name":     {func(c *chat.Card) { c.Rows[5].Name += "x" }, "name of row 6 has 6 characters, 5 fit"},
		"no row name":  {func(c *chat.Card) { c.Rows[0].Name = "" }, "row 1 has no name"},
		"row value":    {func(c *chat.Card) { c.Rows[1].Value += "x" }, "value of row 2 has 31 characters, 30 fit"},
		"buttons":      {func(c *chat.Card) { c.Buttons = append(c.Buttons, c.Buttons[0]) }, "7 buttons, 1 to 6 fit"},
		"no button":    {func(c *chat.Card) { c.Buttons = nil }, "0 buttons, 1 to 6 fit"},
		"label":        {func(c *chat.Card) { c.Buttons[2].Label += "x" }, "label of button 3 has 11 characters, 10 fit"},
		"no label":     {func(c *chat.Card) { c.Buttons[2].Label = "" }, "label of button 3 is empty"},
		"key":          {func(c *chat.Card) { c.Buttons[3].Say += "x" }, "button 4 says 1025 bytes, 1024 fit"},
		"no key":       {func(c *chat.Card) { c.Buttons[3].Say = "" }, "button 4 says nothing"},
		"key twice":    {func(c *chat.Card) { c.Buttons[3].Say = c.Buttons[0].Say }, "button 4 says the same as another"},
		"style":        {func(c *chat.Card) { c.Buttons[0].Style = 5 }, "button 1 has style 5"},
		"style below":  {func(c *chat.Card) { c.Buttons[0].Style = -1 }, "button 1 has style -1"},
		"no ref":       {func(c *chat.Card) { c.Ref = chat.Ref{} }, "ref \"\" \"\" is empty or too long"},
		"long ref":     {func(c *chat.Card) { c.Ref.ID = strings.Repeat("长", 40) }, "is empty or too long"},
		"two problems": {func(c *chat.Card) { c.Title, c.Buttons = "", nil }, "0 buttons"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			card := goodCard()
			c.change(&card)
			err := bot.Check(card)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestFit(t *testing.T) {
	t.Parallel()
	title := strings.Repeat("题", 40)
	for name, c := range map[string]struct {
		change func(*chat.Card)
		text   string
		lost   string
		check  func(chat.Card) bool
	}{
		"nothing to do": {func(*chat.Card) {}, "", "", func(c chat.Card) bool { return c.Title == goodCard().Title }},
		"title in the text": {
			func(c *chat.Card) { c.Title = title }, "您好，" + title + "。", "",
			func(c chat.Card) bool { return c.Title == strings.Repeat("题", 35)+"…" },
		},
		"title nowhere else": {
			func(c *chat.Card) { c.Title = title }, strings.Repeat("题", 39), "title",
			func(c chat.Card) bool { return utf8.RuneCountInString(c.Title) == 36 },
		},
		"value": {
			func(c *chat.Card) { c.Rows[1].Value = title }, "", "value of row 2",
			func(c chat.Card) bool { return c.Rows[1].Value == strings.Repeat("题", 29)+"…" },
		},
		"no half of a joined character": {
			func(c *chat.Card) { c.Rows[0].Name = "一二三👩\u200d🌾" }, "一二三👩\u200d🌾", "",
			func(c chat.Card) bool { return c.Rows[0].Name == "一二三👩…" },
		},
		"seventh row and button": {
			func(c *chat.Card) {
				c.Rows = append(c.Rows, chat.Row{Name: "多", Value: "余"})
				c.Buttons = append(c.Buttons, chat.Button{Label: "另外", Say: "说另外"})
			}, "", "row 7, button 7",
			func(c chat.Card) bool { return len(c.Rows) == 6 && len(c.Buttons) == 6 },
		},
		"seventh button can be typed": {
			func(c *chat.Card) { c.Buttons = append(c.Buttons, chat.Button{Label: "另外", Say: "说另外"}) },
			"也可回复 说另外", "", func(c chat.Card) bool { return len(c.Buttons) == 6 },
		},
		"what a button says is kept": {
			func(c *chat.Card) { c.Buttons[0].Label = "一二三四五六七八九十一" }, "", "label of button 1",
			func(c chat.Card) bool {
				return c.Buttons[0].Label == "一二三四五六七八九…" && c.Buttons[0].Say == goodCard().Buttons[0].Say
			},
		},
		"broken bytes": {
			func(c *chat.Card) { c.Desc = "好\xff" }, "", "desc",
			func(c chat.Card) bool { return c.Desc == "好" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			card := goodCard()
			c.change(&card)
			before := card.Title
			fitted, lost := bot.Fit(card, c.text)
			equal(t, "lost", strings.Join(lost, ", "), c.lost)
			if err := bot.Check(fitted); err != nil {
				t.Errorf("still wrong: %v", err)
			}
			if !c.check(fitted) {
				t.Errorf("fitted to %+v", fitted)
			}
			equal(t, "the given card's title", card.Title, before)
		})
	}
}
