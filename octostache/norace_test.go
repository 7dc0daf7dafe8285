//go:build !race

package octostache

// many is how often hostile templates repeat things.
const many = 100_000
