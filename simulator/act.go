package simulator

import (
	"context"
	"fmt"
	"strings"
)

// Say sends a text as the member in the app's single chat.
func (s *Sim) Say(ctx context.Context, userid, text string) (Delivery, error) {
	m, err := s.member(userid)
	if err != nil {
		return Delivery{}, err
	}

	s.said(m, KindText, text, nil, "")

	return s.Post(ctx, userid, Inbound{Type: msgText, Fields: []Field{textField("Content", text)}})
}

// said puts the member's own words on his screen.
func (s *Sim) said(m Member, kind Kind, text string, file *File, note string) {
	entry := s.screen(m, kind)
	entry.From, entry.Text, entry.File, entry.Note = m.UserID, text, file, note
	s.journal.add(entry)
}

// The kinds of media a member can send in the app chat.
const (
	SendKindImage = "image"
	SendKindVoice = "voice"
	SendKindVideo = "video"
	SendKindFile  = "file"
)

// fileNote tells the page's user the platform's truth about files.
const fileNote = "对方收不到：企业微信不会把应用聊天里的文件转给机器人"

// SendMedia sends a picture, voice, video or file as the member. A file is
// shown as sent and causes no callback at all, like on the real platform, unless
// the mode says otherwise (WeCom document 90239 has no file message).
func (s *Sim) SendMedia(ctx context.Context, userid, kind, name string, data []byte) (Delivery, error) {
	m, err := s.member(userid)
	if err != nil {
		return Delivery{}, err
	}

	file := s.keep(kind, name, contentType(name, data), data)

	s.mu.Lock()
	push := s.mode.FilePush
	s.mu.Unlock()

	if kind == SendKindFile && !push {
		s.said(m, KindFile, "["+name+"]", file, fileNote)
		s.count(func(st *Stats) { st.Lost++ })

		return Delivery{}, nil
	}

	s.said(m, Kind(kind), "["+name+"]", file, "")

	in := Inbound{Type: kind, Fields: []Field{textField("MediaId", file.MediaID)}}

	switch kind {
	case SendKindImage:
		in.Fields = append([]Field{textField("PicUrl", "http://wework.qpic.invalid/"+file.MediaID)}, in.Fields...)
	case SendKindVoice:
		in.Fields = append(in.Fields, textField("Format", "amr"))
	case SendKindVideo:
		thumb := s.keep(SendKindImage, "thumb.jpg", "image/jpeg", []byte("\xff\xd8\xff\xe0thumb"))
		in.Fields = append(in.Fields, textField("ThumbMediaId", thumb.MediaID))
	case SendKindFile:
		in.Fields = append(in.Fields, textField("FileName", name))
	default:
		return Delivery{}, fmt.Errorf("%w: media kind %q", ErrConfig, kind)
	}

	return s.Post(ctx, userid, in)
}

// SendImage sends a picture as the member.
func (s *Sim) SendImage(ctx context.Context, userid, name string, data []byte) (Delivery, error) {
	return s.SendMedia(ctx, userid, SendKindImage, name, data)
}

// Place is a point on the map as a member sends it.
type Place struct {
	Latitude  float64
	Longitude float64
	Label     string
}

// SendPlace sends a location as the member.
func (s *Sim) SendPlace(ctx context.Context, userid string, p Place) (Delivery, error) {
	m, err := s.member(userid)
	if err != nil {
		return Delivery{}, err
	}

	s.said(m, KindOther, "[位置] "+p.Label, nil, "")

	return s.Post(ctx, userid, Inbound{Type: "location", Fields: []Field{
		{Name: "Location_X", Value: fmt.Sprintf("%.6f", p.Latitude), Raw: true},
		{Name: "Location_Y", Value: fmt.Sprintf("%.6f", p.Longitude), Raw: true},
		numberField("Scale", 16),
		textField("Label", p.Label),
		textField("AppType", "wxwork"),
	}})
}

// SendLink shares a link as the member.
func (s *Sim) SendLink(ctx context.Context, userid, title, address string) (Delivery, error) {
	m, err := s.member(userid)
	if err != nil {
		return Delivery{}, err
	}

	s.said(m, KindOther, "[链接] "+title, nil, "")

	return s.Post(ctx, userid, Inbound{Type: "link", Fields: []Field{
		textField("Title", title), textField("Description", ""), textField("Url", address), textField("PicUrl", ""),
	}})
}

// event posts one event with its key and further elements.
func (s *Sim) event(ctx context.Context, userid, name, key string, more ...Field) (Delivery, error) {
	fields := append([]Field{textField("Event", name), textField("EventKey", key)}, more...)

	return s.Post(ctx, userid, Inbound{Type: msgEvent, Fields: fields})
}

// Enter opens the app's chat as the member (enter_agent).
func (s *Sim) Enter(ctx context.Context, userid string) (Delivery, error) {
	return s.event(ctx, userid, "enter_agent", "")
}

// PressMenu presses a click button of the app menu below the chat.
func (s *Sim) PressMenu(ctx context.Context, userid, key string) (Delivery, error) {
	return s.event(ctx, userid, "click", key)
}

// Subscribe moves a member into the app's visible range or out of it and
// reports that to the bot.
func (s *Sim) Subscribe(ctx context.Context, userid string, in bool) (Delivery, error) {
	s.mu.Lock()
	if p := s.people[strings.ToLower(userid)]; p != nil {
		p.visible = in
	}
	s.mu.Unlock()

	name := "subscribe"
	if !in {
		name = "unsubscribe"
	}

	return s.event(ctx, userid, name, "")
}
