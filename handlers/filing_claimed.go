package handlers

import (
	"regexp"

	"cxbot/award"
	"cxbot/dialog"
)

// fieldClaimed is the form's field of what the filler says of the 一把手's consent.
const fieldClaimed = "claimed"

// claimedWords are the ways people say that somebody above agreed (D11): kept as
// said, and no confirmation.
const claimedWords = `(?:已经?|刚|都)?(?:给|跟|向|和|请|经|报)?(?:我们)?(?:镇|乡|局|街道|公司)?(?:党委)?\p{Han}{0,3}(?:书记|一把手|主要领导|领导)(?:那边|那里|本人)?(?:已经|都|已|也|刚才|刚|口头|当面){0,2}(?:汇报过|汇报|看过|看|同意|点头|批准|批|认可|审过|审|签过字|签字|签|没意见|说(?:可以|行|同意|没问题))(?:了|过了?|的)?(?:[,，。、 ]*(?:同意|可以|没意见|说行)了?)?(?:[,，。、 ]*(?:那就|现在|就|请|可以)?(?:帮我)?(?:提交|报送))?[。.!！]?`

// claimedTail is the wish to submit that often follows.
var claimedTail = regexp.MustCompile(`[,，。、 ]*(?:那就|现在|就|请|可以)?(?:帮我)?(?:提交|报送)[。.!！]?$`)

// claimedOnly keeps what was said of the consent.
func claimedOnly(_ V, _ dialog.Answers, said string) (string, dialog.Problem) {
	return claimedTail.ReplaceAllString(said, ""), dialog.Problem{}
}

// claimedWarning answers such a word kindly: who still has to confirm.
func claimedWarning(v V, _ dialog.Answers, said string) string {
	if award.HasAuthority(v.Me, v.Unit) {
		return "记下了。您自己提交就算确认，不用另外说明。"
	}
	return "记下了：“" + dialog.Cut(said, 60) + "”。\n按规定还要" + confirmersText(v) + "本人确认；您提交后我马上请他确认，确认了就报到组织部。"
}

// linkHint is the gentle word about missing 联系点 (C102).
func linkHint(_ V, a dialog.Answers) string {
	if a.Has("links") {
		return ""
	}
	return "联系点（哪位党委委员联系哪个试点）还没写，方便的话补上，不补也能交。"
}
