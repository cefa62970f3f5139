package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/bot/wecom"
	"cxbot/simulator"
	"cxbot/storage"
	"cxbot/storage/storagetest"
)

// fleet is a corp whose callbacks go at random to several real processes of the
// bot on one redis-server, as a balancer would send them.
type fleet struct {
	t       *testing.T
	binary  string
	dir     string
	environ []string
	clock   *Clock
	sim     *simulator.Sim
	store   *storage.Store
	redis   *redis.Client
	boats   []*boat
	next    atomic.Uint64
}

// boat is one process.
type boat struct {
	address string
	proxy   *httputil.ReverseProxy
	log     bytes.Buffer

	mu  sync.Mutex
	cmd *exec.Cmd
}

// newFleet builds the binary and starts the processes.
func newFleet(t *testing.T, boats int) *fleet {
	t.Helper()
	return startFleet(t, boats, false)
}

// startFleet is newFleet, with the smart robot set up or not.
func startFleet(t *testing.T, boats int, robot bool) *fleet {
	t.Helper()
	socket := storagetest.Server(t)
	f := &fleet{t: t, dir: t.TempDir(), clock: newClock(trialStart())}
	f.binary = filepath.Join(f.dir, "cxbot")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", f.binary, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	f.redis = redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	store, err := storage.Open(storage.Config{Client: f.redis, County: trialCounty})
	if err != nil {
		t.Fatal(err)
	}
	f.store = store
	t.Cleanup(func() { _ = f.redis.Close() })
	if err := loadSample(t.Context(), store, f.clock, false); err != nil {
		t.Fatal(err)
	}
	api, callback := f.serve(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/robot") {
			f.sim.Robot().ServeHTTP(w, r)
			return
		}
		f.sim.API().ServeHTTP(w, r)
	}), f.serve(f.balance)
	keys := trialKeys(api)
	f.sim = f.newSim(keys, callback)
	f.environ = append(os.Environ(),
		"CXBOT_COUNTY="+trialCounty, "CXBOT_COUNTY_NAME="+trialName, "CXBOT_ADMINS=wangfang", "CXBOT_REDIS_URL=unix://"+socket,
		"CXBOT_PUBLIC_URL="+callback, "CXBOT_WECOM_API_BASE="+api, "CXBOT_WECOM_CORP_ID="+keys.CorpID,
		"CXBOT_WECOM_AGENT_ID="+strconv.FormatInt(keys.Agent, 10), "CXBOT_WECOM_SECRET="+keys.Secret.Reveal(),
		"CXBOT_WECOM_TOKEN="+keys.Token.Reveal(), "CXBOT_WECOM_AES_KEY="+keys.AESKey.Reveal(),
		"CXBOT_AUDIT_KEY=the replicas of one county share this key")
	if robot {
		f.environ = append(f.environ, "CXBOT_WECOM_ROBOT_ID="+keys.RobotID, "CXBOT_WECOM_ROBOT_SECRET="+keys.RobotSecret.Reveal(),
			"CXBOT_WECOM_ROBOT_URL="+keys.RobotURL)
	}
	for i := range boats {
		f.launch(i)
	}
	return f
}

// newSim makes the WeCom; it tries long, because what is lost here is what the
// test looks for.
func (f *fleet) newSim(keys WeCom, callback string) *simulator.Sim {
	f.t.Helper()
	model, err := newTrialSim(keys, callback, f.clock, true)
	if err != nil {
		f.t.Fatal(err)
	}
	sim, err := simulator.New(simulator.Config{
		CorpID: keys.CorpID, AgentID: keys.Agent, Secret: keys.Secret.Reveal(), Token: keys.Token.Reveal(), AESKey: keys.AESKey.Reveal(),
		CallbackURL: callback + wecom.CallbackPath, People: model.People(), Now: f.clock.Now, Unlimited: true,
		RobotID: keys.RobotID, RobotSecret: keys.RobotSecret.Reveal(), RobotName: trialRobot, Retries: 200, RetryPause: 50 * time.Millisecond, Patience: 10 * time.Second,
		Client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return sim
}

// serve answers on loopback until the test ends.
func (f *fleet) serve(handle http.HandlerFunc) string {
	f.t.Helper()
	listener, err := listen(f.t.Context(), "127.0.0.1:0")
	if err != nil {
		f.t.Fatal(err)
	}
	server := wecom.NewServer("", handle)
	go func() { _ = server.Serve(listener) }() // ends when the server is closed
	f.t.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String()
}

// balance hands a callback to a process at random. When that one does not
// answer, neither does the bot: WeCom's connection is cut.
func (f *fleet) balance(w http.ResponseWriter, r *http.Request) {
	f.next.Add(1)
	b := f.boats[rand.IntN(len(f.boats))]
	b.proxy.ServeHTTP(w, r)
}

// launch starts or restarts a process and waits until it is ready.
func (f *fleet) launch(i int) {
	f.t.Helper()
	for len(f.boats) <= i {
		listener, err := listen(f.t.Context(), "127.0.0.1:0")
		if err != nil {
			f.t.Fatal(err)
		}
		address := listener.Addr().String()
		if err := listener.Close(); err != nil {
			f.t.Fatal(err)
		}
		b := &boat{address: address, proxy: httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})}
		b.proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 64}
		b.proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
		b.proxy.ErrorLog = nil
		f.boats = append(f.boats, b)
		f.t.Cleanup(func() { _ = b.kill(syscall.SIGKILL) })
	}
	b := f.boats[i]
	cmd := exec.CommandContext(context.WithoutCancel(f.t.Context()), f.binary, "serve")
	cmd.Env = append(slices.Clone(f.environ), "CXBOT_LISTEN="+b.address, "CXBOT_DATA_DIR="+filepath.Join(f.dir, fmt.Sprint("data", i)),
		"CXBOT_NOW="+f.clock.Now().Format(time.RFC3339))
	cmd.Stdout, cmd.Stderr = io.Discard, &b.log
	if err := cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	b.mu.Lock()
	b.cmd = cmd
	b.mu.Unlock()
	waitFor(f.t, func() bool {
		ctx, cancel := context.WithTimeout(f.t.Context(), time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.address+"/readyz", nil)
		if err != nil {
			return false
		}
		response, err := http.DefaultClient.Do(r)
		return err == nil && response.Body.Close() == nil && response.StatusCode == http.StatusOK
	})
}

// kill ends a process and waits for its end.
func (b *boat) kill(how syscall.Signal) error {
	b.mu.Lock()
	cmd := b.cmd
	b.cmd = nil
	b.mu.Unlock()
	if cmd == nil {
		return nil
	}
	return errors.Join(cmd.Process.Signal(how), cmd.Wait())
}

// filer is somebody who files by chatting.
type filer struct {
	person award.Person
	said   atomic.Int64
	heard  []string // what was answered, for a failed test
}

// filers are people of different units who may file.
func (f *fleet) filers(n int) []*filer {
	f.t.Helper()
	var out []*filer
	units := map[string]bool{}
	for _, p := range f.store.ViewAt(f.t.Context()).WithRole(award.RoleFiler) {
		if !units[p.Unit] && !p.Has(award.RoleHead) && len(out) < n {
			units[p.Unit] = true
			out = append(out, &filer{person: p})
		}
	}
	if len(out) < n {
		f.t.Fatalf("only %d units have a filer", len(out))
	}
	return out
}

// words are what a filer says: the form, with so many changes of the title that
// it comes to n messages. The title is changed before the form is full, because
// each answer after that comes with a card, and WeCom takes 30 a minute.
func words(n int) (list []string, title string) {
	list = []string{"我要报课题", "村级党群议事会机制探索", "3.3"}
	rest := []string{
		"村里大事议而不决、决而不公开，去年这方面的信访有 6 件，群众意见大。", "柳林村党支部、河湾村党支部",
		"建立议题收集、党群联议、结果公开三个环节，每月 10 日为议事日。", "1. 2027年3月 调研摸底，制定方案\n2. 2027年12月 两个村试点\n3. 2028年6月 全镇推开",
		"每月10日议事日；二维码征集议题；公开栏加微信群双公开", "2028年9月底", "村级重大事项公开率达到 100%，相关信访下降一半。", "制度、案例", "沿用", "确认", "提交",
	}
	for len(list)+len(rest) < n {
		title = fmt.Sprintf("村级党群议事会机制探索第%d稿", len(list))
		list = append(list, "改 1 "+title)
	}
	return append(list, rest...), title
}

// say has one filer say everything, each message delivered so many times, and
// checks that all deliveries were answered with the same words.
func (f *fleet) say(who *filer, texts []string) error {
	for _, text := range texts {
		d, err := f.sim.Say(f.t.Context(), who.person.UserID, text)
		if err != nil {
			return fmt.Errorf("%s: %q: %w", who.person.UserID, text, err)
		}
		who.said.Add(1)
		line, _, _ := strings.Cut(d.Reply, "\n")
		who.heard = append(who.heard, fmt.Sprintf("%.20q: %d attempts, %d answers: %s", text, d.Attempts, len(d.Replies), line))
		if len(d.Replies) == 0 || strings.Contains(d.Reply, "没有存上") {
			return fmt.Errorf("%s: %q was answered with %+v", who.person.UserID, text, d) //nolint:err113 // A failed test.
		}
		for _, reply := range d.Replies {
			if reply == "" || reply != d.Replies[0] {
				return fmt.Errorf("%s: %q was answered with %q and %q", who.person.UserID, text, d.Replies[0], reply) //nolint:err113 // A failed test.
			}
		}
	}
	return nil
}

// all lets every filer speak at the same time as the others.
func (f *fleet) all(people []*filer, texts []string) {
	f.t.Helper()
	var all sync.WaitGroup
	for _, who := range people {
		all.Go(func() {
			if err := f.say(who, texts); err != nil {
				f.t.Error(err)
			}
		})
	}
	all.Wait()
}

// check holds what is stored against what was said: each message once, each
// filing whole and once, each audit line once.
func (f *fleet) check(people []*filer, title string) {
	f.t.Helper()
	ctx := f.t.Context()
	view := f.store.ViewAt(ctx)
	events := map[string]string{}
	for _, who := range people {
		raw, err := f.redis.Get(ctx, "cx:{"+trialCounty+"}:d:"+who.person.UserID).Result()
		rev, _, _ := strings.Cut(raw, " ")
		if err != nil || rev != strconv.FormatInt(who.said.Load(), 10) {
			f.t.Errorf("%s said %d things, %s have had an effect, %v\n%s", who.person.UserID, who.said.Load(), rev, err, strings.Join(who.heard, "\n"))
		}
		page := view.Topics(award.TopicQuery{Unit: who.person.Unit, Limit: 10})
		if page.Total != 1 || page.Topics[0].Title() != title || len(page.Topics[0].Versions) != 1 || page.Topics[0].Filer != who.person.UserID {
			f.t.Errorf("%s has %d topics: %+v", who.person.Unit, page.Total, page.Topics)
		}
	}
	if err := view.Err(); err != nil {
		f.t.Error(err)
	}
	err := f.store.AuditRange(ctx, award.DateOf(f.clock.Now()), func(line string) error {
		entry, err := storage.ReadAuditLine(line)
		key := entry.Event + "|" + entry.Did + "|" + entry.Object
		if events[key] != "" {
			f.t.Errorf("two audit lines of one event:\n%s\n%s", events[key], line)
		}
		events[key] = line
		return err
	})
	submits := 0
	for _, line := range events {
		if strings.Contains(line, `"did":"filing.submit"`) {
			submits++
		}
	}
	if err != nil || submits != len(people) {
		f.t.Errorf("%d audit lines of submissions by %d people, %v", submits, len(people), err)
	}
	f.checkHeads(people)
}

// checkHeads waits until every 一把手 was asked to confirm, and wants it once.
func (f *fleet) checkHeads(people []*filer) {
	f.t.Helper()
	waitFor(f.t, func() bool {
		backlog, err := f.store.Backlog(f.t.Context())
		return err == nil && backlog.Messages == 0
	})
	asked := map[string]int{}
	for _, e := range f.sim.Shown() {
		if e.Kind == simulator.KindText && strings.Contains(e.Text, "确认") && !e.Passive {
			asked[e.To]++
		}
	}
	view := f.store.ViewAt(f.t.Context())
	for _, who := range people {
		u, _ := view.Unit(who.person.Unit)
		for _, head := range u.Heads {
			if asked[head] != 1 {
				f.t.Errorf("the 一把手 of %s was asked %d times", u.Name, asked[head])
			}
		}
	}
	backlog, err := f.store.Backlog(f.t.Context())
	if err != nil || backlog.Failed > 0 {
		f.t.Errorf("backlog %+v, %v", backlog, err)
	}
}

// TestThreeReplicasShareTwentyDeliveries sends each of a thousand messages
// twenty times to three processes at random, kills one of them on the way and
// starts it again: one effect and one answer each (P2, P4, F3, F46).
func TestThreeReplicasShareTwentyDeliveries(t *testing.T) {
	people, each := 20, 50
	if testing.Short() || raced {
		people, each = 8, 20
	}
	f := newFleet(t, 3)
	f.sim.SetMode(simulator.Mode{Copies: 20, AtOnce: true})
	speakers := f.filers(people)
	texts, title := words(each)
	done := make(chan struct{})
	go func() {
		defer close(done)
		half := uint64(people * each * 20 / 2)
		for f.next.Load() < half && t.Context().Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
		_ = f.boats[1].kill(syscall.SIGKILL) // says that it was killed
		time.Sleep(300 * time.Millisecond)
		f.launch(1)
	}()
	begin := time.Now()
	f.all(speakers, texts)
	<-done
	t.Logf("%d callbacks in %s", f.next.Load(), time.Since(begin).Round(time.Millisecond))
	f.check(speakers, title)
	f.checkLogs()
}

// TestStopUnderLoadLosesNothing: SIGTERM in the middle of the crowd ends the
// process within five seconds, and what it had not taken is delivered to the
// next one (F10).
func TestStopUnderLoadLosesNothing(t *testing.T) {
	people, each := 20, 30
	if testing.Short() || raced {
		people, each = 8, 16
	}
	f := newFleet(t, 1)
	speakers := f.filers(people)
	texts, title := words(each)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := range uint64(3) {
			for f.next.Load() < (n+1)*uint64(people*each)/4 && t.Context().Err() == nil {
				time.Sleep(time.Millisecond)
			}
			begin := time.Now()
			if err := f.boats[0].kill(syscall.SIGTERM); err != nil {
				t.Errorf("stopped with %v\n%s", err, f.boats[0].log.String())
			}
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("a stop took %s", took)
			}
			f.launch(0)
		}
	}()
	f.all(speakers, texts)
	<-done
	f.check(speakers, title)
	f.checkLogs()
}

// checkLogs wants no errors in the processes' logs but those of a store without
// enough memory or of messages that came too late.
func (f *fleet) checkLogs() {
	f.t.Helper()
	for i, b := range f.boats {
		if err := b.kill(syscall.SIGTERM); err != nil {
			f.t.Errorf("process %d: %v\n%s", i, err, b.log.String())
		}
		for line := range strings.Lines(b.log.String()) {
			if strings.Contains(line, `"level":"ERROR"`) || strings.Contains(line, "level=ERROR") || strings.Contains(line, "panic") {
				f.t.Errorf("process %d: %s", i, line)
			}
		}
	}
}
