package talk

import (
	"fmt"
	"strings"
	"time"
)

// Zone is the time zone of clock lines; the programme knows only this one.
var Zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// Do says what a step of a script does.
type Do string

// The kinds of steps.
const (
	DoClock  Do = "clock"  // @2026-11-23 09:00
	DoWait   Do = "wait"   // wait 3d
	DoSay    Do = "say"    // 李春梅> 我要报课题
	DoAttach Do = "attach" // 李春梅> [图片 现场.jpg]
	DoClick  Do = "click"  // 王建国> (点 确认报送)
)

// Script is one parsed talk.
type Script struct {
	Name  string
	Steps []Step

	source []string // the lines as written, for Rewrite
}

// Step is one thing that happens and everything the bot is expected to say
// because of it.
type Step struct {
	Line int // first line in the file, from 1
	Do   Do
	At   time.Time     // DoClock
	For  time.Duration // DoWait
	Who  string        // DoSay, DoAttach, DoClick: the person's name
	// Group and Channel say where; both are "" in single chat with the app.
	Group   string
	Channel string
	Text    string // DoSay: the words, lines joined by "\n"
	Kind    string // DoAttach: 图片 语音 视频 位置 链接 文件
	Name    string // DoAttach: file name or words
	Label   string // DoClick: the button's label
	Old     int    // DoClick: how many cards before the newest one, 0 to 9
	Heard   []Expected
	Clauses []string // tags on the step's own lines

	end int // line after the step's own lines
}

// Expected is one utterance the script expects. Lines are compared one by one,
// the card's buttons being the last line ("[确认报送] [退回修改]"); ‹…› stands
// for anything that is not empty.
type Expected struct {
	Line    int
	To      string
	Lines   []string
	Clauses []string

	end int
}

// Format writes the script in its canonical form: comments are gone, tags of
// an utterance stand on its first line. Parse(Format(s)) equals s but for line
// numbers.
func Format(s Script) string {
	var b strings.Builder
	for i, step := range s.Steps {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, line := range tagged(actionLines(step), step.Clauses) {
			b.WriteString(line + "\n")
		}
		for _, e := range step.Heard {
			for _, line := range tagged(utteranceLines(e.To, e.Lines), e.Clauses) {
				b.WriteString(line + "\n")
			}
		}
	}
	return b.String()
}

// tagged puts clause tags at the end of the first line.
func tagged(lines, clauses []string) []string {
	if len(clauses) > 0 && len(lines) > 0 {
		lines[0] += "  # " + strings.Join(clauses, " ")
	}
	return lines
}

// actionLines writes what a step does, without what is heard.
func actionLines(s Step) []string {
	switch s.Do {
	case DoClock:
		return []string{"@" + formatMoment(s.At)}
	case DoWait:
		return []string{"wait " + formatWait(s.For)}
	case DoSay:
		return withHead(speaker(s)+"> ", strings.Split(s.Text, "\n"))
	case DoAttach:
		return []string{strings.TrimRight(speaker(s)+"> ["+s.Kind+" "+s.Name, " ") + "]"}
	case DoClick:
		old := ""
		switch {
		case s.Old == 1:
			old = " #旧"
		case s.Old > 1:
			old = fmt.Sprintf(" #旧%d", s.Old)
		}
		return []string{speaker(s) + "> (点 " + s.Label + old + ")"}
	}
	return nil
}

// speaker writes who acts where: 李春梅@党建工作群/机器人.
func speaker(s Step) string {
	who := s.Who
	if s.Group != "" {
		who += "@" + s.Group
	}
	if s.Channel == RobotChannel {
		who += "/" + robotWord
	}
	return who
}

// utteranceLines writes an utterance: the first line after its head, the
// others indented.
func utteranceLines(to string, lines []string) []string {
	return withHead(botMark+to+"> ", lines)
}

// withHead puts a head before the first line and indents the others.
func withHead(head string, lines []string) []string {
	out := []string{strings.TrimRight(head, " ")}
	for i, line := range lines {
		if i == 0 {
			out[0] = strings.TrimRight(head+line, " ")
			continue
		}
		out = append(out, indent+line)
	}
	return out
}

// Shown returns the utterance as lines, the way scripts write it: trailing
// blanks do not count, buttons are one last line.
func (u Utterance) Shown() []string {
	lines := strings.Split(strings.ReplaceAll(u.Text, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], blanks)
	}
	lines = trimEmpty(lines)
	if len(u.Buttons) == 0 {
		return lines
	}
	buttons := "[" + strings.Join(u.Buttons, "] [") + "]"
	if len(lines) == 1 && lines[0] == "" {
		return []string{buttons}
	}
	return append(lines, buttons)
}

// blanks are cut from the end of every line.
const blanks = " \t\r"

// trimEmpty cuts empty lines at the end; one line always stays.
func trimEmpty(lines []string) []string {
	for len(lines) > 1 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// formatMoment writes a clock line's moment, seconds only when there are any.
func formatMoment(t time.Time) string {
	t = t.In(Zone)
	if t.Second() != 0 {
		return t.Format("2006-01-02 15:04:05")
	}
	return t.Format("2006-01-02 15:04")
}

// formatWait writes a duration as "1d2h30m".
func formatWait(d time.Duration) string {
	var b strings.Builder
	for _, u := range waitUnits {
		if n := d / u.length; n > 0 {
			fmt.Fprintf(&b, "%d%c", n, u.letter)
			d %= u.length
		}
	}
	return b.String()
}
