package storage

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/blob"
)

// List implements blob.Store: what is in the locations of the prefix's places, each key once.
func (f *Files) List(ctx context.Context, prefix string) iter.Seq2[blob.Info, error] {
	state := f.current()
	var locations []string
	for _, p := range Places() {
		if strings.Contains(prefix, "/") && p != placeOf(prefix) {
			continue
		}
		locations = append(locations, state.route(p).read...)
	}
	slices.Sort(locations)
	sources := []iter.Seq2[blob.Info, error]{}
	for _, location := range slices.Compact(locations) {
		sources = append(sources, keep(f.shelf(location).files.List(ctx, prefix), func(key string) bool {
			return !strings.HasPrefix(key, ownPrefix) && slices.Contains(state.route(placeOf(key)).read, location)
		}))
	}
	return merge(sources)
}

// keep leaves out what is not wanted.
func keep(files iter.Seq2[blob.Info, error], wanted func(key string) bool) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		for info, err := range files {
			if err == nil && !wanted(info.Key) {
				continue
			}
			if !yield(info, err) {
				return
			}
		}
	}
}

// head is the next file of one source.
type head struct {
	info blob.Info
	next func() (blob.Info, error, bool)
}

// merge yields the files of sorted sources in the order of their keys, one of each key.
func merge(sources []iter.Seq2[blob.Info, error]) iter.Seq2[blob.Info, error] {
	if len(sources) == 1 {
		return sources[0]
	}
	return func(yield func(blob.Info, error) bool) {
		var heads []*head
		pull := func(h *head) bool { // false: the end, by an error or by the receiver
			info, err, more := h.next()
			if err != nil {
				yield(blob.Info{}, err)
				return false
			}
			if h.info = info; !more {
				heads = slices.DeleteFunc(heads, func(other *head) bool { return other == h })
			}
			return true
		}
		for _, s := range sources {
			next, stop := iter.Pull2(s)
			defer stop()
			h := &head{next: next}
			heads = append(heads, h)
			if !pull(h) {
				return
			}
		}
		for last := ""; len(heads) > 0; {
			least := slices.MinFunc(heads, func(a, b *head) int { return strings.Compare(a.info.Key, b.info.Key) })
			if key := least.info.Key; key != last {
				if last = key; !yield(least.info, nil) {
					return
				}
			}
			if !pull(least) {
				return
			}
		}
	}
}
