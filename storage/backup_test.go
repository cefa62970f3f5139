package storage_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/storage"
	"cxbot/storage/storagetest"
)

// populate plays a programme with everything a county can hold.
func populate(t *testing.T, s *storage.Store) *award.Memory {
	t.Helper()
	p := &programme{award.NewMemory(award.Calendar{}), rand.New(rand.NewPCG(3, 4)), noon}
	for range 120 {
		c := p.next()
		if c.IsEmpty() {
			continue
		}
		if err := p.m.Apply(c); err != nil {
			t.Fatal(err)
		}
		apply(t, s, c, chat.Message{Key: fmt.Sprint("m", p.now.Unix()), To: "lichunmei", Text: "\xff不是文字", NotBefore: noon.Add(time.Hour)})
	}
	return p.m
}

func backup(t *testing.T, s *storage.Store) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := s.Backup(t.Context(), &b, noon)
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(b.Bytes(), []byte{'\n'}); lines != n+2 {
		t.Fatalf("%d keys in %d lines", n, lines)
	}
	return b.Bytes()
}

func TestBackupRestores(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, c *redis.Client) {
		memory := populate(t, s)
		c.Set(t.Context(), prefix+"seen:odd", "\x00\xff\xfe\n\"", 0)
		c.Set(t.Context(), "cx:{other}:seen:1", "not ours", 0)
		text := backup(t, s)

		fresh := storagetest.MiniClient(t)
		copied := storagetest.Open(t, fresh)
		done, err := copied.Restore(t.Context(), bytes.NewReader(text), false)
		if err != nil || done.Keys == 0 || done.Replaced != 0 || !done.At.Equal(noon) {
			t.Fatalf("restored %+v, %v", done, err)
		}
		same(t, copied, memory)
		if again := untimed(backup(t, copied)); again != untimed(text) {
			t.Error("a backup of the copy differs")
		}
		if ttl := fresh.TTL(t.Context(), prefix+"seen:"+"odd").Val(); ttl != -1 {
			t.Errorf("a key for ever lives %v", ttl)
		}
		// It goes on working: the copy claims what the original had queued.
		at := noon.Add(time.Hour)
		want, _ := outbox{t, s}.claim(at, 1)
		got, _ := outbox{t, copied}.claim(at, 1)
		if len(got) != 1 || got[0].Message.Key != want[0].Message.Key {
			t.Errorf("copy claims %+v, original %+v", got, want)
		}
		// A county that holds something is refused, unless forced.
		if _, err := copied.Restore(t.Context(), bytes.NewReader(text), false); !errors.Is(err, storage.ErrNotEmpty) {
			t.Errorf("second restore = %v", err)
		}
		fresh.Set(t.Context(), prefix+"seen:later", "x", 0)
		if again, err := copied.Restore(t.Context(), bytes.NewReader(text), true); err != nil || again.Keys != done.Keys || again.Replaced == 0 {
			t.Fatal(err)
		}
		if fresh.Exists(t.Context(), prefix+"seen:later").Val() != 0 {
			t.Error("a forced restore keeps newer keys")
		}
		if again := untimed(backup(t, copied)); again != untimed(text) {
			t.Error("a backup after a forced restore differs")
		}
	})
}

// untimed takes out the times to live, which run on, and what depends on them.
func untimed(text []byte) string {
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		before, rest, found := strings.Cut(line, `"ttl":`)
		if !found {
			continue
		}
		_, after, _ := strings.Cut(rest, ",")
		lines[i] = before + after
	}
	return strings.Join(lines[:len(lines)-2], "\n")
}

func TestRestoreRefusesDamage(t *testing.T) {
	t.Parallel()
	s := storagetest.Mini(t)
	apply(t, s, award.Changes{Sequences: map[string]int{"filing:2026": 12}}, msg("k", "a"))
	text := string(backup(t, s))
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	swapped := append([]string{}, lines...)
	swapped[1], swapped[2] = swapped[2], swapped[1]
	for name, bad := range map[string]struct {
		text string
		want error
	}{
		"empty":          {"", storage.ErrBackup},
		"no trailer":     {strings.Join(lines[:len(lines)-1], ""), storage.ErrBackup},
		"a line dropped": {lines[0] + strings.Join(lines[2:], ""), storage.ErrBackup},
		"lines swapped":  {strings.Join(swapped, ""), storage.ErrBackup},
		"a digit":        {strings.Replace(text, "12 ", "13 ", 1), storage.ErrBackup},
		"text behind":    {text + "{}\n", storage.ErrBackup},
		"other county":   {strings.Replace(text, "qinghe", "linshui", 1), storage.ErrCounty},
		"other version":  {strings.Replace(text, `"version":1`, `"version":2`, 1), storage.ErrBackup},
		"unknown type":   {strings.Replace(text, `"type":"list"`, `"type":"stream"`, 1) + strings.Replace(text, `"type":"hash"`, `"type":"stream"`, 1), storage.ErrBackup},
		"half a pair":    {strings.Replace(text, `"type":"set","content":["k"]`, `"type":"hash","content":["k"]`, 1), storage.ErrBackup},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := storagetest.MiniClient(t)
			_, err := storagetest.Open(t, c).Restore(t.Context(), strings.NewReader(bad.text), true)
			if !errors.Is(err, bad.want) {
				t.Errorf("restore = %v, want %v", err, bad.want)
			}
			if keys := dump(t, c); keys != "" {
				t.Errorf("a refused restore wrote %s", keys)
			}
		})
	}
}

// TestRestoreClearsAnOldAttempt shows that what a restore cut short left behind
// neither counts as data nor gets into the next one.
func TestRestoreClearsAnOldAttempt(t *testing.T) {
	t.Parallel()
	c := storagetest.MiniClient(t)
	s := storagetest.Open(t, c)
	from := storagetest.Mini(t)
	apply(t, from, award.Changes{})
	c.RPush(t.Context(), prefix+"restore:seen:old", "x")
	if text := backup(t, s); bytes.Count(text, []byte("\n")) != 2 {
		t.Errorf("backup of nothing:\n%s", text)
	}
	if _, err := s.Restore(t.Context(), bytes.NewReader(backup(t, from)), false); err != nil {
		t.Fatal(err)
	}
	if keys := dump(t, c); strings.Contains(keys, "restore:") {
		t.Errorf("keys after a restore:\n%s", keys)
	}
}

func TestBackupRefusesForeignTypes(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, c *redis.Client) {
		foreign(t, c, prefix+"facts")
		if _, err := s.Backup(t.Context(), &bytes.Buffer{}, noon); err == nil {
			t.Error("a stream was backed up as nothing")
		}
	})
}
