package main

import (
	"log/slog"
	"strings"
	"testing"
)

func TestExplainAnswersLineByLine(t *testing.T) {
	t.Parallel()
	var out, errs strings.Builder
	in := `{"text":"我想报个课题","role":"secretary"}` + "\n\n" + `{"text":"还有哪几家没报","role":"staff","now":"2026-11-23T09:00:00+08:00"}` + "\n"
	c := &command{in: strings.NewReader(in), out: &out, err: &errs, log: slog.New(slog.DiscardHandler)}
	if code := run(t.Context(), []string{"explain"}, c); code != exitOK {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], `{"intent":"topic.file","slots":{},"missing":["title",`) ||
		lines[1] != `{"intent":"filing.unfiled","slots":{"stage":"备案"},"missing":[]}` {
		t.Errorf("out: %s", out.String())
	}
	c.in = strings.NewReader("not json\n")
	if code := run(t.Context(), []string{"explain"}, c); code != exitFail || !strings.Contains(errs.String(), "第 1 行") {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
}
