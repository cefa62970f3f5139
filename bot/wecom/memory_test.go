package wecom

import (
	"strconv"
	"testing"
)

func TestMemoryForgetsTheOldest(t *testing.T) {
	t.Parallel()
	m := newMemory()
	for i := range remembered + 10 {
		m.put(strconv.Itoa(i), uint64(i))
	}
	for key, want := range map[string]bool{"0": false, "9": false, "10": true, strconv.Itoa(remembered): true} {
		if _, known := m.get(key); known != want {
			t.Errorf("key %s: known %v, want %v", key, known, want)
		}
	}
	m.put("10", 77)
	if value, _ := m.get("10"); value != 77 || len(m.known) != remembered {
		t.Errorf("value %d, %d keys", value, len(m.known))
	}
	if before, known := m.meet("10", 78); !known || before != 77 {
		t.Errorf("met %d, %v", before, known)
	}
	m.forget("10")
	if before, known := m.meet("10", 78); known || before != 0 {
		t.Errorf("met a forgotten key: %d", before)
	}
}
