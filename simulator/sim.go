// Package simulator is a faithful local WeCom (企业微信): its API, its encrypted
// callbacks, the group webhook and the smart robot's long connection, with a
// phone-like page on top. It serves the demo and the tests. Crypto and codec are
// its own, written from the protocol notes: it imports talk and nothing else of
// this module, so a mistake on the wire cannot be made twice in the same way.
package simulator

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Defaults of the platform (WeCom documents 90930 and 90238).
const (
	defaultRetries    = 3
	defaultPatience   = 5 * time.Second
	defaultRetryPause = 200 * time.Millisecond
	echoPatience      = time.Second
)

// Errors of acting on the simulator.
var (
	ErrNoMember   = errors.New("no such member")
	ErrNoGroup    = errors.New("no such group")
	ErrNoCallback = errors.New("the app has no callback URL")
	ErrNoCard     = errors.New("no such card on this person's screen")
	ErrNoButton   = errors.New("no such button on this person's screen")
	ErrDelivery   = errors.New("callback was not accepted")
	ErrEcho       = errors.New("URL verification failed")
	ErrConfig     = errors.New("simulator settings")
)

// Member is a person of the corp.
type Member struct {
	UserID string   `json:"userid"`
	Name   string   `json:"name"`
	Unit   string   `json:"unit"`
	Post   string   `json:"post"`
	Roles  []string `json:"roles"`
}

// Group is an internal group chat with a webhook robot in it.
type Group struct {
	ID      string
	Name    string
	Members []string // userids
	Webhook string   // the webhook's key; empty: no webhook
}

// Config describes the corp, its one app and the simulator's manners.
type Config struct {
	CorpID  string
	AgentID int64
	Secret  string
	Token   string
	AESKey  string // EncodingAESKey, 43 characters
	// CallbackURL receives messages; empty means none is configured, and cards
	// that call back are refused.
	CallbackURL string
	People      []Member
	Groups      []Group

	// RobotID and RobotSecret admit one smart robot to the long connection;
	// empty: there is no robot.
	RobotID     string
	RobotSecret string
	RobotName   string // how members @ it in groups

	// Now is the platform's clock: message times, token lives, rate windows.
	Now func() time.Time
	// Client posts the callbacks; nil takes a plain one.
	Client *http.Client
	// Retries is how often a failed callback is sent again: 0 means 3, negative never.
	Retries int
	// Patience is how long a callback may take; 0 means 5 s.
	Patience time.Duration
	// RetryPause lies between two attempts; 0 means 200 ms.
	RetryPause time.Duration
	// Unlimited switches the frequency limits off, for talks on a standing clock.
	Unlimited bool
}

// Sim is one running WeCom. All methods are safe for concurrent use.
type Sim struct {
	cfg     Config
	seals   seals
	client  *http.Client
	journal *journal
	faults  faults
	robot   robotHub

	mu       sync.Mutex
	callback string
	people   map[string]*person // by lower-case userid
	order    []string           // lower-case userids as configured
	groups   map[string]Group   // by id
	units    []string           // department n is units[n-2]; 1 is the root
	mode     Mode
	tokens   tokens
	sends    sends
	cards    map[string]*card // by task id
	codes    map[string]*responseCode
	media    map[string]*media
	hooks    map[string]*window // webhook calls by key
	menu     []byte             // the app menu as last created, or nil
	stats    Stats
	nextID   uint64
}

// person is a member with the state the platform keeps of him.
type person struct {
	Member

	visible bool // in the app's visible range
	sent    window
	cards   []*cardCopy // in the order they were shown
}

// Stats counts what no person can see.
type Stats struct {
	Calls      map[string]int // API calls by path ("message/send")
	Dropped    int            // messages dropped by the limits while errcode was 0
	Duplicates int            // sends suppressed by the duplicate check
	Delivered  int            // callbacks answered with 200
	Failed     int            // callback attempts that failed
	Lost       int            // files members sent in the app chat
	Problems   []string       // replies of the bot the platform would not show
}

// New checks the settings and starts a simulator. It opens no connection.
func New(cfg Config) (*Sim, error) {
	if cfg.CorpID == "" || cfg.Secret == "" || cfg.AgentID <= 0 || cfg.Now == nil {
		return nil, fmt.Errorf("%w: CorpID, AgentID, Secret and Now are needed", ErrConfig)
	}

	locks, err := newSeals(cfg.Token, cfg.AESKey, cfg.CorpID)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}

	s := &Sim{
		cfg: withDefaults(cfg), seals: locks, client: callbackClient(cfg.Client), journal: newJournal(),
		callback: cfg.CallbackURL, people: map[string]*person{}, groups: map[string]Group{},
		cards: map[string]*card{}, codes: map[string]*responseCode{}, media: map[string]*media{},
		hooks: map[string]*window{}, stats: Stats{Calls: map[string]int{}},
	}
	s.tokens.init()
	s.sends.init()
	s.robot.init()

	// Message ids are 64-bit numbers beyond 2^53, different in every run, so a
	// bot with a lasting store never takes a new message for an old one.
	s.nextID = 1<<62 | binary.BigEndian.Uint64(randomBytes(8))>>3

	for _, m := range cfg.People {
		err = s.admit(m)
		if err != nil {
			return nil, err
		}
	}

	for _, g := range cfg.Groups {
		if g.ID == "" || s.groups[g.ID].ID != "" {
			return nil, fmt.Errorf("%w: group id %q is empty or twice", ErrConfig, g.ID)
		}

		s.groups[g.ID] = g
	}

	return s, nil
}

// withDefaults fills in the platform's own figures.
func withDefaults(cfg Config) Config {
	switch {
	case cfg.Retries == 0:
		cfg.Retries = defaultRetries
	case cfg.Retries < 0:
		cfg.Retries = 0
	}

	if cfg.Patience <= 0 {
		cfg.Patience = defaultPatience
	}

	if cfg.RetryPause <= 0 {
		cfg.RetryPause = defaultRetryPause
	}

	return cfg
}

// callbackClient copies the client so that redirects are answers, not followed.
func callbackClient(given *http.Client) *http.Client {
	client := http.Client{}
	if given != nil {
		client = *given
	}

	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	return &client
}

// admit takes one person into the corp.
func (s *Sim) admit(m Member) error {
	key := strings.ToLower(m.UserID)
	if key == "" || s.people[key] != nil {
		return fmt.Errorf("%w: userid %q is empty or twice", ErrConfig, m.UserID)
	}

	s.people[key] = &person{Member: m, visible: true}
	s.order = append(s.order, key)

	if m.Unit != "" && !slices.Contains(s.units, m.Unit) {
		s.units = append(s.units, m.Unit)
	}

	return nil
}

// member finds a person by userid, in any case of letters.
func (s *Sim) member(userid string) (Member, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	p := s.people[strings.ToLower(userid)]
	if p == nil {
		return Member{}, fmt.Errorf("%w: %q", ErrNoMember, userid)
	}

	return p.Member, nil
}

// People returns the members in the order they were configured.
func (s *Sim) People() []Member {
	s.mu.Lock()
	defer s.mu.Unlock()

	out := make([]Member, 0, len(s.order))
	for _, key := range s.order {
		out = append(out, s.people[key].Member)
	}

	return out
}

// Groups returns the groups ordered by id, webhook keys left out.
func (s *Sim) Groups() []Group {
	s.mu.Lock()
	defer s.mu.Unlock()

	out := slices.Collect(maps.Values(s.groups))
	slices.SortFunc(out, func(a, b Group) int { return strings.Compare(a.ID, b.ID) })

	for i := range out {
		out[i].Webhook = ""
	}

	return out
}

// Stats returns a copy of the counters.
func (s *Sim) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()

	out := s.stats
	out.Calls = maps.Clone(out.Calls)
	out.Problems = slices.Clone(out.Problems)

	return out
}

// count changes the counters under the lock.
func (s *Sim) count(change func(*Stats)) {
	s.mu.Lock()
	defer s.mu.Unlock()

	change(&s.stats)
}

// problemf notes something the bot sent that a real platform would not show.
func (s *Sim) problemf(format string, args ...any) {
	s.count(func(st *Stats) { st.Problems = append(st.Problems, fmt.Sprintf(format, args...)) })
}

// SaveCallback does what the admin console does: it verifies the URL and keeps
// it only when the echo was right.
func (s *Sim) SaveCallback(ctx context.Context, address string) error {
	err := s.echo(ctx, address)
	if err != nil {
		return err
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	s.callback = address

	return nil
}

// Echo verifies the configured URL within one second (WeCom document 90930).
func (s *Sim) Echo(ctx context.Context) error {
	s.mu.Lock()
	address := s.callback
	s.mu.Unlock()

	return s.echo(ctx, address)
}

// echo sends one URL verification and compares the whole body.
func (s *Sim) echo(ctx context.Context, address string) error {
	if address == "" {
		return ErrNoCallback
	}

	want := strconv.FormatUint(s.newID(), 10)

	sealed, err := s.seals.seal(randomBytes(randomSize), []byte(want))
	if err != nil {
		return err
	}

	query := s.signedQuery(sealed)
	query.Set("echostr", sealed)

	ctx, cancel := context.WithTimeout(ctx, echoPatience)
	defer cancel()

	status, body, err := s.request(ctx, http.MethodGet, address, query, "")
	if err != nil {
		return fmt.Errorf("%w: %w", ErrEcho, err)
	}

	if status != http.StatusOK || string(body) != want {
		return fmt.Errorf("%w: status %d, body is not the plain echo", ErrEcho, status)
	}

	return nil
}

// signedQuery signs a sealed text with the platform's time and a fresh nonce.
func (s *Sim) signedQuery(sealed string) url.Values {
	timestamp := strconv.FormatInt(s.cfg.Now().Unix(), 10)
	nonce := strconv.FormatUint(uint64(binary.BigEndian.Uint32(randomBytes(lengthSize))), 10)

	return url.Values{
		"msg_signature": {s.seals.sign(timestamp, nonce, sealed)},
		"timestamp":     {timestamp},
		"nonce":         {nonce},
	}
}

// newID returns the next 64-bit id.
func (s *Sim) newID() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.nextID++

	return s.nextID
}

// randomBytes returns n unpredictable bytes.
func randomBytes(n int) []byte {
	out := make([]byte, n)
	_, _ = rand.Read(out) // Documented never to fail.

	return out
}

// randomID returns an unguessable name with a readable beginning.
func randomID(prefix string, n int) string { return prefix + hex.EncodeToString(randomBytes(n)) }
