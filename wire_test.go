package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"cxbot/talk"
)

// update writes the bot's lines of the talks with reminders anew; the others are
// written by the tests of handlers.
var update = flag.Bool("update", false, "write the bot's lines of the talks with reminders anew")

// TestTalksWithTheClockRunning plays every talk on the assembled bot over the
// encrypted wire, with the scheduler running: what people and bot say is what
// the talk says, and reminders that fall due meanwhile disturb nothing.
func TestTalksWithTheClockRunning(t *testing.T) {
	t.Parallel()
	for _, s := range talks(t) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			stage := newStage(t, stageConfig{start: s.start(), noCycle: s.noCycle})
			world := stage.world(s)
			result, err := talk.Play(s.Script, world)
			if err != nil {
				t.Fatal(err)
			}
			if *update && s.clocked {
				file := filepath.Join("handlers", "testdata", s.Name)
				if err := os.WriteFile(file, []byte(talk.Rewrite(s.Script, result)), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if result.Diff != nil {
				t.Errorf("%d differences: %v", result.Differences, result.Diff)
			}
			if world.reminders > 0 {
				t.Logf("%d reminders fell due", world.reminders)
			}
			checkQuiet(t, stage)
		})
	}
}

// checkQuiet fails when something went wrong that no transcript shows.
func checkQuiet(t *testing.T, s *stage) {
	t.Helper()
	for _, line := range s.log.heard() {
		t.Error("logged as an error:", line)
	}
	for _, p := range s.sim.Stats().Problems {
		t.Error("WeCom would not show it:", p)
	}
	backlog, err := s.office.Store.Backlog(t.Context())
	if err != nil || backlog.Failed > 0 {
		t.Errorf("backlog %+v, %v", backlog, err)
	}
}
