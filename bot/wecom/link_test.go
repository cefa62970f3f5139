package wecom

import "testing"

// TestMaskKeepsWords: a secret never shows, and a short one does not eat the
// letters of ordinary words.
func TestMaskKeepsWords(t *testing.T) {
	t.Parallel()
	mask := masker([]string{"s", "", "4Kx_long+secret"})
	for text, want := range map[string]string{
		"dial tcp 127.0.0.1:1: connect: connection refused": "dial tcp 127.0.0.1:1: connect: connection refused",
		"?corpid=ww1&corpsecret=s":                          "?corpid=ww1&corpsecret=***",
		"corpsecret=s&x=s":                                  "corpsecret=***&x=***",
		"got 4Kx_long+secret here":                          "got *** here",
		"in4Kx_long%2Bsecretside":                           "in***side",
	} {
		if got := mask(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
