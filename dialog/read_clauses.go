package dialog

import (
	"regexp"
	"strings"
)

// Bounds of a piece that is a row of its own in a line of measures.
const (
	minClause  = 3
	maxClause  = 20
	minClauses = 3
)

var (
	// leansBack begins a clause that hangs on the one before.
	leansBack = regexp.MustCompile(`^(?:并|而|且|以|从而|进而|由|对|使|让|确保|推动|促进|促使|带动|助力|实现|做到|达到|形成|通过|围绕|按照|根据|依托|结合|针对|聚焦|为|在|将|其中|同时|然后|再|后|及|和|与|或|等|各|其|到|切实|进一步|不断|逐步|努力|请|都|也|还|就|才|则|因|如|若|既|又|不仅|但|是|一是|二是|首先|其次|最后|第[一二三四五六七八九十\d])`)
	// leansOn ends a clause that needs the one after.
	leansOn = regexp.MustCompile(`(?:后|时|之后|以后|前|之前|基础上|前提下|情况下|过程中|方面|的|为|是|等|和|与|及|或|由|通过)$`)
	// summed ends a list that is the object of one sentence.
	summed = regexp.MustCompile(`等|[两二三四五六七八九十几\d]\s*(?:个|项|种|类|条|大|张|本|支|次|级|位|步|环节|机制|制度)`)
	// governs is a verb whose object may be the whole list behind it.
	governs = regexp.MustCompile(`^(?:开展|建立|健全|完善|推行|推进|设立|实施|组织|落实|抓好|做好|加强|强化|举办|成立|打造|制定|采取|运用|利用|探索|深化|优化|用好|坚持|包括|明确|细化|规范|每[年月季周日天])`)
)

// clauses takes a line of short measures apart at ， or 、. A sentence, two
// pieces, long or hanging clauses stay one row: it is better to be asked to
// divide than to find a sentence torn.
func clauses(line string) ([]string, bool) {
	line = strings.TrimRight(line, "；;，,、 ")
	if strings.ContainsAny(line, "。！？!?；;：:") {
		return nil, false
	}
	seps := "，,"
	if !strings.ContainsAny(line, seps) {
		seps = "、"
	}
	pieces := splitTrim(line, seps)
	if len(pieces) < minClauses {
		return nil, false
	}
	for i, p := range pieces {
		n := Runes(p)
		if n < minClause || n > maxClause || leansBack.MatchString(p) || leansOn.MatchString(p) {
			return nil, false
		}
		if seps == "、" && i > 0 && governs.MatchString(pieces[0]) && !governs.MatchString(p) {
			return nil, false
		}
	}
	if seps == "、" && summed.MatchString(pieces[len(pieces)-1]) {
		return nil, false
	}
	return pieces, true
}
