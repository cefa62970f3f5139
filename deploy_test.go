package main

import (
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/caarlos0/env/v11"
)

// text reads a file of the repository.
func text(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// settings lists the names of every setting.
func settings(t *testing.T) []string {
	t.Helper()
	params, err := env.GetFieldParamsWithOptions(&Config{}, env.Options{Prefix: envPrefix})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range params {
		if p.Key != "" && p.Key != envPrefix {
			names = append(names, p.Key)
		}
	}
	if len(names) < 20 {
		t.Fatalf("only %v", names)
	}
	return names
}

// TestWhatOperatorsReadIsTrue: every setting named in the guides and the files for
// deployment exists, and every setting stands in the README's table.
func TestWhatOperatorsReadIsTrue(t *testing.T) {
	t.Parallel()
	known := settings(t)
	name := regexp.MustCompile(`CXBOT_[A-Z_]*[A-Z]`)
	for _, file := range []string{"README.md", "docs/operator.md", "docs/user.md", "deploy/cxbot.service", "Dockerfile", "compose.yaml"} {
		for _, found := range name.FindAllString(text(t, file), -1) {
			if !slices.Contains(known, found) && !strings.HasPrefix(found, "CXBOT_TEST_") {
				t.Errorf("%s names %s, which is no setting", file, found)
			}
		}
	}
	readme := text(t, "README.md")
	for _, setting := range known {
		if !strings.Contains(readme, "`"+setting+"`") {
			t.Errorf("README.md does not explain %s", setting)
		}
	}
	for _, s := range subs() {
		if !strings.Contains(readme, "| `"+s.name) && !strings.Contains(readme, "/ `"+s.name) {
			t.Errorf("README.md does not list the command %s", s.name)
		}
	}
}

// command names used in files must be sub-commands, and their flags must exist.
var commandUse = regexp.MustCompile("(?:\\./cxbot|/opt/cxbot/cxbot|/opt/cxbot/cx|go run \\.|cxbot cxbot|exec cxbot cxbot)((?: +[a-z-]+)?)((?: +--[a-z-]+)*)")

// TestCommandsInGuidesExist takes every command out of the guides.
func TestCommandsInGuidesExist(t *testing.T) {
	t.Parallel()
	c := newCounty(t)
	names := map[string]bool{"help": true}
	for _, s := range subs() {
		names[s.name] = true
	}
	seen := 0
	for _, file := range []string{"README.md", "docs/operator.md", "deploy/cxbot.service"} {
		for _, use := range commandUse.FindAllStringSubmatch(text(t, file), -1) {
			name := strings.TrimSpace(use[1])
			if name == "" {
				continue
			}
			seen++
			if !names[name] {
				t.Errorf("%s uses the command %q", file, name)
				continue
			}
			_, help := c.do(t, name, "-h")
			for _, flag := range strings.Fields(use[2]) {
				if !strings.Contains(help, flag) {
					t.Errorf("%s uses %s of %s; there is only: %s", file, flag, name, help)
				}
			}
		}
	}
	if seen < 15 {
		t.Errorf("only %d commands found", seen)
	}
}

// TestUnit holds the unit against what the program needs, and lets systemd read it
// where there is one.
func TestUnit(t *testing.T) {
	t.Parallel()
	unit := text(t, "deploy/cxbot.service")
	guide := text(t, "docs/operator.md")
	for _, line := range []string{"ExecStart=/opt/cxbot/cxbot serve", "KillMode=mixed", "UMask=0077", "EnvironmentFile=/etc/cxbot.env", "StateDirectory=cxbot", "User=cxbot"} {
		if !strings.Contains(unit, "\n"+line+"\n") {
			t.Errorf("the unit lacks %s", line)
		}
	}
	for _, path := range []string{"/opt/cxbot/cxbot", "/etc/cxbot.env", "/var/lib/cxbot", "deploy/cxbot.service"} {
		if !strings.Contains(guide, path) {
			t.Errorf("the guide does not speak of %s", path)
		}
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("no systemd-analyze here: the unit is not read by systemd")
		return
	}
	// The program is not installed where the unit says.
	copied := filepath.Join(t.TempDir(), "cxbot.service")
	if err := os.WriteFile(copied, []byte(strings.Replace(unit, "/opt/cxbot/cxbot", "/bin/true", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), analyze, "verify", copied).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// TestContainers: what cannot be built here is at least true to the code.
func TestContainers(t *testing.T) {
	t.Parallel()
	docker, compose := text(t, "Dockerfile"), text(t, "compose.yaml")
	module := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(text(t, "go.mod"))
	builder := regexp.MustCompile(`FROM golang:(\S+)-alpine`).FindStringSubmatch(docker)
	if module == nil || builder == nil || version.Lang("go"+module[1]) != "go"+builder[1] {
		t.Errorf("go.mod wants %v, the Dockerfile builds with %v", module, builder)
	}
	for _, want := range []string{`ENTRYPOINT ["cxbot"]`, `CMD ["serve"]`, "/readyz", "STOPSIGNAL SIGTERM", "USER cxbot", "CGO_ENABLED=0"} {
		if !strings.Contains(docker, want) {
			t.Errorf("the Dockerfile lacks %s", want)
		}
	}
	for _, want := range []string{`"--appendonly", "yes"`, `"--appendfsync", "always"`, `"--maxmemory-policy", "noeviction"`, "redis-data:/data", "cxbot-data:/data", "127.0.0.1:8080:8080", "CXBOT_REDIS_URL: redis://redis:6379/0"} {
		if !strings.Contains(compose, want) {
			t.Errorf("compose.yaml lacks %s", want)
		}
	}
	if strings.Contains(compose, "\t") || strings.Contains(compose, `"6379`) {
		t.Error("compose.yaml has a tab, or Redis is open to the machine")
	}
	// The environment the containers set is one serve accepts.
	environ := goodEnviron()
	for _, set := range regexp.MustCompile(`(?m)^\s+(CXBOT_[A-Z_]+): (\S+)$`).FindAllStringSubmatch(compose, -1) {
		environ = with(environ, set[1]+"="+set[2])
	}
	for _, set := range regexp.MustCompile(`(CXBOT_[A-Z_]+)=(\S+)`).FindAllStringSubmatch(docker, -1) {
		environ = with(environ, set[1]+"="+set[2])
	}
	if _, err := loadConfig(environ, true); err != nil {
		t.Error(err)
	}
}
