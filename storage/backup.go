package storage

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A backup is JSON lines: a header, one line a key in the order of the keys, and
// a trailer with their number and the SHA-256 of every byte before it.
const (
	backupFormat  = "cxbot-backup"
	backupVersion = 1
	// maxLine bounds a line of a backup: one key.
	maxLine = 256 << 20
)

type backupHeader struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	County  string `json:"county"`
	// At is when it was made; backups of before have none.
	At time.Time `json:"at,omitzero"`
}

type backupLine struct {
	Key  string `json:"key"` // without the county's prefix
	Type string `json:"type"`
	TTL  int64  `json:"ttl,omitempty"` // ms left to live, 0: for ever
	// Base64 marks content that is not valid UTF-8.
	Base64 bool `json:"base64,omitempty"`
	// Content is the text, the members, field and value, or member and score.
	Content []string `json:"content"`
}

type backupTrailer struct {
	End    bool   `json:"end"`
	Keys   int    `json:"keys"`
	SHA256 string `json:"sha256"`
}

// Errors of Restore, before anything was changed.
var (
	ErrBackup   = errors.New("storage: the backup is damaged or incomplete")
	ErrNotEmpty = errors.New("storage: the county holds data already")
	ErrCounty   = errors.New("storage: the backup is of another county")
)

// Backup writes everything of the county as it was at one moment, dated at, and
// returns the number of keys. Redis stands still while it reads: about a second per 100 MB.
func (s *Store) Backup(ctx context.Context, w io.Writer, at time.Time) (int, error) {
	got, err := s.run(ctx, s.scripts.dump, []string{s.keys.open()}, []any{s.keys.prefix, s.staging()})
	if err != nil {
		return 0, fmt.Errorf("storage: backup: %w", err)
	}
	list, _ := got.([]any)
	lines, err := s.backupLines(list)
	if err != nil {
		return 0, err
	}
	out := bufio.NewWriter(w)
	sum := sha256.New()
	enc := json.NewEncoder(io.MultiWriter(out, sum))
	err = enc.Encode(backupHeader{backupFormat, backupVersion, s.county(), at})
	for i := range lines {
		err = cmp.Or(err, enc.Encode(lines[i]))
	}
	err = cmp.Or(err, json.NewEncoder(out).Encode(backupTrailer{true, len(lines), hexSum(sum)}))
	err = cmp.Or(err, out.Flush())
	if err != nil {
		return 0, fmt.Errorf("storage: backup: %w", err)
	}
	return len(lines), nil
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// county is the slug, out of the prefix.
func (s *Store) county() string {
	return strings.TrimSuffix(strings.TrimPrefix(s.keys.prefix, "cx:{"), "}:")
}

// staging precedes the keys of a restore that is not finished.
func (s *Store) staging() string { return s.keys.prefix + "restore:" }

// backupLines reads {key, type, ms, content, …} and puts it in order, so that
// equal counties give equal backups.
func (s *Store) backupLines(list []any) ([]backupLine, error) {
	const fields = 4
	lines := make([]backupLine, 0, len(list)/fields)
	for i := 0; i+fields <= len(list); i += fields {
		key, _ := list[i].(string)
		line := backupLine{Key: strings.TrimPrefix(key, s.keys.prefix)}
		line.Type, _ = list[i+1].(string)
		if ttl, _ := list[i+2].(int64); ttl > 0 {
			line.TTL = ttl
		}
		switch content := list[i+3].(type) {
		case string:
			line.Content = []string{content}
		case []any:
			for _, part := range content {
				text, ok := part.(string)
				if !ok {
					return nil, fmt.Errorf("%w: backup of %s: %T", errAnswer, line.Key, part)
				}
				line.Content = append(line.Content, text)
			}
		default:
			return nil, fmt.Errorf("%w: backup of %s: %T", errAnswer, line.Key, content)
		}
		if len(line.Content) == 0 {
			continue // the embedded Redis keeps an empty set where a real one keeps none
		}
		line.normalise()
		lines = append(lines, line)
	}
	slices.SortFunc(lines, func(a, b backupLine) int { return cmp.Compare(a.Key, b.Key) })
	return lines, nil
}

// normalise orders what Redis keeps unordered and makes any bytes portable.
func (l *backupLine) normalise() {
	switch l.Type {
	case kindSet:
		slices.Sort(l.Content)
	case kindHash:
		pairs := slices.Collect(slices.Chunk(l.Content, 2))
		slices.SortFunc(pairs, func(a, b []string) int { return cmp.Compare(a[0], b[0]) })
		l.Content = slices.Concat(pairs...)
	}
	if !slices.ContainsFunc(l.Content, func(part string) bool { return !utf8.ValidString(part) }) {
		return
	}
	l.Base64 = true
	for i, part := range l.Content {
		l.Content[i] = base64.StdEncoding.EncodeToString([]byte(part))
	}
}

// Restored says what a restore did: the number of keys put in, how many of before
// they took the place of, and when the backup was made (zero: it does not say).
type Restored struct {
	Keys, Replaced int
	At             time.Time
}

// Restore reads a backup and puts it in the place of the county; the bot must not
// be running on it. Nothing is changed before the whole backup has been checked
// and staged; the last step is one script. Without force a county that holds
// anything is refused.
func (s *Store) Restore(ctx context.Context, r io.Reader, force bool) (Restored, error) {
	lines, at, err := s.readBackup(r)
	if err != nil {
		return Restored{}, err
	}
	present, err := s.present(ctx)
	if err != nil {
		return Restored{}, err
	}
	done := Restored{Keys: len(lines), Replaced: len(present), At: at}
	if len(present) > 0 && !force {
		return Restored{}, fmt.Errorf("%w: %d keys", ErrNotEmpty, len(present))
	}
	keys := make([]string, 0, 2*len(lines)+len(present))
	for i := range lines {
		keys = append(keys, s.staging()+lines[i].Key)
	}
	for i := range lines {
		keys = append(keys, s.keys.prefix+lines[i].Key)
	}
	if err := s.stage(ctx, lines); err != nil {
		return Restored{}, err
	}
	may := 0
	if force {
		may = 1
	}
	got, err := s.run(ctx, s.scripts.swap, append(keys, present...), []any{len(lines), may})
	if err != nil {
		return Restored{}, fmt.Errorf("storage: restore: %w", err)
	}
	if key, busy := got.(string); busy {
		return Restored{}, fmt.Errorf("%w: %s", ErrNotEmpty, key)
	}
	return done, nil
}

// present lists the county's keys and removes what an unfinished restore left.
func (s *Store) present(ctx context.Context) ([]string, error) {
	all, err := s.scan(ctx, s.keys.prefix)
	if err != nil {
		return nil, err
	}
	var present, stale []string
	for _, key := range all {
		if strings.HasPrefix(key, s.staging()) {
			stale = append(stale, key)
		} else {
			present = append(present, key)
		}
	}
	for some := range slices.Chunk(stale, chunk) {
		if err := s.client.Del(ctx, some...).Err(); err != nil {
			return nil, fmt.Errorf("storage: restore: %w", err)
		}
	}
	return present, nil
}

// stage writes the keys beside the county.
func (s *Store) stage(ctx context.Context, lines []backupLine) error {
	for some := range slices.Chunk(lines, chunk) {
		pipe := s.client.Pipeline()
		for i := range some {
			l := &some[i]
			key := s.staging() + l.Key
			for part := range slices.Chunk(l.Content, 2*chunk) {
				pipe.Do(ctx, l.command(key, part)...)
			}
			if l.TTL > 0 {
				pipe.Do(ctx, "pexpire", key, l.TTL)
			}
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return fmt.Errorf("storage: restore: %w", err)
		}
	}
	return nil
}

// command writes a part of a key's content.
func (l *backupLine) command(key string, part []string) []any {
	names := map[string]string{kindText: "set", kindHash: "hset", kindList: "rpush", kindSet: "sadd", kindZset: "zadd"}
	args := append([]any{names[l.Type], key}, boxed(part)...)
	if l.Type == kindZset {
		for i := 2; i+1 < len(args); i += 2 {
			args[i], args[i+1] = args[i+1], args[i] // score comes first
		}
	}
	return args
}

// readBackup reads and checks a whole backup before anything is done with it, and
// returns when it was made.
func (s *Store) readBackup(r io.Reader) ([]backupLine, time.Time, error) {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, maxLine)
	sum := sha256.New()
	var header backupHeader
	if !scanner.Scan() || json.Unmarshal(scanner.Bytes(), &header) != nil ||
		header.Format != backupFormat || header.Version != backupVersion {
		return nil, time.Time{}, fmt.Errorf("%w: no header", ErrBackup)
	}
	if header.County != s.county() {
		return nil, time.Time{}, fmt.Errorf("%w: %s, not %s", ErrCounty, header.County, s.county())
	}
	digestLine(sum, scanner.Bytes())
	var lines []backupLine
	for scanner.Scan() {
		text := scanner.Bytes()
		if bytes.HasPrefix(text, []byte(`{"end":`)) {
			return lines, header.At, checkTrailer(text, len(lines), hexSum(sum), scanner)
		}
		line, err := readLine(text)
		if err != nil {
			return nil, time.Time{}, fmt.Errorf("line %d: %w", len(lines)+2, err)
		}
		digestLine(sum, text)
		lines = append(lines, line)
	}
	if err := scanner.Err(); err != nil {
		return nil, time.Time{}, fmt.Errorf("%w: %w", ErrBackup, err)
	}
	return nil, time.Time{}, fmt.Errorf("%w: no trailer", ErrBackup)
}

func digestLine(sum hash.Hash, text []byte) {
	sum.Write(text)
	sum.Write([]byte{'\n'})
}

func checkTrailer(text []byte, keys int, sum string, rest *bufio.Scanner) error {
	var end backupTrailer
	if err := json.Unmarshal(text, &end); err != nil {
		return fmt.Errorf("%w: trailer: %w", ErrBackup, err)
	}
	switch {
	case end.Keys != keys:
		return fmt.Errorf("%w: %d keys, the trailer says %d", ErrBackup, keys, end.Keys)
	case end.SHA256 != sum:
		return fmt.Errorf("%w: the digest does not fit", ErrBackup)
	case rest.Scan():
		return fmt.Errorf("%w: text behind the trailer", ErrBackup)
	}
	return nil
}

func readLine(text []byte) (backupLine, error) {
	var l backupLine
	if err := json.Unmarshal(text, &l); err != nil {
		return l, fmt.Errorf("%w: %w", ErrBackup, err)
	}
	pairs := l.Type == kindHash || l.Type == kindZset
	known := pairs || l.Type == kindText || l.Type == kindList || l.Type == kindSet
	if !known || l.Key == "" || len(l.Content) == 0 || (pairs && len(l.Content)%2 != 0) {
		return l, fmt.Errorf("%w: key %q of type %q", ErrBackup, l.Key, l.Type)
	}
	if !l.Base64 {
		return l, nil
	}
	for i, part := range l.Content {
		raw, err := base64.StdEncoding.DecodeString(part)
		if err != nil {
			return l, fmt.Errorf("%w: %w", ErrBackup, err)
		}
		l.Content[i] = string(raw)
	}
	return l, nil
}
