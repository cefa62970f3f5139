package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"cxbot/award"
	"cxbot/bot/wecom"
	"cxbot/chat"
	"cxbot/documents"
	"cxbot/handlers"
	"cxbot/simulator"
	"cxbot/storage"
	"cxbot/talk"
)

// stage is the whole bot with its WeCom for one test, as a trial has it, and
// ways to break it: every Redis call can be cut, the bot can be stopped at any
// moment and started again from what is stored, and time passes only on demand.
type stage struct {
	t      testing.TB
	clock  *Clock
	sim    *simulator.Sim
	keys   WeCom
	mini   *miniredis.Miniredis
	redis  *redis.Client // for looking at the store from outside
	wires  *switchboard
	silent bool // the scheduler says nothing
	drifts bool // sends may fail, so waiting for them may take (virtual) minutes
	log    *alarms
	files  string // directory of the pictures
	// address is where the bot hears callbacks.
	address string

	mu       sync.Mutex
	office   *Office
	pump     *Pump
	hangUp   func()              // ends the robot's long connection
	broken   bool                // the process has died, the next contact starts a new one
	drop     int                 // so many requests die before they are read
	reminded map[[2]string]int   // receiver and text of what the scheduler queued, not heard yet
	spoken   map[string]bool     // every text the scheduler queued for a person
	planned  []chat.Message      // everything the scheduler queued, in no order within a slot
	sends    map[string]bool     // what was sent before, for faults of the first try
	requests func(*http.Request) // hears of every callback
	// api stands before WeCom's API, or nil.
	api func(w http.ResponseWriter, r *http.Request, next http.Handler)
}

// stageConfig says what kind of stage it is.
type stageConfig struct {
	start   time.Time
	noCycle bool
	silent  bool
	empty   bool // no sample county
	drifts  bool
	members []simulator.Member // of the corp, with empty
	redis   *redis.Options     // another store than one in memory
}

// newStage builds and starts a stage; it ends with the test.
func newStage(t testing.TB, c stageConfig) *stage {
	t.Helper()
	if c.start.IsZero() {
		c.start = trialStart()
	}
	s := &stage{
		t: t, clock: newStoppedClock(c.start), silent: c.silent, drifts: c.drifts,
		reminded: map[[2]string]int{}, spoken: map[string]bool{}, sends: map[string]bool{}, log: &alarms{},
		files: t.TempDir(),
	}
	options := c.redis
	if options == nil {
		s.mini = miniredis.RunT(t)
		options = &redis.Options{Addr: s.mini.Addr()}
	}
	s.wires = &switchboard{options: options}
	s.redis = s.wires.client(false)
	t.Cleanup(func() { _ = s.redis.Close() })

	callback := s.listen(http.HandlerFunc(s.callback))
	s.address = strings.TrimPrefix(callback, "http://")
	api := s.listen(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/robot"):
			s.sim.Robot().ServeHTTP(w, r)
		case s.api != nil:
			s.api(w, r, s.sim.API())
		default:
			s.sim.API().ServeHTTP(w, r)
		}
	}))
	s.keys = trialKeys(api)
	s.sim = s.newSim(c, callback)
	s.start()
	t.Cleanup(s.stop)
	if !c.empty {
		if err := loadSample(t.Context(), s.office.Store, s.clock, c.noCycle); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// newSim makes the WeCom, with the sample county's members unless others are given.
func (s *stage) newSim(c stageConfig, callback string) *simulator.Sim {
	s.t.Helper()
	if !c.empty {
		sim, err := newTrialSim(s.keys, callback, s.clock, true)
		if err != nil {
			s.t.Fatal(err)
		}
		return sim
	}
	k := s.keys
	_, key, _ := strings.Cut(k.GroupWebhook.Reveal(), "key=")
	sim, err := simulator.New(simulator.Config{
		Groups: []simulator.Group{{ID: trialGroupID, Name: trialGroup, Webhook: key}},
		CorpID: k.CorpID, AgentID: k.Agent, Secret: k.Secret.Reveal(), Token: k.Token.Reveal(), AESKey: k.AESKey.Reveal(),
		CallbackURL: callback + wecom.CallbackPath, People: c.members, Now: s.clock.Now, Unlimited: true,
		RobotID: k.RobotID, RobotSecret: k.RobotSecret.Reveal(), RobotName: trialRobot,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return sim
}

// listen serves a handler on loopback until the test ends.
func (s *stage) listen(handler http.Handler) string {
	s.t.Helper()
	listener, err := listen(s.t.Context(), "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	server := wecom.NewServer("", handler)
	server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends when the server is closed
	}()
	s.t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return "http://" + listener.Addr().String()
}

// start makes a new process out of what is stored: nothing of an earlier one's
// memory is left.
func (s *stage) start() {
	s.t.Helper()
	store, err := storage.Open(storage.Config{Client: s.wires.client(true), County: trialCounty})
	if err != nil {
		s.t.Fatal(err)
	}
	pictures, err := documents.OpenShelf(s.files)
	if err != nil {
		s.t.Fatal(err)
	}
	config := Config{County: trialCounty, CountyName: trialName, WeCom: s.keys}
	office, err := newOffice(s.t.Context(), OfficeConfig{
		Config: config, Store: store, Clock: s.clock, Log: slog.New(s.log), Shelf: pictures, Wake: func() {}, Workers: 1,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	var plan planner = s
	if s.silent {
		plan = silent{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.office, s.broken = office, false
	s.pump = newPump(s.clock, plan, errands{office.Fetcher, office.Outbox})
	office.knowGroups(s.t.Context())
	s.hangUp = s.connect(office.Robot)
}

// connect opens the robot's long connection and returns what ends it.
func (s *stage) connect(robot *wecom.Robot) (hangUp func()) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- robot.Run(ctx) }()
	waiting, give := context.WithTimeout(ctx, robotTimeout)
	defer give()
	if err := robot.WaitConnected(waiting); err != nil {
		s.t.Error(err)
	}
	return func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
	}
}

// stop throws the process away: what it only remembers is gone.
func (s *stage) stop() {
	s.mu.Lock()
	hangUp := s.hangUp
	s.hangUp = func() {}
	s.mu.Unlock()
	hangUp()
	s.wires.hangUp()
}

// restart kills the process and starts it again.
func (s *stage) restart() {
	s.t.Helper()
	s.stop()
	s.start()
}

// die marks the process dead: whoever comes next finds a new one.
func (s *stage) die() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = true
}

// running returns the process, started anew when the last one has died.
func (s *stage) running() (*Office, *Pump) {
	s.mu.Lock()
	broken := s.broken
	s.mu.Unlock()
	if broken {
		s.restart()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.office, s.pump
}

// callback is the bot's address as WeCom knows it; it stays when the bot dies.
func (s *stage) callback(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	hear, dead := s.requests, s.drop > 0
	if dead {
		s.drop--
	}
	s.mu.Unlock()
	if hear != nil {
		hear(r)
	}
	if dead {
		panic(http.ErrAbortHandler) // the process died before it read anything
	}
	office, _ := s.running()
	if r.URL.Path != wecom.CallbackPath {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	office.Callback.ServeHTTP(w, r)
}

// Step implements planner: it notes what the scheduler queues, so that a talk
// can tell reminders from answers.
func (s *stage) Step(ctx context.Context, now time.Time) (time.Time, error) {
	s.mu.Lock()
	office := s.office
	s.mu.Unlock()
	slot := "cx:{" + trialCounty + "}:slot:reminders"
	before, _ := s.redis.Get(ctx, slot).Result()
	queued := s.queued(ctx)
	next, err := office.Scheduler.Step(ctx, now)
	if after, _ := s.redis.Get(ctx, slot).Result(); before == after {
		return next, err //nolint:wrapcheck // The pump wraps it.
	}
	for id, m := range s.queued(ctx) {
		if _, old := queued[id]; !old {
			s.mu.Lock()
			s.reminded[[2]string{m.To, m.Text}]++
			if _, group := chat.ToGroup(m.To); !group { // WeCom knows no repeats there
				s.spoken[m.Text] = true
			}
			s.planned = append(s.planned, m)
			s.mu.Unlock()
		}
	}
	return next, err //nolint:wrapcheck // The pump wraps it.
}

// queued reads the messages waiting in the outbox.
func (s *stage) queued(ctx context.Context) map[string]chat.Message {
	s.t.Helper()
	bodies, err := s.redis.HGetAll(ctx, "cx:{"+trialCounty+"}:out:msgs").Result()
	if err != nil {
		s.t.Error(err)
	}
	out := map[string]chat.Message{}
	for id, body := range bodies {
		var m chat.Message
		if err := json.Unmarshal([]byte(body[strings.Index(body, "{"):]), &m); err != nil {
			s.t.Errorf("queued message %s: %v", id, err)
		}
		out[id] = m
	}
	return out
}

// patience bounds how often a stage tries to settle after faults.
const patience = 1000

// settle says everything that is due, across deaths of the process, and returns
// when something will be due again. On a stage that drifts it lets the time pass
// which failed sends wait.
func (s *stage) settle() (time.Time, error) {
	ctx := s.t.Context()
	for range patience {
		_, pump := s.running()
		next, err := pump.Settle(ctx)
		s.mu.Lock()
		broken := s.broken
		s.mu.Unlock()
		switch {
		case broken || err != nil && s.drifts:
			continue
		case err != nil || !s.drifts:
			return next, err
		}
		if !s.pending() || next.IsZero() || next.Sub(s.clock.Now()) > time.Hour {
			return next, nil
		}
		if next.After(s.clock.Now()) {
			s.clock.Jump(next)
		}
	}
	return time.Time{}, fmt.Errorf("not at rest after %d steps", patience) //nolint:err113 // A failed test.
}

// pending reports whether something is under way: leased or tried before. What is
// only to be said later waits for the talk's own clock.
func (s *stage) pending() bool {
	s.t.Helper()
	waits := false
	for _, key := range []string{"out:lease", "out:tries", "fetch:held"} {
		n, err := s.redis.HLen(s.t.Context(), "cx:{"+trialCounty+"}:"+key).Result()
		if err != nil {
			s.t.Error(err)
		}
		waits = waits || n > 0
	}
	return waits
}

// advance lets time pass, stopping wherever something falls due.
func (s *stage) advance(to time.Time) error {
	for {
		next, err := s.settle()
		now := s.clock.Now()
		if err != nil || !now.Before(to) {
			return err
		}
		if next.IsZero() || next.After(to) {
			next = to
		}
		if next.After(now) {
			s.clock.Jump(next)
		}
	}
}

// world is the stage as a place where a talk is played. Reminders that fall due
// are heard, but not reported to a talk that is about something else.
func (s *stage) world(played script) *stageWorld {
	s.t.Helper()
	world, err := simulator.NewWorld(simulator.WorldConfig{
		Sim: s.sim, Now: s.clock.Now, Set: s.advance, Files: talkFiles(),
		Wait: func(d time.Duration) error { return s.advance(s.clock.Now().Add(d)) },
		Settle: func() error {
			_, err := s.settle()
			return err
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return &stageWorld{World: world, stage: s, ids: s.names(), clocked: played.clocked, only: played.only}
}

// names leads from the members' names to their userids, and from the group's to
// the name under which the bot writes to it.
func (s *stage) names() map[string]string {
	out := map[string]string{}
	for _, m := range s.sim.People() {
		out[m.Name] = m.UserID
	}
	out[trialGroup] = chat.GroupPrefix + award.WebhookGroup
	return out
}

// stageWorld leaves out of a talk what the clock says by itself.
type stageWorld struct {
	*simulator.World

	stage     *stage
	ids       map[string]string
	clocked   bool     // the talk expects the reminders
	only      []string // to these alone, everybody when empty
	reminders int
}

// Heard implements talk.World.
func (w *stageWorld) Heard() ([]talk.Utterance, error) {
	said, err := w.World.Heard()
	return slices.DeleteFunc(said, func(u talk.Utterance) bool {
		key := [2]string{w.ids[u.To], u.Text}
		w.stage.mu.Lock()
		defer w.stage.mu.Unlock()
		expected := w.clocked && (len(w.only) == 0 || slices.Contains(w.only, u.To))
		if expected || w.stage.reminded[key] == 0 {
			return false
		}
		w.stage.reminded[key]--
		w.reminders++
		return true
	}), err //nolint:wrapcheck // The world's own.
}

// alarms is a log that keeps what operators would be woken for.
type alarms struct {
	mu    sync.Mutex
	lines []string
	// all is every line, whatever its level, for the search for private values.
	all []string
}

func (*alarms) Enabled(context.Context, slog.Level) bool { return true }

func (a *alarms) Handle(_ context.Context, r slog.Record) error {
	var line strings.Builder
	line.WriteString(r.Message)
	r.Attrs(func(attr slog.Attr) bool {
		_, _ = io.WriteString(&line, " "+attr.String())
		return true
	})
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, line.String())
	if r.Level >= slog.LevelError {
		a.lines = append(a.lines, line.String())
	}
	return nil
}

func (a *alarms) WithAttrs([]slog.Attr) slog.Handler { return a }
func (a *alarms) WithGroup(string) slog.Handler      { return a }

// heard returns the lines so far.
func (a *alarms) heard() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.lines)
}

// clockedMark begins a talk in which the bot also says what falls due; where " for "
// and names follow, only what falls due for them is written down.
const clockedMark = "# with reminders"

// script is one talk with how it begins.
type script struct {
	talk.Script

	noCycle bool
	clocked bool     // the talk expects the reminders
	only    []string // to these alone, everybody when empty
}

// talks reads every talk of the binary.
func talks(t testing.TB) []script {
	t.Helper()
	files, err := handlers.Talks.ReadDir("testdata")
	if err != nil || len(files) == 0 {
		t.Fatal("no talks", err)
	}
	var out []script
	for _, file := range files {
		if file.IsDir() {
			continue
		}
		text, err := handlers.Talks.ReadFile(path.Join("testdata", file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := talk.Parse(file.Name(), string(text))
		if err != nil {
			t.Fatal(err)
		}
		played := script{Script: parsed, noCycle: strings.HasPrefix(string(text), noCycleMark)}
		first, _, _ := strings.Cut(string(text), "\n")
		first, played.clocked = strings.CutPrefix(first, clockedMark)
		if names, ok := strings.CutPrefix(first, " for "); ok && played.clocked {
			played.only = strings.Split(names, "、")
		}
		out = append(out, played)
	}
	return out
}

// start is when the talk begins.
func (s script) start() time.Time {
	if len(s.Steps) > 0 && s.Steps[0].Do == talk.DoClock {
		return s.Steps[0].At
	}
	return trialStart()
}

// newClient makes a client as the bot's own, which never repeats by itself.
func newClient(given *redis.Options) *redis.Client {
	o := *given
	o.MaxRetries, o.DialerRetries = -1, 1
	o.ContextTimeoutEnabled, o.DisableIdentity = true, true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return redis.NewClient(&o)
}
