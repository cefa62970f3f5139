package main

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"cxbot/award"
	"cxbot/bot/wecom"
	"cxbot/documents"
	"cxbot/simulator"
	"cxbot/storage"
)

// sample is the county of every trial.
//
//go:embed docs/sample/people.csv docs/sample/calendar.csv docs/sample/past.csv
var sample embed.FS

// The trial's made-up corp.
const (
	trialCounty  = "demo"
	trialName    = "清河县"
	trialCorp    = "ww0000000000000demo"
	trialAgent   = 1000002
	trialGroup   = "党建工作群"
	trialGroupID = "wrDemoGroup"
	trialRobot   = "小助手"
	trialRobotID = "aibDemoRobot"
	// trialStranger is in the corp, not in the people file.
	trialStranger = "zhangsan"
	trialCycle    = "2026—2028年度基层党组织建设改革创新成果奖"
)

// trialStart is when trials begin: a Monday, four weeks before the deadline.
func trialStart() time.Time {
	return award.Date{Year: 2026, Month: time.November, Day: 23}.At(9, 0)
}

// TrialConfig says what kind of trial it is. Start, Listen and Log are needed.
type TrialConfig struct {
	Start   time.Time
	Stopped bool   // the clock stands still between steps
	NoCycle bool   // before 开届
	Silent  bool   // without the clock's reminders, for talks about something else
	Listen  string // of the page; port 0 takes any
	Log     *slog.Logger
}

// Trial is a whole world in one process: store, bot, WeCom and a clock that can
// jump. Everything goes over the real, encrypted wire on loopback.
type Trial struct {
	Clock   *Clock
	Sim     *simulator.Sim
	Pump    *Pump
	Office  *Office
	PageURL string

	closers []func() error
}

// newTrial builds and starts a trial with the sample county; Close ends it.
func newTrial(ctx context.Context, c TrialConfig) (trial *Trial, err error) {
	t := &Trial{Clock: newClock(c.Start)}
	if c.Stopped {
		t.Clock = newStoppedClock(c.Start)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.Close())
		}
	}()
	server, err := openMemory()
	if err != nil {
		return nil, err
	}
	t.closers = append(t.closers, server.Close)
	store, err := storage.Open(storage.Config{URL: server.URL.Reveal(), County: trialCounty})
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	t.closers = append(t.closers, store.Close)
	if err := loadSample(ctx, store, t.Clock, c.NoCycle); err != nil {
		return nil, err
	}
	return t, t.start(ctx, c, store)
}

// loadSample fills the store through the same code as an import.
func loadSample(ctx context.Context, store *storage.Store, clock *Clock, noCycle bool) error {
	table, err := sample.ReadFile("docs/sample/calendar.csv")
	if err != nil {
		return fmt.Errorf("sample calendar: %w", err)
	}
	people, err := sample.ReadFile("docs/sample/people.csv")
	if err != nil {
		return fmt.Errorf("sample people: %w", err)
	}
	options := importOptions{now: clock.Now()}
	if err := importCalendar(ctx, store, table, options, io.Discard); err != nil {
		return err
	}
	if err := importPeople(ctx, store, people, options, io.Discard); err != nil {
		return err
	}
	past, err := sample.ReadFile("docs/sample/past.csv")
	if err != nil {
		return fmt.Errorf("sample of past results: %w", err)
	}
	if err := importPast(ctx, store, past, options, io.Discard); err != nil {
		return err
	}
	if noCycle {
		return nil
	}
	filing := award.Date{Year: 2026, Month: time.December, Day: 20}
	return openCycle(ctx, store, clock, award.OpenCycle{
		Name: trialCycle, RollOver: true,
		Milestones: award.ProposeMilestones(store.ViewAt(ctx).Calendar(), filing.Year, filing, true),
	})
}

// start puts WeCom, bot and pump together and opens both servers.
func (t *Trial) start(ctx context.Context, c TrialConfig, store *storage.Store) error {
	page, err := listen(ctx, c.Listen)
	if err != nil {
		return err
	}
	t.closers = append(t.closers, page.Close)
	callback, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	t.closers = append(t.closers, callback.Close)
	t.PageURL = "http://" + page.Addr().String()
	botURL := "http://" + callback.Addr().String()

	keys := trialKeys(t.PageURL)
	t.Sim, err = newTrialSim(keys, botURL, t.Clock, c.Stopped)
	if err != nil {
		return err
	}
	wake := func() {
		if t.Pump != nil {
			t.Pump.Wake()
		}
	}
	pictures, err := t.openShelf()
	if err != nil {
		return err
	}
	config := Config{County: trialCounty, CountyName: trialName, WeCom: keys}
	// One worker keeps a transcript the same in every run.
	t.Office, err = newOffice(ctx, OfficeConfig{Config: config, Store: store, Clock: t.Clock, Log: c.Log, Shelf: pictures, Wake: wake, Workers: 1})
	if err != nil {
		return err
	}
	var plan planner = t.Office.Scheduler
	if c.Silent {
		plan = silent{}
	}
	t.Pump = newPump(t.Clock, plan, errands{t.Office.Fetcher, t.Office.Outbox})

	web, err := simulator.NewServer(simulator.WebConfig{
		Sim: t.Sim, Title: trialName + "创新奖助手", Clock: t.moveClock, PanelURL: botURL + "/trial/panel",
	})
	if err != nil {
		return fmt.Errorf("page: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle(wecom.CallbackPath, t.Office.Callback)
	mux.HandleFunc("GET /trial/panel", t.panel)
	t.serve(page, web)
	t.serve(callback, mux)
	return t.connectRobot(ctx)
}

// openShelf keeps a trial's pictures in a directory that goes with it.
func (t *Trial) openShelf() (*documents.Shelf, error) {
	dir, err := os.MkdirTemp("", "cxbot-demo-")
	if err != nil {
		return nil, because("放图片的临时目录建不了", err)
	}
	t.closers = append(t.closers, func() error { return os.RemoveAll(dir) })
	pictures, err := documents.OpenShelf(filepath.Join(dir, filesDir))
	if err != nil {
		return nil, because("放图片的临时目录用不了", err)
	}
	return pictures, nil
}

// robotTimeout is how long a trial's robot may take to connect on loopback.
const robotTimeout = 10 * time.Second

// connectRobot opens the smart robot's long connection and keeps it until Close.
func (t *Trial) connectRobot(ctx context.Context) error {
	t.Office.knowGroups(ctx)
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- t.Office.Robot.Run(running) }()
	t.closers = append(t.closers, func() error {
		stop()
		return <-ended
	})
	ctx, cancel := context.WithTimeout(ctx, robotTimeout)
	defer cancel()
	if err := t.Office.Robot.WaitConnected(ctx); err != nil {
		return fmt.Errorf("smart robot: %w", err)
	}
	return nil
}

// silent is a planner without reminders.
type silent struct{}

// Step implements planner.
func (silent) Step(context.Context, time.Time) (time.Time, error) { return time.Time{}, nil }

// listen opens a port and says in words when it is taken.
func listen(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, because("地址 "+address+" 用不了", err)
	}
	return listener, nil
}

// serve answers on a listener until Close.
func (t *Trial) serve(listener net.Listener, handler http.Handler) {
	server := wecom.NewServer("", handler)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends when Close closes the server
	}()
	t.closers = append(t.closers, func() error {
		err := server.Close()
		<-done
		return err //nolint:wrapcheck // Joined by Close.
	})
}

// Close ends the trial.
func (t *Trial) Close() error {
	var err error
	for _, end := range slices.Backward(t.closers) {
		if e := end(); !errors.Is(e, net.ErrClosed) {
			err = errors.Join(err, e)
		}
	}
	t.closers = nil
	return err
}

// trialKeys makes up the credentials of one run.
func trialKeys(api string) WeCom {
	// 42 letters and digits and one whose spare bits are zero: 32 bytes in base64.
	const keyLength = 42
	return WeCom{
		APIBase: api, CorpID: trialCorp, Agent: trialAgent, Secret: Secret(rand.Text()), Token: Secret(rand.Text()),
		AESKey:       Secret((rand.Text() + rand.Text())[:keyLength] + "A"),
		GroupWebhook: Secret(api + "/cgi-bin/webhook/send?key=" + rand.Text()),
		RobotID:      trialRobotID, RobotSecret: Secret(rand.Text()), RobotURL: "ws" + strings.TrimPrefix(api, "http") + "/robot",
	}
}

// newTrialSim makes the WeCom of the sample county.
func newTrialSim(keys WeCom, botURL string, clock *Clock, stopped bool) (*simulator.Sim, error) {
	people, err := sample.ReadFile("docs/sample/people.csv")
	if err != nil {
		return nil, fmt.Errorf("sample people: %w", err)
	}
	rows, err := documents.ReadPeople(people)
	if err != nil {
		return nil, fmt.Errorf("sample people: %w", err)
	}
	_, key, _ := strings.Cut(keys.GroupWebhook.Reveal(), "key=")
	group := simulator.Group{ID: trialGroupID, Name: trialGroup, Webhook: key}
	// One member of the corp is not in the people file, to see how the bot treats him.
	members := []simulator.Member{{UserID: trialStranger, Name: trialStranger, Post: "不在名单里"}}
	for _, r := range rows {
		roles, _ := award.ParseRoles(r.Roles)
		m := simulator.Member{UserID: r.UserID, Name: r.Name, Unit: r.Unit, Post: r.Post}
		for _, role := range roles {
			m.Roles = append(m.Roles, string(role))
			if role == award.RoleFiler || role == award.RoleStaff {
				group.Members = append(group.Members, r.UserID)
			}
		}
		members = append(members, m)
	}
	pause := time.Duration(0) // as on the real platform
	if stopped {
		pause = time.Millisecond // nobody waits for a clock that stands
	}
	sim, err := simulator.New(simulator.Config{
		CorpID: keys.CorpID, AgentID: keys.Agent, Secret: keys.Secret.Reveal(), Token: keys.Token.Reveal(), AESKey: keys.AESKey.Reveal(),
		CallbackURL: botURL + wecom.CallbackPath, People: members, Groups: []simulator.Group{group}, Now: clock.Now, Unlimited: stopped,
		RobotID: keys.RobotID, RobotSecret: keys.RobotSecret.Reveal(), RobotName: trialRobot, RetryPause: pause,
	})
	if err != nil {
		return nil, fmt.Errorf("simulator: %w", err)
	}
	return sim, nil
}

// lookAhead is how far the page's button looks for the next reminder.
const lookAhead = 120 * 24 * time.Hour

var (
	// errClockBack refuses to turn a trial's clock back: what was said stays said.
	errClockBack = errors.New("时间只能往后调")
	errNothing   = errors.New("照现在的情况，往后 120 天没有要发的提醒")
)

// moveClock lets time pass as the page asks.
func (t *Trial) moveClock(ctx context.Context, r simulator.ClockRequest) (time.Time, error) {
	to := r.To
	switch {
	case r.Next:
		if _, err := t.Pump.Settle(ctx); err != nil {
			return time.Time{}, err
		}
		now := t.Clock.Now()
		next, err := t.Office.Scheduler.Coming(ctx, now, now.Add(lookAhead))
		if err != nil {
			return time.Time{}, err
		}
		if next.IsZero() {
			return time.Time{}, errNothing
		}
		to = next
	case to.IsZero():
		to = t.Clock.Now().Add(r.Advance)
	case to.Before(t.Clock.Now()):
		return time.Time{}, errClockBack
	}
	err := t.Pump.Advance(ctx, to)
	return t.Clock.Now(), err
}

// panel tells the page what the bot knows: figures only.
func (t *Trial) panel(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	view := t.Office.Store.ViewAt(ctx)
	counts := view.Counts()
	backlog, err := t.Office.Store.Backlog(ctx)
	if err = errors.Join(err, view.Err()); err != nil {
		http.Error(w, "", http.StatusServiceUnavailable)
		return
	}
	cycle := map[string]string{"届次": "未开届"}
	if c, ok := view.Cycle(); ok {
		cycle["届次"] = c.Name
		if m, ok := c.Milestone(award.StageFiling); ok {
			cycle["备案截止"] = m.Effective.Chinese()
		}
	}
	topics := map[string]string{"应报单位": strconv.Itoa(counts.Units), "已报单位": strconv.Itoa(counts.Filed)}
	for status, n := range counts.ByStatus {
		topics[string(status)] = strconv.Itoa(n)
	}
	body, err := json.Marshal(map[string]map[string]string{
		"本届": cycle, "课题": topics,
		"发件箱": {"待发": strconv.FormatInt(backlog.Messages, 10), "发送失败": strconv.FormatInt(backlog.Failed, 10)},
	})
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(body) // the page may be gone; there is nobody to tell
}
