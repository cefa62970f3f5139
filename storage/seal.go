package storage

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/chat"
)

// SealKey is the secret of the audit chain. It is never stored in Redis: whoever
// can write there alone cannot make seals.
type SealKey []byte

// ID tells keys apart without telling them: 8 hex digits.
func (k SealKey) ID() string {
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte("cxbot audit key"))
	return hex.EncodeToString(mac.Sum(nil)[:4])
}

// Seal closes some audit lines of one day (design.md D17). Seals form one chain
// over all days: each holds the MAC of the one before.
type Seal struct {
	Serial int64     `json:"serial"` // 1, 2, 3 … over all days
	Day    string    `json:"day"`    // whose lines
	From   int       `json:"from"`   // the first sealed line, from 0
	N      int       `json:"n"`      // how many
	At     time.Time `json:"at"`
	Digest string    `json:"digest"` // SHA-256 of the lines with their lengths
	Prev   string    `json:"prev"`   // MAC of seal Serial-1, "" for the first
	Key    string    `json:"key"`    // which key
	MAC    string    `json:"mac,omitempty"`
}

// mac is the HMAC over everything else in the seal.
func (s Seal) mac(key SealKey) (string, error) {
	s.MAC = ""
	text, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("storage: seal: %w", err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(text)
	return hex.EncodeToString(mac.Sum(nil)), nil
}

// writeLine adds a line to a digest so that no two lists of lines look alike.
func writeLine(h hash.Hash, line string) {
	var size [8]byte
	binary.BigEndian.PutUint64(size[:], uint64(len(line)))
	h.Write(size[:])
	h.Write([]byte(line))
}

const (
	// maxSealed bounds the lines of one seal.
	maxSealed = 5000
	// sealConflicts is how often a step starts anew when another replica seals too.
	sealConflicts = 5
)

// ErrRolledBack says that the chain in Redis is shorter than, or another than, what
// was sealed before: a restored backup, or a cut tail.
var ErrRolledBack = errors.New("storage: the audit chain is not the one sealed before")

// AuditState returns the newest seal, zero while there is none, and how many audit
// lines are sealed in all.
func (s *Store) AuditState(ctx context.Context) (head Seal, lines int, err error) {
	if head, _, err = s.sealHead(ctx); err != nil {
		return head, 0, err
	}
	sealed, err := s.sealedCounts(ctx)
	for _, n := range sealed {
		lines += n
	}
	return head, lines, err
}

// SealAudit seals the audit lines that are not sealed yet and returns the head of
// the chain, zero while there is none. Only the days around now are looked at;
// with all every day is, which costs a scan. Replicas may do it at once.
func (s *Store) SealAudit(ctx context.Context, key SealKey, now time.Time, all bool) (head Seal, err error) {
	for range sealConflicts {
		if head, err = s.sealAudit(ctx, key, now, all); !errors.Is(err, bot.ErrConflict) {
			return head, err
		}
	}
	return head, err
}

func (s *Store) sealAudit(ctx context.Context, key SealKey, now time.Time, all bool) (Seal, error) {
	today := award.DateOf(now)
	days := []award.Date{today.Add(-1), today, today.Add(1)}
	if all {
		var err error
		if days, err = s.AuditDays(ctx); err != nil {
			return Seal{}, err
		}
	}
	head, stamp, err := s.sealHead(ctx)
	if err != nil {
		return head, err
	}
	sealed, err := s.sealedCounts(ctx)
	if err != nil {
		return head, err
	}
	for _, day := range days {
		for {
			from := sealed[day.String()]
			lines, err := s.auditLines(ctx, day, from, maxSealed)
			if err != nil {
				return head, err
			}
			if len(lines) == 0 {
				break
			}
			if head, err = s.seal(ctx, key, head, stamp, day, from, lines, now); err != nil {
				return head, err
			}
			stamp = revStamp(head.Serial)
			sealed[day.String()] = from + len(lines)
		}
	}
	return head, nil
}

// seal writes one seal behind the head.
func (s *Store) seal(ctx context.Context, key SealKey, head Seal, stamp string, day award.Date, from int, lines []string, now time.Time) (Seal, error) {
	h := sha256.New()
	for _, line := range lines {
		writeLine(h, line)
	}
	next := Seal{
		Serial: head.Serial + 1, Day: day.String(), From: from, N: len(lines), At: now.In(award.Shanghai).Truncate(time.Second),
		Digest: hexSum(h), Prev: head.MAC, Key: key.ID(),
	}
	var err error
	if next.MAC, err = next.mac(key); err != nil {
		return head, err
	}
	text, err := json.Marshal(next)
	if err != nil {
		return head, fmt.Errorf("storage: seal: %w", err)
	}
	b := s.batch()
	b.stamped(s.keys.sealHead(), stamp)
	b.set(s.keys.sealHead(), revStamp(next.Serial)+string(text))
	b.push(s.keys.seals(next.Day), string(text))
	b.hset(s.keys.sealed(), next.Day, from+len(lines))
	if err := b.commit(ctx, "seal"); err != nil {
		return head, err
	}
	return next, nil
}

// sealHead reads the newest seal and its stamp; "" means that there is none.
func (s *Store) sealHead(ctx context.Context) (Seal, string, error) {
	var head Seal
	cmd := redis.NewStringCmd(ctx, "get", s.keys.sealHead())
	err := s.do(ctx, cmd)
	if errors.Is(err, redis.Nil) {
		return head, "", nil
	}
	if err != nil {
		return head, "", fmt.Errorf("storage: head of the audit chain: %w", err)
	}
	stamp, body, _ := strings.Cut(cmd.Val(), " ")
	if err := json.Unmarshal([]byte(body), &head); err != nil {
		return head, "", fmt.Errorf("storage: head of the audit chain: %w", err)
	}
	return head, stamp + " ", nil
}

// sealedCounts returns how many lines of each day are sealed.
func (s *Store) sealedCounts(ctx context.Context) (map[string]int, error) {
	return s.numbers(ctx, s.keys.sealed())
}

// numbers reads a hash of numbers.
func (s *Store) numbers(ctx context.Context, key string) (map[string]int, error) {
	cmd := redis.NewMapStringStringCmd(ctx, "hgetall", key)
	if err := s.do(ctx, cmd); err != nil {
		return nil, fmt.Errorf("storage: audit: %w", err)
	}
	out := make(map[string]int, len(cmd.Val()))
	for field, text := range cmd.Val() {
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("storage: audit: %s: %w", field, err)
		}
		out[field] = n
	}
	return out, nil
}

// auditLines reads at most some lines of a day from one on.
func (s *Store) auditLines(ctx context.Context, day award.Date, from, most int) ([]string, error) {
	cmd := redis.NewStringSliceCmd(ctx, "lrange", s.keys.audit(day.String()), from, from+most-1)
	if err := s.do(ctx, cmd); err != nil {
		return nil, fmt.Errorf("storage: audit of %s: %w", day, err)
	}
	return cmd.Val(), nil
}

// DayHead is what is told of a day's audit lines to whoever watches over them.
type DayHead struct {
	Day award.Date
	N   int // sealed lines
	// Code is eight letters and digits made with the key of all N lines.
	Code string
}

// codeLetters leave out those that look alike.
var codeLetters = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// code makes the code of a day out of the digest of its lines.
func (k SealKey) code(day string, n int, digest string) string {
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte("cxbot audit day\n" + day + "\n" + strconv.Itoa(n) + "\n" + digest))
	return codeLetters.EncodeToString(mac.Sum(nil)[:5])
}

// dayHead computes the head of the first n lines of a day.
func (s *Store) dayHead(ctx context.Context, key SealKey, day award.Date, n int) (DayHead, error) {
	h := sha256.New()
	left := n
	err := s.AuditRange(ctx, day, func(line string) error {
		if left > 0 {
			left--
			writeLine(h, line)
		}
		return nil
	})
	return DayHead{Day: day, N: n, Code: key.code(day.String(), n, hexSum(h))}, err
}

// headsBack is how many days back heads are told that were not told yet.
const headsBack = 10

// UntoldHeads returns the heads of the days before today that nobody was told of,
// oldest first, at most ten days back; days without lines have none.
func (s *Store) UntoldHeads(ctx context.Context, key SealKey, today award.Date) ([]DayHead, error) {
	sealed, err := s.sealedCounts(ctx)
	if err != nil {
		return nil, err
	}
	told, err := s.numbers(ctx, s.keys.told())
	if err != nil {
		return nil, err
	}
	var out []DayHead
	for day := today.Add(-headsBack); day.Before(today); day = day.Add(1) {
		n := sealed[day.String()]
		if _, done := told[day.String()]; n == 0 || done {
			continue
		}
		head, err := s.dayHead(ctx, key, day, n)
		if err != nil {
			return nil, err
		}
		out = append(out, head)
	}
	return out, nil
}

// TellHeads queues messages about the heads and records how many lines each spoke
// of, in one script.
func (s *Store) TellHeads(ctx context.Context, heads []DayHead, messages []chat.Message, now time.Time) error {
	b := s.batch()
	for _, head := range heads {
		b.hset(s.keys.told(), head.Day.String(), head.N)
	}
	if err := b.messages(messages, now); err != nil {
		return err
	}
	return b.commit(ctx, "tell heads")
}

// Untouched reports whether the chain still holds the seal kept outside Redis;
// ErrRolledBack when it does not. The zero seal is in every chain.
func (s *Store) Untouched(ctx context.Context, kept Seal) error {
	if kept.Serial == 0 {
		return nil
	}
	day, err := award.ParseDate(kept.Day)
	if err != nil {
		return fmt.Errorf("storage: kept seal: %w", err)
	}
	seals, err := s.seals(ctx, day)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(seals, func(have Seal) bool { return have.Serial == kept.Serial && have.MAC == kept.MAC }) {
		return fmt.Errorf("%w: no seal %d of %s", ErrRolledBack, kept.Serial, kept.Day)
	}
	return nil
}

// errSeal says that a seal cannot be read.
var errSeal = errors.New("storage: unreadable seal")

// seals reads a day's seals in order.
func (s *Store) seals(ctx context.Context, day award.Date) ([]Seal, error) {
	cmd := redis.NewStringSliceCmd(ctx, "lrange", s.keys.seals(day.String()), 0, -1)
	if err := s.do(ctx, cmd); err != nil {
		return nil, fmt.Errorf("storage: seals of %s: %w", day, err)
	}
	out := make([]Seal, len(cmd.Val()))
	for i, text := range cmd.Val() {
		if err := json.Unmarshal([]byte(text), &out[i]); err != nil {
			return nil, fmt.Errorf("%w: %s, %d", errSeal, day, i+1)
		}
	}
	return out, nil
}

// AppendAudit writes audit lines by themselves, for what happens outside a turn.
func (s *Store) AppendAudit(ctx context.Context, entries ...award.Entry) error {
	b := s.batch()
	if err := b.log(entries); err != nil {
		return err
	}
	return b.commit(ctx, "audit")
}
