package main

import (
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"cxbot/talk"
)

// plantedPhone finds the telephone numbers people type.
var plantedPhone = regexp.MustCompile(`1[3-9]\d{9}`)

// TestP18LogsHoldNothingPrivate plays talks on the assembled bot and looks for
// everything people typed in every line that was logged, at any level and before
// the log's own masking: whole sentences, and the telephone numbers in them.
func TestP18LogsHoldNothingPrivate(t *testing.T) {
	t.Parallel()
	const least = 8 // characters; shorter ones are words of command
	var planted, lines, hits atomic.Int64
	t.Cleanup(func() {
		t.Logf("P18: %d planted values, %d lines of log, hits %d", planted.Load(), lines.Load(), hits.Load())
		if planted.Load() < 40 {
			t.Errorf("only %d values were planted, want 40", planted.Load())
		}
	})
	for i, s := range talks(t) {
		if i%5 != 0 && !strings.HasPrefix(s.Name, "secrecy") {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			stage := newStage(t, stageConfig{start: s.start(), noCycle: s.noCycle})
			if _, err := talk.Play(s.Script, stage.world(s)); err != nil {
				t.Fatal(err)
			}
			stage.log.mu.Lock()
			logged := strings.Join(stage.log.all, "\n")
			lines.Add(int64(len(stage.log.all)))
			stage.log.mu.Unlock()
			for _, step := range s.Steps {
				values := plantedPhone.FindAllString(step.Text, -1)
				for _, line := range strings.Split(step.Text, "\n") {
					if utf8.RuneCountInString(line) >= least && step.Do == talk.DoSay {
						values = append(values, line)
					}
				}
				for _, value := range values {
					planted.Add(1)
					if strings.Contains(logged, value) {
						hits.Add(1)
						t.Errorf("the log holds %q", value)
					}
				}
			}
		})
	}
}
