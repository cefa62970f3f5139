package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"cxbot/simulator"
)

// Parts of the state that may differ between two runs of the same talk: which
// ids WeCom gave its messages, and what the outbox remembers of its work.
var (
	eventID   = regexp.MustCompile(`app\|[\w-]+\|[\w-]+\|(\d{6,}|[0-9a-f]{64})|(?:\d+:)?robot\|[\w-]+\|\w+`)
	digest    = regexp.MustCompile(`"sha256":"[0-9a-f]{64}"`)
	timestamp = regexp.MustCompile(`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|\+08:00)`)
	hourOf    = regexp.MustCompile(`([日）] ?)\d{1,2}:\d{2}`)
	millis    = regexp.MustCompile(`1[7-9]\d{8}(\d{3})?`)
)

// withoutHours leaves out the times of day that people read.
func withoutHours(text string) string { return hourOf.ReplaceAllString(text, "$1‹hour›") }

// workings are the outbox's own notes; what is queued and what failed is state.
func workings(key string) bool {
	_, rest, in := strings.Cut(key, "}:out:")
	return in && rest != "msgs" && rest != "failed" || strings.Contains(key, "}:seen:") || strings.HasSuffix(key, "}:slot:reminders")
}

// dump writes everything stored down, key by key, without what may differ. With
// loose, times are left out as well, for runs in which waiting took a while.
func dump(t testing.TB, client *redis.Client, loose bool) map[string]string {
	t.Helper()
	out := map[string]string{}
	for key, value := range dumpAll(t, client) {
		if workings(key) {
			continue
		}
		value = eventID.ReplaceAllString(value, "‹event›")
		value = digest.ReplaceAllString(value, "‹digest›")
		if loose {
			value = millis.ReplaceAllString(timestamp.ReplaceAllString(value, "‹time›"), "‹time›")
			value = withoutHours(value)
		}
		if strings.HasSuffix(key, "}:out:msgs") {
			value = withoutSerials(value)
		}
		out[key] = value
	}
	return out
}

// queuedID is the number under which a message is queued: merged replies leave gaps.
var queuedID = regexp.MustCompile(`(?m)^[0-9a-f]+ = `)

// withoutSerials leaves the numbers of queued messages out.
func withoutSerials(value string) string {
	lines := strings.Split(queuedID.ReplaceAllString(value, ""), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// dumpAll writes every key down as it is.
func dumpAll(t testing.TB, client *redis.Client) map[string]string {
	t.Helper()
	ctx := context.Background()
	keys, err := client.Keys(ctx, "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, key := range keys {
		value, err := dumpKey(ctx, client, key)
		if err != nil {
			t.Fatal(key, err)
		}
		out[key] = value
	}
	return out
}

func dumpKey(ctx context.Context, client *redis.Client, key string) (string, error) {
	kind, err := client.Type(ctx, key).Result()
	if err != nil {
		return "", err
	}
	switch kind {
	case "string":
		return client.Get(ctx, key).Result()
	case "list":
		list, err := client.LRange(ctx, key, 0, -1).Result()
		return strings.Join(list, "\n"), err
	case "set":
		set, err := client.SMembers(ctx, key).Result()
		slices.Sort(set)
		return strings.Join(set, "\n"), err
	case "hash":
		hash, err := client.HGetAll(ctx, key).Result()
		var lines []string
		for field, value := range hash {
			lines = append(lines, field+" = "+value)
		}
		slices.Sort(lines)
		return strings.Join(lines, "\n"), err
	case "zset":
		set, err := client.ZRangeWithScores(ctx, key, 0, -1).Result()
		var lines []string
		for _, z := range set {
			lines = append(lines, fmt.Sprintf("%v %.0f", z.Member, z.Score))
		}
		return strings.Join(lines, "\n"), err
	}
	return "", fmt.Errorf("type %s", kind) //nolint:err113 // A failed test.
}

// differences lists the keys in which two states differ, with both values.
func differences(want, got map[string]string) []string {
	var out []string
	for key, value := range want {
		if got[key] != value {
			out = append(out, fmt.Sprintf("%s\n  want %s\n  got  %s", key, value, got[key]))
		}
	}
	for key, value := range got {
		if _, there := want[key]; !there {
			out = append(out, fmt.Sprintf("%s\n  want nothing\n  got  %s", key, value))
		}
	}
	slices.Sort(out)
	return out
}

// screens is what every person and group has seen of the bot, oldest first.
func screens(sim *simulator.Sim, loose bool) map[string][]string {
	out := map[string][]string{}
	for _, e := range sim.Shown() {
		line := string(e.Kind) + " " + e.Text
		if e.Card != nil {
			for _, b := range e.Card.Buttons {
				line += " [" + b.Label + "]"
			}
			line += " " + e.Card.Replaced
		}
		if loose {
			line = withoutHours(line)
		}
		out[e.Name] = append(out[e.Name], line)
	}
	return out
}
