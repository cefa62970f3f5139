package handlers

import "embed"

// Talks holds every scripted conversation; the demo and the wire tests play the
// same files.
//
//go:embed testdata/*.talk testdata/files
var Talks embed.FS
