package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"cxbot/award"
	"cxbot/storage"
)

// runAudit is "cxbot audit verify [DAY]": exit code 1 when anything does not fit.
func runAudit(ctx context.Context, c *command) error {
	flags := c.flags("audit", "核对审计记录：cxbot audit verify [日期，如 2026-11-23]")
	if err := c.parse(flags, 1, 2); err != nil {
		return err
	}
	var day award.Date
	if flags.NArg() == 2 {
		var err error
		if day, err = award.ParseDate(flags.Arg(1)); err != nil {
			return fmt.Errorf("日期“%s”请写成 2026-11-23 这样", flags.Arg(1)) //nolint:err113 // For the terminal only.
		}
	}
	if flags.Arg(0) != "verify" {
		flags.Usage()
		return errUsage
	}
	o, err := c.openStore(ctx, need{look: true})
	if err != nil {
		return err
	}
	defer o.close()
	key, err := auditKey(o.config, false)
	if err != nil {
		return err
	}
	kept, err := keptSeal(filepath.Join(o.config.DataDir, auditHeadFile))
	if err != nil {
		return err
	}
	report, err := o.store.VerifyAudit(ctx, key, kept, day)
	if err != nil {
		return because("核对不了", err)
	}
	reportAudit(c.out, report)
	if !report.OK() {
		return errRed
	}
	return nil
}

// reportAudit writes a line a day and what does not fit.
func reportAudit(out io.Writer, r storage.AuditReport) {
	lines := 0
	for _, d := range r.Days {
		sign := "✓"
		if len(d.Problems) > 0 {
			sign = "✗"
		}
		text := fmt.Sprintf("%s %s  %d 条，核对码 %s", sign, d.Head.Day, d.Head.N, d.Head.Code)
		if d.Told.N > 0 && d.Told.N != d.Head.N {
			text += fmt.Sprintf("（发给监督员的是前 %d 条，核对码 %s）", d.Told.N, d.Told.Code)
		}
		if d.Open > 0 {
			text += fmt.Sprintf("；另有 %d 条等着封存", d.Open)
		}
		sayf(out, "%s", text)
		for _, problem := range d.Problems {
			sayf(out, "    %s", problem)
		}
		lines += d.Head.N
	}
	for _, problem := range r.Chain {
		sayf(out, "✗ 全链  %s", problem)
	}
	switch {
	case len(r.Days) == 0:
		sayf(out, "还没有审计记录。")
	case r.OK():
		sayf(out, "核对 %d 天、%d 条，没有发现改动。请再和监督员手里的核对码比一比。", len(r.Days), lines)
	default:
		sayf(out, "有地方对不上。请先备份，不要删改任何东西，再查是谁动过数据库。")
	}
}
