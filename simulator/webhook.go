package simulator

import (
	"crypto/md5" //nolint:gosec // The webhook's picture check is MD5 (WeCom document 91770).
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of the group webhook (WeCom document 91770).
const (
	maxHookMarkdown = 4096
	maxHookImage    = 2 * mega
)

// hookBody is the body of webhook/send.
type hookBody struct {
	content

	MsgType string    `json:"msgtype"`
	Card    *wireCard `json:"template_card"`
}

// hookGroup finds the group of a webhook key.
func (s *Sim) hookGroup(key string) (Group, *apiFault) {
	s.mu.Lock()
	defer s.mu.Unlock()

	for _, g := range s.groups {
		if key != "" && g.Webhook == key {
			return g, nil
		}
	}

	return Group{}, &apiFault{codeWebhook, "invalid webhook url"}
}

// webhookSend answers webhook/send: key, body, then the rate.
func (s *Sim) webhookSend(c *call) (any, *apiFault) {
	key := c.query.Get("key")

	group, fault := s.hookGroup(key)
	if fault != nil {
		return nil, fault
	}

	var body hookBody

	fault = c.decode(&body)
	if fault != nil {
		return nil, fault
	}

	shown, fault := s.hookScreen(key, &body)
	if fault != nil {
		return nil, fault
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	if s.hooks[key] == nil {
		s.hooks[key] = &window{}
	}

	rate := s.hooks[key]
	if !s.cfg.Unlimited && rate.count(c.now, time.Minute) >= webhookMinute {
		return nil, &apiFault{codeFrequency, faultText(codeFrequency)}
	}

	rate.times = append(rate.times, c.now)
	s.nextID++

	shown.To, shown.Name, shown.Group, shown.At = group.ID, group.Name, true, c.now
	shown.Channel, shown.MsgKey = ChannelWebhook, strconv.FormatUint(s.nextID, 36)
	s.journal.add(shown)

	return accepted(map[string]any{}), nil
}

// hookScreen judges the body of a webhook message.
func (s *Sim) hookScreen(key string, body *hookBody) (Shown, *apiFault) {
	switch body.MsgType {
	case msgText:
		if len(body.Text.Content) > maxText {
			return Shown{}, &apiFault{codeParameter, "text.content exceed max length 2048"}
		}

		shown, fault := s.plainScreen("text", &body.content)
		shown.Text += s.mentions(body.Text.Mention)

		return shown, fault
	case msgMarkdown, "markdown_v2":
		text := body.Markdown.Content + body.MarkdownV2.Content
		if text == "" || len(text) > maxHookMarkdown {
			return Shown{}, &apiFault{codeParameter, "markdown.content exceed max length 4096"}
		}

		return Shown{Kind: KindMarkdown, Text: text}, nil
	case SendKindImage:
		return s.hookImage(key, body.Image)
	case SendKindFile, SendKindVoice:
		ref := map[string]string{SendKindFile: body.File.MediaID, SendKindVoice: body.Voice.MediaID}[body.MsgType]

		m, fault := s.find(ref, key)
		if fault != nil {
			return Shown{}, fault
		}

		file := m.file

		return Shown{Kind: Kind(body.MsgType), File: &file, Text: "[" + file.Name + "]"}, nil
	case msgNews:
		return body.news(Shown{})
	case msgCard:
		return body.cardScreen()
	default:
		return Shown{}, badType()
	}
}

// cardScreen judges a card in a group: notices only, nothing that calls back.
func (b *hookBody) cardScreen() (Shown, *apiFault) {
	if b.Card == nil || b.Card.callsBack() {
		return Shown{}, &apiFault{codeParameter, "template_card must be text_notice or news_notice"}
	}

	fault := b.Card.check()
	if fault != nil {
		return Shown{}, fault
	}

	picture := b.Card.picture()

	return Shown{Kind: KindCard, Text: picture.words(), Card: picture}, nil
}

// hookImage judges a picture that comes inside the message.
func (s *Sim) hookImage(key string, body mediaBody) (Shown, *apiFault) {
	data, err := base64.StdEncoding.DecodeString(body.Base64)
	sum := md5.Sum(data)

	switch {
	case err != nil || len(data) < minMedia || len(data) > maxHookImage:
		return Shown{}, &apiFault{codeImage, "invalid image size or format"}
	case !strings.EqualFold(hex.EncodeToString(sum[:]), body.MD5):
		return Shown{}, &apiFault{codeParameter, "image.md5 does not match"}
	}

	mimeType, fault := checkMedia(SendKindImage, data)
	if fault != nil {
		return Shown{}, fault
	}

	file := s.store(media{
		file: File{Name: "图片", Size: int64(len(data))}, kind: SendKindImage, mime: mimeType, data: data, owner: key,
	})

	return Shown{Kind: KindImage, File: file, Text: "[图片]"}, nil
}

// mentions writes who was called at the end of a text, as the group sees it.
func (s *Sim) mentions(ids []string) string {
	var b strings.Builder

	if slices.Contains(ids, everyone) {
		return " @所有人"
	}

	for _, id := range ids {
		m, err := s.member(id)
		if err == nil {
			b.WriteString(" @" + m.Name)
		}
	}

	return b.String()
}

// webhookUpload answers webhook/upload_media. The file is judged before the
// key, like on the real server.
func (s *Sim) webhookUpload(c *call) (any, *apiFault) {
	kind, key := c.query.Get("type"), c.query.Get("key")

	name, data, fault := c.part()
	if fault != nil {
		return nil, fault
	}

	if kind != SendKindFile && kind != SendKindVoice {
		return nil, &apiFault{codeMediaParam, "invalid type parameter"}
	}

	mimeType, fault := checkMedia(kind, data)
	if fault != nil {
		return nil, fault
	}

	_, fault = s.hookGroup(key)
	if fault != nil {
		return nil, fault
	}

	file := s.store(media{
		file: File{Name: name, Size: int64(len(data))}, kind: kind, mime: mimeType, data: data, owner: key,
	})

	return accepted(uploaded(kind, file.MediaID, c.now)), nil
}
