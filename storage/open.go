package storage

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Config says which Redis and which county.
type Config struct {
	// Client is an open client; Close leaves it open. Client or URL is needed.
	// Its MaxRetries should be -1: a commit is never sent twice by the client.
	Client redis.UniversalClient
	// URL is redis://…, rediss://… or unix:///path/to/socket.
	URL string
	// County is the slug every key carries, "qinghe".
	County string
	// Cached bounds each of the decode caches; 0 means 4096 records.
	Cached int
}

// Store keeps one county in Redis. It is safe for concurrent use.
type Store struct {
	client redis.UniversalClient
	own    bool
	// Loads have a path of their own: a commit waits for the disk, they need not.
	loads, commits *coalescer
	keys           keys
	outbox         []string
	// sound is set once a commit has checked the types of the outbox keys: only
	// our scripts write there, and seventeen checks cost more than a message.
	sound   atomic.Bool
	scripts scripts
	caches  caches
}

// The limits of one Redis call; a turn has four seconds for two of them.
const (
	dialTimeout  = time.Second
	replyTimeout = 3 * time.Second
	defaultCache = 4096
)

var (
	errCounty = errors.New("storage: the county must be a slug of a–z, 0–9 and -")
	// errURL says no more: the URL may hold a password, and the parser repeats it.
	errURL = errors.New("storage: the Redis URL cannot be read")
)

var county = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// Open makes a Store; it does not talk to Redis yet (see Ping).
func Open(c Config) (*Store, error) {
	if !county.MatchString(c.County) {
		return nil, fmt.Errorf("%w: %q", errCounty, c.County)
	}
	if c.Cached == 0 {
		c.Cached = defaultCache
	}
	s := &Store{client: c.Client, keys: newKeys(c.County), scripts: loadScripts(), caches: newCaches(c.Cached)}
	s.outbox = s.keys.outbox()
	if s.client != nil {
		s.connect()
		return s, nil
	}
	options, err := redis.ParseURL(c.URL)
	if err != nil {
		return nil, errURL
	}
	options.MaxRetries = -1
	options.DialTimeout = dialTimeout
	options.DialerRetries = 1
	options.ReadTimeout = replyTimeout
	options.WriteTimeout = replyTimeout
	options.ContextTimeoutEnabled = true
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	s.client, s.own = redis.NewClient(options), true
	s.connect()
	return s, nil
}

func (s *Store) connect() {
	s.loads, s.commits = &coalescer{client: s.client}, &coalescer{client: s.client}
}

// Close closes the client when Open made it.
func (s *Store) Close() error {
	if !s.own {
		return nil
	}
	if err := s.client.Close(); err != nil {
		return fmt.Errorf("storage: close: %w", err)
	}
	return nil
}

// Ping reports whether Redis answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("storage: ping: %w", err)
	}
	return nil
}

// Setting is one setting of Redis that decides what may be lost.
type Setting struct {
	Name string // as in redis.conf
	Want string
	Got  string // "" when Redis would not say
	// OK is Got == Want. A store in memory for trials answers nothing and is not OK.
	OK bool
}

// CheckSettings compares the settings on which "acknowledged means kept" rests:
// an append-only file synced before each answer, and no eviction. It never
// changes them.
func (s *Store) CheckSettings(ctx context.Context) []Setting {
	list := []Setting{
		{Name: "appendonly", Want: "yes"},
		{Name: "appendfsync", Want: "always"},
		{Name: "maxmemory-policy", Want: "noeviction"},
	}
	for i := range list {
		got, err := s.client.ConfigGet(ctx, list[i].Name).Result()
		if err != nil {
			continue
		}
		list[i].Got = strings.ToLower(got[list[i].Name])
		list[i].OK = list[i].Got == list[i].Want
	}
	return list
}
