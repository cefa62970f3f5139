package simulator

import (
	"slices"
	"strings"
	"time"
)

// robotTurnOf finds the turn a reply belongs to.
func (s *Sim) robotTurnOf(reqID, kind string, life time.Duration) (*robotTurn, *apiFault) {
	s.robot.mu.Lock()
	defer s.robot.mu.Unlock()

	turn := s.robot.turns[reqID]

	switch {
	case turn == nil || turn.kind != kind:
		return nil, &apiFault{codeReqInvalid, "invalid req_id"}
	case s.cfg.Now().Sub(turn.at) > life:
		return nil, &apiFault{codeReqExpired, "req_id expired"}
	}

	return turn, nil
}

// robotAnswer shows the bot's answer to a message or its welcome.
func (s *Sim) robotAnswer(reqID, kind string, life time.Duration, body *robotBody) *apiFault {
	turn, fault := s.robotTurnOf(reqID, kind, life)
	if fault != nil {
		return fault
	}

	allowed := []string{"stream", msgMarkdown, msgCard, SendKindFile, SendKindImage, SendKindVoice, SendKindVideo}
	if kind == turnEnter {
		allowed = []string{msgText, msgCard}
	}

	if !slices.Contains(allowed, body.MsgType) {
		return badType()
	}

	if body.MsgType == "stream" {
		return s.robotStreamFrame(turn, body)
	}

	s.robot.mu.Lock()
	answered := turn.answered
	s.robot.mu.Unlock()

	if answered {
		return &apiFault{codeAnswered, "request already responded"}
	}

	shown, fault := s.robotScreen(turn.group, body)
	if fault != nil {
		return fault
	}

	return s.robotShow(turn.chat, shown, turn)
}

// robotStreamFrame takes one snapshot of a stream. Only the sealed one is put
// on record: the frames before it stood on the screen for moments.
func (s *Sim) robotStreamFrame(turn *robotTurn, body *robotBody) *apiFault {
	if body.Stream.ID == "" || len(body.Stream.Content) > robotText {
		return &apiFault{codeParameter, "stream.id is missing or stream.content exceed max length 20480"}
	}

	now := s.cfg.Now()

	s.robot.mu.Lock()

	stream := turn.streams[body.Stream.ID]
	if stream == nil {
		stream = &robotStream{began: now}
		turn.streams[body.Stream.ID] = stream
	}

	late := stream.sealed || now.Sub(stream.began) > robotStreamWindow
	stream.sealed = stream.sealed || body.Stream.Finish
	s.robot.mu.Unlock()

	switch {
	case late:
		return &apiFault{codeStreamExpired, "stream message update expired (>6 minutes)"}
	case !body.Stream.Finish:
		return nil
	}

	return s.robotShow(turn.chat, Shown{Kind: KindMarkdown, Text: body.Stream.Content}, turn)
}

// robotPush shows a message the bot sends of its own accord, in conversations
// that have spoken to it before.
func (s *Sim) robotPush(body *robotBody) *apiFault {
	s.robot.mu.Lock()
	opened := s.robot.opened[body.ChatID]
	s.robot.mu.Unlock()

	if !opened {
		return &apiFault{codeChatID, "invalid chatid"}
	}

	if !slices.Contains([]string{msgMarkdown, msgCard, SendKindFile, SendKindImage, SendKindVoice, SendKindVideo}, body.MsgType) {
		return badType()
	}

	s.mu.Lock()
	_, group := s.groups[body.ChatID]
	s.mu.Unlock()

	shown, fault := s.robotScreen(group, body)
	if fault != nil {
		return fault
	}

	return s.robotShow(body.ChatID, shown, nil)
}

// robotScreen judges a body and says what it looks like.
func (s *Sim) robotScreen(group bool, body *robotBody) (Shown, *apiFault) {
	switch body.MsgType {
	case msgText:
		return s.plainScreen("text", &body.content)
	case msgMarkdown:
		if body.Markdown.Content == "" || len(body.Markdown.Content) > robotText {
			return Shown{}, &apiFault{codeParameter, "markdown.content exceed max length 20480"}
		}

		return Shown{Kind: KindMarkdown, Text: body.Markdown.Content}, nil
	case msgCard:
		if body.Card == nil || group {
			return Shown{}, &apiFault{codeMsgType, "template_card is for single chats"}
		}

		fault := body.Card.check()
		if fault != nil {
			return Shown{}, fault
		}

		s.mu.Lock()
		defer s.mu.Unlock()

		fault = s.takeTask(body.Card)
		picture := body.Card.picture()

		return Shown{Kind: KindCard, Text: picture.words(), Card: picture}, fault
	default:
		ref := map[string]mediaBody{
			SendKindImage: body.Image, SendKindVoice: body.Voice, SendKindVideo: body.Video, SendKindFile: body.File,
		}

		m, fault := s.find(ref[body.MsgType].MediaID, robotOwner)
		if fault != nil {
			return Shown{}, fault
		}

		file := m.file

		return Shown{Kind: Kind(body.MsgType), File: &file, Text: "[" + file.Name + "]"}, nil
	}
}

// robotShow puts a message into a conversation, within its limit of replies and
// pushes together, and marks the turn as answered.
func (s *Sim) robotShow(chat string, shown Shown, turn *robotTurn) *apiFault {
	now := s.cfg.Now()

	s.robot.mu.Lock()

	rate := s.robot.rates[chat]
	if rate == nil {
		rate = &window{}
		s.robot.rates[chat] = rate
	}

	over := !s.cfg.Unlimited && (rate.count(now, time.Minute) >= perMinute || rate.count(now, time.Hour) >= perHour)
	if !over {
		rate.times = append(rate.times, now)
	}
	s.robot.mu.Unlock()

	if over {
		return &apiFault{codeRobotRate, "aibot send msg frequency limit exceeded"}
	}

	shown.To, shown.Channel, shown.At, shown.MsgKey = chat, ChannelRobot, now, randomID("R", 8)
	shown.Passive = turn != nil
	s.robotEntry(shown)

	if turn != nil {
		s.robot.mu.Lock()
		defer s.robot.mu.Unlock()

		if !turn.answered {
			turn.answered, turn.reply = true, shown.Text
			close(turn.done)
		}
	}

	return nil
}

// robotEntry names the conversation and records the entry.
func (s *Sim) robotEntry(shown Shown) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if g, ok := s.groups[shown.To]; ok {
		shown.Name, shown.Group = g.Name, true
		s.journal.add(shown)

		return
	}

	p := s.people[strings.ToLower(shown.To)]
	if p == nil {
		return
	}

	shown.To, shown.Name = p.UserID, p.Name
	entry := s.journal.add(shown)

	if shown.Card != nil {
		p.cards = append(p.cards, &cardCopy{seq: entry.Seq, card: *shown.Card, robot: true})
	}
}

// robotUpdate replaces a pressed card within five seconds.
func (s *Sim) robotUpdate(reqID string, body *robotBody) *apiFault {
	turn, fault := s.robotTurnOf(reqID, turnCard, robotEventWindow)

	switch {
	case fault != nil:
		return fault
	case body.Response != msgUpdateCard || body.Card == nil:
		return &apiFault{codeParameter, "response_type must be update_template_card"}
	case body.Card.TaskID != turn.task:
		return &apiFault{codeUnknownTask, "task_id is not the event's"}
	}

	fault = body.Card.check()
	if fault != nil {
		return fault
	}

	picture := body.Card.picture()

	s.mu.Lock()
	s.replace(turn.from, turn.task, func(c *Card) { *c = *picture }, true, s.cfg.Now())
	s.mu.Unlock()

	s.robot.mu.Lock()
	defer s.robot.mu.Unlock()

	if !turn.answered {
		turn.answered = true
		close(turn.done)
	}

	return nil
}
