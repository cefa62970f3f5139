package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"cxbot/storage"
)

// runBackup is "cxbot backup FILE".
func runBackup(ctx context.Context, c *command) error {
	flags := c.flags("backup", "备份：cxbot backup 文件（文件含个人信息，请妥善保管）")
	if err := c.parse(flags, 1, 1); err != nil {
		return err
	}
	o, err := c.openStore(ctx, need{})
	if err != nil {
		return err
	}
	defer o.close()
	keys := 0
	err = writeNew(flags.Arg(0), func(w io.Writer) error {
		keys, err = o.store.Backup(ctx, w)
		return err //nolint:wrapcheck // writeNew says what failed.
	})
	if err != nil {
		return err
	}
	sayf(c.out, "已备份 %d 条记录到 %s。", keys, flags.Arg(0))
	return nil
}

// runRestore is "cxbot restore FILE"; serve must not be running.
func runRestore(ctx context.Context, c *command) error {
	flags := c.flags("restore", "恢复：cxbot restore [--force] 文件（先停掉 serve）")
	force := flags.Bool("force", false, "现有数据全部换成备份里的")
	if err := c.parse(flags, 1, 1); err != nil {
		return err
	}
	file, err := os.Open(flags.Arg(0))
	if err != nil {
		return fmt.Errorf("打不开文件：%w", err)
	}
	o, err := c.openStore(ctx, need{own: true})
	if err != nil {
		return errors.Join(err, file.Close())
	}
	defer o.close()
	keys, err := o.store.Restore(ctx, file, *force)
	if err := errors.Join(err, file.Close()); err != nil {
		return restoreError(err)
	}
	sayf(c.out, "已恢复 %d 条记录。", keys)
	return nil
}

// restoreError says in words why nothing was restored.
func restoreError(err error) error {
	switch {
	case errors.Is(err, storage.ErrNotEmpty):
		return fmt.Errorf("现在的库里有数据，没有恢复；确定要全部换掉，请加 --force。（%w）", err)
	case errors.Is(err, storage.ErrCounty):
		return fmt.Errorf("这是另一个县的备份，没有恢复。（%w）", err)
	case errors.Is(err, storage.ErrBackup):
		return fmt.Errorf("备份文件不完整或被改动过，没有恢复。（%w）", err)
	}
	return fmt.Errorf("没有恢复：%w", err)
}
