package main

import (
	"context"
	"io"
)

func runQueries(ctx context.Context, topics int, out io.Writer) error { return nil }
