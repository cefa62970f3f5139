package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// benchSecret is the made-up secret of the app.
const benchSecret = "secret-of-the-bench"

// product is the built binary running "serve" as operators run it, on a Redis of
// the benchmark and against a WeCom that takes everything it is told.
type product struct {
	dir, binary, address string
	environ              []string
	clock                clock
	log                  *os.File
	cmd                  *exec.Cmd
	over                 chan struct{} // closed when the process has ended
}

// buildProduct compiles the program of this module into a directory.
func buildProduct(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "cxbot")
	out, err := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, "cxbot").CombinedOutput() //nolint:gosec // Fixed arguments.
	if err != nil {
		return "", fmt.Errorf("build the product: %w\n%s", err, out)
	}
	return binary, nil
}

// newProcess prepares the process; launch starts it.
func newProcess(ctx context.Context, dir, binary, socket, api string, clock clock) (*product, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "cxbot.log")) //nolint:gosec // A directory of our own.
	if err != nil {
		return nil, err
	}
	// A setting of the caller's own bot is not meant.
	environ := slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "CXBOT_") })
	return &product{
		dir: dir, binary: binary, address: address, clock: clock, log: log,
		environ: append(environ,
			"CXBOT_COUNTY="+benchCounty, "CXBOT_COUNTY_NAME="+benchName, "CXBOT_LISTEN="+address, "CXBOT_REDIS_URL=unix://"+socket,
			"CXBOT_DATA_DIR="+filepath.Join(dir, "data"), "CXBOT_WECOM_API_BASE="+api, "CXBOT_WECOM_CORP_ID="+benchCorp,
			"CXBOT_WECOM_AGENT_ID="+benchAgent, "CXBOT_WECOM_SECRET="+benchSecret, "CXBOT_WECOM_TOKEN="+benchToken,
			"CXBOT_WECOM_AES_KEY="+benchAESKey),
	}, nil
}

// launch starts the process and does not wait for it. A process that cannot
// reach Redis ends by itself, and is to be launched again.
func (p *product) launch(ctx context.Context) error {
	p.cmd = exec.CommandContext(context.WithoutCancel(ctx), p.binary, "serve") //nolint:gosec // Built a moment ago.
	p.cmd.Env = slices.Concat(p.environ, []string{"CXBOT_NOW=" + p.clock.Now().Format(time.RFC3339)})
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.over = make(chan struct{})
	go func(cmd *exec.Cmd, over chan struct{}) {
		defer close(over)
		_ = cmd.Wait() // How it ended is seen by what it left behind.
	}(p.cmd, p.over)
	return nil
}

// kill ends the process at once and waits for its end.
func (p *product) kill() error {
	err := p.cmd.Process.Kill()
	<-p.over
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// ended reports whether the process is gone.
func (p *product) ended() bool {
	select {
	case <-p.over:
		return true
	default:
		return false
	}
}

// tail returns the last lines of the process's log.
func (p *product) tail() string {
	data, err := os.ReadFile(p.log.Name())
	if err != nil {
		return err.Error()
	}
	const most = 2000
	return string(data[max(0, len(data)-most):])
}

// platform is the WeCom of the benchmark: it gives tokens and takes messages,
// and remembers how often each was sent.
type platform struct {
	server *http.Server
	base   string

	mu   sync.Mutex
	said map[string]int // by receiver and content
}

func newPlatform(ctx context.Context) (*platform, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &platform{said: map[string]int{}, base: "http://" + listener.Addr().String()}
	const patience = 10 * time.Second
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: patience}
	go func() { _ = p.server.Serve(listener) }() // Ends when it is closed.
	return p, nil
}

// ServeHTTP implements http.Handler.
func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch {
	case strings.HasSuffix(r.URL.Path, "/gettoken"):
		_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok","access_token":"token-of-the-bench","expires_in":7200}`)
		return
	case strings.HasSuffix(r.URL.Path, "/message/send"):
		var m struct {
			To   string `json:"touser"`
			Text struct {
				Content string `json:"content"`
			} `json:"text"`
			Card struct {
				Task string `json:"task_id"`
			} `json:"template_card"`
		}
		if json.NewDecoder(r.Body).Decode(&m) == nil {
			p.mu.Lock()
			p.said[m.To+"\x00"+m.Text.Content+m.Card.Task]++
			p.mu.Unlock()
		}
	}
	_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok","msgid":"1"}`)
}

// asked counts the texts to a receiver that hold some words.
func (p *platform) asked(to, words string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, times := range p.said {
		if who, text, _ := strings.Cut(key, "\x00"); who == to && strings.Contains(text, words) {
			n += times
		}
	}
	return n
}
