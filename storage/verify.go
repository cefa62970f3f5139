package storage

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"cxbot/award"
)

// AuditReport is what checking the audit trail has found.
type AuditReport struct {
	Days []DayReport // by date
	// Chain holds what is wrong with the chain as a whole, in words.
	Chain []string
	Head  Seal // zero while nothing is sealed
}

// OK reports whether nothing is wrong.
func (r AuditReport) OK() bool {
	return len(r.Chain) == 0 && !slices.ContainsFunc(r.Days, func(d DayReport) bool { return len(d.Problems) > 0 })
}

// DayReport is what checking one day has found.
type DayReport struct {
	Head DayHead // of the sealed lines
	// Open are the newest lines, not sealed yet; sealing happens each minute.
	Open int
	// Told is how many lines the head spoke of that was sent out, with its code as
	// it comes out now; zero when none was sent.
	Told DayHead
	// Problems says in words what does not fit, at most 20.
	Problems []string
}

// maxFaults bounds the problems of one day.
const maxFaults = 20

func (d *DayReport) addf(format string, args ...any) {
	switch {
	case len(d.Problems) < maxFaults:
		d.Problems = append(d.Problems, fmt.Sprintf(format, args...))
	case len(d.Problems) == maxFaults:
		d.Problems = append(d.Problems, "后面的不再列出")
	}
}

// VerifyAudit checks the audit trail: each line's own digest, each seal's MAC over
// its lines, that seals and lines leave no gap, and, when no single day is asked
// for, that the seals of all days form one chain up to the head and that the head
// is at least the seal kept outside Redis (zero: none is). An error means that it
// could not be read; what is wrong with it stands in the report.
func (s *Store) VerifyAudit(ctx context.Context, key SealKey, kept Seal, only award.Date) (AuditReport, error) {
	var r AuditReport
	var err error
	if r.Head, _, err = s.sealHead(ctx); err != nil {
		return r, err
	}
	days := []award.Date{only}
	if only.IsZero() {
		if days, err = s.auditedDays(ctx); err != nil {
			return r, err
		}
	}
	told, err := s.numbers(ctx, s.keys.told())
	if err != nil {
		return r, err
	}
	counted, err := s.sealedCounts(ctx)
	if err != nil {
		return r, err
	}
	var chain []Seal
	for _, day := range days {
		// Seals first: lines only grow, so that a running bot is never at fault.
		seals, err := s.seals(ctx, day)
		if err != nil {
			return r, err
		}
		report, err := s.verifyDay(ctx, key, day, seals, told[day.String()], counted[day.String()])
		if err != nil {
			return r, err
		}
		r.Days = append(r.Days, report)
		chain = append(chain, seals...)
	}
	if only.IsZero() {
		r.Chain = verifyChain(chain, r.Head)
	}
	if err := s.Untouched(ctx, kept); err != nil {
		r.Chain = append(r.Chain, fmt.Sprintf("本机记得第 %d 段封存（%s），库里没有：记录被截掉了尾部，或恢复过更早的备份", kept.Serial, kept.Day))
	}
	return r, nil
}

// auditedDays returns every day that has lines or seals or should have, by date.
func (s *Store) auditedDays(ctx context.Context) ([]award.Date, error) {
	days, err := s.AuditDays(ctx)
	if err != nil {
		return nil, err
	}
	sealed, err := s.sealedCounts(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := s.scan(ctx, s.keys.seals(""))
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		sealed[strings.TrimPrefix(key, s.keys.seals(""))] = 0
	}
	for text := range sealed {
		day, err := award.ParseDate(text)
		if err != nil {
			return nil, fmt.Errorf("storage: audit: %w", err)
		}
		days = append(days, day)
	}
	slices.SortFunc(days, func(a, b award.Date) int { return a.Sub(b) })
	return slices.Compact(days), nil
}

// verifyDay holds a day's lines against its seals.
func (s *Store) verifyDay(ctx context.Context, key SealKey, day award.Date, seals []Seal, told, counted int) (DayReport, error) {
	r := DayReport{Head: DayHead{Day: day}}
	sealed := 0
	for _, seal := range seals {
		if seal.From != sealed || seal.N <= 0 || seal.Day != day.String() {
			r.addf("第 %d 段封存接不上：应从第 %d 条起，记的是第 %d 条", seal.Serial, sealed+1, seal.From+1)
		}
		sealed = seal.From + max(seal.N, 0)
		mac, err := seal.mac(key)
		switch {
		case err != nil:
			return r, err
		case seal.Key != key.ID():
			r.addf("第 %d 段封存用的是另一把密钥（%s），现在的密钥（%s）核对不了", seal.Serial, seal.Key, key.ID())
		case !hmac.Equal([]byte(mac), []byte(seal.MAC)):
			r.addf("第 %d 段封存被改动过", seal.Serial)
		}
	}
	c := dayCheck{report: &r, seals: seals, part: sha256.New(), whole: sha256.New(), told: told}
	if err := s.AuditRange(ctx, day, func(line string) error { c.line(line); return nil }); err != nil {
		return r, err
	}
	c.end()
	r.Head.N = min(c.n, sealed)
	r.Head.Code = key.code(day.String(), r.Head.N, c.sealed)
	r.Open = max(0, c.n-sealed)
	if told > 0 {
		r.Told = DayHead{Day: day, N: told, Code: key.code(day.String(), told, c.toldSum)}
	}
	if counted > sealed {
		r.addf("少了封存：应封存了 %d 条，只有 %d 条有封存", counted, sealed)
	}
	if c.n < sealed {
		r.addf("少了 %d 条：封存时有 %d 条，现在只有 %d 条", sealed-c.n, sealed, c.n)
	}
	if told > sealed {
		r.addf("核对码发出时有 %d 条，现在封存的只有 %d 条", told, sealed)
	}
	return r, nil
}

// verifyChain wants the seals of all days to be one chain that ends in the head.
func verifyChain(seals []Seal, head Seal) []string {
	var problems []string
	slices.SortStableFunc(seals, func(a, b Seal) int { return cmp.Compare(a.Serial, b.Serial) })
	prev := Seal{}
	for _, seal := range seals {
		switch {
		case seal.Serial != prev.Serial+1:
			problems = append(problems, fmt.Sprintf("第 %d 段和第 %d 段封存之间缺了或多了一段", prev.Serial, seal.Serial))
		case seal.Prev != prev.MAC:
			problems = append(problems, fmt.Sprintf("第 %d 段封存和前一段接不上", seal.Serial))
		}
		prev = seal
		if len(problems) == maxFaults {
			return append(problems, "后面的不再列出")
		}
	}
	if prev.Serial != head.Serial || prev.MAC != head.MAC {
		problems = append(problems, fmt.Sprintf("链尾不对：最后一段封存是第 %d 段，应为第 %d 段", prev.Serial, head.Serial))
	}
	return problems
}
