package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// The modes a data directory can be in; the first start writes it down.
const (
	modeManaged  = "managed"  // a redis-server of our own, its data in the directory
	modeExternal = "external" // CXBOT_REDIS_URL
)

const (
	redisStartTimeout = 30 * time.Second // loading a long AOF takes time
	redisStopTimeout  = 4 * time.Second
	redisRestartPause = time.Second
	redisPoll         = 20 * time.Millisecond
	// maxSocketPath is what the kernel takes in a unix socket's address.
	maxSocketPath = 107
	privateDir    = 0o700
	privateFile   = 0o600
)

var (
	errNoRedisServer = errors.New("没有找到 redis-server：请先安装（Debian/Ubuntu：apt-get install redis-server；" +
		"CentOS/openEuler：dnf install redis；麒麟：yum install redis），或用 CXBOT_REDIS_URL 指向已有的 Redis")
	errRedisDied  = errors.New("redis-server 没有起来")
	errInUse      = errors.New("这个数据目录正被另一个 cxbot serve 使用，请先停掉它，或换一个 CXBOT_DATA_DIR")
	errSocketPath = errors.New("CXBOT_DATA_DIR 的路径太长，Unix 套接字放不下，请换一个短一些的目录")
)

// modeError refuses a directory that holds the other mode's data.
type modeError struct{ dir, have, want string }

func (e *modeError) Error() string {
	words := map[string]string{modeManaged: "由 cxbot 自己管理的 Redis", modeExternal: "CXBOT_REDIS_URL 指定的 Redis"}
	return fmt.Sprintf("数据目录 %s 之前用的是%s，现在的配置却是%s；为免数据看似丢失，没有启动。请改回 CXBOT_REDIS_URL，或换一个 CXBOT_DATA_DIR",
		e.dir, words[e.have], words[e.want])
}

// Redis is an open connection to the store's server and, when the process
// manages it, the server itself.
type Redis struct {
	Client redis.UniversalClient
	// URL is where the server is, for clients of one's own.
	URL Secret
	// Mode says in words for people where the data are.
	Mode string

	child *redisChild          // nil: not ours to stop
	mini  *miniredis.Miniredis // demo only
}

// Close closes the client and stops what the process started.
func (r *Redis) Close() error {
	err := r.Client.Close()
	if r.child != nil {
		err = errors.Join(err, r.child.stop())
	}
	if r.mini != nil {
		r.mini.Close()
	}
	return err
}

// IsMemory reports whether the store is only in this process.
func (r *Redis) IsMemory() bool { return r.mini != nil }

// openMemory starts a Redis inside the process: nothing is kept.
func openMemory() (*Redis, error) {
	mini, err := miniredis.Run()
	if err != nil {
		return nil, fmt.Errorf("start the embedded store: %w", err)
	}
	client := newRedisClient(&redis.Options{Addr: mini.Addr()})
	return &Redis{Client: client, URL: Secret("redis://" + mini.Addr()), Mode: "内存（退出后不保留）", mini: mini}, nil
}

// newRedisClient makes a client that fails at once: whoever waits for a server
// asks again by itself.
func newRedisClient(options *redis.Options) *redis.Client {
	options.MaxRetries, options.DialerRetries = -1, 1
	options.ContextTimeoutEnabled = true
	return redis.NewClient(options)
}

// openRedis connects to CXBOT_REDIS_URL, or to a redis-server whose data are in
// CXBOT_DATA_DIR. With own, the process starts that server and keeps it alive,
// and fails when another process owns it; without, it uses a running one and
// else starts one for as long as it needs it.
func openRedis(ctx context.Context, config Config, own bool, log *slog.Logger) (*Redis, error) {
	dir, err := filepath.Abs(config.DataDir)
	if err != nil {
		return nil, fmt.Errorf("find CXBOT_DATA_DIR: %w", err)
	}
	if err := os.MkdirAll(dir, privateDir); err != nil {
		return nil, fmt.Errorf("make CXBOT_DATA_DIR: %w", err)
	}
	if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o077 != 0 {
		log.Warn("the data directory can be read by others, chmod 700 it", "dir", dir)
	}
	if config.RedisURL != "" {
		if err := claimMode(dir, modeExternal); err != nil {
			return nil, err
		}
		return openExternal(ctx, config)
	}
	if err := claimMode(dir, modeManaged); err != nil {
		return nil, err
	}
	return openManaged(ctx, dir, own, log)
}

// openExternal connects to CXBOT_REDIS_URL.
func openExternal(ctx context.Context, config Config) (*Redis, error) {
	options, err := redis.ParseURL(config.RedisURL.Reveal())
	if err != nil {
		// The library's error quotes the URL, which holds a password.
		return nil, &ConfigError{[]string{envPrefix + "REDIS_URL：读不懂，请写成 redis://:密码@主机:6379/0。"}}
	}
	client := newRedisClient(options)
	if err := client.Ping(ctx).Err(); err != nil {
		return nil, errors.Join(because("连不上 CXBOT_REDIS_URL 指定的 Redis（"+options.Addr+"）", err), client.Close())
	}
	return &Redis{Client: client, URL: config.RedisURL, Mode: "外部 Redis " + options.Addr}, nil
}

// openToLook is openRedis for a command that only looks: where there are no data
// yet it makes no directory, and looks at an empty store in memory.
func openToLook(ctx context.Context, config Config, log *slog.Logger) (*Redis, error) {
	_, err := os.Stat(filepath.Join(config.DataDir, "mode"))
	switch {
	case !errors.Is(err, os.ErrNotExist):
		return openRedis(ctx, config, false, log)
	case config.RedisURL != "":
		return openExternal(ctx, config)
	}
	return openMemory()
}

// claimMode writes the mode down at the first start and refuses another later.
func claimMode(dir, mode string) error {
	path := filepath.Join(dir, "mode")
	data, err := os.ReadFile(path) //nolint:gosec // The operator's own directory.
	switch have := strings.TrimSpace(string(data)); {
	case errors.Is(err, os.ErrNotExist) || err == nil && have == "":
		if err := os.WriteFile(path, []byte(mode+"\n"), privateFile); err != nil {
			return fmt.Errorf("write the mode: %w", err)
		}
		return nil
	case err != nil:
		return fmt.Errorf("read the mode: %w", err)
	case have != mode:
		return &modeError{dir, have, mode}
	}
	return nil
}

// openManaged uses or starts the redis-server of a directory.
func openManaged(ctx context.Context, dir string, own bool, log *slog.Logger) (*Redis, error) {
	socket := filepath.Join(dir, "redis.sock")
	if len(socket) > maxSocketPath {
		return nil, errSocketPath
	}
	client := newRedisClient(&redis.Options{Network: "unix", Addr: socket})
	out := &Redis{Client: client, URL: Secret("unix://" + socket), Mode: "自带 redis-server（" + dir + "）"}
	lock, err := lockOrFind(ctx, dir, own, func() bool { return alive(ctx, client, socket) })
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	if lock == nil {
		return out, nil // somebody else's, and alive
	}
	// A server that outlived a killed owner is stopped first: with appendfsync
	// always nothing is lost, and the new one is surely ours and configured.
	if alive(ctx, client, socket) {
		client.Shutdown(ctx)
	}
	child := &redisChild{dir: dir, socket: socket, lock: lock, log: log, quit: make(chan struct{}), gone: make(chan struct{})}
	if err := child.start(ctx, client); err != nil {
		return nil, errors.Join(err, lock.Close(), client.Close())
	}
	out.child = child
	return out, nil
}

// alive reports whether the server behind a socket answers. It looks at the
// socket first, because the client would log every vain try.
func alive(ctx context.Context, client *redis.Client, socket string) bool {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", socket)
	if err != nil {
		return false
	}
	return conn.Close() == nil && client.Ping(ctx).Err() == nil
}

// lockOrFind returns the directory's lock, or nil when another process holds it
// and its server answers, which only helps those who need not own it.
func lockOrFind(ctx context.Context, dir string, own bool, alive func() bool) (*os.File, error) {
	path := filepath.Join(dir, "redis.lock")
	lock, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, privateFile) //nolint:gosec // The operator's own directory.
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	// A short command may hold it for a moment, a starting server may not answer yet.
	until := time.Now().Add(redisStopTimeout)
	for {
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			return lock, nil
		}
		if !own && alive() {
			return nil, lock.Close()
		}
		if time.Now().After(until) || ctx.Err() != nil {
			return nil, errors.Join(errInUse, lock.Close())
		}
		time.Sleep(redisPoll)
	}
}

// redisChild is a redis-server process kept alive until stop.
type redisChild struct {
	dir, socket string
	lock        *os.File
	log         *slog.Logger
	quit        chan struct{} // closed by stop
	gone        chan struct{} // closed when the keeper has ended
	mu          sync.Mutex
	cmd         *exec.Cmd
}

// start launches the server, waits until it answers and keeps it alive.
func (c *redisChild) start(ctx context.Context, client *redis.Client) error {
	if err := c.launch(ctx); err != nil {
		return err
	}
	died := make(chan struct{}, 1)
	go c.keep(context.WithoutCancel(ctx), died)
	ctx, cancel := context.WithTimeout(ctx, redisStartTimeout)
	defer cancel()
	for {
		if alive(ctx, client, c.socket) {
			return nil
		}
		select {
		case <-died:
			return errors.Join(fmt.Errorf("%w，原因见 %s", errRedisDied, filepath.Join(c.dir, "redis.log")), c.halt())
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("%w，原因见 %s：%w", errRedisDied, filepath.Join(c.dir, "redis.log"), ctx.Err()), c.halt())
		case <-time.After(redisPoll):
		}
	}
}

// launch starts one process; it outlives the context, stop ends it.
func (c *redisChild) launch(ctx context.Context) error {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return errNoRedisServer
	}
	data := filepath.Join(c.dir, "redis")
	if err := os.MkdirAll(data, privateDir); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	//nolint:gosec // Fixed arguments; the paths are the operator's own.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), path,
		"--port", "0", "--unixsocket", c.socket, "--unixsocketperm", "700", "--dir", data,
		"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction",
		"--save", "3600 1", "--daemonize", "no", "--logfile", filepath.Join(c.dir, "redis.log"))
	// A group of its own: Ctrl-C in the terminal must reach the bot only, which
	// then stops the server after its last write.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start redis-server: %w", err)
	}
	c.mu.Lock()
	c.cmd = cmd
	c.mu.Unlock()
	return nil
}

// keep waits for the process and starts it again when it died by itself. died
// hears of the first death.
func (c *redisChild) keep(ctx context.Context, died chan<- struct{}) {
	defer close(c.gone)
	for {
		err := c.process().Wait()
		select {
		case died <- struct{}{}:
		default:
		}
		for {
			select {
			case <-c.quit:
				return
			case <-time.After(redisRestartPause):
			}
			c.log.ErrorContext(ctx, "redis-server ended, starting it again", "err", err)
			if err = c.launch(ctx); err == nil {
				break
			}
		}
	}
}

func (c *redisChild) process() *exec.Cmd {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cmd
}

// halt ends the keeper and the process: SIGTERM lets Redis close its files,
// SIGKILL comes when that takes too long.
func (c *redisChild) halt() error {
	close(c.quit)
	term := func(sig os.Signal) error {
		err := c.process().Process.Signal(sig)
		if errors.Is(err, os.ErrProcessDone) {
			return nil
		}
		return err //nolint:wrapcheck // Wrapped below.
	}
	err := term(syscall.SIGTERM)
	select {
	case <-c.gone:
	case <-time.After(redisStopTimeout):
		err = errors.Join(err, term(syscall.SIGKILL))
		<-c.gone
	}
	if err != nil {
		return fmt.Errorf("stop redis-server: %w", err)
	}
	return nil
}

// stop halts the server and gives the directory free.
func (c *redisChild) stop() error { return errors.Join(c.halt(), c.lock.Close()) }
