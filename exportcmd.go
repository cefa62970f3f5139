package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"cxbot/award"
	"cxbot/documents"
	"cxbot/storage"
)

var (
	errNoCycle    = errors.New("还没有开届，没有台账可导")
	errLedgerName = errors.New("台账导出为 xlsx 或 csv，请把文件名写成 .xlsx 或 .csv")
	errSplitCSV   = errors.New("--split 要分工作表，请把文件名写成 .xlsx")
	errExists     = errors.New("文件已存在，为免覆盖没有写；请换一个文件名")
)

// runExport is "cxbot export ledger FILE.xlsx", or .csv.
func runExport(ctx context.Context, c *command) error {
	flags := c.flags("export", "导出台账：cxbot export ledger 文件.xlsx（或 .csv） [--cycle 届次] [--split]")
	cycle := flags.String("cycle", "", "届次的代号（开届年份），不写就是现在这一届")
	split := flags.Bool("split", false, "每种单位类型（乡镇、街道、县直……）另有一张工作表，只用于 xlsx")
	if err := c.parse(flags, 2, 2); err != nil {
		return err
	}
	if flags.Arg(0) != "ledger" {
		flags.Usage()
		return errUsage
	}
	path := flags.Arg(1)
	workbook := strings.EqualFold(filepath.Ext(path), ".xlsx")
	switch {
	case !workbook && !strings.EqualFold(filepath.Ext(path), ".csv"):
		return errLedgerName
	case *split && !workbook:
		return errSplitCSV
	}
	o, err := c.openStore(ctx, need{})
	if err != nil {
		return err
	}
	defer o.close()
	if *cycle == "" {
		view := o.store.ViewAt(ctx)
		open, ok := view.Cycle()
		if err := view.Err(); err != nil {
			return fmt.Errorf("读届次：%w", err)
		}
		if !ok {
			return errNoCycle
		}
		*cycle = open.ID
	}
	var sheetOf func(unit string) string
	if *split {
		if sheetOf, err = unitTypes(ctx, o.store); err != nil {
			return err
		}
	}
	n := 0
	err = writeNew(path, func(w io.Writer) error {
		var failed error
		topics := until(o.store.Ledger(ctx, *cycle), &n, &failed)
		var err error
		if workbook {
			err = documents.WriteLedgerBook(w, topics, sheetOf)
		} else {
			err = documents.WriteLedger(w, topics)
		}
		if err != nil {
			return fmt.Errorf("写台账：%w", err)
		}
		return failed
	})
	if err != nil {
		return err
	}
	sayf(c.out, "已导出 %d 个课题到 %s。", n, path)
	return nil
}

// unitTypes leads from a unit's name to its type, 其他 where none is known.
func unitTypes(ctx context.Context, store *storage.Store) (func(unit string) string, error) {
	units, _, err := store.AllPeople(ctx)
	if err != nil {
		return nil, fmt.Errorf("读单位：%w", err)
	}
	types := make(map[string]string, len(units))
	for _, u := range units {
		types[u.Name] = u.Type
	}
	return func(unit string) string { return cmp.Or(types[unit], "其他") }, nil
}

// writing gives a text to writeNew.
func writing(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err //nolint:wrapcheck // writeNew says what failed.
	}
}

// until yields topics up to the first error, which it keeps, and counts them.
func until(topics iter.Seq2[award.Topic, error], n *int, failed *error) iter.Seq[award.Topic] {
	return func(yield func(award.Topic) bool) {
		for topic, err := range topics {
			if err != nil {
				*failed = fmt.Errorf("读课题：%w", err)
				return
			}
			*n++
			if !yield(topic) {
				return
			}
		}
	}
}

// writeNew writes a file that must not exist yet, all or nothing: it gets its
// name only once it is complete and on disk.
func writeNew(path string, write func(io.Writer) error) (err error) {
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("%s：%w", path, errExists)
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".cxbot-*")
	if err != nil {
		return because("建不了文件 "+path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	err = write(file)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return because("写文件 "+path, err)
	}
	// Link, unlike Rename, never replaces what appeared meanwhile.
	if err = os.Link(file.Name(), path); err != nil {
		return because("写文件 "+path, err)
	}
	return os.Remove(file.Name()) //nolint:wrapcheck // The file is there already.
}
