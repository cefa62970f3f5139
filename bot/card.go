package bot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"cxbot/chat"
)

// WeCom's limits of a button_interaction card (document 90236): characters for
// what is shown, bytes for what comes back.
const (
	maxTitle   = 36
	maxDesc    = 44
	maxRows    = 6
	maxName    = 5
	maxValue   = 30
	maxButtons = 6
	maxLabel   = 10
	maxSay     = 1024 // bytes of a button's key
	maxTask    = 128  // bytes of a task_id
	plainStyle = 4    // the largest button style
)

// A task_id is kind@id@revision@serial@mac. The separator is the only permitted
// character that URL-safe base64 does not use, so a part can never contain it.
const (
	taskSeparator = "@"
	taskParts     = 5
	encodedMark   = "-" // leads a part that is base64 and not itself
	serialBytes   = 8
	macBytes      = 12
	revBase       = 36
	macPurpose    = "cxbot card 1\x00"
)

// errCard is the root of everything Check finds.
var errCard = errors.New("bot: card")

// Cards makes and reads the task_id of cards (design.md D6). What a card is
// about travels in the id itself under a MAC, so no table of sent cards is
// needed and a forged or foreign id is worth nothing.
type Cards struct {
	// Secret is the MAC's key. An empty one makes and accepts no card.
	Secret []byte
}

// Task returns the task_id of a card about ref, made for person (a userid, or
// "group:"+chat id). serial sets cards about the same thing apart, because
// WeCom wants every task_id of an app only once; the same serial gives the same
// id again. The result is at most 128 bytes of [0-9A-Za-z_-@]; it is empty when
// there is no secret, nothing to be about, or the id is too long to fit: such a
// card cannot be sent, and its text stands alone.
func (c Cards) Task(ref chat.Ref, person, serial string) string {
	body := taskBody(ref, serial)
	if body == "" || len(c.Secret) == 0 {
		return ""
	}
	return body + taskSeparator + c.mac(body, person)
}

// Ref reads what a card was about when it was made for this person. It reports
// false for anything not made by Task with the same secret and person; userids
// are compared without regard to case, as WeCom does.
func (c Cards) Ref(task, person string) (chat.Ref, bool) {
	if len(c.Secret) == 0 || len(task) > maxTask {
		return chat.Ref{}, false
	}
	cut := strings.LastIndex(task, taskSeparator)
	if cut < 0 || !hmac.Equal([]byte(task[cut+1:]), []byte(c.mac(task[:cut], person))) {
		return chat.Ref{}, false
	}
	parts := strings.Split(task, taskSeparator)
	if len(parts) != taskParts {
		return chat.Ref{}, false
	}
	kind, kindOK := unpackPart(parts[0])
	id, idOK := unpackPart(parts[1])
	rev, err := strconv.ParseInt(parts[2], revBase, 64)
	if !kindOK || !idOK || err != nil {
		return chat.Ref{}, false
	}
	return chat.Ref{Kind: kind, ID: id, Rev: rev}, true
}

// mac signs the visible parts and the person. The body holds no NUL, so body
// and person cannot run into each other.
func (c Cards) mac(body, person string) string {
	h := hmac.New(sha256.New, c.Secret)
	// hash.Hash documents that Write never fails.
	_, _ = h.Write([]byte(macPurpose + body + "\x00" + strings.ToLower(person)))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:macBytes])
}

// taskBody is the task_id without its MAC, "" when it cannot be made. The
// serial is hashed: it is usually a message key, longer than the id may be.
func taskBody(ref chat.Ref, serial string) string {
	if ref.IsZero() {
		return ""
	}
	sum := sha256.Sum256([]byte(serial))
	body := strings.Join([]string{
		packPart(ref.Kind),
		packPart(ref.ID),
		strconv.FormatInt(ref.Rev, revBase),
		base64.RawURLEncoding.EncodeToString(sum[:serialBytes]),
	}, taskSeparator)
	if len(body)+len(taskSeparator)+base64.RawURLEncoding.EncodedLen(macBytes) > maxTask {
		return ""
	}
	return body
}

// packPart leaves plain words readable for operators and encodes the rest
// (Chinese, dots, anything that begins with the mark).
func packPart(s string) string {
	plain := !strings.HasPrefix(s, encodedMark)
	for _, r := range s {
		if !isTaskRune(r) {
			plain = false
		}
	}
	if plain {
		return s
	}
	return encodedMark + base64.RawURLEncoding.EncodeToString([]byte(s))
}

func unpackPart(s string) (string, bool) {
	rest, encoded := strings.CutPrefix(s, encodedMark)
	if !encoded {
		return s, true
	}
	raw, err := base64.RawURLEncoding.DecodeString(rest)
	return string(raw), err == nil
}

func isTaskRune(r rune) bool {
	return r == '_' || r == '-' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
}

// Check reports everything WeCom would refuse or cut in a card (documents 90236
// and 94945), so that a builder's mistake is found by its test and not by a
// member. Every problem is named, joined into one error; nil means the card can
// be sent as it is.
func Check(card chat.Card) error {
	var problems []error
	bad := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("%w: %s", errCard, fmt.Sprintf(format, args...)))
	}
	shown := func(what, text string, limit int) {
		switch n := utf8.RuneCountInString(text); {
		case !utf8.ValidString(text):
			bad("%s is not valid UTF-8", what)
		case n > limit:
			bad("%s has %d characters, %d fit", what, n, limit)
		}
	}
	if taskBody(card.Ref, "") == "" {
		bad("ref %q %q is empty or too long for a task_id", card.Ref.Kind, card.Ref.ID)
	}
	if card.Title == "" {
		bad("title is empty")
	}
	shown("title", card.Title, maxTitle)
	shown("desc", card.Desc, maxDesc)
	if len(card.Rows) > maxRows {
		bad("%d rows, %d fit", len(card.Rows), maxRows)
	}
	for i, row := range card.Rows {
		if row.Name == "" {
			bad("row %d has no name", i+1)
		}
		shown(fmt.Sprintf("name of row %d", i+1), row.Name, maxName)
		shown(fmt.Sprintf("value of row %d", i+1), row.Value, maxValue)
	}
	problems = append(problems, checkButtons(card.Buttons)...)
	return errors.Join(problems...)
}

// checkButtons looks at what comes back: keys must exist, fit and differ.
func checkButtons(buttons []chat.Button) []error {
	var problems []error
	bad := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("%w: %s", errCard, fmt.Sprintf(format, args...)))
	}
	if len(buttons) == 0 || len(buttons) > maxButtons {
		bad("%d buttons, 1 to %d fit", len(buttons), maxButtons)
	}
	said := make(map[string]bool, len(buttons))
	for i, b := range buttons {
		switch n := utf8.RuneCountInString(b.Label); {
		case b.Label == "" || !utf8.ValidString(b.Label):
			bad("label of button %d is empty or not valid UTF-8", i+1)
		case n > maxLabel:
			bad("label of button %d has %d characters, %d fit", i+1, n, maxLabel)
		}
		switch {
		case b.Say == "" || !utf8.ValidString(b.Say):
			bad("button %d says nothing readable", i+1)
		case len(b.Say) > maxSay:
			bad("button %d says %d bytes, %d fit", i+1, len(b.Say), maxSay)
		case said[b.Say]:
			bad("button %d says the same as another", i+1)
		}
		said[b.Say] = true
		if b.Style < 0 || b.Style > plainStyle {
			bad("button %d has style %d, 0 to %d exist", i+1, b.Style, plainStyle)
		}
	}
	return problems
}

// Fit shortens what a card shows to WeCom's limits, on character borders and
// with …, and leaves out rows and buttons past the sixth, so that WeCom does not
// refuse the card over a long name. text is what stands beside the card. lost
// names everything cut that text does not say in full: it must never be
// dropped silently. What a button says is never touched; a card that is wrong
// in other ways stays wrong, and Check says so.
func Fit(card chat.Card, text string) (fitted chat.Card, lost []string) {
	keep := func(what, full string, limit int) string {
		short := shorten(full, limit)
		if short != full && !strings.Contains(text, full) {
			lost = append(lost, what)
		}
		return short
	}
	fitted = card
	fitted.Title = keep("title", card.Title, maxTitle)
	fitted.Desc = keep("desc", card.Desc, maxDesc)
	fitted.Rows = nil
	for i, row := range card.Rows {
		if i >= maxRows {
			if !strings.Contains(text, row.Value) {
				lost = append(lost, fmt.Sprintf("row %d", i+1))
			}
			continue
		}
		fitted.Rows = append(fitted.Rows, chat.Row{
			Name:  keep(fmt.Sprintf("name of row %d", i+1), row.Name, maxName),
			Value: keep(fmt.Sprintf("value of row %d", i+1), row.Value, maxValue),
		})
	}
	fitted.Buttons = nil
	for i, b := range card.Buttons {
		if i >= maxButtons {
			if !strings.Contains(text, b.Say) && !strings.Contains(text, b.Label) {
				lost = append(lost, fmt.Sprintf("button %d", i+1))
			}
			continue
		}
		b.Label = keep(fmt.Sprintf("label of button %d", i+1), b.Label, maxLabel)
		fitted.Buttons = append(fitted.Buttons, b)
	}
	return fitted, lost
}

// shorten cuts s to limit characters, the last being …, without leaving half of
// a composed character before it.
func shorten(s string, limit int) string {
	s = strings.ToValidUTF8(s, "")
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	cut := strings.TrimRightFunc(string([]rune(s)[:limit-1]), func(r rune) bool {
		return unicode.Is(unicode.Mn, r) || r == '\u200d' || unicode.IsSpace(r)
	})
	return cut + "…"
}

// cutBytes returns the longest beginning of s that fits in limit bytes and ends
// on a character border.
func cutBytes(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// splitText cuts a text into pieces of at most limit bytes that together are the
// whole text, at line ends where a piece has one in its second half.
func splitText(s string, limit int) []string {
	var pieces []string
	for len(s) > limit {
		piece := cutBytes(s, limit)
		if line := strings.LastIndexByte(piece, '\n') + 1; line > len(piece)/2 {
			piece = piece[:line]
		}
		if piece == "" { // one broken byte run longer than the limit
			piece = s[:limit]
		}
		pieces = append(pieces, piece)
		s = s[len(piece):]
	}
	return append(pieces, s)
}
