package talk

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The fixed parts of the syntax.
const (
	botMark   = "bot→"
	robotWord = "机器人"
	indent    = "  "

	maxScript = 1 << 20
	maxWait   = 3660 * 24 * time.Hour
)

// waitUnits are the letters of "wait", longest first.
var waitUnits = [...]struct {
	letter byte
	length time.Duration
}{{'d', 24 * time.Hour}, {'h', time.Hour}, {'m', time.Minute}}

var (
	headPattern   = regexp.MustCompile(`^(` + botMark + `)?([^>@/\s]+)(?:@([^>@/\s]+))?(?:/([^>@/\s]+))?>(?: (.*))?$`)
	tagPattern    = regexp.MustCompile(`\s+#((?:[ 、,，]*C[0-9]{1,3})+)$`)
	clausePattern = regexp.MustCompile(`C[0-9]{1,3}`)
	attachPattern = regexp.MustCompile(`^\[(图片|语音|视频|位置|链接|文件)(?: +([^\]]*))?\]$`)
	clickPattern  = regexp.MustCompile(`^[(（]点 +([^#()（）]+?)(?: +#旧([1-9]?))?[)）]$`)
	waitPattern   = regexp.MustCompile(`^wait((?: *[0-9]{1,6}[dhm])+)$`)
	unitPattern   = regexp.MustCompile(`([0-9]+)([dhm])`)
)

// SyntaxError says which line of a script cannot be read and why.
type SyntaxError struct {
	Name string
	Line int
	Why  string
}

// Error implements error.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%s:%d: %s", e.Name, e.Line, e.Why) }

// parser holds a script half read.
type parser struct {
	script Script
	line   int // number of the line being read, from 1
	// blank counts the empty lines since the last other one: they belong to an
	// utterance only when an indented line follows, so that an editor that cuts
	// trailing blanks does no harm.
	blank int
	open  opened
}

// opened says what an indented line continues.
type opened int

const (
	openNothing opened = iota
	openText
	openHeard
)

// Parse reads a script:
//
//	@2026-11-23 09:00               the clock: the first one sets it, later ones wait until then
//	wait 3d                         also 2h, 30m, 1d12h
//	李春梅> 我要报课题              in single chat; further lines are indented by two spaces
//	李春梅@党建工作群> 谁没报       in a group
//	李春梅/机器人> [文件 方案.docx]  on the robot channel
//	李春梅> [图片 现场.jpg]         图片 语音 视频 位置 链接 文件
//	王建国> (点 确认报送)           the newest live card; (点 确认报送 #旧) the one before, #旧2 …
//	bot→李春梅> 1/11 课题名称       what must be heard, in any order between receivers
//	  请写课题名称，6–40字。        further lines; an empty one is written as two spaces
//	  [确认报送] [退回修改]         the card's buttons
//	# a comment
//
// Any line may end in a tag " # C77"; a line of a person or the clock may end
// in a comment after two spaces. The error is a *SyntaxError.
func Parse(name, text string) (Script, error) {
	p := parser{script: Script{Name: name}}
	switch {
	case len(text) > maxScript:
		return Script{}, &SyntaxError{name, 1, "longer than 1 MB"}
	case !utf8.ValidString(text):
		return Script{}, &SyntaxError{name, 1, "not UTF-8"}
	}
	text = strings.TrimPrefix(text, "\ufeff")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	p.script.source = strings.Split(text, "\n")
	for i, line := range p.script.source {
		p.line = i + 1
		if why := p.read(strings.TrimRight(line, blanks), strings.HasPrefix(line, indent)); why != "" {
			return Script{}, &SyntaxError{name, p.line, why}
		}
	}
	for i := range p.script.Steps {
		finishStep(&p.script.Steps[i])
	}
	for _, step := range p.script.Steps {
		if step.Do == DoSay && strings.TrimSpace(step.Text) == "" {
			return Script{}, &SyntaxError{name, step.Line, step.Who + " says nothing"}
		}
	}
	return p.script, nil
}

// finishStep cuts empty lines at the end of what is said.
func finishStep(s *Step) {
	if s.Do == DoSay {
		s.Text = strings.Join(trimEmpty(strings.Split(s.Text, "\n")), "\n")
	}
	for i := range s.Heard {
		s.Heard[i].Lines = trimEmpty(s.Heard[i].Lines)
	}
}

// read takes one line without trailing blanks; indented says whether it began
// with two spaces. It returns what is wrong, "" for nothing.
func (p *parser) read(line string, indented bool) string {
	switch {
	case line == "" && indented && p.open != openNothing:
		p.continueWith("")
		return ""
	case line == "":
		p.blank++
		return ""
	case indented:
		if p.open == openNothing {
			return "an indented line continues nothing"
		}
		for ; p.blank > 0; p.blank-- {
			p.continueWith("")
		}
		p.continueWith(line[len(indent):])
		return ""
	}
	p.blank = 0
	p.open = openNothing
	if strings.HasPrefix(line, "#") {
		return ""
	}
	if strings.HasPrefix(line, botMark) {
		return p.readHeard(line)
	}
	step, why := readStep(line)
	if why != "" {
		return why
	}
	step.Line, step.end = p.line, p.line+1
	p.script.Steps = append(p.script.Steps, step)
	if step.Do == DoSay {
		p.open = openText
	}
	return ""
}

// continueWith adds an indented line to what was said or expected last.
func (p *parser) continueWith(line string) {
	line, clauses := cutTags(line)
	step := &p.script.Steps[len(p.script.Steps)-1]
	if p.open == openText {
		step.Text += "\n" + line
		step.Clauses = append(step.Clauses, clauses...)
		step.end = p.line + 1
		return
	}
	e := &step.Heard[len(step.Heard)-1]
	e.Lines = append(e.Lines, line)
	e.Clauses = append(e.Clauses, clauses...)
	e.end = p.line + 1
}

// readHeard reads the first line of an expected utterance.
func (p *parser) readHeard(line string) string {
	if len(p.script.Steps) == 0 {
		return "nothing happened before this line, so nothing can be heard"
	}
	line, clauses := cutTags(line)
	m := headPattern.FindStringSubmatch(line)
	if m == nil || m[3] != "" || m[4] != "" {
		return "want " + botMark + "姓名> or " + botMark + "群名>"
	}
	step := &p.script.Steps[len(p.script.Steps)-1]
	step.Heard = append(step.Heard, Expected{
		Line: p.line, To: m[2], Lines: []string{m[5]}, Clauses: clauses, end: p.line + 1,
	})
	p.open = openHeard
	return ""
}

// readStep reads the first line of something that happens.
func readStep(line string) (Step, string) {
	line, clauses := cutTags(line)
	line, _, _ = strings.Cut(line, "  # ")
	line = strings.TrimRight(line, blanks)
	step := Step{Clauses: clauses}
	switch {
	case strings.HasPrefix(line, "@"):
		at, ok := parseMoment(line[1:])
		if !ok {
			return step, "want @2026-11-23 09:00"
		}
		step.Do, step.At = DoClock, at
		return step, ""
	case line == "wait" || strings.HasPrefix(line, "wait "):
		wait, ok := parseWait(line)
		if !ok {
			return step, "want wait 3d, wait 2h or wait 30m, at most ten years"
		}
		step.Do, step.For = DoWait, wait
		return step, ""
	}
	m := headPattern.FindStringSubmatch(line)
	switch {
	case m == nil:
		return step, "want a clock line, wait, 姓名> …, " + botMark + "姓名> … or # comment"
	case m[2] == "bot" || m[2] == "bot-":
		return step, "the bot's lines begin with " + botMark
	case m[4] != "" && m[4] != robotWord:
		return step, "unknown channel " + m[4] + ", want " + robotWord
	}
	step.Who, step.Group = m[2], m[3]
	if m[4] != "" {
		step.Channel = RobotChannel
	}
	return readAct(step, m[5])
}

// readAct tells a click and an attachment from words.
func readAct(step Step, text string) (Step, string) {
	if m := attachPattern.FindStringSubmatch(text); m != nil {
		step.Do, step.Kind, step.Name = DoAttach, m[1], strings.TrimSpace(m[2])
		return step, ""
	}
	if m := clickPattern.FindStringSubmatch(text); m != nil {
		step.Do, step.Label = DoClick, m[1]
		if strings.Contains(text, "#旧") {
			step.Old = 1
			if m[2] != "" {
				step.Old, _ = strconv.Atoi(m[2]) // one digit, by the pattern
			}
		}
		return step, ""
	}
	if strings.HasPrefix(text, "(点") || strings.HasPrefix(text, "（点") {
		return step, "want (点 按钮) or (点 按钮 #旧)"
	}
	step.Do, step.Text = DoSay, text
	return step, ""
}

// cutTags takes clause tags off the end of a line.
func cutTags(line string) (rest string, clauses []string) {
	for {
		m := tagPattern.FindStringSubmatchIndex(line)
		if m == nil {
			return line, clauses
		}
		clauses = append(clausePattern.FindAllString(line[m[2]:m[3]], -1), clauses...)
		line = line[:m[0]]
	}
}

// parseMoment reads a clock line's moment, with or without seconds.
func parseMoment(s string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05"} {
		if at, err := time.ParseInLocation(layout, s, Zone); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// parseWait reads "wait 1d12h".
func parseWait(line string) (time.Duration, bool) {
	m := waitPattern.FindStringSubmatch(line)
	if m == nil {
		return 0, false
	}
	var total time.Duration
	for _, part := range unitPattern.FindAllStringSubmatch(m[1], -1) {
		n, err := strconv.Atoi(part[1])
		if err != nil {
			return 0, false
		}
		for _, u := range waitUnits {
			if part[2][0] == u.letter {
				total += time.Duration(n) * u.length
			}
		}
	}
	return total, total > 0 && total <= maxWait
}
