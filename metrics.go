package main

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"cxbot/scheduler"
	"cxbot/storage"
)

// Metrics are the counters and gauges of one process for Prometheus (reliability 8).
// Labels are names out of the code alone: no userid, no text, no value. The nil
// Metrics counts nothing.
type Metrics struct {
	registry *prometheus.Registry
	counters map[string]*prometheus.CounterVec
	names    *labels
}

// The groups of counters; what a room counts as "turn.conflict" is the outcome
// conflict in the group turn.
const (
	groupTurn     = "turn"
	groupSend     = "send"
	groupCard     = "card"
	groupRefused  = "refused"
	groupCallback = "callback"
	groupRobot    = "robot"
	groupAPI      = "api"
	groupReminder = "reminder"
	groupFetch    = "fetch"
)

// counterHelp says what each group counts and how its label is called.
func counterHelp() map[string][3]string {
	return map[string][3]string{
		groupTurn:     {"cxbot_turns_total", "outcome", "Events by how their turn went; conflict counts each retry."},
		groupSend:     {"cxbot_sends_total", "outcome", "Tries to send a message by how they went."},
		groupCard:     {"cxbot_cards_total", "outcome", "Cards that had to be cut or left out."},
		groupRefused:  {"cxbot_refusals_total", "rule", "Refusals by rule or conversation, rights included."},
		groupCallback: {"cxbot_callbacks_total", "outcome", "Requests to the callback by outcome."},
		groupRobot:    {"cxbot_robot_total", "outcome", "Frames and connections of the smart robot by outcome."},
		groupAPI:      {"cxbot_api_total", "outcome", "Oddities of WeCom's API."},
		groupFetch:    {"cxbot_fetches_total", "outcome", "Pictures people sent by what became of them; retry counts each failed try."},
		groupReminder: {"cxbot_reminders_total", "reason", "Reminders by what became of them."},
	}
}

// newMetrics makes the counters.
func newMetrics() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), counters: map[string]*prometheus.CounterVec{}, names: &labels{seen: map[string]bool{}}}
	for group, help := range counterHelp() {
		vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: help[0], Help: help[2]}, []string{help[1]})
		m.registry.MustRegister(vec)
		m.counters[group] = vec
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// count returns the counter of a group for a room; nil counts nothing. A name
// that begins with another group, "card.cut", goes there.
func (m *Metrics) count(group string) func(name string) {
	if m == nil {
		return nil
	}
	return func(name string) {
		in := group
		if head, rest, ok := strings.Cut(name, "."); ok && m.counters[head] != nil {
			in, name = head, rest
		}
		m.counters[in].WithLabelValues(m.names.safe(name)).Inc()
	}
}

// reminder is count for the scheduler's own type of names.
func (m *Metrics) reminder() func(scheduler.Reason) {
	if m == nil {
		return nil
	}
	count := m.count(groupReminder)
	return func(r scheduler.Reason) { count(string(r)) }
}

// labels keeps what becomes a label plain and few, whatever a room may count.
type labels struct {
	mu   sync.Mutex
	seen map[string]bool
}

const (
	maxLabels  = 500
	otherLabel = "other"
)

var labelPattern = regexp.MustCompile(`^[a-z][a-z0-9_.-]{0,47}$`)

// safe returns the name, or "other" when it does not look like one of ours.
func (l *labels) safe(name string) string {
	name = strings.ReplaceAll(name, " ", "_")
	if !labelPattern.MatchString(name) {
		return otherLabel
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.seen[name] {
		if len(l.seen) >= maxLabels {
			return otherLabel
		}
		l.seen[name] = true
	}
	return name
}

// watch adds what is read when somebody scrapes.
func (m *Metrics) watch(store *storage.Store, office *Office, clock *Clock) {
	m.registry.MustRegister(&storeCollector{store: store, office: office, clock: clock, descs: storeDescs()})
}

// Handler answers scrapes of this machine alone (design.md D33). Others, and
// whoever comes through a reverse proxy, are told that there is nothing.
func (m *Metrics) Handler() http.Handler {
	scrape := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2, Timeout: 2 * scrapeTimeout})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !fromThisMachine(r) {
			http.NotFound(w, r)
			return
		}
		scrape.ServeHTTP(w, r)
	})
}

// fromThisMachine reports whether a request comes from a loopback address and was
// not passed on by a proxy, which is on loopback too.
func fromThisMachine(r *http.Request) bool {
	for _, header := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}

// scrapeTimeout bounds what a scrape reads of Redis.
const scrapeTimeout = time.Second

// storeCollector reads Redis and the rooms at each scrape.
type storeCollector struct {
	store  *storage.Store
	office *Office
	clock  *Clock
	descs  map[string]*prometheus.Desc
}

// The gauges read at a scrape, by the names in storeDescs.
func storeDescs() map[string]*prometheus.Desc {
	out := map[string]*prometheus.Desc{}
	for _, d := range [][3]string{
		{"up", "cxbot_redis_up", "1 when Redis answered all reads of this scrape."},
		{"setting", "cxbot_redis_setting_ok", "1 when a setting of Redis is what acknowledged-means-kept needs."},
		{"queued", "cxbot_outbox_messages", "Messages waiting to be sent."},
		{"age", "cxbot_outbox_overdue_seconds", "How long the oldest due receiver has been waiting."},
		{"failed", "cxbot_outbox_failed", "Messages given up and waiting for somebody to send them again."},
		{"unsent", "cxbot_outbox_unsent_total", "Messages not sent, by reason (done meanwhile, replaced, repeated)."},
		{"drafts", "cxbot_drafts", "Drafts of filings that are begun."},
		{"lines", "cxbot_audit_sealed_lines", "Audit lines sealed."},
		{"seals", "cxbot_audit_seals", "Serial of the newest seal of the audit chain."},
		{"waiting", "cxbot_turns_waiting", "Events running or waiting behind another of their person."},
		{"robot", "cxbot_robot_connected", "1 while the smart robot is connected."},
	} {
		var variable []string
		switch d[0] {
		case "setting":
			variable = []string{"setting"}
		case "unsent":
			variable = []string{"reason"}
		}
		out[d[0]] = prometheus.NewDesc(d[1], d[2], variable, nil)
	}
	return out
}

// Describe implements prometheus.Collector.
func (c *storeCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		out <- d
	}
}

// Collect implements prometheus.Collector. What cannot be read is left out.
func (c *storeCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	gauge := func(name string, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(c.descs[name], prometheus.GaugeValue, value, labels...)
	}
	gauge("waiting", float64(c.office.Turn.Waiting()))
	if c.office.Robot != nil {
		gauge("robot", oneIf(c.office.Robot.Connected()))
	}
	up := true
	if backlog, err := c.store.Backlog(ctx); err == nil {
		gauge("queued", float64(backlog.Messages))
		gauge("failed", float64(backlog.Failed))
		gauge("age", c.overdue(backlog))
	} else {
		up = false
	}
	if tally, err := c.store.Tally(ctx); err == nil {
		names := labels{seen: map[string]bool{}}
		sum := map[string]int64{}
		for reason, n := range tally {
			sum[names.safe(reason)] += n
		}
		for reason, n := range sum {
			out <- prometheus.MustNewConstMetric(c.descs["unsent"], prometheus.CounterValue, float64(n), reason)
		}
	} else {
		up = false
	}
	if n, err := c.store.DraftCount(ctx); err == nil {
		gauge("drafts", float64(n))
	} else {
		up = false
	}
	if head, lines, err := c.store.AuditState(ctx); err == nil {
		gauge("lines", float64(lines))
		gauge("seals", float64(head.Serial))
	} else {
		up = false
	}
	if up {
		for _, s := range c.store.CheckSettings(ctx) {
			gauge("setting", oneIf(s.OK), s.Name)
		}
	}
	gauge("up", oneIf(up))
}

// overdue is how long the oldest due receiver waits, 0 while none is due.
func (c *storeCollector) overdue(b storage.Backlog) float64 {
	if b.Oldest.IsZero() {
		return 0
	}
	return max(0, c.clock.Now().Sub(b.Oldest).Seconds())
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
