//go:build race

package storetest

// Fewer returns n, or a tenth of it under the race detector, which is about ten times slower.
func Fewer(n int) int { return n / 10 }
