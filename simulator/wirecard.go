package simulator

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of template cards (WeCom document 90236). Characters are what a screen
// shows and are cut; counts and bytes are refused.
const (
	cardTitle    = 36
	cardDesc     = 44
	cardSource   = 20
	cardSub      = 160
	cardRowName  = 5
	cardRowValue = 30
	maxRows      = 6
	maxJumps     = 3
	maxMenu      = 3
	maxButtons   = 6
	maxVertical  = 4
	buttonChars  = 10
	voteChars    = 17
	optionChars  = 16
	maxVotes     = 20
	maxOptions   = 10
	maxSelects   = 3
	keyBytes     = 1024
	optionBytes  = 128
	taskBytes    = 128
)

// The card types.
const (
	typeNotice   = "text_notice"
	typeNews     = "news_notice"
	typeButtons  = "button_interaction"
	typeVote     = "vote_interaction"
	typeMultiple = "multiple_interaction"
)

// wireCard is a template card as the app sends it.
type wireCard struct {
	CardType   string     `json:"card_type"`
	TaskID     string     `json:"task_id"`
	Source     words      `json:"source"`
	MainTitle  words      `json:"main_title"`
	SubTitle   string     `json:"sub_title_text"`
	Emphasis   words      `json:"emphasis_content"`
	ActionMenu actionMenu `json:"action_menu"`
	Rows       []wireRow  `json:"horizontal_content_list"`
	Vertical   []words    `json:"vertical_content_list"`
	Jumps      []wireJump `json:"jump_list"`
	CardAction wireAction `json:"card_action"`
	CardImage  *struct {
		URL string `json:"url"`
	} `json:"card_image"`
	ImageText *struct {
		ImageURL string `json:"image_url"`
	} `json:"image_text_area"`
	Buttons     []wireButton  `json:"button_list"`
	Selection   *wireQuestion `json:"button_selection"`
	Checkbox    *wireQuestion `json:"checkbox"`
	Selects     []wireSelect  `json:"select_list"`
	Submit      *wireButton   `json:"submit_button"`
	ReplaceText string        `json:"replace_text"`
}

// words is a title with a description.
type words struct {
	Title string `json:"title"`
	Desc  string `json:"desc"`
}

// actionMenu is the menu in the card's corner.
type actionMenu struct {
	Desc string       `json:"desc"`
	List []wireButton `json:"action_list"`
}

// wireRow is one line of name and value.
type wireRow struct {
	Type    int    `json:"type"`
	KeyName string `json:"keyname"`
	Value   string `json:"value"`
	URL     string `json:"url"`
	MediaID string `json:"media_id"`
	UserID  string `json:"userid"`
}

// wireJump is one link below the card.
type wireJump struct {
	Type  int    `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

// wireAction is what a tap on the whole card does.
type wireAction struct {
	Type  int    `json:"type"`
	URL   string `json:"url"`
	AppID string `json:"appid"`
}

// wireButton is one button; type 1 opens a page.
type wireButton struct {
	Type  int    `json:"type"`
	Text  string `json:"text"`
	Style int    `json:"style"`
	Key   string `json:"key"`
	URL   string `json:"url"`
}

// wireQuestion is one question with options to choose from.
type wireQuestion struct {
	QuestionKey string       `json:"question_key"`
	Title       string       `json:"title"`
	Mode        int          `json:"mode"`
	SelectedID  string       `json:"selected_id"`
	Options     []wireOption `json:"option_list"`
}

// wireSelect is one drop-down of multiple_interaction.
type wireSelect = wireQuestion

// wireOption is one choice.
type wireOption struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	Checked bool   `json:"is_checked"`
}

// readCard decodes and judges a card.
func readCard(data []byte) (*wireCard, *apiFault) {
	var w wireCard

	err := json.Unmarshal(data, &w)
	if err != nil {
		return nil, &apiFault{codeParameter, "template_card: Warning: wrong json format. "}
	}

	return &w, w.check()
}

// interactive reports whether the type has buttons that call back.
func (w *wireCard) interactive() bool {
	return slices.Contains([]string{typeButtons, typeVote, typeMultiple}, w.CardType)
}

// callsBack reports whether a press can reach the bot.
func (w *wireCard) callsBack() bool { return w.interactive() || len(w.ActionMenu.List) > 0 }

// check judges a card in the order head, shared lists, own fields of the type.
func (w *wireCard) check() *apiFault {
	for _, judge := range []func() *apiFault{w.checkHead, w.checkLists, w.checkMenu, w.checkOwn} {
		fault := judge()
		if fault != nil {
			return fault
		}
	}

	return nil
}

// checkHead judges type, task id and titles.
func (w *wireCard) checkHead() *apiFault {
	if !slices.Contains([]string{typeNotice, typeNews, typeButtons, typeVote, typeMultiple}, w.CardType) {
		return &apiFault{codeParameter, "template_card.card_type is unknown"}
	}

	if (w.callsBack() || w.TaskID != "") && !goodTask(w.TaskID) {
		return &apiFault{codeTaskID, "task_id is missing, too long or has a forbidden character"}
	}

	title := w.MainTitle.Title != "" || w.CardType == typeNotice && w.SubTitle != ""
	if !title {
		return &apiFault{codeParameter, "template_card.main_title.title is missing"}
	}

	notice := w.CardType == typeNotice || w.CardType == typeNews
	action := w.CardAction.Type == 1 && w.CardAction.URL != "" || w.CardAction.Type == 2 && w.CardAction.AppID != ""

	switch {
	case notice && !action, w.CardAction.Type != 0 && !action:
		return &apiFault{codeCardAction, "card_action is missing or incomplete"}
	case w.CardType == typeNews && w.CardImage == nil && w.ImageText == nil:
		return &apiFault{codeCardPicture, "card_image and image_text_area are both missing"}
	}

	return nil
}

// goodTask judges the characters and the length of a task id.
func goodTask(id string) bool {
	return id != "" && len(id) <= taskBytes && strings.Trim(id,
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-@") == ""
}

// checkLists judges rows and links.
func (w *wireCard) checkLists() *apiFault {
	switch {
	case len(w.Rows) > maxRows:
		return &apiFault{codeRowCount, "horizontal_content_list has more than 6 items"}
	case len(w.Jumps) > maxJumps:
		return &apiFault{codeJumpCount, "jump_list has more than 3 items"}
	case len(w.Vertical) > maxVertical:
		return &apiFault{codeParameter, "vertical_content_list has more than 4 items"}
	}

	for _, r := range w.Rows {
		switch {
		case r.KeyName == "":
			return &apiFault{codeKeyName, "horizontal_content_list.keyname is missing"}
		case r.Type == 1 && r.URL == "":
			return &apiFault{codeRowURL, "horizontal_content_list.url is missing"}
		case r.Type == 2 && r.MediaID == "":
			return &apiFault{codeRowMedia, "horizontal_content_list.media_id is missing"}
		case r.Type == 3 && r.UserID == "":
			return &apiFault{codeRowMember, "horizontal_content_list.userid is missing"}
		}
	}

	for _, j := range w.Jumps {
		if j.Title == "" {
			return &apiFault{codeParameter, "jump_list.title is missing"}
		}
	}

	return nil
}

// checkMenu judges the corner menu.
func (w *wireCard) checkMenu() *apiFault {
	if len(w.ActionMenu.List) > maxMenu {
		return &apiFault{codeParameter, "action_menu.action_list has more than 3 items"}
	}

	return checkKeys(w.ActionMenu.List, codeMenuKeyTwice)
}

// checkKeys judges the keys of buttons that call back: there, short, different.
func checkKeys(list []wireButton, code int) *apiFault {
	keys := map[string]bool{}

	for _, b := range list {
		if b.Type == 1 {
			continue
		}

		if b.Key == "" || len(b.Key) > keyBytes || keys[b.Key] {
			return &apiFault{code, "key is missing, too long or twice"}
		}

		keys[b.Key] = true
	}

	return nil
}

// checkOwn judges the fields of the card's type.
func (w *wireCard) checkOwn() *apiFault {
	switch w.CardType {
	case typeButtons:
		return w.checkButtons()
	case typeVote:
		if w.Checkbox == nil {
			return &apiFault{codeParameter, "checkbox is missing"}
		}

		fault := w.Checkbox.check(maxVotes, voteChars)
		if fault != nil {
			return fault
		}

		return w.checkSubmit()
	case typeMultiple:
		return w.checkSelects()
	}

	return nil
}

// checkButtons judges a button_interaction card.
func (w *wireCard) checkButtons() *apiFault {
	if n := len(w.Buttons); (n == 0 && w.ReplaceText == "") || n > maxButtons {
		return &apiFault{codeParameter, "button_list must have 1 to 6 items"}
	}

	for _, b := range w.Buttons {
		if b.Text == "" || utf8.RuneCountInString(b.Text) > buttonChars {
			return &apiFault{codeButtonText, "button_list.text is missing or over 10 characters"}
		}

		if b.Type == 1 && b.URL == "" {
			return &apiFault{codeParameter, "button_list.url is missing"}
		}
	}

	if w.Selection != nil {
		fault := w.Selection.check(maxOptions, optionChars)
		if fault != nil {
			return fault
		}
	}

	return checkKeys(w.Buttons, codeButtonKey)
}

// checkSelects judges a multiple_interaction card.
func (w *wireCard) checkSelects() *apiFault {
	if n := len(w.Selects); n == 0 || n > maxSelects {
		return &apiFault{codeSelectCount, "select_list must have 1 to 3 items"}
	}

	keys := map[string]bool{}

	for i := range w.Selects {
		q := &w.Selects[i]

		if keys[q.QuestionKey] {
			return &apiFault{codeSelectKey, "select_list.question_key is twice"}
		}

		keys[q.QuestionKey] = true

		fault := q.check(maxOptions, optionChars)
		if fault != nil {
			return fault
		}
	}

	return w.checkSubmit()
}

// checkSubmit judges the button below the questions.
func (w *wireCard) checkSubmit() *apiFault {
	if w.Submit == nil || w.Submit.Key == "" || len(w.Submit.Key) > keyBytes {
		return &apiFault{codeSubmitKey, "submit_button.key is missing or too long"}
	}

	return nil
}

// check judges a question and its options.
func (q *wireQuestion) check(most, chars int) *apiFault {
	if q.QuestionKey == "" || len(q.QuestionKey) > keyBytes {
		return &apiFault{codeSelectKey, "question_key is missing or too long"}
	}

	if n := len(q.Options); n == 0 || n > most {
		return &apiFault{codeParameter, "option_list is empty or too long"}
	}

	for _, o := range q.Options {
		switch {
		case o.ID == "" || len(o.ID) > optionBytes:
			return &apiFault{codeOptionID, "option_list.id is missing or too long"}
		case o.Text == "" || utf8.RuneCountInString(o.Text) > chars:
			return &apiFault{codeOptionText, "option_list.text is missing or too long"}
		}
	}

	return nil
}

// chosen lists the options that are chosen before anybody touches the question.
// Without a valid choice a drop-down takes its first option, silently.
func (q *wireQuestion) chosen(vote bool) []string {
	var ids []string

	for _, o := range q.Options {
		if vote && o.Checked || !vote && o.ID == q.SelectedID {
			ids = append(ids, o.ID)
		}
	}

	if len(ids) == 0 && !vote && len(q.Options) > 0 {
		ids = []string{q.Options[0].ID}
	}

	return ids
}

// choices writes the SelectedItems of an untouched card, or "".
func (w *wireCard) choices() string {
	var b strings.Builder

	write := func(q *wireQuestion, vote bool) {
		b.WriteString("<SelectedItem><QuestionKey>" + cdata(q.QuestionKey) + "</QuestionKey><OptionIds>")

		for _, id := range q.chosen(vote) {
			b.WriteString("<OptionId>" + cdata(id) + "</OptionId>")
		}

		b.WriteString("</OptionIds></SelectedItem>")
	}

	if w.Selection != nil {
		write(w.Selection, false)
	}

	if w.Checkbox != nil {
		write(w.Checkbox, true)
	}

	for i := range w.Selects {
		write(&w.Selects[i], false)
	}

	return b.String()
}

// picture is the card as a screen shows it.
func (w *wireCard) picture() *Card {
	c := &Card{
		Type: w.CardType, Task: w.TaskID, Source: clip(w.Source.Desc, cardSource),
		Title: clip(w.MainTitle.Title, cardTitle), Desc: clip(w.MainTitle.Desc, cardDesc),
		Replaced: w.ReplaceText, choices: w.choices(),
	}

	for _, extra := range []string{w.Emphasis.Title, w.Emphasis.Desc, clip(w.SubTitle, cardSub)} {
		if extra != "" {
			c.Desc = strings.TrimPrefix(c.Desc+"\n"+extra, "\n")
		}
	}

	for _, r := range w.Rows {
		c.Rows = append(c.Rows, Row{Name: clip(r.KeyName, cardRowName), Value: clip(r.Value, cardRowValue)})
	}

	for _, v := range w.Vertical {
		c.Rows = append(c.Rows, Row{Name: v.Title, Value: v.Desc})
	}

	add := func(b wireButton, menu bool) {
		shown := Button{Label: b.Text, Key: b.Key, Task: w.TaskID, Style: b.Style, Menu: menu}
		if b.Type == 1 {
			shown.Key, shown.URL = "", b.URL
		}

		if shown.Style < 1 || shown.Style > 4 {
			shown.Style = 1
		}

		c.Buttons = append(c.Buttons, shown)
	}

	for _, b := range w.Buttons {
		add(b, false)
	}

	if w.Submit != nil && w.CardType != typeButtons {
		submit := *w.Submit
		if submit.Text == "" {
			submit.Text = "提交"
		}

		add(submit, false)
	}

	for _, b := range w.ActionMenu.List {
		add(b, true)
	}

	for _, j := range w.Jumps {
		c.Buttons = append(c.Buttons, Button{Label: j.Title, URL: j.URL, Style: 4})
	}

	return c
}

// words is the card in one text, for places that show no card.
func (c *Card) words() string {
	lines := []string{c.Title}
	if c.Desc != "" {
		lines = append(lines, c.Desc)
	}

	for _, r := range c.Rows {
		lines = append(lines, r.Name+"："+r.Value)
	}

	return strings.Join(lines, "\n")
}
