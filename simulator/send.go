package simulator

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of message/send (WeCom documents 90236 and 90312).
const (
	perMinute     = 30
	perHour       = 1000
	maxUsers      = 1000
	maxParties    = 100
	maxTitle      = 128
	maxDesc       = 512
	maxArticles   = 8
	maxURL        = 2048
	dupDefault    = 1800
	dupLongest    = 14400
	rootParty     = "1"
	everyone      = "@all"
	firstUnit     = 2 // department id of the first unit; 1 is the root
	webhookMinute = 20
)

// window remembers moments for a frequency limit.
type window struct{ times []time.Time }

// count forgets what is over an hour old, or in the future after the clock was
// put back, and counts what lies within span before now.
func (w *window) count(now time.Time, span time.Duration) int {
	w.times = slices.DeleteFunc(w.times, func(t time.Time) bool {
		return t.After(now) || now.Sub(t) >= time.Hour
	})

	n := 0

	for _, t := range w.times {
		if now.Sub(t) < span {
			n++
		}
	}

	return n
}

// sends is what the platform remembers of message/send. Guarded by Sim.mu.
type sends struct {
	recent map[[sha256.Size]byte]earlier
}

// earlier is one request that a later identical one would repeat.
type earlier struct {
	at     time.Time
	answer map[string]any
}

func (x *sends) init() { x.recent = map[[sha256.Size]byte]earlier{} }

// sendBody is the body of message/send as far as the simulator reads it.
type sendBody struct {
	content

	ToUser       string          `json:"touser"`
	ToParty      string          `json:"toparty"`
	ToTag        string          `json:"totag"`
	MsgType      string          `json:"msgtype"`
	AgentID      *looseInt       `json:"agentid"`
	Duplicate    int             `json:"enable_duplicate_check"`
	Interval     int64           `json:"duplicate_check_interval"`
	TemplateCard json.RawMessage `json:"template_card"`
}

// content is the part message/send and webhook/send have in common.
type content struct {
	Text struct {
		Content string   `json:"content"`
		Mention []string `json:"mentioned_list"`
	} `json:"text"`
	Markdown struct {
		Content string `json:"content"`
	} `json:"markdown"`
	MarkdownV2 struct {
		Content string `json:"content"`
	} `json:"markdown_v2"`
	Image    mediaBody `json:"image"`
	Voice    mediaBody `json:"voice"`
	Video    mediaBody `json:"video"`
	File     mediaBody `json:"file"`
	TextCard struct {
		Title       string `json:"title"`
		Description string `json:"description"`
		URL         string `json:"url"`
	} `json:"textcard"`
	News struct {
		Articles []struct {
			Title string `json:"title"`
			URL   string `json:"url"`
		} `json:"articles"`
	} `json:"news"`
}

// mediaBody names media; base64 and md5 are the webhook's pictures.
type mediaBody struct {
	MediaID string `json:"media_id"`
	Base64  string `json:"base64"`
	MD5     string `json:"md5"`
}

// send answers message/send in the order of the notes: JSON, type, agent,
// receivers, body, then who of the receivers is left.
func (s *Sim) send(c *call) (any, *apiFault) {
	var body sendBody

	fault := c.decode(&body)
	if fault != nil {
		return nil, fault
	}

	fault = s.checkSend(&body)
	if fault != nil {
		return nil, fault
	}

	shown, wire, fault := s.screenOf(&body)
	if fault != nil {
		return nil, fault
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	to, answer := s.receivers(&body)
	if len(to) == 0 {
		return nil, &apiFault{codeAllInvalid, faultText(codeAllInvalid)}
	}

	key, repeat := s.repeated(c, &body)
	if repeat != nil {
		return repeat, nil
	}

	if wire != nil {
		fault = s.takeTask(wire)
		if fault != nil {
			return nil, fault
		}
	}

	s.nextID++
	shown.MsgKey = strconv.FormatUint(s.nextID, 36)
	answer[keyCode], answer[keyText], answer["msgid"] = 0, "ok", shown.MsgKey

	if wire != nil && wire.callsBack() {
		answer["response_code"] = s.issueCode(wire.TaskID, c.now)
	}

	if body.AgentID.Quoted {
		answer["errmsg"] = "ok. Warning: wrong json format. "
	}

	for _, p := range to {
		s.deliverTo(p, shown, c.now)
	}

	if body.Duplicate == 1 {
		s.sends.recent[key] = earlier{c.now, answer}
	}

	return answer, nil
}

// checkSend judges type, agent and the form of the receivers.
func (s *Sim) checkSend(body *sendBody) *apiFault {
	known := []string{
		msgText, msgMarkdown, SendKindImage, SendKindVoice, SendKindVideo, SendKindFile, msgTextCard, msgNews, msgCard,
	}

	switch {
	case !slices.Contains(known, body.MsgType):
		return badType()
	case body.AgentID == nil || body.AgentID.Value == 0:
		return badAgent()
	case body.AgentID.Value != s.cfg.AgentID:
		return otherAgent()
	case body.ToUser == "" && body.ToParty == "" && body.ToTag == "":
		return &apiFault{codeNoReceiver, "/cgi-bin/message/send :touser & toparty & totag are all empty"}
	case len(list(body.ToUser)) > maxUsers:
		return &apiFault{codeUserList, "invalid user list length"}
	case len(list(body.ToParty)) > maxParties:
		return &apiFault{codeParties, "toparty length out of limit"}
	case len(list(body.ToTag)) > maxParties:
		return &apiFault{codeTags, "totag length out of limit"}
	case body.Duplicate == 1 && (body.Interval < 0 || body.Interval > dupLongest):
		return &apiFault{codeParameter, "duplicate_check_interval out of range"}
	}

	return nil
}

// list splits ids joined by bars.
func list(joined string) []string {
	return slices.DeleteFunc(strings.Split(joined, "|"), func(id string) bool { return id == "" })
}

// screenOf judges the body and says what it looks like on a screen; the second
// result is the card as it came, when it is one.
func (s *Sim) screenOf(body *sendBody) (Shown, *wireCard, *apiFault) {
	if body.MsgType != "template_card" {
		shown, fault := s.plainScreen(body.MsgType, &body.content)

		return shown, nil, fault
	}

	wire, fault := readCard(body.TemplateCard)
	if fault != nil {
		return Shown{}, nil, fault
	}

	s.mu.Lock()
	callback := s.callback
	s.mu.Unlock()

	if wire.callsBack() && callback == "" {
		return Shown{}, nil, &apiFault{codeNoCallback, "need set callback url"}
	}

	picture := wire.picture()

	return Shown{Channel: ChannelApp, Kind: KindCard, Text: picture.words(), Card: picture}, wire, nil
}

// plainScreen judges everything that is not a card.
func (s *Sim) plainScreen(msgType string, body *content) (Shown, *apiFault) {
	shown := Shown{Channel: ChannelApp, Kind: Kind(msgType)}

	switch msgType {
	case msgText:
		if body.Text.Content == "" {
			return shown, &apiFault{codeEmptyText, "empty content"}
		}

		shown.Text = cut(body.Text.Content, maxText)
	case msgMarkdown:
		switch {
		case body.Markdown.Content == "":
			return shown, &apiFault{codeEmptyText, "empty content"}
		case len(body.Markdown.Content) > maxText:
			return shown, &apiFault{codeParameter, "markdown.content exceed max length 2048"}
		}

		shown.Text = body.Markdown.Content
	case msgTextCard:
		return body.textCard(shown)
	case msgNews:
		return body.news(shown)
	default:
		ref := map[string]mediaBody{
			SendKindImage: body.Image, SendKindVoice: body.Voice, SendKindVideo: body.Video, SendKindFile: body.File,
		}

		file, fault := s.useMedia(ref[msgType].MediaID, msgType)
		if fault != nil {
			return shown, fault
		}

		shown.File, shown.Text = file, "["+file.Name+"]"
	}

	return shown, nil
}

// textCard judges a textcard, whose description is needed.
func (c *content) textCard(shown Shown) (Shown, *apiFault) {
	t := c.TextCard

	switch {
	case t.Title == "":
		return shown, &apiFault{41016, "missing title"}
	case t.Description == "":
		return shown, &apiFault{41033, "missing description"}
	case !strings.Contains(t.URL, "://") || len(t.URL) > maxURL:
		return shown, &apiFault{codeURL, "url has no scheme or is too long"}
	}

	shown.Kind, shown.Text = KindOther, cut(t.Title, maxTitle)+"\n"+cut(t.Description, maxDesc)+"\n"+t.URL

	return shown, nil
}

// news judges a list of articles.
func (c *content) news(shown Shown) (Shown, *apiFault) {
	if n := len(c.News.Articles); n == 0 || n > maxArticles {
		return shown, &apiFault{codeArticles, "article count out of limit"}
	}

	lines := make([]string, 0, len(c.News.Articles))
	for _, a := range c.News.Articles {
		lines = append(lines, cut(a.Title, maxTitle)+" "+a.URL)
	}

	shown.Kind, shown.Text = KindOther, strings.Join(lines, "\n")

	return shown, nil
}

// receivers finds who is meant and lists the ids that mean nobody, in lower
// case as the real server returns them. The caller holds the lock.
func (s *Sim) receivers(body *sendBody) ([]*person, map[string]any) {
	var (
		to               []*person
		badUsers, badIDs []string
	)

	add := func(p *person) {
		if p.visible && !slices.Contains(to, p) {
			to = append(to, p)
		}
	}

	users := list(body.ToUser)
	if slices.Contains(users, everyone) {
		for _, key := range s.order {
			add(s.people[key])
		}

		return to, map[string]any{"invaliduser": "", "invalidparty": "", "invalidtag": ""}
	}

	for _, id := range users {
		p := s.people[strings.ToLower(id)]
		if p == nil || !p.visible {
			badUsers = append(badUsers, strings.ToLower(id))

			continue
		}

		add(p)
	}

	for _, id := range list(body.ToParty) {
		in := s.inUnit(id)
		if len(in) == 0 {
			badIDs = append(badIDs, id)
		}

		for _, p := range in {
			add(p)
		}
	}

	return to, map[string]any{
		"invaliduser": strings.Join(badUsers, "|"), "invalidparty": strings.Join(badIDs, "|"),
		// There are no tags in this corp, so every one is unknown.
		"invalidtag": strings.Join(list(body.ToTag), "|"), "unlicenseduser": "",
	}
}

// inUnit returns the people of a department id. The caller holds the lock.
func (s *Sim) inUnit(id string) []*person {
	var in []*person

	n, err := strconv.Atoi(id)

	for _, key := range s.order {
		p := s.people[key]
		if id == rootParty || err == nil && n >= firstUnit && n-firstUnit < len(s.units) && s.units[n-firstUnit] == p.Unit {
			in = append(in, p)
		}
	}

	return in
}

// repeated looks for the same request JSON within the interval. It compares
// values, so the order of keys does not matter. The caller holds the lock.
func (s *Sim) repeated(c *call, body *sendBody) ([sha256.Size]byte, map[string]any) {
	if body.Duplicate != 1 {
		return [sha256.Size]byte{}, nil
	}

	key := sha256.Sum256(canonical(c.body))

	interval := body.Interval
	if interval == 0 {
		interval = dupDefault
	}

	before, ok := s.sends.recent[key]
	if age := c.now.Sub(before.at); !ok || age < 0 || age >= time.Duration(interval)*time.Second {
		return key, nil
	}

	s.stats.Duplicates++

	return key, before.answer
}

// canonical rewrites JSON with sorted keys and no blanks.
func canonical(data []byte) []byte {
	var value any

	if json.Unmarshal(data, &value) != nil {
		return data
	}

	out, err := json.Marshal(value)
	if err != nil {
		return data
	}

	return out
}

// deliverTo shows a message to one person unless the limits drop it, which the
// answer does not tell. The caller holds the lock.
func (s *Sim) deliverTo(p *person, shown Shown, now time.Time) {
	if !s.cfg.Unlimited {
		if p.sent.count(now, time.Minute) >= perMinute || p.sent.count(now, time.Hour) >= perHour {
			s.stats.Dropped++

			return
		}

		p.sent.times = append(p.sent.times, now)
	}

	shown.To, shown.Name, shown.At = p.UserID, p.Name, now
	entry := s.journal.add(shown)

	if shown.Card != nil {
		p.cards = append(p.cards, &cardCopy{seq: entry.Seq, card: *shown.Card})
	}
}
