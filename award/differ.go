package award

import "slices"

// Differ returns the words only one of two titles has, in their order, after
// folding: what is left of each beside their longest common part.
func Differ(a, b string) (onlyA, onlyB []string) {
	left, right := []rune(FoldTitle(a)), []rune(FoldTitle(b))
	common := commonParts(left, right)
	var runA, runB []rune
	flush := func(next ...rune) {
		if len(runA) > 0 {
			onlyA = append(onlyA, readable(runA, next))
		}
		if len(runB) > 0 {
			onlyB = append(onlyB, readable(runB, next))
		}
		runA, runB = nil, nil
	}
	i, j := 0, 0
	for i < len(left) && j < len(right) {
		switch {
		case left[i] == right[j]:
			flush(left[i])
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			runA = append(runA, left[i])
			i++
		default:
			runB = append(runB, right[j])
			j++
		}
	}
	runA, runB = append(runA, left[i:]...), append(runB, right[j:]...)
	flush()
	return onlyA, onlyB
}

// readable is a part by itself; a single character is shown with the one behind it.
func readable(part, next []rune) string {
	if len(part) == 1 {
		return string(part) + string(next)
	}
	return string(part)
}

// commonParts holds at [i][j] the length of the longest common subsequence of
// left[i:] and right[j:].
func commonParts(left, right []rune) [][]int {
	common := make([][]int, len(left)+1)
	for i := range common {
		common[i] = make([]int, len(right)+1)
	}
	for i, l := range slices.Backward(left) {
		for j, r := range slices.Backward(right) {
			common[i][j] = max(common[i+1][j], common[i][j+1])
			if l == r {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	return common
}
