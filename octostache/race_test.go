//go:build race

package octostache

// many is how often hostile templates repeat things: less under the race detector, which is ten times slower.
const many = 10_000
