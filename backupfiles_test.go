package main

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/chat"
	"cxbot/dialog"
	"cxbot/documents"
)

// keepPicture puts a picture onto a county's shelf and into somebody's draft.
func keepPicture(t *testing.T, c *county, width int) string {
	t.Helper()
	var data bytes.Buffer
	if err := png.Encode(&data, image.NewGray(image.Rect(0, 0, width, 2))); err != nil {
		t.Fatal(err)
	}
	shelf, err := documents.OpenShelf(filepath.Join(c.dir, "data", filesDir))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := shelf.KeepImage(t.Context(), bytes.NewReader(data.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	ev := chat.Event{ID: "e" + kept.Hash, From: "lcm"}
	loaded, err := c.store.Load(t.Context(), ev, trialStart())
	if err != nil {
		t.Fatal(err)
	}
	talk := loaded.Conversation
	talk.Tray = append(talk.Tray, dialog.Kept{File: dialog.File{Hash: kept.Hash, Kind: kept.Kind, Size: kept.Size}, At: trialStart()})
	err = c.store.Commit(t.Context(), bot.Outcome{
		Event: ev, View: loaded.View, At: trialStart(), Response: bot.Response{Conversation: talk, Changes: award.Changes{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return kept.Hash
}

// TestBackupHoldsThePictures restores them elsewhere, checked, and finds what is missing.
func TestBackupHoldsThePictures(t *testing.T) {
	t.Parallel()
	from, to := newCounty(t), newCounty(t)
	if code, said := from.do(t, "import", from.file(t, "p.csv", twoPeople)); code != exitOK {
		t.Fatal(said)
	}
	first, second := keepPicture(t, from, 3), keepPicture(t, from, 5)
	path := filepath.Join(from.dir, "cx.backup")
	if code, said := from.do(t, "backup", path); code != exitOK || !strings.Contains(said, "2 张图片") {
		t.Fatalf("backup: %d %q", code, said)
	}
	if code, said := to.do(t, "restore", path); code != exitOK || !strings.Contains(said, "2 张图片") {
		t.Fatalf("restore: %d %q", code, said)
	}
	shelf := documents.ViewShelf(filepath.Join(to.dir, "data", filesDir))
	for _, hash := range []string{first, second} {
		if err := shelf.Has(hash); err != nil {
			t.Errorf("%s: %v", hash, err)
		}
	}
	if _, said := to.do(t, "check"); !strings.Contains(said, "附件用到 2 张，都在") {
		t.Errorf("check: %s", said)
	}
	if err := os.Remove(filepath.Join(to.dir, "data", filesDir, first[:2], first)); err != nil {
		t.Fatal(err)
	}
	if _, said := to.do(t, "check"); !strings.Contains(said, "✗ 图片  附件用到 2 张") || !strings.Contains(said, "缺 1 张") {
		t.Errorf("check with one missing: %s", said)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(data)
	flipped[len(flipped)-9] ^= 1
	for name, bad := range map[string][]byte{"cut": data[:len(data)-5], "flipped": flipped, "more behind": append(bytes.Clone(data), 'x')} {
		other := newCounty(t)
		if code, said := other.do(t, "restore", other.file(t, "bad", string(bad))); code != exitFail || !strings.Contains(said, "不完整") {
			t.Errorf("%s: %d %q", name, code, said)
		}
		if _, known := other.store.ViewAt(t.Context()).Person("lcm"); known {
			t.Errorf("%s: the records were restored all the same", name)
		}
	}
}
