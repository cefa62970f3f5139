package handlers

import "embed"

// Talks holds every scripted conversation; the demo and the wire tests play the
// same files.
//
//go:embed testdata/*.talk
var Talks embed.FS
