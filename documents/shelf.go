package documents

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// Shelf keeps files by the SHA-256 of their bytes, below a directory of its own:
// ab/abcdef…. What Keep returns is on the disk for good, with its directory
// entry, before anybody learns its name; a file is never changed afterwards.
type Shelf struct{ dir string }

// The shelf's modes: files hold what people report.
const (
	shelfDir  = 0o700
	shelfFile = 0o400
	partials  = "part" // directory of files still being written
)

// ErrNoFile says that the shelf has no file of that hash.
var ErrNoFile = errors.New("documents: no such file")

// hashPattern is the only shape in which a name becomes a path.
var hashPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// OpenShelf opens or makes a shelf and removes what a killed process left half
// written. A partial file another process is writing at that moment is lost to
// it: its Keep fails and is tried again.
func OpenShelf(dir string) (*Shelf, error) {
	s := &Shelf{dir: dir}
	part := filepath.Join(dir, partials)
	if err := os.RemoveAll(part); err != nil {
		return nil, fmt.Errorf("remove partial files: %w", err)
	}
	if err := os.MkdirAll(part, shelfDir); err != nil {
		return nil, fmt.Errorf("make the directory of files: %w", err)
	}
	return s, syncDir(dir)
}

// ViewShelf looks at a shelf another process may be writing to; it changes nothing.
func ViewShelf(dir string) *Shelf { return &Shelf{dir: dir} }

// KeptImage is a picture on the shelf.
type KeptImage struct {
	Hash string
	Kind string // KindJPEG or KindPNG
	Size int64
}

// KeepImage streams a picture onto the shelf and checks it. Errors are those of
// CheckImage, the reader's, or the disk's; nothing is left behind by any of them.
func (s *Shelf) KeepImage(ctx context.Context, r io.Reader) (KeptImage, error) {
	var kind string
	hash, size, err := s.keep(ctx, r, func(f *os.File) (err error) {
		kind, err = CheckImage(f)
		return err
	})
	return KeptImage{Hash: hash, Kind: kind, Size: size}, err
}

// Put copies a file onto the shelf whose hash is known, as out of a backup.
func (s *Shelf) Put(ctx context.Context, hash string, r io.Reader) error {
	_, _, err := s.keep(ctx, r, func(f *os.File) error {
		sum := sha256.New()
		if _, err := io.Copy(sum, f); err != nil {
			return fmt.Errorf("read the file: %w", err)
		}
		if hex.EncodeToString(sum.Sum(nil)) != hash {
			return ErrBroken
		}
		return nil
	})
	return err
}

// keep writes a partial file, has it checked from its start, and gives it its name.
func (s *Shelf) keep(ctx context.Context, r io.Reader, check func(*os.File) error) (hash string, size int64, err error) {
	f, err := os.CreateTemp(filepath.Join(s.dir, partials), "")
	if err != nil {
		return "", 0, fmt.Errorf("make a partial file: %w", err)
	}
	defer func() {
		err = errors.Join(err, ignoreClosed(f.Close()))
		if err != nil {
			_ = os.Remove(f.Name()) // it may have its name already; then there is none
		}
	}()
	sum := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, sum), io.LimitReader(&until{ctx, r}, MaxImageBytes+1))
	switch {
	case err != nil:
		return "", size, fmt.Errorf("write the file: %w", err)
	case size > MaxImageBytes:
		return "", size, ErrLarge
	}
	if _, err = f.Seek(0, io.SeekStart); err != nil {
		return "", size, fmt.Errorf("read the file: %w", err)
	}
	if err = check(f); err != nil {
		return "", size, err
	}
	hash = hex.EncodeToString(sum.Sum(nil))
	return hash, size, s.name(f, hash)
}

// name syncs a partial file, moves it to its place and syncs the directories.
func (s *Shelf) name(f *os.File, hash string) error {
	err := errors.Join(f.Chmod(shelfFile), f.Sync(), f.Close())
	if err != nil {
		return fmt.Errorf("sync the file: %w", err)
	}
	dir := filepath.Join(s.dir, hash[:2])
	if err := os.MkdirAll(dir, shelfDir); err != nil {
		return fmt.Errorf("make the directory of the file: %w", err)
	}
	if err := os.Rename(f.Name(), filepath.Join(dir, hash)); err != nil {
		return fmt.Errorf("name the file: %w", err)
	}
	return errors.Join(syncDir(dir), syncDir(s.dir))
}

// until reads while the context lives.
type until struct {
	ctx context.Context //nolint:containedctx // A reader has no other way to stop.
	r   io.Reader
}

// Read implements io.Reader.
func (u *until) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err //nolint:wrapcheck // keep wraps it.
	}
	return u.r.Read(p) //nolint:wrapcheck // io.EOF must stay as it is.
}

// syncDir makes directory entries last.
func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // The shelf's own directory.
	if err != nil {
		return fmt.Errorf("open the directory: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync the directory: %w", err)
	}
	return nil
}

// ignoreClosed leaves out that a file was closed before.
func ignoreClosed(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// Open opens a file for reading; ErrNoFile when there is none.
func (s *Shelf) Open(hash string) (*os.File, error) {
	if !hashPattern.MatchString(hash) {
		return nil, ErrNoFile
	}
	f, err := os.Open(filepath.Join(s.dir, hash[:2], hash)) //nolint:gosec // The name is 64 hexadecimal digits.
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoFile
	}
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	return f, nil
}

// Has reports whether a file is there and has the bytes its name says.
func (s *Shelf) Has(hash string) error {
	f, err := s.Open(hash)
	if err != nil {
		return err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("read the file: %w", err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != hash {
		return ErrBroken
	}
	return nil
}

// All lists the hashes on the shelf in order; a shelf that is not there is empty.
func (s *Shelf) All() ([]string, error) {
	var out []string
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed, or never there
		}
		if err == nil && d.Type().IsRegular() && hashPattern.MatchString(d.Name()) && filepath.Base(filepath.Dir(path)) == d.Name()[:2] {
			out = append(out, d.Name())
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the files: %w", err)
	}
	slices.Sort(out)
	return out, nil
}
