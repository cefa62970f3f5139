package talk

import "strings"

// Rewrite returns the script's text with the bot's lines as they were heard.
// All other lines stay as written, comments included. A line that still matches
// stays as written too, with its ‹…› and its tag; steps that were not played
// stay untouched. Utterances keep the order of the file, new ones stand behind
// the step's others.
func Rewrite(script Script, result Result) string {
	replaced := map[int][]string{} // by first line of an utterance
	added := map[int][]string{}    // by the line before which they stand
	drop := make([]bool, len(script.source)+1)
	for i, step := range script.Steps {
		if i >= len(result.heard) {
			break
		}
		rewriteStep(script.source, step, result.heard[i], replaced, added)
		for _, e := range step.Heard {
			for line := e.Line; line < e.end; line++ {
				drop[line] = true
			}
		}
	}
	var out []string
	for n := 1; n <= len(script.source)+1; n++ {
		out = append(out, replaced[n]...)
		out = append(out, added[n]...)
		if n <= len(script.source) && !drop[n] {
			out = append(out, script.source[n-1])
		}
	}
	return strings.Join(out, "\n")
}

// rewriteStep plans the new lines of one step.
func rewriteStep(source []string, step Step, heard []Utterance, replaced, added map[int][]string) {
	end := step.end
	if n := len(step.Heard); n > 0 {
		end = step.Heard[n-1].end
	}
	_, want := byReceiver(step.Heard, expectedTo)
	names, got := byReceiver(heard, utteranceTo)
	for _, name := range names {
		olds, news := want[name], got[name]
		pair := align(len(olds), len(news), func(i, j int) bool {
			return matchLines(step.Heard[olds[i]].Lines, heard[news[j]].Shown())
		})
		pairLeftovers(pair, len(olds))
		at := end
		if len(olds) > 0 {
			at = step.Heard[olds[0]].Line
		}
		for j, i := range pair {
			shown := heard[news[j]].Shown()
			if i < 0 {
				lines := utteranceLines(name, shown)
				if at == end {
					added[at] = append(added[at], lines...)
				} else {
					replaced[at] = append(replaced[at], lines...)
				}
				continue
			}
			e := step.Heard[olds[i]]
			at = e.Line
			replaced[at] = append(replaced[at], mergeLines(source, e, shown)...)
		}
	}
}

// pairLeftovers gives unpaired new utterances the unpaired old ones between
// the same neighbours, in order, so that lines in them can still be kept.
func pairLeftovers(pair []int, olds int) {
	next := 0
	for j := range pair {
		if pair[j] >= 0 {
			next = pair[j] + 1
			continue
		}
		limit := olds
		for _, later := range pair[j+1:] {
			if later >= 0 {
				limit = later
				break
			}
		}
		if next < limit {
			pair[j] = next
			next++
		}
	}
}

// mergeLines writes a heard utterance, keeping the source of the old lines
// that still match.
func mergeLines(source []string, e Expected, shown []string) []string {
	lines := utteranceLines(e.To, shown)
	pair := align(len(e.Lines), len(shown), func(i, j int) bool {
		// The first line carries the head, so it pairs with the first only.
		return (i == 0) == (j == 0) && MatchLine(e.Lines[i], shown[j])
	})
	for j, i := range pair {
		if i >= 0 && e.Line+i < e.end {
			lines[j] = strings.TrimSuffix(source[e.Line-1+i], "\r")
		}
	}
	return lines
}
