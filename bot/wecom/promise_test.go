package wecom

import (
	"fmt"
	"os"
	"testing"
)

// TestP03DifferentEventsInOneSecond: no two different events of one member in the
// same second share an id, messages by their MsgId, events by all they say.
func TestP03DifferentEventsInOneSecond(t *testing.T) {
	t.Parallel()
	pairs := 2_000
	if os.Getenv("CXBOT_TEST_SIZE") == "full" {
		pairs = 10_000
	}
	decoded := func(inner string) string {
		var doc document
		got, err := sampleDecoder().decode(&doc, []byte(inner), noon())
		if err != nil {
			t.Fatal(err)
		}
		return got.event.ID
	}
	seen := map[string]bool{}
	swallowed := 0
	for n := range pairs {
		for _, inner := range []string{
			text("a", fmt.Sprint(n+1), "同样的话"),
			event("template_card_event", fmt.Sprintf("<EventKey>k%d</EventKey>", n)),
		} {
			id := decoded(inner)
			if seen[id] || id != decoded(inner) { // A repeat must keep its id.
				swallowed++
			}
			seen[id] = true
		}
	}
	t.Logf("P3: %d pairs of different events in the same second, swallowed %d", pairs, swallowed)
	if swallowed > 0 {
		t.Error("the promise is broken")
	}
}
