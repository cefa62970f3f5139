package wecom

import (
	"errors"
	"fmt"
	"strings"

	"cxbot/chat"
)

// Limits of a button_interaction card (94888): lengths in characters are only
// cut on screen, the others are refused by the platform.
const (
	maxTitle   = 36
	maxDesc    = 44
	maxSub     = 160
	maxRows    = 6
	maxKeyname = 5
	maxRow     = 30
	maxButtons = 6
	maxLabel   = 10
	maxKey     = 1024 // bytes
	maxTask    = 128  // bytes
)

// errCard says that the platform would refuse a card.
var errCard = errors.New("wecom: card")

// templateCard is a button_interaction card as the API wants it.
type templateCard struct {
	Type    string       `json:"card_type"`
	Task    string       `json:"task_id"`
	Title   cardTitle    `json:"main_title"`
	Sub     string       `json:"sub_title_text,omitempty"`
	Rows    []cardRow    `json:"horizontal_content_list,omitempty"`
	Buttons []cardButton `json:"button_list"`
}

type cardTitle struct {
	Title string `json:"title"`
	Desc  string `json:"desc,omitempty"`
}

type cardRow struct {
	Name  string `json:"keyname"`
	Value string `json:"value"`
}

type cardButton struct {
	Type  int    `json:"type"`
	Text  string `json:"text"`
	Style int    `json:"style"`
	Key   string `json:"key"`
}

// newCard builds a card or says which rule of the platform it would break.
// Rows beyond the sixth are left out: the text beside the card has them all.
func newCard(c chat.Card, task string) (*templateCard, error) {
	if !taskOK(task) {
		return nil, fmt.Errorf("%w: the task id is empty, too long or has other characters", errCard)
	}
	title := strings.TrimSpace(cleanOutput(c.Title))
	if title == "" || len(c.Buttons) == 0 || len(c.Buttons) > maxButtons {
		return nil, fmt.Errorf("%w: it needs a title and 1 to 6 buttons", errCard)
	}
	card := &templateCard{Type: "button_interaction", Task: task, Title: cardTitle{Title: cutRunes(title, maxTitle)}}
	if desc := cleanOutput(c.Desc); len([]rune(desc)) <= maxDesc {
		card.Title.Desc = desc
	} else {
		card.Sub = cutRunes(desc, maxSub)
	}
	for _, row := range c.Rows[:min(len(c.Rows), maxRows)] {
		name := strings.TrimSpace(cleanOutput(row.Name))
		if name == "" {
			return nil, fmt.Errorf("%w: a row without a name", errCard)
		}
		card.Rows = append(card.Rows, cardRow{Name: cutRunes(name, maxKeyname), Value: cutRunes(cleanOutput(row.Value), maxRow)})
	}
	keys := make(map[string]bool, len(c.Buttons))
	for i, b := range c.Buttons {
		if b.Label == "" || b.Say == "" || len(b.Say) > maxKey || keys[b.Say] {
			return nil, fmt.Errorf("%w: a button without words, too long or twice", errCard)
		}
		keys[b.Say] = true
		card.Buttons = append(card.Buttons, cardButton{
			Text: cutRunes(cleanOutput(b.Label), maxLabel), Style: style(b.Style, i), Key: b.Say,
		})
	}
	return card, nil
}

// style fills in the default of chat.Button: the first button is the strong one.
func style(wanted, index int) int {
	const strong, plain, last = 1, 2, 4
	switch {
	case wanted >= strong && wanted <= last:
		return wanted
	case index == 0:
		return strong
	default:
		return plain
	}
}

// taskOK reports whether a task_id has only what the platform takes.
func taskOK(task string) bool {
	if task == "" || len(task) > maxTask {
		return false
	}
	for i := range len(task) {
		if b := task[i]; !isWord(b) && b != '_' && b != '-' && b != '@' {
			return false
		}
	}
	return true
}

// cardText writes a card as plain text, each button as what can be typed.
func cardText(c chat.Card) string {
	lines := []string{c.Title}
	if c.Desc != "" {
		lines = append(lines, c.Desc)
	}
	for _, row := range c.Rows {
		lines = append(lines, row.Name+"："+row.Value)
	}
	says := make([]string, 0, len(c.Buttons))
	for _, b := range c.Buttons {
		says = append(says, "“"+b.Say+"”")
	}
	if len(says) > 0 {
		lines = append(lines, "请回复"+strings.Join(says, "或")+"。")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
