package simulator

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const codeLife = 72 * time.Hour // of a response_code (WeCom document 94945)

// card is a card the app has sent, by its task id.
type card struct {
	task     string
	cardType string
	buttons  bool // has buttons an update may replace by a label
}

// cardCopy is a card on one person's screen.
type cardCopy struct {
	seq   int64
	card  Card
	robot bool // the smart robot sent it, so presses go to the long connection
}

// live reports whether its buttons can still be pressed.
func (c *cardCopy) live() bool { return c.card.Replaced == "" }

// responseCode lets one call update one card.
type responseCode struct {
	task string
	ends time.Time
	used bool
}

// takeTask claims the card's task id for ever; the caller holds the lock.
func (s *Sim) takeTask(w *wireCard) *apiFault {
	if w.TaskID == "" {
		return nil
	}

	if s.cards[w.TaskID] != nil {
		return &apiFault{codeTaskID, "task_id is used already"}
	}

	s.cards[w.TaskID] = &card{task: w.TaskID, cardType: w.CardType, buttons: w.interactive()}

	return nil
}

// issueCode makes a fresh response code; the caller holds the lock.
func (s *Sim) issueCode(task string, now time.Time) string {
	code := randomID("RC", 24)
	s.codes[code] = &responseCode{task: task, ends: now.Add(codeLife)}

	return code
}

// updateBody is the body of message/update_template_card. Receivers are arrays
// here, unlike in message/send.
type updateBody struct {
	UserIDs      []string  `json:"userids"`
	PartyIDs     []int64   `json:"partyids"`
	TagIDs       []int64   `json:"tagids"`
	AtAll        int       `json:"atall"`
	AgentID      *looseInt `json:"agentid"`
	ResponseCode string    `json:"response_code"`
	Button       *struct {
		ReplaceName string `json:"replace_name"`
	} `json:"button"`
	TemplateCard *wireCard `json:"template_card"`
}

// updateCard answers message/update_template_card.
func (s *Sim) updateCard(c *call) (any, *apiFault) {
	var body updateBody

	fault := c.decode(&body)
	if fault != nil {
		return nil, fault
	}

	fault = s.checkUpdate(&body)
	if fault != nil {
		return nil, fault
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	code := s.codes[body.ResponseCode]
	if code == nil || code.used || !c.now.Before(code.ends) {
		return nil, &apiFault{codeResponseCode, "response_code is invalid, expired or used"}
	}

	sent := s.cards[code.task]

	switch {
	case sent == nil:
		return nil, &apiFault{codeUnknownTask, "unknown task_id"}
	case body.Button != nil && !sent.buttons:
		return nil, &apiFault{codeParameter, "this card has no buttons to replace"}
	}

	code.used = true
	strangers := []string{}

	for _, id := range s.updated(&body, code.task) {
		if !s.replace(id, code.task, body.change(), false, c.now) {
			strangers = append(strangers, strings.ToLower(id))
		}
	}

	return accepted(map[string]any{"invaliduser": strangers}), nil
}

// checkUpdate judges the form of an update.
func (s *Sim) checkUpdate(body *updateBody) *apiFault {
	nobody := len(body.UserIDs)+len(body.PartyIDs)+len(body.TagIDs) == 0 && body.AtAll == 0

	switch {
	case body.AgentID == nil:
		return badAgent()
	case body.AgentID.Value != s.cfg.AgentID:
		return otherAgent()
	case nobody:
		return &apiFault{codeNoReceiver, "userids, partyids, tagids are all empty"}
	case len(body.UserIDs) > maxUsers:
		return &apiFault{codeUserList, "invalid user list length"}
	case (body.Button == nil) == (body.TemplateCard == nil):
		return &apiFault{codeParameter, "exactly one of button and template_card"}
	case body.Button != nil && body.Button.ReplaceName == "":
		return &apiFault{codeParameter, "button.replace_name is empty"}
	case body.TemplateCard != nil:
		return body.TemplateCard.check()
	}

	return nil
}

// updated lists the userids an update means; the caller holds the lock.
func (s *Sim) updated(body *updateBody, task string) []string {
	ids := slices.Clone(body.UserIDs)

	for _, party := range body.PartyIDs {
		for _, p := range s.inUnit(strconv.FormatInt(party, 10)) {
			ids = append(ids, p.UserID)
		}
	}

	if body.AtAll == 1 {
		for _, key := range s.order {
			if s.people[key].copyOf(task) != nil {
				ids = append(ids, s.people[key].UserID)
			}
		}
	}

	slices.Sort(ids)

	return slices.Compact(ids)
}

// change turns an update into what it does to a card on the screen.
func (b *updateBody) change() func(*Card) {
	if b.Button != nil {
		return func(c *Card) { c.Replaced = b.Button.ReplaceName }
	}

	picture := b.TemplateCard.picture()

	return func(c *Card) {
		*c = *picture
		c.Replaced = b.TemplateCard.ReplaceText
	}
}

// copyOf finds the person's copy of a card, or nil.
func (p *person) copyOf(task string) *cardCopy {
	for _, c := range p.cards {
		if task != "" && c.card.Task == task {
			return c
		}
	}

	return nil
}

// replace changes one person's copy and shows that he saw it; the caller holds
// the lock. False: he has no such card.
func (s *Sim) replace(userid, task string, change func(*Card), passive bool, now time.Time) bool {
	p := s.people[strings.ToLower(userid)]
	if p == nil {
		return false
	}

	copied := p.copyOf(task)
	if copied == nil {
		return false
	}

	change(&copied.card)
	copied.card.Task = task
	after := copied.card

	channel := ChannelApp
	if copied.robot {
		channel = ChannelRobot
	}

	s.journal.add(Shown{
		To: p.UserID, Name: p.Name, Channel: channel, Kind: KindUpdate, Text: after.Replaced, Card: &after,
		At: now, Passive: passive, MsgKey: task,
	})

	return true
}

// passiveUpdate lets the answer to a click change the clicker's own copy.
func (s *Sim) passiveUpdate(m Member, in Inbound, reply plainReply) {
	task := ""

	for _, f := range in.Fields {
		if f.Name == "TaskId" {
			task = f.Value
		}
	}

	change := func(c *Card) { c.Replaced = reply.Button.ReplaceName }
	if reply.MsgType == msgUpdateCard {
		change = func(c *Card) {
			c.Type, c.Title, c.Desc = reply.TemplateCard.CardType, reply.TemplateCard.MainTitle.Title, reply.TemplateCard.MainTitle.Desc
			c.Rows, c.Buttons, c.Replaced = nil, nil, reply.TemplateCard.ReplaceText
		}
	}

	now := s.cfg.Now()

	s.mu.Lock()
	done := s.replace(m.UserID, task, change, true, now)
	s.mu.Unlock()

	if !done {
		s.problemf("%s answers no card of %s", reply.MsgType, m.UserID)
	}
}

// Click presses the button key of the card task on the member's screen. The
// event carries a fresh response code. Questions on the card are answered with
// what was chosen at first, as when nobody touches them.
func (s *Sim) Click(ctx context.Context, userid, task, key string) (Delivery, error) {
	now := s.cfg.Now()

	s.mu.Lock()

	p := s.people[strings.ToLower(userid)]
	copied := (*cardCopy)(nil)

	if p != nil {
		copied = p.copyOf(task)
	}

	if copied == nil {
		s.mu.Unlock()

		return Delivery{}, fmt.Errorf("%w: task %q of %s", ErrNoCard, task, userid)
	}

	at := slices.IndexFunc(copied.card.Buttons, func(b Button) bool { return b.Key == key && b.URL == "" })
	if at < 0 {
		s.mu.Unlock()

		return Delivery{}, fmt.Errorf("%w: key %q on task %q", ErrNoButton, key, task)
	}

	pressed, cardType := copied.card.Buttons[at], copied.card.Type
	choices := copied.card.choices

	if copied.robot {
		card := copied.card
		s.mu.Unlock()

		return s.clickRobot(ctx, p.Member, card, key)
	}

	code := s.issueCode(task, now)
	s.mu.Unlock()

	fields := []Field{
		textField("TaskId", task), textField("CardType", cardType), textField("ResponseCode", code),
	}

	if pressed.Menu {
		return s.event(ctx, userid, "template_card_menu_event", key, fields...)
	}

	if choices != "" {
		fields = append(fields, Field{Name: "SelectedItems", Value: choices, Raw: true})
	}

	return s.event(ctx, userid, "template_card_event", key, fields...)
}

// ClickLabel presses the newest card on the member's screen that bears the
// label and still has its buttons. With old > 0 it presses the old-th card
// before the newest instead, greyed out or not: that is the press on a second
// device which has not seen the update yet.
func (s *Sim) ClickLabel(ctx context.Context, userid, label string, old int) (Delivery, error) {
	task, key, err := s.findButton(userid, label, old)
	if err != nil {
		return Delivery{}, err
	}

	return s.Click(ctx, userid, task, key)
}

// findButton looks a label up on the member's screen, newest card first.
func (s *Sim) findButton(userid, label string, old int) (task, key string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	p := s.people[strings.ToLower(userid)]
	if p == nil {
		return "", "", fmt.Errorf("%w: %q", ErrNoMember, userid)
	}

	var seen []string

	skip := old

	for _, c := range slices.Backward(p.cards) {
		if old == 0 && !c.live() {
			continue
		}

		at := slices.IndexFunc(c.card.Buttons, func(b Button) bool { return b.Label == label && b.URL == "" })
		if at < 0 {
			for _, b := range c.card.Buttons {
				seen = append(seen, b.Label)
			}

			continue
		}

		if skip == 0 {
			return c.card.Task, c.card.Buttons[at].Key, nil
		}

		skip--
	}

	return "", "", fmt.Errorf("%w: %q; there are %q", ErrNoButton, label, seen)
}
