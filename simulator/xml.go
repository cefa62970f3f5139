package simulator

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The words of the wire: message types that have no sending kind.
const (
	msgText       = "text"
	msgMarkdown   = "markdown"
	msgTextCard   = "textcard"
	msgNews       = "news"
	msgCard       = "template_card"
	msgEvent      = "event"
	msgUpdateCard = "update_template_card"
	anyBytes      = "application/octet-stream"
)

// errReplyForm marks a passive reply that is not what the platform accepts.
var errReplyForm = errors.New("passive reply is not well formed")

// Field is one element of an inner message. Numbers and ready element trees set
// Raw; everything else is wrapped in CDATA as the platform does.
type Field struct {
	Name  string
	Value string
	Raw   bool // the value is a number or ready XML
}

// textField is an element of free text.
func textField(name, value string) Field { return Field{Name: name, Value: value} }

// numberField is an element with a whole number.
func numberField(name string, n int64) Field {
	return Field{Name: name, Value: strconv.FormatInt(n, 10), Raw: true}
}

// document writes fields as one message, without a trailing newline.
func document(fields []Field) string {
	var b strings.Builder

	b.WriteString("<xml>")

	for _, f := range fields {
		value := f.Value
		if !f.Raw {
			value = cdata(value)
		}

		fmt.Fprintf(&b, "<%s>%s</%s>", f.Name, value, f.Name)
	}

	b.WriteString("</xml>")

	return b.String()
}

// cdata wraps text so that any content survives: a closing mark inside is split
// over two sections, and characters XML 1.0 cannot carry are left out.
func cdata(s string) string {
	clean := strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r >= 0x20 && r != 0xFFFE && r != 0xFFFF {
			return r
		}

		return -1
	}, strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), ""))

	return "<![CDATA[" + strings.ReplaceAll(clean, "]]>", "]]]]><![CDATA[>") + "]]>"
}

// outer is the envelope around an encrypted callback.
func outer(corp, agent, sealed string) string {
	return document([]Field{textField("ToUserName", corp), textField("AgentID", agent), textField("Encrypt", sealed)})
}

// sealedReply is the envelope of a passive reply. The spelling TimeStamp is the
// documented one (WeCom document 90241); others are not recognised.
type sealedReply struct {
	XMLName      xml.Name `xml:"xml"`
	Encrypt      string   `xml:"Encrypt"`
	MsgSignature string   `xml:"MsgSignature"`
	TimeStamp    string   `xml:"TimeStamp"`
	Nonce        string   `xml:"Nonce"`
}

// plainReply is the decrypted passive reply.
type plainReply struct {
	XMLName      xml.Name    `xml:"xml"`
	ToUserName   string      `xml:"ToUserName"`
	FromUserName string      `xml:"FromUserName"`
	CreateTime   string      `xml:"CreateTime"`
	MsgType      string      `xml:"MsgType"`
	Content      string      `xml:"Content"`
	Image        mediaRef    `xml:"Image"`
	Voice        mediaRef    `xml:"Voice"`
	Video        mediaRef    `xml:"Video"`
	Button       replaceName `xml:"Button"`
	TemplateCard replaceCard `xml:"TemplateCard"`
}

// mediaRef names uploaded media in a passive reply.
type mediaRef struct {
	MediaID string `xml:"MediaId"`
}

// replaceName is the label that takes the place of a card's buttons.
type replaceName struct {
	ReplaceName string `xml:"ReplaceName"`
}

// replaceCard is what a member can see of a card replaced passively.
type replaceCard struct {
	CardType  string `xml:"CardType"`
	MainTitle struct {
		Title string `xml:"Title"`
		Desc  string `xml:"Desc"`
	} `xml:"MainTitle"`
	ReplaceText string `xml:"ReplaceText"`
}

// openReply verifies and decrypts the body of a callback's answer. An empty
// body and the plain word "success" mean "received, nothing to say": then the
// second result is false.
func (s seals) openReply(body []byte, member string) (plainReply, bool, error) {
	text := strings.TrimSpace(string(body))
	if text == "" || text == "success" {
		return plainReply{}, false, nil
	}

	var sealed sealedReply

	err := xml.Unmarshal(body, &sealed)
	if err != nil {
		return plainReply{}, false, fmt.Errorf("%w: %w", errReplyForm, err)
	}

	err = s.verify(sealed.MsgSignature, sealed.TimeStamp, sealed.Nonce, sealed.Encrypt)
	if err != nil {
		return plainReply{}, false, fmt.Errorf("passive reply: %w", err)
	}

	plain, err := s.open(sealed.Encrypt)
	if err != nil {
		return plainReply{}, false, fmt.Errorf("passive reply: %w", err)
	}

	var reply plainReply

	err = xml.Unmarshal(plain, &reply)
	if err != nil {
		return plainReply{}, false, fmt.Errorf("%w: %w", errReplyForm, err)
	}

	// The addresses are swapped against the incoming message.
	if !strings.EqualFold(reply.ToUserName, member) || reply.FromUserName != s.receiver {
		return plainReply{}, false, fmt.Errorf("%w: wrong ToUserName or FromUserName", errReplyForm)
	}

	_, err = strconv.ParseInt(reply.CreateTime, 10, 64)
	if err != nil {
		return plainReply{}, false, fmt.Errorf("%w: CreateTime: %w", errReplyForm, err)
	}

	return reply, true, nil
}

// cut shortens s to at most limit bytes without splitting a character.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}

	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}

	return s[:limit]
}

// clip shortens s to at most limit characters, as a card on a screen does.
func clip(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}

	return string([]rune(s)[:limit]) + "…"
}
