package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/storage"
)

// sealing is a Sealer on a county with the sample people and a standing clock.
type sealing struct {
	*county

	sealer *Sealer
	clock  *Clock
	config Config
	log    *alarms
}

func newSealing(t *testing.T) *sealing {
	t.Helper()
	c := newCounty(t)
	s := &sealing{county: c, clock: newStoppedClock(trialStart()), log: &alarms{}}
	if err := loadSample(t.Context(), c.store, s.clock, false); err != nil {
		t.Fatal(err)
	}
	var err error
	if s.config, err = loadConfig(c.environ, true); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(s.config.DataDir, privateDir); err != nil {
		t.Fatal(err)
	}
	s.restart(t)
	return s
}

// restart makes a new Sealer, as a new process has.
func (s *sealing) restart(t *testing.T) {
	t.Helper()
	var err error
	if s.sealer, err = newSealer(s.config, s.store, s.clock, slog.New(s.log), func() {}); err != nil {
		t.Fatal(err)
	}
}

func (s *sealing) step(t *testing.T, at time.Time) {
	t.Helper()
	s.clock.Jump(at)
	if err := s.sealer.Step(t.Context(), at); err != nil {
		t.Fatal(err)
	}
}

// told returns what is queued for a person.
func (s *sealing) told(t *testing.T, to string) []chat.Message {
	t.Helper()
	var out []chat.Message
	for {
		got, _, err := s.store.Claim(t.Context(), s.clock.Now(), time.Minute, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			return out
		}
		for _, c := range got {
			if c.Message.To == to {
				out = append(out, c.Message)
			}
		}
		if err := s.store.Sent(t.Context(), s.clock.Now(), got); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHeadsReachTheSupervisor: what the 监督员 reads on the next working morning is
// what audit verify shows, and stays so when later lines come.
func TestHeadsReachTheSupervisor(t *testing.T) {
	t.Parallel()
	s := newSealing(t)
	friday := award.Date{Year: 2026, Month: 11, Day: 27}
	entry := func(at time.Time, event string) {
		t.Helper()
		if err := s.store.AppendAudit(t.Context(), award.Entry{At: at, Who: "lichunmei", Did: "filing.submit", Object: "topic:1", Event: event}); err != nil {
			t.Fatal(err)
		}
	}
	s.step(t, friday.At(8, 0))
	s.told(t, "hejian") // 开届, and Monday's head would come at nine
	entry(friday.At(17, 0), "a")
	entry(friday.At(17, 1), "b")
	s.step(t, friday.At(17, 2))
	s.told(t, "hejian")
	entry(friday.Add(1).At(10, 0), "c")
	s.step(t, friday.Add(1).At(10, 1))
	s.step(t, friday.Add(2).At(10, 0))
	if got := s.told(t, "hejian"); len(got) != 0 {
		t.Errorf("on rest days: %+v", got)
	}
	monday := friday.Add(3)
	s.step(t, monday.At(8, 59))
	if got := s.told(t, "hejian"); len(got) != 0 {
		t.Errorf("before nine: %+v", got)
	}
	s.step(t, monday.At(9, 0))
	s.step(t, monday.At(9, 1))
	s.restart(t)
	s.step(t, monday.At(9, 2))
	got := s.told(t, "hejian")
	if len(got) != 1 {
		t.Fatalf("%d messages: %+v", len(got), got)
	}
	lines := regexp.MustCompile(`(?m)^(.*)：(\d+)条，核对码 ([0-9A-HJKMNP-TV-Z]{8})$`).FindAllStringSubmatch(got[0].Text, -1)
	if len(lines) != 2 || lines[0][1] != "11月27日（周五）" || lines[0][2] != "2" || lines[1][2] != "1" {
		t.Fatalf("text %q", got[0].Text)
	}
	if len(got[0].Text) > 2000 || !strings.Contains(got[0].Text, "cxbot audit verify 2026-11-28") {
		t.Errorf("text %q", got[0].Text)
	}
	entry(friday.At(18, 0), "late")
	s.step(t, monday.Add(1).At(8, 0)) // every day is looked at once a day
	code, said := s.do(t, "audit", "verify", "2026-11-27")
	if code != exitOK || !strings.Contains(said, "（发给监督员的是前 2 条，核对码 "+lines[0][3]+"）") {
		t.Errorf("verify: %d %q", code, said)
	}
	code, said = s.do(t, "audit", "verify", "2026-11-28")
	if code != exitOK || !strings.Contains(said, "✓ 2026-11-28  1 条，核对码 "+lines[1][3]+"\n") {
		t.Errorf("verify: %d %q", code, said)
	}
}

// TestAuditVerify: a sound trail is green, a touched one red with the place named.
func TestAuditVerify(t *testing.T) {
	t.Parallel()
	s := newSealing(t)
	s.step(t, trialStart())
	code, said := s.do(t, "audit", "verify")
	if code != exitOK || !strings.Contains(said, "没有发现改动") {
		t.Fatalf("%d %q", code, said)
	}
	for _, x := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"audit"}, exitUsage, "cxbot audit verify"},
		{[]string{"audit", "show"}, exitUsage, "cxbot audit verify"},
		{[]string{"audit", "verify", "23日"}, exitFail, "请写成 2026-11-23 这样"},
		{[]string{"check"}, exitFail, "✓ 审计  已封存 "},
	} {
		if code, said := s.do(t, x.args...); code != x.code || !strings.Contains(said, x.says) {
			t.Errorf("%v: %d %q", x.args, code, said)
		}
	}
	options, err := redis.ParseURL(s.config.RedisURL.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	key := "cx:{qinghe}:audit:2026-11-23"
	line, err := client.LIndex(t.Context(), key, 0).Result()
	if err != nil {
		t.Fatal(err)
	}
	client.LSet(t.Context(), key, 0, strings.Replace(line, `"who":"`, `"who":"x`, 1))
	code, said = s.do(t, "audit", "verify")
	if code != exitFail || !strings.Contains(said, "✗ 2026-11-23") || !strings.Contains(said, "第 1 条被改动过") || !strings.Contains(said, "请先备份，不要删改任何东西") {
		t.Errorf("altered: %d %q", code, said)
	}
	client.LSet(t.Context(), key, 0, line)
	other := *s.county
	other.environ = with(s.environ, "CXBOT_AUDIT_KEY=01234567890123456789012345678901")
	if code, said := other.do(t, "audit", "verify"); code != exitFail || !strings.Contains(said, "另一把密钥") {
		t.Errorf("another key: %d %q", code, said)
	}
	other.environ = with(s.environ, "CXBOT_AUDIT_KEY=short")
	if code, said := other.do(t, "audit", "verify"); code != exitFail || !strings.Contains(said, "CXBOT_AUDIT_KEY：只有 5 个字符") {
		t.Errorf("a short key: %d %q", code, said)
	}
	if len(s.log.heard()) != 0 {
		t.Errorf("alarms: %v", s.log.heard())
	}
	// The chain is rolled back: loud in the log, written into the trail, and red.
	client.Del(t.Context(), key, "cx:{qinghe}:seal:head", "cx:{qinghe}:seal:counts", "cx:{qinghe}:seal:day:2026-11-23")
	if code, said := s.do(t, "audit", "verify"); code != exitFail || !strings.Contains(said, "✗ 全链  本机记得第 1 段封存（2026-11-23），库里没有") {
		t.Errorf("rolled back: %d %q", code, said)
	}
	s.restart(t)
	s.step(t, trialStart().Add(time.Minute))
	if alarm := strings.Join(s.log.heard(), "\n"); !strings.Contains(alarm, "not the one sealed before") {
		t.Errorf("alarms: %q", alarm)
	}
	last, err := client.LIndex(t.Context(), key, -1).Result()
	if err != nil || !strings.Contains(last, "audit.rolled-back") {
		t.Errorf("trail %q, %v", last, err)
	}
}

func TestAuditKey(t *testing.T) {
	t.Parallel()
	config := Config{DataDir: t.TempDir()}
	if _, err := auditKey(config, false); err == nil || !strings.Contains(err.Error(), "CXBOT_AUDIT_KEY") {
		t.Errorf("looking made a key: %v", err)
	}
	keys := make(chan storage.SealKey)
	for range 4 {
		go func() {
			key, err := auditKey(config, true)
			if err != nil {
				t.Error(err)
			}
			keys <- key
		}()
	}
	first := <-keys
	for range 3 {
		if key := <-keys; string(key) != string(first) || len(key) != 64 {
			t.Errorf("keys differ: %d bytes", len(key))
		}
	}
	path := filepath.Join(config.DataDir, auditKeyFile)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := os.WriteFile(path, []byte("cut"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := auditKey(config, true); err == nil || !strings.Contains(err.Error(), "密钥文件不完整") {
		t.Errorf("a damaged key: %v", err)
	}
}
