package award

import (
	"cmp"
	"slices"
	"strings"
)

// Past is a result of an earlier cycle (往届成果, C4), brought in by an import:
// it shows how others did it and takes part in the check for likeness.
type Past struct {
	ID      string `json:"id"`    // made of cycle, unit and title; the same result imported again replaces itself
	Cycle   string `json:"cycle"` // as the file writes it, "2024" or "2022—2024"
	Title   string `json:"title"`
	Unit    string `json:"unit"`              // its name; it need not exist any more
	Rank    string `json:"rank,omitempty"`    // 优秀成果奖, 一等奖 …; "" for a topic without an award
	Summary string `json:"summary,omitempty"` // 主要做法
}

// PastID is the ID of a past result.
func PastID(cycle, unit, title string) string {
	return strings.Join([]string{strings.TrimSpace(cycle), strings.TrimSpace(unit), FoldTitle(title)}, "|")
}

// PastQuery selects past results, newest cycle first. Words, folded like a
// title, must occur in title, unit or summary; "" takes all.
type PastQuery struct {
	Words string
	// Winners leaves out topics without an award.
	Winners bool
	// Latest keeps to the newest cycle there is (上届).
	Latest bool
	Offset int
	Limit  int
}

// PastPage is a page of past results and how many there are in all.
type PastPage struct {
	Results []Past
	Total   int
}

// LikeTitle is the likeness from which on a title is worth a word (domain.md 2.4).
const LikeTitle = 0.8

// Likeness is a title that reads much like another one: of a live topic of the
// open or an earlier cycle, or of a past result.
type Likeness struct {
	ID    string // topic id or Past.ID
	Title string
	Unit  string
	Cycle string
	Score float64 // 0 to 1, see Alike
}

// Bigrams returns the distinct pairs of neighbouring characters of a folded
// title, sorted: what two titles are compared by, and what an index holds.
func Bigrams(title string) []string {
	runes := []rune(FoldTitle(title))
	var grams []string
	for i := 0; i+1 < len(runes); i++ {
		grams = append(grams, string(runes[i:i+2]))
	}
	slices.Sort(grams)
	return slices.Compact(grams)
}

// Alike compares two titles: twice the pairs of characters they share over the
// pairs they have together (Dice), 1 for the same title but for spaces, quotes
// and width.
func Alike(a, b string) float64 {
	left, right := Bigrams(a), Bigrams(b)
	if len(left)+len(right) == 0 {
		return 0
	}
	shared := 0
	for _, gram := range left {
		if _, ok := slices.BinarySearch(right, gram); ok {
			shared++
		}
	}
	return 2 * float64(shared) / float64(len(left)+len(right))
}

// Nearest gives titles their likeness to the one asked about and keeps the
// nearest that are at least LikeTitle alike, at most limit; ties go by id.
func Nearest(title string, all []Likeness, limit int) []Likeness {
	var near []Likeness
	for _, one := range all {
		if one.Score = Alike(title, one.Title); one.Score >= LikeTitle {
			near = append(near, one)
		}
	}
	slices.SortFunc(near, func(a, b Likeness) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
	})
	return near[:min(max(limit, 0), len(near))]
}

// SelectPast picks out of all past results, in any order, the page asked for:
// newest cycle first, the highest rank first, then by unit and title.
func SelectPast(all []Past, q PastQuery) PastPage {
	latest, words := "", FoldTitle(q.Words)
	for _, p := range all {
		latest = max(latest, p.Cycle)
	}
	var found []Past
	for _, p := range all {
		if q.Winners && p.Rank == "" || q.Latest && p.Cycle != latest {
			continue
		}
		if words == "" || strings.Contains(FoldTitle(p.Title+" "+p.Unit+" "+p.Summary), words) {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(a, b Past) int {
		return cmp.Or(
			strings.Compare(b.Cycle, a.Cycle), cmp.Compare(rankOrder(a.Rank), rankOrder(b.Rank)),
			strings.Compare(a.Unit, b.Unit), strings.Compare(a.Title, b.Title),
		)
	})
	return PastPage{Results: page(found, q.Offset, q.Limit), Total: len(found)}
}

// rankOrder orders ranks as they are read out: 特等 一等 二等 三等, then others,
// then none.
func rankOrder(rank string) int {
	order := []string{"特等", "一等", "二等", "三等"}
	for i, name := range order {
		if strings.HasPrefix(rank, name) {
			return i
		}
	}
	if rank == "" {
		return len(order) + 1
	}
	return len(order)
}
