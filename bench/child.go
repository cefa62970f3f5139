package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"cxbot/bot/wecom"
)

// The programs.
const (
	programBot   = "cxbot"
	programFloor = "floor"
	// programIdle answers without any work: what net/http and the machine cost.
	programIdle = "no work"
)

// order is the first line a child reads: what it is to be.
type order struct {
	Program string `json:"program"`
	Socket  string `json:"socket"`
	Profile string `json:"profile"`
	Sizes   sizes  `json:"sizes"`
}

// usage is what a child has used since it began.
type usage struct {
	CPU time.Duration `json:"cpu"`
	// RSS is the most memory it held, in bytes.
	RSS int64 `json:"rss"`
	// Commands and Writes are those to Redis.
	Commands int64 `json:"commands"`
	Writes   int64 `json:"writes"`
}

// holding is what a child holds at this moment, garbage collected.
type holding struct {
	RSS         int64 `json:"rss"`  // bytes
	Heap        int64 `json:"heap"` // bytes
	Goroutines  int   `json:"goroutines"`
	Descriptors int   `json:"descriptors"`
}

// runChild serves one program: it answers its order with the address, each
// further line with its usage, and ends with its standard input.
func runChild(in io.Reader, out io.Writer) error {
	ctx := context.Background()
	input, answer := bufio.NewScanner(in), json.NewEncoder(out)
	if !input.Scan() {
		return input.Err()
	}
	var o order
	if err := json.Unmarshal(input.Bytes(), &o); err != nil {
		return err
	}
	client, meter := newClient(o.Socket)
	handler, err := o.handler(ctx, client)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle(wecom.CallbackPath, handler)
	go func() { _ = wecom.NewServer("", mux).Serve(listener) }() // ends with the process
	if err := answer.Encode(listener.Addr().String()); err != nil {
		return err
	}
	profile := profiler{path: o.Profile}
	for input.Scan() {
		if input.Text() == askHolding {
			held, err := ownHolding()
			if err = errors.Join(err, answer.Encode(held)); err != nil {
				return err
			}
			continue
		}
		if err := profile.toggle(); err != nil {
			return err
		}
		used, err := ownUsage()
		if err != nil {
			return err
		}
		used.Commands, used.Writes = meter.commands.Load(), meter.writes.Load()
		if err := answer.Encode(used); err != nil {
			return err
		}
	}
	return input.Err()
}

// handler makes the program that was ordered.
func (o order) handler(ctx context.Context, client *redis.Client) (http.Handler, error) {
	switch o.Program {
	case programBot:
		return newProduct(client)
	case programIdle:
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, "ok")
		}), nil
	default:
		return newFloor(ctx, client, o.Sizes)
	}
}

// What a parent asks its child.
const (
	askUsage   = "usage"
	askHolding = "holding"
)

func ownHolding() (holding, error) {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	out := holding{Heap: int64(m.HeapAlloc), Goroutines: runtime.NumGoroutine()}
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return out, err
	}
	out.Descriptors = len(open)
	pages, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return out, err
	}
	var size int64
	_, err = fmt.Sscan(string(pages), &size, &out.RSS)
	out.RSS *= int64(os.Getpagesize())
	return out, err
}

func ownUsage() (usage, error) {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return usage{}, err
	}
	const kilobyte = 1024
	return usage{CPU: time.Duration(r.Utime.Nano() + r.Stime.Nano()), RSS: r.Maxrss * kilobyte}, nil
}

// profiler writes a CPU profile between two calls of toggle, and beside it what
// was allocated since the start.
type profiler struct {
	path string
	file *os.File
}

func (p *profiler) toggle() error {
	switch {
	case p.path == "":
		return nil
	case p.file != nil:
		pprof.StopCPUProfile()
		return errors.Join(p.file.Close(), writeAllocations(p.path+".allocs"))
	}
	var err error
	if p.file, err = os.Create(p.path); err != nil {
		return err
	}
	return pprof.StartCPUProfile(p.file)
}

func writeAllocations(path string) error {
	file, err := os.Create(path) //nolint:gosec // The path is the caller's own flag.
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(file, 0), file.Close())
}

// child is a running program as its parent sees it.
type child struct {
	address string
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *json.Decoder
}

// startChild runs a copy of this program.
func startChild(ctx context.Context, o order) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.CommandContext(ctx, self)} //nolint:gosec // This very program.
	c.cmd.Env = append(os.Environ(), childVar+"=1")
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = json.NewDecoder(out)
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	if err = json.NewEncoder(c.in).Encode(o); err == nil {
		err = c.out.Decode(&c.address)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", o.Program, err), c.stop())
	}
	return c, nil
}

// usage asks the child what it has used so far.
func (c *child) usage() (usage, error) {
	var u usage
	if _, err := io.WriteString(c.in, askUsage+"\n"); err != nil {
		return u, err
	}
	return u, c.out.Decode(&u)
}

// holding asks the child what it holds now.
func (c *child) holding() (holding, error) {
	var h holding
	if _, err := io.WriteString(c.in, askHolding+"\n"); err != nil {
		return h, err
	}
	return h, c.out.Decode(&h)
}

// stop ends the child by closing its input.
func (c *child) stop() error { return errors.Join(c.in.Close(), c.cmd.Wait()) }
