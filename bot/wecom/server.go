package wecom

import (
	"net/http"
	"path"
	"strings"
	"time"
)

// NewServer makes the HTTP server for handler (the callback and whatever else
// main mounts) with the limits that keep slow or greedy clients harmless.
// Paths that are not written plainly (//, .., %2e) get 404 before any router
// can redirect them. A handler of uploads may lengthen its own deadline with
// http.ResponseController.
func NewServer(addr string, handler http.Handler) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           plainPaths(handler),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       2 * time.Minute,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
}

// plainPaths refuses paths another layer might read differently.
func plainPaths(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw := r.URL.EscapedPath()
		clean := path.Clean("/" + r.URL.Path)
		if strings.HasSuffix(r.URL.Path, "/") && clean != "/" {
			clean += "/"
		}
		hidden := strings.Contains(raw, "%2e") || strings.Contains(raw, "%2E") ||
			strings.Contains(raw, "%2f") || strings.Contains(raw, "%2F")
		if clean != r.URL.Path || hidden {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		next.ServeHTTP(w, r)
	})
}
