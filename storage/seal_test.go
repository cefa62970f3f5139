package storage_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/storage"
)

var sealKey = storage.SealKey("a key of thirty-two bytes or more!")

// trail writes audit lines on three days and seals them in several steps.
func trail(t *testing.T, s *storage.Store, perDay int) (head storage.Seal) {
	t.Helper()
	for d := range 3 {
		start := noon.AddDate(0, 0, d)
		for i := range perDay {
			at := start.Add(time.Duration(i) * time.Minute)
			entry := award.Entry{At: at, Who: "li", Did: "filing.submit", Object: fmt.Sprintf("topic:2026-%04d", i), Event: fmt.Sprintf("e%d-%d", d, i)}
			if err := s.AppendAudit(t.Context(), entry); err != nil {
				t.Fatal(err)
			}
			if i%4 == 3 || i == perDay-1 {
				var err error
				if head, err = s.SealAudit(t.Context(), sealKey, at, false); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return head
}

func verify(t *testing.T, s *storage.Store, kept storage.Seal) storage.AuditReport {
	t.Helper()
	r, err := s.VerifyAudit(t.Context(), sealKey, kept, award.Date{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSealedTrailIsSound(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, _ *redis.Client) {
		if r := verify(t, s, storage.Seal{}); !r.OK() || len(r.Days) != 0 {
			t.Errorf("empty: %+v", r)
		}
		head := trail(t, s, 10)
		r := verify(t, s, head)
		if !r.OK() || len(r.Days) != 3 || r.Head.MAC != head.MAC || head.Serial != 9 {
			t.Fatalf("%+v", r)
		}
		codes := map[string]bool{}
		for _, d := range r.Days {
			codes[d.Head.Code] = true
			if d.Head.N != 10 || d.Open != 0 || len(d.Head.Code) != 8 {
				t.Errorf("day %+v", d)
			}
		}
		if len(codes) != 3 {
			t.Errorf("codes %v", codes)
		}
		// Sealing again changes nothing; what comes later is open until sealed.
		again, err := s.SealAudit(t.Context(), sealKey, noon, true)
		if err != nil || again.MAC != head.MAC {
			t.Errorf("again: %+v, %v", again, err)
		}
		if err := s.AppendAudit(t.Context(), award.Entry{At: noon, Who: "li", Did: "late", Event: "x"}); err != nil {
			t.Fatal(err)
		}
		if r := verify(t, s, head); !r.OK() || r.Days[0].Open != 1 || r.Days[0].Head.N != 10 {
			t.Errorf("a late line: %+v", r)
		}
		// The day is long past, so only a look at every day seals it.
		if got, err := s.SealAudit(t.Context(), sealKey, noon.AddDate(0, 1, 0), false); err != nil || got.Serial != 9 {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := s.SealAudit(t.Context(), sealKey, noon.AddDate(0, 1, 0), true); err != nil || got.Serial != 10 {
			t.Errorf("%+v, %v", got, err)
		}
		if r := verify(t, s, head); !r.OK() || r.Days[0].Open != 0 || r.Days[0].Head.N != 11 {
			t.Errorf("sealed late: %+v", r)
		}
		// Another key seals on, and each key vouches for its own part only.
		if err := s.AppendAudit(t.Context(), award.Entry{At: noon, Who: "li", Did: "later", Event: "y"}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.SealAudit(t.Context(), storage.SealKey("another key"), noon, false); err != nil {
			t.Fatal(err)
		}
		if r := verify(t, s, head); r.OK() || len(r.Chain) != 0 || !strings.Contains(r.Days[0].Problems[0], "另一把密钥") {
			t.Errorf("another key: %+v", r)
		}
	})
}

// forge rewrites a line as somebody does who can write to Redis and knows the
// format: its own digest fits again.
func forge(t *testing.T, line string) string {
	t.Helper()
	e, err := storage.ReadAuditLine(line)
	if err != nil {
		t.Fatal(err)
	}
	e.Who = "zhao"
	out, err := storage.AuditLine(e)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTamperingIsSeen is promise P19: every line altered, dropped, swapped,
// doubled, cut off, and every seal likewise, is seen, one by one.
func TestTamperingIsSeen(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, client *redis.Client) {
		ctx := t.Context()
		head := trail(t, s, 7)
		tried, seen := 0, 0
		attack := func(name, key string, list []string, how func([]string) []string) {
			t.Helper()
			after := how(slices.Clone(list))
			if slices.Equal(after, list) {
				return
			}
			put := func(lines []string) {
				client.Del(ctx, key)
				for _, line := range lines {
					client.RPush(ctx, key, line)
				}
			}
			put(after)
			tried++
			// The lines must be seen without anything kept outside Redis.
			if r, err := s.VerifyAudit(ctx, sealKey, storage.Seal{}, award.Date{}); err == nil && r.OK() {
				t.Errorf("%s of %s not seen", name, key)
			} else {
				seen++
			}
			put(list)
		}
		keys, err := client.Keys(ctx, "*").Result()
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			lines := strings.Contains(key, ":audit:")
			if !lines && !strings.Contains(key, ":seal:day:") {
				continue
			}
			list, err := client.LRange(ctx, key, 0, -1).Result()
			if err != nil || len(list) < 2 {
				t.Fatal(key, len(list), err)
			}
			for i := range list {
				attack("flipping a byte", key, list, func(l []string) []string {
					b := []byte(l[i])
					b[len(b)/2] ^= 1
					l[i] = string(b)
					return l
				})
				if lines {
					attack("forging", key, list, func(l []string) []string { l[i] = forge(t, l[i]); return l })
				}
				attack("dropping", key, list, func(l []string) []string { return slices.Delete(l, i, i+1) })
				if !lines || i < len(list)-1 { // a line added at the end is a new line, whoever adds it
					attack("doubling", key, list, func(l []string) []string { return slices.Insert(l, i, l[i]) })
				}
				attack("cutting behind", key, list, func(l []string) []string { return l[:i] })
				attack("cutting before", key, list, func(l []string) []string { return l[i:] })
				for j := range i {
					attack("swapping", key, list, func(l []string) []string { l[i], l[j] = l[j], l[i]; return l })
				}
			}
		}
		if r := verify(t, s, head); !r.OK() {
			t.Fatalf("not put back: %+v", r)
		}
		if tried < 150 || seen != tried {
			t.Errorf("%d of %d seen", seen, tried)
		}
		t.Logf("%d of %d seen", seen, tried)
	})
}

// TestCutTail: whoever rolls lines, seals and head back together leaves a chain
// that fits in itself; the seal kept outside Redis shows it.
func TestCutTail(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, client *redis.Client) {
		ctx := t.Context()
		head := trail(t, s, 10)
		prefix := strings.TrimSuffix(mustKey(t, client, "*seal:head"), "seal:head")
		last := head.Day
		client.RPop(ctx, prefix+"seal:day:"+last)
		for range head.N {
			client.RPop(ctx, prefix+"audit:"+last)
		}
		before, err := client.LIndex(ctx, prefix+"seal:day:"+last, -1).Result()
		if err != nil {
			t.Fatal(err)
		}
		client.Set(ctx, prefix+"seal:head", fmt.Sprintf("%d %s", head.Serial-1, before), 0)
		client.HSet(ctx, prefix+"seal:counts", last, head.From)
		if r := verify(t, s, storage.Seal{}); !r.OK() {
			t.Fatalf("the attack is not as good as meant: %+v", r)
		}
		if r := verify(t, s, head); r.OK() || !strings.Contains(r.Chain[0], "本机记得第 9 段封存") {
			t.Errorf("not seen: %+v", r)
		}
		if err := s.Untouched(ctx, head); !errors.Is(err, storage.ErrRolledBack) {
			t.Errorf("Untouched: %v", err)
		}
		var seal storage.Seal
		if err := json.Unmarshal([]byte(before), &seal); err != nil {
			t.Fatal(err)
		}
		if err := s.Untouched(ctx, seal); err != nil {
			t.Errorf("the last seal there is: %v", err)
		}
	})
}

func mustKey(t *testing.T, client *redis.Client, pattern string) string {
	t.Helper()
	keys, err := client.Keys(t.Context(), pattern).Result()
	if err != nil || len(keys) != 1 {
		t.Fatal(keys, err)
	}
	return keys[0]
}

// TestHeadsAreToldOnce: a day's head is told once, however many replicas try, and
// altering what was told of shows in the code.
func TestHeadsAreToldOnce(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, client *redis.Client) {
		ctx := t.Context()
		head := trail(t, s, 5)
		today := award.DateOf(noon.AddDate(0, 0, 2))
		heads, err := s.UntoldHeads(ctx, sealKey, today)
		if err != nil || len(heads) != 2 || heads[0].N != 5 {
			t.Fatalf("%+v, %v", heads, err)
		}
		for range 2 {
			message := chat.Message{Key: "audit|" + heads[1].Day.String(), To: "he", Text: heads[0].Code}
			if err := s.TellHeads(ctx, heads, []chat.Message{message}, noon); err != nil {
				t.Fatal(err)
			}
		}
		if backlog, err := s.Backlog(ctx); err != nil || backlog.Messages != 1 {
			t.Errorf("%+v, %v", backlog, err)
		}
		if heads, err := s.UntoldHeads(ctx, sealKey, today); err != nil || len(heads) != 0 {
			t.Errorf("told already: %+v, %v", heads, err)
		}
		if heads, err := s.UntoldHeads(ctx, sealKey, today.Add(1)); err != nil || len(heads) != 1 {
			t.Errorf("the next day: %+v, %v", heads, err)
		}
		// A line is added to a day told of: the code over what was told stays.
		if err := s.AppendAudit(ctx, award.Entry{At: noon, Did: "late", Event: "z"}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.SealAudit(ctx, sealKey, noon, false); err != nil {
			t.Fatal(err)
		}
		r := verify(t, s, head)
		if d := r.Days[0]; !r.OK() || d.Told.Code != heads[0].Code || d.Told.N != 5 || d.Head.N != 6 || d.Head.Code == d.Told.Code {
			t.Errorf("day = %+v", d)
		}
		client.HSet(ctx, strings.Replace(mustKey(t, client, "*seal:told"), "told", "counts", 1), heads[1].Day.String(), 4)
		if _, err := s.SealAudit(ctx, sealKey, heads[1].Day.At(12, 0), false); err != nil {
			t.Fatal(err)
		}
		if r := verify(t, s, head); r.OK() {
			t.Error("a forged count makes a line sealed twice, unseen")
		}
	})
}

// TestReplicasSeal: several replicas seal at once and leave one sound chain.
func TestReplicasSeal(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, _ *redis.Client) {
		ctx := t.Context()
		done := make(chan error)
		for r := range 3 {
			go func() {
				var err error
				for i := range 20 {
					err = errors.Join(err, s.AppendAudit(ctx, award.Entry{At: noon, Did: "x", Event: fmt.Sprint(r, i)}))
					if _, e := s.SealAudit(ctx, sealKey, noon, false); e != nil {
						err = errors.Join(err, e)
					}
				}
				done <- err
			}()
		}
		for range 3 {
			// Losing every race for once is no harm: the next minute comes.
			if err := <-done; err != nil {
				t.Log(err)
			}
		}
		if _, err := s.SealAudit(ctx, sealKey, noon, false); err != nil {
			t.Fatal(err)
		}
		if r := verify(t, s, storage.Seal{}); !r.OK() || r.Days[0].Head.N != 60 || r.Days[0].Open != 0 {
			t.Errorf("%+v", r)
		}
	})
}
