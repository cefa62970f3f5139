package simulator

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// SayToRobot sends a text in the member's single chat with the smart robot and
// waits for the answer, for as long as the platform's patience.
func (s *Sim) SayToRobot(ctx context.Context, userid, text string) (Delivery, error) {
	m, err := s.member(userid)
	if err != nil {
		return Delivery{}, err
	}

	link := s.robotLink()
	if link == nil {
		return Delivery{}, ErrNoRobot
	}

	s.journal.add(s.toRobot(m, m.UserID, m.Name, false, KindText, text))

	return s.robotSend(ctx, link, m, "", map[string]any{"msgtype": msgText, msgText: map[string]any{keyContent: text}})
}

// SayInGroup says a text in a group. The robot hears only what @ calls it, so
// the call is put in front unless the text begins with one.
func (s *Sim) SayInGroup(ctx context.Context, group, userid, text string) (Delivery, error) {
	m, err := s.member(userid)
	if err != nil {
		return Delivery{}, err
	}

	s.mu.Lock()
	g, ok := s.groups[group]
	s.mu.Unlock()

	inside := slices.ContainsFunc(g.Members, func(id string) bool { return strings.EqualFold(id, userid) })

	switch {
	case !ok:
		return Delivery{}, fmt.Errorf("%w: %q", ErrNoGroup, group)
	case !inside:
		return Delivery{}, fmt.Errorf("%w: %q in group %q", ErrNoMember, userid, group)
	}

	link := s.robotLink()
	if link == nil {
		return Delivery{}, ErrNoRobot
	}

	if !strings.HasPrefix(text, "@") {
		text = "@" + s.cfg.RobotName + " " + text
	}

	s.journal.add(s.toRobot(m, g.ID, g.Name, true, KindText, text))

	return s.robotSend(ctx, link, m, g.ID, map[string]any{"msgtype": msgText, msgText: map[string]any{keyContent: text}})
}

// toRobot is the member's own line on the screen.
func (s *Sim) toRobot(m Member, chat, name string, group bool, kind Kind, text string) Shown {
	return Shown{
		To: chat, Name: name, Group: group, Channel: ChannelRobot, Kind: kind, Text: text, At: s.cfg.Now(), From: m.UserID,
	}
}

// SendToRobot sends media in single chat: here, unlike in the app, files arrive.
// A voice arrives as its words only, for which the name stands.
func (s *Sim) SendToRobot(ctx context.Context, userid, kind, name string, data []byte) (Delivery, error) {
	m, err := s.member(userid)
	if err != nil {
		return Delivery{}, err
	}

	link := s.robotLink()
	if link == nil {
		return Delivery{}, ErrNoRobot
	}

	file := s.keep(kind, name, contentType(name, data), data)
	entry := s.toRobot(m, m.UserID, m.Name, false, Kind(kind), "["+name+"]")
	entry.File = file
	s.journal.add(entry)

	body := map[string]any{"msgtype": kind}
	if kind == SendKindVoice {
		body[kind] = map[string]any{keyContent: name}
	} else {
		address, key, err := s.robotOffer(link.base, name, data)
		if err != nil {
			return Delivery{}, err
		}

		body[kind] = map[string]any{"url": address, "aeskey": key}
	}

	return s.robotSend(ctx, link, m, "", body)
}

// EnterRobot opens the single chat with the robot; the platform tells the bot
// the first time of a day only.
func (s *Sim) EnterRobot(ctx context.Context, userid string) (Delivery, error) {
	m, err := s.member(userid)
	if err != nil {
		return Delivery{}, err
	}

	link := s.robotLink()
	if link == nil {
		return Delivery{}, ErrNoRobot
	}

	today := s.cfg.Now().Format(time.DateOnly)

	s.robot.mu.Lock()
	again := s.robot.entered[m.UserID] == today
	s.robot.entered[m.UserID] = today
	s.robot.mu.Unlock()

	if again {
		return Delivery{}, nil
	}

	turn := &robotTurn{kind: turnEnter, chat: m.UserID, from: m.UserID}

	return s.robotAsk(ctx, link, turn, map[string]any{
		"msgtype": msgEvent, "chattype": chatSingle, "from": map[string]string{"userid": m.UserID},
		msgEvent: map[string]any{"eventtype": turnEnter},
	})
}

// clickRobot reports a pressed button of a card the robot sent.
func (s *Sim) clickRobot(ctx context.Context, m Member, c Card, key string) (Delivery, error) {
	link := s.robotLink()
	if link == nil {
		return Delivery{}, ErrNoRobot
	}

	turn := &robotTurn{kind: turnCard, chat: m.UserID, from: m.UserID, task: c.Task}

	return s.robotAsk(ctx, link, turn, map[string]any{
		"msgtype": msgEvent, "chattype": chatSingle, "from": map[string]string{"userid": m.UserID},
		msgEvent: map[string]any{
			"eventtype":           turnCard,
			"template_card_event": map[string]any{"card_type": c.Type, "event_key": key, "task_id": c.Task},
		},
	})
}

// robotSend delivers a message and opens the conversation for pushes.
func (s *Sim) robotSend(ctx context.Context, link *robotLink, m Member, group string, body map[string]any) (Delivery, error) {
	turn := &robotTurn{kind: turnMessage, chat: m.UserID, from: m.UserID}
	body["from"], body["chattype"] = map[string]string{"userid": m.UserID}, chatSingle

	if group != "" {
		turn.chat, turn.group = group, true
		body["chattype"], body["chatid"] = "group", group
	}

	s.robot.mu.Lock()
	s.robot.opened[turn.chat] = true
	s.robot.mu.Unlock()

	return s.robotAsk(ctx, link, turn, body)
}

// robotAsk sends one callback, as often as the mode says, and waits for the
// first complete answer. No answer in time is no error: the bot may push later.
func (s *Sim) robotAsk(ctx context.Context, link *robotLink, turn *robotTurn, body map[string]any) (Delivery, error) {
	watch := stopwatch()
	turn.at, turn.streams, turn.done = s.cfg.Now(), map[string]*robotStream{}, make(chan struct{})
	reqID := randomID("cb", 8)

	s.robot.mu.Lock()
	s.robot.turns[reqID] = turn
	s.robot.mu.Unlock()

	s.mu.Lock()
	copies := max(s.mode.Copies, 1)
	s.mu.Unlock()

	cmd := "aibot_msg_callback"
	if turn.kind != turnMessage {
		cmd, copies = "aibot_event_callback", 1 // Events are sent once, never again.
	}

	frame := s.robotCallback(cmd, reqID, body)
	d := Delivery{Attempts: copies}
	d.MsgID, _ = body["msgid"].(string)

	for range copies {
		err := link.write(ctx, frame)
		if err != nil {
			return d, fmt.Errorf("%w: %w", ErrNoRobot, err)
		}
	}

	timer := time.NewTimer(s.cfg.Patience)
	defer timer.Stop()

	select {
	case <-turn.done:
	case <-timer.C:
	case <-ctx.Done():
	}

	s.robot.mu.Lock()
	defer s.robot.mu.Unlock()

	d.Took = watch()
	if turn.answered {
		d.Status, d.Reply, d.Replies = http.StatusOK, turn.reply, []string{turn.reply}
	}

	return d, nil
}
