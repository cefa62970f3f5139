package wecom

import (
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxText is the longest text in bytes the platform shows; it cuts longer ones
// (90236, 90241).
const maxText = 2048

// The MsgType and msgtype of messages, in and out.
const (
	typeText  = "text"
	typeImage = "image"
	typeVoice = "voice"
	typeVideo = "video"
	typeFile  = "file"
)

// reply is a passive text reply.
type reply struct {
	to, corp, text string
	at             time.Time
}

// appendReply writes the inner document of a passive reply (90241).
func appendReply(dst []byte, r reply) []byte {
	dst = append(dst, "<xml><ToUserName>"...)
	dst = appendCDATA(dst, r.to)
	dst = append(dst, "</ToUserName><FromUserName>"...)
	dst = appendCDATA(dst, r.corp)
	dst = append(dst, "</FromUserName><CreateTime>"...)
	dst = strconv.AppendInt(dst, r.at.Unix(), 10)
	dst = append(dst, "</CreateTime><MsgType><![CDATA["+typeText+"]]></MsgType><Content>"...)
	dst = appendCDATA(dst, r.text)
	return append(dst, "</Content></xml>"...)
}

// appendCDATA writes text so that it cannot end its own section: "]]>" is
// split over two.
func appendCDATA(dst []byte, text string) []byte {
	dst = append(dst, cdataStart...)
	for {
		end := strings.Index(text, cdataEnd)
		if end < 0 {
			break
		}
		dst = append(dst, text[:end+2]...)
		dst = append(dst, cdataEnd+cdataStart...)
		text = text[end+2:]
	}
	dst = append(dst, text...)
	return append(dst, cdataEnd...)
}

// seal seals a reply with a nonce of its own and the time as timestamp.
func (c *Crypter) seal(gen Generation, dst, message []byte, now time.Time) ([]byte, error) {
	var nonce [8]byte
	if _, err := io.ReadFull(c.random, nonce[:]); err != nil {
		return dst, fmt.Errorf("wecom: nonce of a reply: %w", err)
	}
	return c.Seal(gen, dst, message, strconv.FormatInt(now.Unix(), 10), hex.EncodeToString(nonce[:]))
}

// cleanOutput removes what the platform refuses or a reader cannot see:
// invalid UTF-8, control characters and the line separators JSON would escape.
func cleanOutput(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u2028' || r == '\u2029':
			return '\n'
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == '\ufffe' || r == '\uffff':
			return -1
		default:
			return r
		}
	}, strings.ToValidUTF8(text, "\ufffd"))
}

// neutralLinks keeps typed text from becoming a link: the chat shows
// <a href=…> as one (90236). Plain addresses stay as they are.
func neutralLinks(text string) string {
	var out strings.Builder
	rest := text
	for {
		i := strings.IndexByte(rest, '<')
		if i < 0 || i+1 >= len(rest) {
			break
		}
		if rest[i+1]|0x20 != 'a' || i+2 < len(rest) && isWord(rest[i+2]) {
			out.WriteString(rest[:i+1])
		} else {
			out.WriteString(rest[:i])
			out.WriteString("＜")
		}
		rest = rest[i+1:]
	}
	if out.Len() == 0 {
		return text
	}
	return out.String() + rest
}

func isWord(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' || b >= '0' && b <= '9' }

// neutralMentions keeps typed text from calling people in a group: <@id> and
// @所有人, @all (99110). Nothing the bot says in a group mentions anybody.
func neutralMentions(text string) string {
	return strings.NewReplacer(
		"<@", "＜@", "@所有人", "＠所有人", "@all", "＠all", "@All", "＠All", "@ALL", "＠ALL",
	).Replace(text)
}

// cut shortens text to at most limit bytes on a character's boundary.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

// cutRunes shortens text to at most limit characters, marking the cut.
func cutRunes(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit-1]) + "…"
}

// split divides text into parts of at most limit bytes, at a line's end where
// there is one in the second half of the part.
func split(text string, limit int) []string {
	var parts []string
	for len(text) > limit {
		part := cut(text, limit)
		if line := strings.LastIndexByte(part, '\n'); line >= limit/2 {
			part = part[:line+1]
		}
		parts = append(parts, strings.TrimSuffix(part, "\n"))
		text = text[len(part):]
	}
	return append(parts, text)
}
