package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cxbot/handlers"
)

// maxExplain bounds one input line of explain.
const maxExplain = 1 << 20

// explainLine is one line of explain's input.
type explainLine struct {
	Text string `json:"text"`
	Role string `json:"role"`
	// Now is RFC 3339; empty takes the trial's start, the moment the sample talks use.
	Now time.Time `json:"now"`
}

// runExplain is "cxbot explain": JSON lines in, one JSON line out for each; it
// needs no settings and stores nothing.
func runExplain(_ context.Context, c *command) error {
	flags := c.flags("explain", "看一句话会怎么理解：标准输入每行一个 {\"text\",\"role\",\"now\"}，输出 {\"intent\",\"slots\",\"missing\"}")
	if err := c.parse(flags, 0, 0); err != nil {
		return err
	}
	bot, err := handlers.New(trialName)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(c.in)
	lines.Buffer(nil, maxExplain)
	out := json.NewEncoder(c.out)
	out.SetEscapeHTML(false)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var line explainLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return because(fmt.Sprintf("第 %d 行不是 JSON，请写成 {\"text\":\"我要报课题\"} 这样", n), err)
		}
		if line.Now.IsZero() {
			line.Now = trialStart()
		}
		if err := out.Encode(bot.Explain(line.Text, line.Role, line.Now)); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return because("读输入", err)
	}
	return nil
}
