package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary be the programs it measures.
func TestMain(m *testing.M) {
	if os.Getenv(childVar) != "" {
		exit(runChild(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

func needRedis(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CXBOT_TEST_REQUIRE_REDIS") == "1" {
			t.Fatal("redis-server is not on the path, and CXBOT_TEST_REQUIRE_REDIS=1 asks for it")
		}
		t.Skip("redis-server is not on the path")
	}
}

// TestTurns runs both programs for a round; every reply is checked by the run.
func TestTurns(t *testing.T) {
	t.Parallel()
	needRedis(t)
	var out bytes.Buffer
	args := []string{"turns", "-rounds", "1", "-messages", "200", "-people", "16", "-connections", "4", "-fsync", "always"}
	if err := run(t.Context(), args, &out); err != nil {
		t.Fatal(err, "\n", out.String())
	}
	text := out.String()
	for _, want := range []string{programBot, programFloor, "2.000", "ratio by round"} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q:\n%s", want, text)
		}
	}
}

// TestTurnsFindsWrongReplies shows that a reply other than expected ends the run.
func TestTurnsFindsWrongReplies(t *testing.T) {
	t.Parallel()
	needRedis(t)
	server, err := startRedis(t.Context(), "", "everysec")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.stop() })
	client, _ := newClient(server.socket)
	t.Cleanup(func() { _ = client.Close() })
	if err := prepare(t.Context(), client, programFloor, 2, usual()); err != nil {
		t.Fatal(err)
	}
	c, err := startChild(t.Context(), order{Program: programFloor, Socket: server.socket, Sizes: usual()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.stop() })
	p := plan{connections: 2, people: 2, messages: 10, warmup: time.Second, duration: time.Second}
	if _, err := measure(t.Context(), c, client, p, wanted(programFloor)); err != nil {
		t.Error("the floor's own replies:", err)
	}
	wrong := func(int) line { return line{"改 9", []string{"9/12 预期成效"}} }
	if _, err := measure(t.Context(), c, client, p, wrong); err == nil || !strings.Contains(err.Error(), errReply.Error()) {
		t.Errorf("replies of another program: got %v, want a wrong reply", err)
	}
}

// TestQueries compares counties of 100 and 400 topics.
func TestQueries(t *testing.T) {
	t.Parallel()
	needRedis(t)
	var out bytes.Buffer
	if err := run(t.Context(), []string{"queries", "-topics", "400"}, &out); err != nil {
		t.Fatal(err, "\n", out.String())
	}
	if !strings.Contains(out.String(), "谁没报") {
		t.Errorf("the table lacks the query:\n%s", out.String())
	}
}

func TestRunRefusesOtherWords(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"walk"}, {"queries", "-topics", "many"}} {
		if err := run(t.Context(), args, new(bytes.Buffer)); err == nil {
			t.Errorf("run(%q) succeeded, want an error", args)
		}
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	tests := []struct {
		values []float64
		want   float64
	}{
		{nil, 0}, {[]float64{3}, 3}, {[]float64{3, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2.5},
	}
	for _, tt := range tests {
		if got := median(tt.values); got != tt.want {
			t.Errorf("median(%v) = %v, want %v", tt.values, got, tt.want)
		}
	}
}

// TestWireOpensWhatItSeals goes through every length around a padding block.
func TestWireOpensWhatItSeals(t *testing.T) {
	t.Parallel()
	w, err := newWire()
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 * padBlock {
		message := fmt.Appendf(nil, "%0*d", n+1, 7)
		sealed, _ := w.seal(nil, nil, message)
		got, _, err := w.open(nil, sealed)
		if err != nil || !bytes.Equal(got, message) {
			t.Fatalf("%d bytes: got %q, %v", n, got, err)
		}
		sealed[0] ^= 1
		if got, _, err := w.open(nil, sealed[:len(sealed)/2]); err == nil {
			t.Fatalf("%d bytes, damaged: got %q", n, got)
		}
	}
}
