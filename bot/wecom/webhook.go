package wecom

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/silenceper/wechat/v2/work/config"
	wctx "github.com/silenceper/wechat/v2/work/context"
	"github.com/silenceper/wechat/v2/work/robot"

	"cxbot/bot"
	"cxbot/chat"
)

const webhookPath = "/cgi-bin/webhook/send"

// WebhookConfig names one group webhook (消息推送, 99110).
type WebhookConfig struct {
	// URL is the whole address with its key, which is the credential.
	URL Secret
	// Group is the chat id the webhook stands for; "" takes every group.
	Group string
	// HTTPClient as in Config.
	HTTPClient *http.Client
}

// Webhook says texts in one group. It implements bot.Wire for receivers
// "group:…" and mentions nobody.
type Webhook struct {
	link     *link
	hub      *hub
	key      Secret
	group    string
	progress *memory
}

var _ bot.Wire = (*Webhook)(nil)

// NewWebhook checks the address; it makes no call.
func NewWebhook(cfg WebhookConfig) (*Webhook, error) {
	wrong := fmt.Errorf("%w: the group webhook must be https://…%s?key=…", ErrConfig, webhookPath)
	u, err := url.Parse(string(cfg.URL))
	if err != nil {
		return nil, wrong
	}
	key := u.Query().Get("key")
	prefix, found := strings.CutSuffix(u.Path, webhookPath)
	if key == "" || !found || u.Host == "" {
		return nil, wrong
	}
	base := url.URL{Scheme: u.Scheme, Host: u.Host, Path: prefix}
	way, err := newLink(base.String(), cfg.HTTPClient, key)
	if err != nil {
		return nil, err
	}
	return &Webhook{link: way, hub: sharedHub(), key: Secret(key), group: cfg.Group, progress: newMemory()}, nil
}

// Send implements bot.Wire. Cards are said in words: a webhook receives no
// clicks.
func (w *Webhook) Send(ctx context.Context, m chat.Message, _ string) error {
	const api = "webhook/send"
	group, ok := chat.ToGroup(m.To)
	if !ok || (w.group != "" && group != w.group) {
		return permanentError(api, "the receiver is not this webhook's group")
	}
	if m.Update != nil {
		return permanentError(api, "a webhook cannot change what it has said")
	}
	text := m.Text
	if text == "" && m.Card != nil {
		text = cardText(*m.Card)
	}
	text = neutralLinks(neutralMentions(cleanOutput(text)))
	if strings.TrimSpace(text) == "" {
		return permanentError(api, "the message is empty")
	}
	var parts []part
	for _, piece := range split(text, maxText) {
		parts = append(parts, part{text: piece})
	}
	return deliver(w.progress, progressKey(m), parts, func(p part) error { return w.post(ctx, api, p.text) })
}

// groupText is the body of a text; it has no mention lists at all.
type groupText struct {
	MsgType string   `json:"msgtype"`
	Text    textBody `json:"text"`
}

// post sends one text through the library.
func (w *Webhook) post(ctx context.Context, api, text string) error {
	out := groupText{MsgType: typeText, Text: textBody{Content: text}}
	body, err := jsonBody(out)
	if err != nil {
		return permanentError(api, "the message cannot be written as JSON")
	}
	p := &pending{ctx: ctx, link: w.link, credential: "key", secret: string(w.key), body: body}
	ticket, done := w.hub.issue(p)
	defer done()
	client := robot.NewClient(&wctx.Context{Config: &config.Config{}})
	if _, err = client.RobotBroadcast(ticket, out); err != nil {
		return ours(err)
	}
	// The library reports no error for an errcode, so it is read here.
	if p.answer.Code != codeOK {
		return refused(api, p.answer.Code, p.answer.Message, w.link.mask)
	}
	return nil
}
