package talk

import (
	"strings"
	"unicode/utf8"
)

// MatchLine reports whether a heard line is what an expected line says; every
// ‹…› of the expectation stands for at least one character.
func MatchLine(want, got string) bool {
	parts := splitWild(want)
	if len(parts) == 1 {
		return want == got
	}
	got, ok := strings.CutPrefix(got, parts[0])
	if !ok {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		// Leftmost is enough: what a part takes too early, the next ‹…› could have
		// taken as well.
		_, skip := utf8.DecodeRuneInString(got)
		at := strings.Index(got[skip:], part)
		if skip == 0 || at < 0 {
			return false
		}
		got = got[skip+at+len(part):]
	}
	rest, ok := strings.CutSuffix(got, parts[last])
	return ok && rest != ""
}

// splitWild returns the literal parts of an expectation around its ‹…›.
func splitWild(want string) []string {
	var parts []string
	rest := want
	for {
		before, after, ok := strings.Cut(rest, "‹")
		if !ok {
			return append(parts, rest)
		}
		_, after, ok = strings.Cut(after, "›")
		if !ok {
			return append(parts, rest)
		}
		parts = append(parts, before)
		rest = after
	}
}

// matchLines reports whether two utterances are the same, line by line.
func matchLines(want, got []string) bool {
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if !MatchLine(want[i], got[i]) {
			return false
		}
	}
	return true
}

// align pairs the items of two lists in order so that as many as possible
// match; pair[j] is the partner in the first list of item j of the second, or -1.
func align(n, m int, match func(i, j int) bool) []int {
	best := make([][]int, n+1)
	for i := range best {
		best[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if match(i, j) {
				best[i][j] = max(best[i][j], best[i+1][j+1]+1)
			}
		}
	}
	pair := make([]int, m)
	for j := range pair {
		pair[j] = -1
	}
	for i, j := 0, 0; i < n && j < m; {
		switch {
		case match(i, j) && best[i][j] == best[i+1][j+1]+1:
			pair[j] = i
			i++
			j++
		case best[i+1][j] >= best[i][j+1]:
			i++
		default:
			j++
		}
	}
	return pair
}

// byReceiver sorts indexes by receiver, keeping the order within each; names
// lists the receivers in the order of their first appearance.
func byReceiver[T any](items []T, to func(T) string) (names []string, at map[string][]int) {
	at = map[string][]int{}
	for i, item := range items {
		name := to(item)
		if at[name] == nil {
			names = append(names, name)
		}
		at[name] = append(at[name], i)
	}
	return names, at
}

func expectedTo(e Expected) string { return e.To }

func utteranceTo(u Utterance) string { return u.To }
