package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// room is one line of the import table of ARCHITECTURE.md.
type room struct {
	own  []string // rooms of this module it may import
	libs []string // third-party modules it may import, by prefix
	pure bool     // knows no clock, network, disk or randomness
}

// rooms is the import table: what non-test files of a room may import.
var rooms = map[string]room{
	"chat":                {pure: true},
	"award":               {pure: true},
	"dialog":              {own: []string{"chat"}, pure: true},
	"handlers":            {own: []string{"chat", "award", "dialog"}, pure: true},
	"talk":                {own: []string{"chat"}, pure: true},
	"scheduler":           {own: []string{"chat", "award"}, libs: []string{"github.com/robfig/cron/v3"}},
	"documents":           {own: []string{"award"}, libs: []string{"golang.org/x/text", "github.com/xuri/excelize/v2"}},
	"bot":                 {own: []string{"chat", "award", "dialog"}},
	"bot/wecom":           {own: []string{"chat", "bot"}, libs: []string{"github.com/silenceper/wechat/v2", "golang.org/x/sync", "github.com/coder/websocket"}},
	"simulator":           {own: []string{"talk"}, libs: []string{"github.com/coder/websocket"}},
	"storage":             {own: []string{"chat", "award", "dialog", "bot"}, libs: []string{"github.com/redis/go-redis/v9"}},
	"storage/storagetest": {own: []string{"storage", "dialog", "bot", "award", "chat"}, libs: []string{"github.com/redis/go-redis/v9", "github.com/alicebob/miniredis/v2"}},
}

// impurePackages may not be imported by pure rooms.
var impurePackages = []string{"net", "os", "log", "sync", "context", "crypto/rand", "math/rand", "io/ioutil", "syscall", "reflect"}

// impureTime are the parts of package time that read or wait for the clock.
var impureTime = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

const module = "cxbot"

// TestImportTable parses every non-test file in this process (so that the test
// cache notices a change) and holds it against the table.
func TestImportTable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && file != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "data") {
			return filepath.SkipDir
		}
		if !d.IsDir() && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			dir := path.Clean(filepath.ToSlash(filepath.Dir(file)))
			seen[dir] = true
			checkFile(t, dir, file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir := range rooms {
		if !seen[dir] {
			t.Errorf("room %s of the table has no code", dir)
		}
	}
}

func checkFile(t *testing.T, dir, file string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Error(err)
		return
	}
	if dir == "." || strings.HasPrefix(dir, "bench") {
		return // main, its siblings and the benchmark may import all
	}
	rule, known := rooms[dir]
	if !known {
		t.Errorf("%s: room %s is not in the import table", file, dir)
		return
	}
	// The reminders and their filter are pure although their room has the clock.
	if dir == "scheduler" && filepath.Base(file) != "clock.go" {
		rule.pure = true
	}
	clock := "time" // how this file calls package time
	for _, spec := range parsed.Imports {
		if spec.Name != nil && spec.Path.Value == `"time"` {
			clock = spec.Name.Name
		}
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Error(err)
			continue
		}
		checkImport(t, file, name, rule)
	}
	if rule.pure {
		checkTime(t, file, clock, parsed)
	}
}

func checkImport(t *testing.T, file, name string, rule room) {
	t.Helper()
	if own, ok := strings.CutPrefix(name, module+"/"); ok {
		if !slices.Contains(rule.own, own) {
			t.Errorf("%s imports %s; the import table does not allow it", file, name)
		}
		return
	}
	first, _, _ := strings.Cut(name, "/")
	if strings.Contains(first, ".") {
		allowed := slices.ContainsFunc(rule.libs, func(lib string) bool { return name == lib || strings.HasPrefix(name, lib+"/") })
		if !allowed {
			t.Errorf("%s imports %s; the import table does not allow it", file, name)
		}
		return
	}
	impure := slices.ContainsFunc(impurePackages, func(p string) bool { return name == p || strings.HasPrefix(name, p+"/") })
	if rule.pure && impure {
		t.Errorf("%s imports %s; pure rooms may not", file, name)
	}
}

func checkTime(t *testing.T, file, clock string, parsed *ast.File) {
	t.Helper()
	ast.Inspect(parsed, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Name == clock && slices.Contains(impureTime, sel.Sel.Name) {
			t.Errorf("%s uses time.%s; pure rooms get the moment as an argument", file, sel.Sel.Name)
		}
		return true
	})
}
