package main

import (
	"context"
	"errors"
	"io"
	"os"

	"cxbot/award"
	"cxbot/documents"
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
	keys, pictures := 0, 0
	err = writeNew(flags.Arg(0), func(w io.Writer) error {
		if keys, err = o.store.Backup(ctx, w, newClock(o.config.Start).Now()); err != nil {
			return err //nolint:wrapcheck // writeNew says what failed.
		}
		pictures, err = backupFiles(w, documents.ViewShelf(shelfDir(o.config)))
		return err
	})
	if err != nil {
		return err
	}
	sayf(c.out, "已备份 %d 条记录、%d 张图片到 %s。", keys, pictures, flags.Arg(0))
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
		return because("打不开文件 "+flags.Arg(0), err)
	}
	o, err := c.openStore(ctx, need{own: true})
	if err != nil {
		return errors.Join(err, file.Close())
	}
	defer o.close()
	done, pictures, err := restoreAll(ctx, o, file, *force)
	if err := errors.Join(err, file.Close()); err != nil {
		return restoreError(err)
	}
	made := "备份里没有写时间"
	if !done.At.IsZero() {
		made = "备份于" + award.DateOf(done.At).Chinese() + done.At.In(award.Shanghai).Format("15:04")
	}
	sayf(c.out, "已恢复 %d 条记录、%d 张图片（%s）。", done.Keys, pictures, made)
	if done.Replaced > 0 {
		sayf(c.out, "库里原有的 %d 条全部换掉了。", done.Replaced)
	}
	return nil
}

// restoreAll puts back the pictures and then the records that name them.
func restoreAll(ctx context.Context, o *opened, file *os.File, force bool) (done storage.Restored, pictures int, err error) {
	end, err := recordsEnd(file)
	if err != nil {
		return done, 0, err
	}
	shelf, err := documents.OpenShelf(shelfDir(o.config))
	if err != nil {
		return done, 0, because("图片目录 "+shelfDir(o.config)+" 用不了", err)
	}
	if pictures, err = restoreFiles(ctx, file, end, shelf); err != nil {
		return done, 0, err
	}
	done, err = o.store.Restore(ctx, io.NewSectionReader(file, 0, end), force)
	return done, pictures, err //nolint:wrapcheck // restoreError says what failed.
}

// restoreError says in words why nothing was restored and what to do; the cause
// stays for programs.
func restoreError(err error) error {
	text := "没有恢复：" + reason(err)
	switch {
	case errors.Is(err, storage.ErrNotEmpty):
		text = "库里已经有数据，没有恢复。确定要全部换成备份里的，请加 --force：cxbot restore --force 文件"
	case errors.Is(err, storage.ErrCounty):
		text = "这是另一个县的备份，没有恢复。请核对文件和 CXBOT_COUNTY"
	case errors.Is(err, storage.ErrBackup):
		text = "备份文件不完整或被改动过，没有恢复，现有数据没有动。请换一份备份"
	}
	return &saying{text, err}
}
