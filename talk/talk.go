// Package talk is the scripted conversation: one .talk file is one story of
// people, clock, files, clicks and the bot's exact words (design.md 6). The
// package parses a script, plays it on a World and compares what was heard. It
// is pure and may import chat only.
package talk

import "time"

// RobotChannel is the channel World.Say and World.Attach get for lines written
// "李春梅/机器人> …"; for all other lines the channel is "" (the app).
const RobotChannel = "robot"

// World is where a script is played: in memory, over the encrypted wire, or
// with faults between. People and groups are called by their names in scripts.
type World interface {
	Now() time.Time
	// Set puts the clock to t before anything is said; Wait lets d pass, going
	// through every reminder slot and due time on the way, until nothing is left
	// to do at the new moment.
	Set(t time.Time) error
	Wait(d time.Duration) error
	// Say sends a text; group is "" in single chat; channel "" is the app.
	Say(who, group, channel, text string) error
	// Attach sends a picture, voice, video, location, link or file:
	// kind is 图片 语音 视频 位置 链接 文件, name a file of testdata/files or words.
	Attach(who, channel, kind, name string) error
	// Click presses the newest live card button with the label that the person
	// can see; old counts back from the newest ("#旧" is 1).
	Click(who, label string, old int) error
	// Heard returns everything the bot said since the last call, in order.
	Heard() ([]Utterance, error)
}

// Utterance is one thing the bot said, as the receiver sees it.
type Utterance struct {
	To      string // person's name, or the group's
	Text    string
	Buttons []string // labels of the card below the text, if any
	At      time.Time
}
