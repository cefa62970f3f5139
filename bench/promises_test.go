package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/chat"
	"cxbot/storage"
)

// sized is how much a promise's test does: a CI size, or the promise's own with
// CXBOT_TEST_SIZE=full.
func sized(ci, full int) int {
	if os.Getenv("CXBOT_TEST_SIZE") == "full" {
		return full
	}
	return ci
}

// hall is the whole turn in this process on a redis-server with the settings of
// production, and people with fifteen fields filled.
type hall struct {
	t      *testing.T
	server *server
	client *redis.Client
	store  *storage.Store
	turn   *bot.Turn
	clock  clock
}

func newHall(t *testing.T, people int) *hall {
	t.Helper()
	needRedis(t)
	h := &hall{t: t, clock: startClock()}
	var err error
	if h.server, err = startRedis(t.Context(), "", "always"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = h.client.Close()
		_ = h.server.stop()
	})
	if err := prepareProduct(t.Context(), h.server, h.clock, people); err != nil {
		t.Fatal(err)
	}
	h.reopen()
	if h.turn, err = newTurn(h.store, h.clock); err != nil {
		t.Fatal(err)
	}
	return h
}

// reopen opens the store anew.
func (h *hall) reopen() {
	h.t.Helper()
	if h.client != nil {
		_ = h.client.Close()
	}
	h.client, _ = newClient(h.server.socket)
	var err error
	if h.store, err = newStore(h.client); err != nil {
		h.t.Fatal(err)
	}
}

// say runs one message; the same serial is the same message.
func (h *hall) say(person string, serial int64, text string) bot.Result {
	return h.turn.Handle(h.t.Context(), chat.Event{
		ID: (&letter{serial: serial}).id(), Channel: chat.App, From: person, Kind: chat.Text, Text: text, At: h.clock.Now(),
	})
}

// turns is how many messages have had an effect on a member's record.
func (h *hall) turns(n int) int64 {
	h.t.Helper()
	raw, err := h.client.Get(h.t.Context(), "cx:{"+benchCounty+"}:d:"+filerID(n)).Result()
	if err != nil {
		h.t.Fatal(err)
	}
	var rev int64
	if _, err := fmt.Sscan(raw, &rev); err != nil {
		h.t.Fatal(err)
	}
	return rev - openingTurns(n)
}

// title is what a member's draft is called now.
func (h *hall) title(n int) string {
	h.t.Helper()
	loaded, err := h.store.Load(h.t.Context(), chat.Event{ID: "bench|look", From: filerID(n)}, h.clock.Now())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, d := range loaded.Conversation.Drafts {
		for _, v := range d.Values {
			if v.Key == "title" {
				return v.Text
			}
		}
	}
	return ""
}

// TestP02Repeats: messages delivered again in any order change data once and are
// answered with the same words.
func TestP02Repeats(t *testing.T) {
	t.Parallel()
	const people = 20
	h := newHall(t, people)
	type said struct {
		who    int
		serial int64
		text   string
		reply  string
	}
	repeats := sized(2_000, 100_000)
	dice := rand.New(rand.NewPCG(2, 2))
	var all []said
	var wrong, effects int
	for n := range repeats {
		if n%10 == 0 {
			s := said{who: dice.IntN(people), serial: int64(n + 1)}
			s.text = fmt.Sprintf(killFields()[dice.IntN(3)].say, mark(s.serial))
			s.reply = h.say(filerID(s.who), s.serial, s.text).Text
			all = append(all, s)
		}
		s := all[dice.IntN(len(all))]
		if r := h.say(filerID(s.who), s.serial, s.text); r.Close || r.Text != s.reply || s.reply == "" {
			wrong++
		}
	}
	for n := range people {
		effects += int(h.turns(n))
	}
	t.Logf("P2: %d messages, %d repeats, double effects %d, other answers %d", len(all), repeats, effects-len(all), wrong)
	if effects != len(all) || wrong > 0 {
		t.Error("the promise is broken")
	}
}

// TestP04Order: bursts of five messages of one person take effect in the order
// in which they came.
func TestP04Order(t *testing.T) {
	t.Parallel()
	people, bursts := sized(20, 200), sized(10, 50)
	const burst = 5
	h := newHall(t, people)
	var serial int64
	breaks, lost := 0, 0
	for n := range people {
		for range bursts {
			var finished atomic.Int64
			var all sync.WaitGroup
			for i := range burst {
				serial++
				id, text := serial, fmt.Sprintf(killFields()[0].say, mark(serial))
				all.Go(func() {
					h.say(filerID(n), id, text)
					finished.Add(1)
				})
				for int64(h.turn.Waiting())+finished.Load() <= int64(i) { // It has come in.
					time.Sleep(20 * time.Microsecond)
				}
			}
			all.Wait()
			if !strings.Contains(h.title(n), mark(serial)) {
				breaks++
			}
		}
		lost += burst*bursts - int(h.turns(n))
	}
	t.Logf("P4: %d persons × %d bursts of %d, order breaks %d, lost %d", people, bursts, burst, breaks, lost)
	if breaks+lost != 0 {
		t.Error("the promise is broken")
	}
}

// TestP06Submits: 提交 pressed twice at once, each press delivered twice, makes one record.
func TestP06Submits(t *testing.T) {
	t.Parallel()
	submits := sized(50, 1_000)
	h := newHall(t, submits*filersAUnit)
	var serial atomic.Int64
	var all sync.WaitGroup
	room := make(chan struct{}, 32) // persons at once
	for n := range submits {
		all.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			who := filerID(n * filersAUnit)
			one := serial.Add(1)
			h.say(who, one, fmt.Sprintf(killFields()[0].say, mark(one)))
			h.say(who, serial.Add(1), "确认")
			for h.records(n*filersAUnit) == 0 { // Crowded out by the others, a person presses again.
				first, second := serial.Add(1), serial.Add(1)
				var presses sync.WaitGroup
				for _, id := range []int64{first, second, first, second} {
					presses.Go(func() { h.say(who, id, "提交") })
				}
				presses.Wait()
			}
		})
	}
	all.Wait()
	double := 0
	for n := range submits {
		if h.records(n*filersAUnit) != 1 {
			double++
		}
	}
	lines := 0
	err := h.store.AuditRange(t.Context(), award.DateOf(benchStart()), func(line string) error {
		if strings.Contains(line, `"did":"filing.submit"`) {
			lines++
		}
		return nil
	})
	t.Logf("P6: %d concurrent double submits, other than one record %d, audit lines %d", submits, double, lines)
	if err != nil || double > 0 || lines != submits {
		t.Error("the promise is broken", err)
	}
}

// records counts what a member's unit has filed.
func (h *hall) records(n int) int {
	view := h.store.ViewAt(context.WithoutCancel(h.t.Context()))
	person, _ := view.Person(filerID(n))
	return view.Topics(award.TopicQuery{Unit: person.Unit, Limit: 1}).Total
}

// TestP05CutLog: the log of the last ten turns is cut at many bytes, as a power
// cut may; after a restart each turn is there whole or not at all, and what was
// answered before the cut is there.
func TestP05CutLog(t *testing.T) {
	t.Parallel()
	h := newHall(t, filersAUnit)
	const turns = 10
	log := h.log()
	ends := []int64{h.size(log)}
	for n := range turns {
		if r := h.say(filerID(1), int64(n+1), fmt.Sprintf(killFields()[0].say, mark(int64(n+1)))); r.Text == "" {
			t.Fatalf("%+v", r)
		}
		ends = append(ends, h.size(log))
	}
	if err := h.server.kill(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	cuts := map[int64]bool{}
	for _, end := range ends {
		for _, at := range []int64{end - 1, end, end + 1} {
			cuts[min(max(at, ends[0]), ends[turns])] = true
		}
	}
	dice := rand.New(rand.NewPCG(5, 5))
	for len(cuts) < sized(60, 2_000) {
		cuts[ends[0]+dice.Int64N(ends[turns]-ends[0])] = true
	}
	broken, missing := 0, 0
	for at := range cuts {
		if err := os.WriteFile(log, whole[:at], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := h.server.launch(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := h.server.loaded(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.reopen() // The old connections are dead.
		kept := h.turns(1)
		var marks, answered int64
		for n := range int64(turns) {
			found, err := h.client.Exists(t.Context(), "cx:{"+benchCounty+"}:seen:"+(&letter{serial: n + 1}).id()).Result()
			if err != nil {
				t.Fatal(err)
			}
			marks += found
			if ends[n+1] <= at {
				answered = n + 1
			}
		}
		if kept != marks || kept > 0 && !strings.Contains(h.title(1), mark(kept)) {
			broken++
		}
		if kept < answered {
			missing++
		}
		if err := h.server.kill(); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.server.launch(t.Context()); err != nil { // For the cleanup.
		t.Fatal(err)
	}
	t.Logf("P5: log of %d turns cut at %d bytes of %d, half turns %d, answered but missing %d", turns, len(cuts), ends[turns]-ends[0], broken, missing)
	if broken+missing > 0 {
		t.Error("the promise is broken")
	}
}

// log finds the part of the append-only log that grows.
func (h *hall) log() string {
	h.t.Helper()
	found, err := filepath.Glob(filepath.Join(h.server.dir, "appendonlydir", "*.incr.aof"))
	if err != nil || len(found) != 1 {
		h.t.Fatal("the log:", found, err)
	}
	return found[0]
}

func (h *hall) size(path string) int64 {
	h.t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		h.t.Fatal(err)
	}
	return info.Size()
}
