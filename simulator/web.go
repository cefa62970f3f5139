package simulator

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed web
var webFiles embed.FS

const (
	pollWait     = 25 * time.Second
	panelWait    = 2 * time.Second
	maxPanel     = 1 << 20
	maxPageBody  = 1 << 20
	maxPageFile  = 24 << 20
	pagePatience = 30 * time.Second
)

// ClockRequest is what somebody pressed on the page's clock bar.
type ClockRequest struct {
	Advance time.Duration // > 0: let so much time pass
	To      time.Time     // not zero: go to this moment
	Next    bool          // go to the next reminder
}

// WebConfig describes the page.
type WebConfig struct {
	Sim   *Sim
	Title string // shown at the top; the bot's name
	// Clock moves the bot's time and returns the new one; nil hides the buttons.
	Clock func(context.Context, ClockRequest) (time.Time, error)
	// PanelURL is a JSON document of the bot for the side panel; empty hides it.
	PanelURL string
	// Hosts are further names the page may be reached by, besides the loopback ones.
	Hosts []string
}

// web is the page and its JSON endpoints.
type web struct {
	cfg WebConfig
	run string // tells the page that the simulator was started anew
}

// NewServer returns everything the simulator serves over HTTP: the platform's
// API below any /cgi-bin/, the robot's long connection at /robot, and the page.
// The page answers loopback names only and refuses requests from other sites.
func NewServer(cfg WebConfig) (http.Handler, error) {
	if cfg.Sim == nil {
		return nil, fmt.Errorf("%w: Sim is needed", ErrConfig)
	}

	static, err := fs.Sub(webFiles, "web")
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}

	p := &web{cfg: cfg, run: randomID("", 8)}
	pages := http.NewServeMux()
	pages.Handle("GET /", http.FileServerFS(static))
	pages.HandleFunc("GET /api/state", p.state)
	pages.HandleFunc("GET /api/people", p.people)
	pages.HandleFunc("GET /api/media", p.media)
	pages.HandleFunc("GET /api/panel", p.panel)
	pages.HandleFunc("POST /api/say", p.act)
	pages.HandleFunc("POST /api/click", p.act)
	pages.HandleFunc("POST /api/enter", p.act)
	pages.HandleFunc("POST /api/menu", p.act)
	pages.HandleFunc("POST /api/attach", p.attach)
	pages.HandleFunc("POST /api/clock", p.clock)

	api, robot, guarded := cfg.Sim.API(), cfg.Sim.Robot(), p.guard(pages)

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.Contains(r.URL.Path, "/cgi-bin/"):
			api.ServeHTTP(w, r)
		case r.URL.Path == "/robot" || strings.HasPrefix(r.URL.Path, "/robot/"):
			robot.ServeHTTP(w, r)
		default:
			guarded.ServeHTTP(w, r)
		}
	}), nil
}

// guard refuses foreign Host names (DNS rebinding) and requests that another
// site's page makes, and lets the browser load nothing from elsewhere.
func (p *web) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !p.ownHost(r.Host) {
			http.Error(w, "这个地址不能打开本页，请用 127.0.0.1。", http.StatusForbidden)

			return
		}

		site := r.Header.Get("Sec-Fetch-Site")
		origin := r.Header.Get("Origin")
		api := strings.HasPrefix(r.URL.Path, "/api/")

		if api && (site != "" && site != "same-origin" && site != "none" || origin != "" && origin != "http://"+r.Host) {
			http.Error(w, "不接受别的网站发来的请求。", http.StatusForbidden)

			return
		}

		head := w.Header()
		head.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; "+
			"img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "no-referrer")
		head.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// ownHost reports whether a Host header names this machine's loopback.
func (p *web) ownHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}

	name = strings.ToLower(strings.Trim(name, "[]"))

	return name == "localhost" || name == "127.0.0.1" || name == "::1" || slices.Contains(p.cfg.Hosts, name)
}

// state answers what is new since a number; with wait=1 it waits for something.
func (p *web) state(w http.ResponseWriter, r *http.Request) {
	since, err := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
	if err != nil {
		since = 0
	}

	if r.URL.Query().Get("wait") != "" {
		ctx, cancel := context.WithTimeout(r.Context(), pollWait)
		p.cfg.Sim.WaitShown(ctx, since)
		cancel()
	}

	entries := p.cfg.Sim.Timeline(since)
	if n := len(entries); n > 0 {
		since = entries[n-1].Seq
	}

	writeJSON(w, map[string]any{
		"run": p.run, "seq": since, "now": p.cfg.Sim.cfg.Now(), "entries": entries, "menu": p.cfg.Sim.Menu(),
		"clock": p.cfg.Clock != nil, "panel": p.cfg.PanelURL != "", "robot": p.cfg.Sim.RobotConnected(),
		"robotName": p.cfg.Sim.cfg.RobotName, "title": p.cfg.Title,
	})
}

// people answers who can be chosen and which groups there are.
func (p *web) people(w http.ResponseWriter, _ *http.Request) {
	type group struct {
		ID      string   `json:"id"`
		Name    string   `json:"name"`
		Members []string `json:"members"`
	}

	known := p.cfg.Sim.Groups()
	groups := make([]group, 0, len(known))

	for _, g := range known {
		groups = append(groups, group{g.ID, g.Name, g.Members})
	}

	writeJSON(w, map[string]any{"people": p.cfg.Sim.People(), "groups": groups})
}

// actBody is what the page sends when a person does something.
type actBody struct {
	User  string `json:"user"`
	Text  string `json:"text"`
	Task  string `json:"task"`
	Key   string `json:"key"`
	Group string `json:"group"`
	Robot bool   `json:"robot"`
}

// act does what the person did and answers when the bot has taken it.
func (p *web) act(w http.ResponseWriter, r *http.Request) {
	var body actBody

	if !readBody(w, r, &body) {
		return
	}

	ctx, cancel := context.WithTimeout(r.Context(), pagePatience)
	defer cancel()

	sim := p.cfg.Sim

	var err error

	switch {
	case r.URL.Path == "/api/click":
		_, err = sim.Click(ctx, body.User, body.Task, body.Key)
	case r.URL.Path == "/api/enter" && body.Robot:
		_, err = sim.EnterRobot(ctx, body.User)
	case r.URL.Path == "/api/enter":
		_, err = sim.Enter(ctx, body.User)
	case r.URL.Path == "/api/menu":
		_, err = sim.PressMenu(ctx, body.User, body.Key)
	case strings.TrimSpace(body.Text) == "":
		err = fmt.Errorf("%w: empty text", ErrConfig)
	case body.Group != "":
		_, err = sim.SayInGroup(ctx, body.Group, body.User, body.Text)
	case body.Robot:
		_, err = sim.SayToRobot(ctx, body.User, body.Text)
	default:
		_, err = sim.Say(ctx, body.User, body.Text)
	}

	answer(w, err)
}

// attach sends the body of the request as media.
func (p *web) attach(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Content-Type") != anyBytes {
		http.Error(w, anyBytes, http.StatusUnsupportedMediaType)

		return
	}

	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPageFile))
	if err != nil {
		http.Error(w, "文件太大，不能超过 20 MB。", http.StatusRequestEntityTooLarge)

		return
	}

	query := r.URL.Query()
	user, kind, name := query.Get("user"), query.Get("kind"), query.Get("name")

	if kind == SendKindVoice && len(data) == 0 {
		data, err = sample(kind, name)
		if err != nil {
			answer(w, err)

			return
		}
	}

	ctx, cancel := context.WithTimeout(r.Context(), pagePatience)
	defer cancel()

	if query.Get("robot") == "" {
		_, err = p.cfg.Sim.SendMedia(ctx, user, kind, name, data)
	} else {
		_, err = p.cfg.Sim.SendToRobot(ctx, user, kind, name, data)
	}

	answer(w, err)
}

// answer tells the page how an act ended, in words for the person watching.
func answer(w http.ResponseWriter, err error) {
	text := ""

	switch {
	case err == nil:
	case errors.Is(err, ErrNoMember), errors.Is(err, ErrNoGroup):
		text = "没有这个人或这个群。"
	case errors.Is(err, ErrNoCard), errors.Is(err, ErrNoButton):
		text = "这张卡片已经不能再点了。"
	case errors.Is(err, ErrNoRobot):
		text = "智能机器人还没有连上。"
	case errors.Is(err, ErrNoCallback):
		text = "机器人还没有启动好。"
	default:
		text = "机器人没有应答，请稍后再试。"
	}

	if text == "" {
		writeJSON(w, map[string]any{"ok": true})

		return
	}

	refuse(w, text)
}

// refuse tells the page in words why nothing was done.
func refuse(w http.ResponseWriter, text string) {
	writeJSON(w, map[string]any{"ok": false, "error": text})
}

// readBody decodes a JSON request; anything else than JSON is refused, which
// also keeps other sites' plain forms out.
func readBody(w http.ResponseWriter, r *http.Request, into any) bool {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		http.Error(w, "application/json", http.StatusUnsupportedMediaType)

		return false
	}

	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxPageBody)).Decode(into)
	if err != nil {
		http.Error(w, "请求看不懂。", http.StatusBadRequest)

		return false
	}

	return true
}

// clock moves the time: advance is a Go duration, to is "next", "morning" (the
// next 09:00) or a moment like 2027-01-31T09:00.
func (p *web) clock(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Advance string `json:"advance"`
		To      string `json:"to"`
	}

	if !readBody(w, r, &body) {
		return
	}

	if p.cfg.Clock == nil {
		refuse(w, "这里不能调时间。")

		return
	}

	request, err := readClock(body.Advance, body.To, p.cfg.Sim.cfg.Now())
	if err != nil {
		refuse(w, "时间看不懂，请重新选。")

		return
	}

	now, err := p.cfg.Clock(r.Context(), request)
	if err != nil {
		refuse(w, "时间没有动："+err.Error()+"。")

		return
	}

	writeJSON(w, map[string]any{"ok": true, "now": now})
}

// readClock reads what was asked, in the time zone of now.
func readClock(advance, to string, now time.Time) (ClockRequest, error) {
	const morning = 9

	switch {
	case advance != "":
		d, err := time.ParseDuration(advance)
		if err != nil || d <= 0 {
			return ClockRequest{}, fmt.Errorf("%w: advance %q", ErrConfig, advance)
		}

		return ClockRequest{Advance: d}, nil
	case to == "next":
		return ClockRequest{Next: true}, nil
	case to == "morning":
		return ClockRequest{To: time.Date(now.Year(), now.Month(), now.Day()+1, morning, 0, 0, 0, now.Location())}, nil
	}

	t, err := time.ParseInLocation("2006-01-02T15:04", to, now.Location())
	if err != nil {
		return ClockRequest{}, fmt.Errorf("%w: to %q", ErrConfig, to)
	}

	return ClockRequest{To: t}, nil
}

// media shows a stored picture, and anything else as a download.
func (p *web) media(w http.ResponseWriter, r *http.Request) {
	name, data, ok := p.cfg.Sim.MediaData(r.URL.Query().Get("id"))
	if !ok {
		http.NotFound(w, r)

		return
	}

	kind := http.DetectContentType(data)
	if !slices.Contains([]string{"image/png", "image/jpeg", "image/gif", "image/webp"}, kind) {
		kind = anyBytes
		w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	}

	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(data) // The browser has gone; nothing is left to tell.
}

// panel passes the bot's facts on.
func (p *web) panel(w http.ResponseWriter, r *http.Request) {
	if p.cfg.PanelURL == "" {
		http.NotFound(w, r)

		return
	}

	ctx, cancel := context.WithTimeout(r.Context(), panelWait)
	defer cancel()

	facts, err := p.fetchPanel(ctx)
	if err != nil {
		http.Error(w, "机器人的内部情况暂时读不到。", http.StatusBadGateway)

		return
	}

	writeJSON(w, facts)
}

// fetchPanel reads the bot's facts and makes sure they are JSON.
func (p *web) fetchPanel(ctx context.Context) (json.RawMessage, error) {
	status, body, err := p.cfg.Sim.request(ctx, http.MethodGet, p.cfg.PanelURL, nil, "")
	if err != nil {
		return nil, err
	}

	if status != http.StatusOK || len(body) > maxPanel || !json.Valid(body) {
		return nil, fmt.Errorf("%w: panel status %d", ErrConfig, status)
	}

	return body, nil
}
