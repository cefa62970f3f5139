package documents_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"cxbot/documents"
)

// paths lists everything below a directory that is not a directory.
func paths(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func openShelf(t *testing.T) (*documents.Shelf, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	shelf, err := documents.OpenShelf(dir)
	if err != nil {
		t.Fatal(err)
	}
	return shelf, dir
}

func TestShelfKeepsOnce(t *testing.T) {
	t.Parallel()
	shelf, dir := openShelf(t)
	data := asJPEG(t, noisy(30, 30), 80)
	first, err := shelf.KeepImage(t.Context(), bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	again, err := shelf.KeepImage(t.Context(), bytes.NewReader(data))
	if err != nil || again != first || first.Kind != documents.KindJPEG || first.Size != int64(len(data)) {
		t.Errorf("kept %+v, then %+v, %v", first, again, err)
	}
	all := paths(t, dir)
	if len(all) != 1 || filepath.Base(filepath.Dir(all[0])) != first.Hash[:2] || filepath.Base(all[0]) != first.Hash {
		t.Errorf("on the disk: %v", all)
	}
	f, err := shelf.Open(first.Hash)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil || !bytes.Equal(got, data) {
		t.Error("not stored as sent", err)
	}
	listed, err := shelf.All()
	if err != nil || len(listed) != 1 || listed[0] != first.Hash || shelf.Has(first.Hash) != nil {
		t.Error(listed, err, shelf.Has(first.Hash))
	}
}

// failing is a download that breaks off.
type failing struct{ left []byte }

var errLine = errors.New("the line broke")

func (f *failing) Read(p []byte) (int, error) {
	if len(f.left) == 0 {
		return 0, errLine
	}
	n := copy(p, f.left)
	f.left = f.left[n:]
	return n, nil
}

func TestShelfLeavesNothing(t *testing.T) {
	t.Parallel()
	shelf, dir := openShelf(t)
	data := asJPEG(t, noisy(30, 30), 80)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context //nolint:containedctx // A case of the table.
		r    io.Reader
		want error
	}{
		"broken line":  {t.Context(), &failing{data[:100]}, errLine},
		"damaged":      {t.Context(), bytes.NewReader(data[:100]), documents.ErrBroken},
		"endless":      {t.Context(), endless{}, documents.ErrLarge},
		"html":         {t.Context(), bytes.NewReader([]byte("<html></html>")), documents.ErrOther},
		"nothing":      {t.Context(), bytes.NewReader(nil), documents.ErrEmpty},
		"process ends": {ended, bytes.NewReader(data), context.Canceled},
	} {
		if _, err := shelf.KeepImage(c.ctx, c.r); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if err := shelf.Put(t.Context(), "00", bytes.NewReader(data)); !errors.Is(err, documents.ErrBroken) {
		t.Errorf("put under a foreign name: %v", err)
	}
	if left := paths(t, dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestShelfRemovesPartialFiles(t *testing.T) {
	t.Parallel()
	shelf, dir := openShelf(t)
	kept, err := shelf.KeepImage(t.Context(), bytes.NewReader(asPNG(t, noisy(4, 4))))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "part", "123"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := documents.OpenShelf(dir)
	if err != nil {
		t.Fatal(err)
	}
	if left := paths(t, dir); len(left) != 1 || again.Has(kept.Hash) != nil {
		t.Errorf("after the next start: %v", left)
	}
}

func TestShelfNames(t *testing.T) {
	t.Parallel()
	shelf, dir := openShelf(t)
	for _, name := range []string{"", "..", "../../etc/passwd", "part/x", string(make([]byte, 64)), "ABCDEF"} {
		if _, err := shelf.Open(name); !errors.Is(err, documents.ErrNoFile) {
			t.Errorf("%q: %v", name, err)
		}
	}
	data := asPNG(t, noisy(4, 4))
	kept, err := shelf.KeepImage(t.Context(), bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, kept.Hash[:2], kept.Hash)
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data[:20], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := shelf.Has(kept.Hash); !errors.Is(err, documents.ErrBroken) {
		t.Errorf("a changed file: %v", err)
	}
	if all, err := documents.ViewShelf(filepath.Join(dir, "none")).All(); err != nil || len(all) > 0 {
		t.Error(all, err)
	}
}
