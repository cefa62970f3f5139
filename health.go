package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// Health answers /healthz (the process lives) and /readyz (it can take work).
type Health struct {
	// Ready looks whether the store can be reached and its answers are kept.
	Ready func(context.Context) error
	// Robot tells whether the smart robot is connected; nil where none is set. It
	// is shown, but turns nothing red: the app works without it.
	Robot func() bool
	// ClockDiffers tells whether WeCom's clock is minutes off ours; nil: never. It
	// is shown, but turns nothing red.
	ClockDiffers func() bool

	draining atomic.Bool
}

const readyTimeout = time.Second

// Drain turns readiness red, so that no new work is sent here.
func (h *Health) Drain() { h.draining.Store(true) }

// Routes adds the two paths.
func (h *Health) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if h.draining.Load() {
			answer(w, http.StatusServiceUnavailable, "stopping")
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		if err := h.Ready(ctx); err != nil {
			// The reason is logged by the store; outsiders only learn that it is red.
			answer(w, http.StatusServiceUnavailable, "store")
			return
		}
		text := "ok"
		if h.Robot != nil {
			text += fmt.Sprintf("\nrobot connected: %t", h.Robot())
		}
		if h.ClockDiffers != nil && h.ClockDiffers() {
			text += "\nclock differs from WeCom's by minutes"
		}
		answer(w, http.StatusOK, text)
	})
}

func answer(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	// The peer may be gone; there is nobody to tell.
	_, _ = io.WriteString(w, text+"\n")
}
