package storage

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// fileHash finds hashes of files in records, whatever their form.
var fileHash = regexp.MustCompile(`(?:^|[^0-9a-f])([0-9a-f]{64})(?:$|[^0-9a-f])`)

// FileHashes lists the hashes of all files that topics, drafts and trays name, in
// order. It reads every one of these records and is for operators, not for turns.
func (s *Store) FileHashes(ctx context.Context) ([]string, error) {
	found := map[string]bool{}
	for _, prefix := range []string{s.keys.topic(""), s.keys.conversation("")} {
		keys, err := s.scan(ctx, prefix)
		if err != nil {
			return nil, err
		}
		for some := range slices.Chunk(keys, chunk) {
			values, err := s.client.MGet(ctx, some...).Result()
			if err != nil {
				return nil, fmt.Errorf("storage: files: %w", err)
			}
			for _, v := range values {
				text, _ := v.(string)
				for _, m := range fileHash.FindAllStringSubmatch(text, -1) {
					found[m[1]] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}
