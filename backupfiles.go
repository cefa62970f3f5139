package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"cxbot/documents"
	"cxbot/storage"
)

// A backup with pictures goes on behind the records' trailer: a line with their
// number, then for each a line with its hash and size and its bytes. A backup
// without pictures ends with the trailer, as before there were any.

// filesHead is the first line of that part.
type filesHead struct {
	Files int `json:"files"`
}

// fileHead stands before the bytes of one picture.
type fileHead struct {
	File string `json:"file"`
	Size int64  `json:"size"`
}

// backupFiles writes every picture on the shelf. The records were read before, so
// every picture they name is there: none is ever removed.
func backupFiles(w io.Writer, shelf *documents.Shelf) (n int, err error) {
	hashes, err := shelf.All()
	if err != nil || len(hashes) == 0 {
		return 0, err //nolint:wrapcheck // The caller's writeNew says what failed.
	}
	enc := json.NewEncoder(w)
	if err := enc.Encode(filesHead{len(hashes)}); err != nil {
		return 0, fmt.Errorf("write the pictures: %w", err)
	}
	for _, hash := range hashes {
		if err := backupFile(w, enc, shelf, hash); err != nil {
			return 0, fmt.Errorf("write picture %s: %w", hash, err)
		}
	}
	return len(hashes), nil
}

func backupFile(w io.Writer, enc *json.Encoder, shelf *documents.Shelf, hash string) (err error) {
	f, err := shelf.Open(hash)
	if err != nil {
		return err //nolint:wrapcheck // As above.
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err //nolint:wrapcheck // As above.
	}
	if err := enc.Encode(fileHead{hash, info.Size()}); err != nil {
		return err //nolint:wrapcheck // As above.
	}
	_, err = io.Copy(w, f)
	return err //nolint:wrapcheck // As above.
}

// recordsEnd is where in a backup the records end and the pictures begin.
func recordsEnd(r io.Reader) (int64, error) {
	const buffer = 1 << 20
	in := bufio.NewReaderSize(r, buffer)
	var at int64
	for begins := true; ; {
		part, err := in.ReadSlice('\n')
		at += int64(len(part))
		whole := err == nil
		if whole && begins && bytes.HasPrefix(part, []byte(`{"end":`)) {
			return at, nil
		}
		begins = whole
		switch {
		case whole, errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return at, nil // cut off: the records' own check says so
		default:
			return 0, fmt.Errorf("read the backup: %w", err)
		}
	}
}

// restoreFiles puts the pictures of a backup onto the shelf, each checked by its
// hash. It comes before the records that name them; what is there already stays.
func restoreFiles(ctx context.Context, file *os.File, from int64, shelf *documents.Shelf) (n int, err error) {
	if _, err := file.Seek(from, io.SeekStart); err != nil {
		return 0, fmt.Errorf("read the backup: %w", err)
	}
	in := bufio.NewReader(file)
	if _, err := in.Peek(1); errors.Is(err, io.EOF) {
		return 0, nil
	}
	var head filesHead
	if err := readHead(in, &head); err != nil {
		return 0, err
	}
	for n < head.Files {
		var one fileHead
		if err := readHead(in, &one); err != nil {
			return n, err
		}
		if err := shelf.Put(ctx, one.File, io.LimitReader(in, one.Size)); err != nil {
			return n, fmt.Errorf("%w: picture %d: %w", storage.ErrBackup, n+1, err)
		}
		n++
	}
	if _, err := in.Peek(1); !errors.Is(err, io.EOF) {
		return n, fmt.Errorf("%w: something behind the pictures", storage.ErrBackup)
	}
	return n, nil
}

func readHead(in *bufio.Reader, into any) error {
	line, err := in.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, into)
	}
	if err != nil {
		return fmt.Errorf("%w: pictures: %w", storage.ErrBackup, err)
	}
	return nil
}

// missingFiles lists the pictures that records name and the shelf does not have,
// or has with other bytes.
func missingFiles(ctx context.Context, store *storage.Store, shelf *documents.Shelf) (named int, missing []string, err error) {
	hashes, err := store.FileHashes(ctx)
	if err != nil {
		return 0, nil, err //nolint:wrapcheck // The caller says what it was doing.
	}
	for _, hash := range hashes {
		if shelf.Has(hash) != nil {
			missing = append(missing, hash)
		}
	}
	return len(hashes), missing, nil
}

// files looks whether every picture that was reported is there.
func (d *doctor) files(ctx context.Context, o *opened) {
	dir := shelfDir(o.config)
	kept := documents.ViewShelf(dir)
	all, err := kept.All()
	if err != nil {
		d.badf("图片", "目录 %s 读不了：%s", dir, err)
		return
	}
	named, missing, err := missingFiles(ctx, o.store, kept)
	if err != nil {
		d.badf("图片", "读不到：%s", redactText(err.Error()))
		return
	}
	if n, err := o.store.Downloads(ctx); err == nil && n > 0 {
		d.notef("图片", "有 %d 张正在从企业微信取", n)
	}
	if len(missing) > 0 {
		d.badf("图片", "附件用到 %d 张，%s 里缺 %d 张或内容不对，请从备份恢复（如 %s）", named, dir, len(missing), missing[0][:16])
		return
	}
	d.goodf("图片", "附件用到 %d 张，都在（%s 里共 %d 张）", named, dir, len(all))
}
