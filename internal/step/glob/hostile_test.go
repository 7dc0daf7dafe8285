package glob

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestHostilePatterns: patterns that could go over the same directories again and again, or match in many ways, end in moments.
func TestHostilePatterns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	deep := filepath.Join(dir, strings.Repeat("a/", 40))
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(deep, strings.Repeat("b", 200)), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for pattern, want := range map[string]int{
		strings.Repeat("**/", 30) + "*": 1, strings.Repeat("**/a/", 30) + "**/*": 1, "**/" + strings.Repeat("*b", 90) + "c": 0, "**/" + strings.Repeat("*", 1<<12): 1,
		"**/" + strings.Repeat("{a,b}", 100): 0, strings.Repeat("n", 1<<20) + "*": 0, "**/" + strings.Repeat("[", 1<<12) + "*": 0,
	} {
		found, err := Find(dir, pattern)
		if err != nil && len(err.Error()) > 10_000 || err == nil && len(found) != want {
			t.Errorf("%.60q finds %d files, %.200v", pattern, len(found), err)
		}
	}
}

// FuzzPattern: every pattern ends, and finds what there is alone.
func FuzzPattern(f *testing.F) {
	for _, pattern := range []string{"**/*.txt", "a/{b,c}/[a-z]?", "[!a]", "{", "[z-a]", "*/..", "\\x", "**", "a/"} {
		f.Add(pattern)
	}
	dir := f.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "a", "b"), 0o755); err != nil {
		f.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a", "b", "c.txt"), nil, 0o600); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		if strings.Contains(pattern, "..") || filepath.IsAbs(pattern) {
			return
		}
		found, err := Find(dir, pattern)
		if err != nil {
			return
		}
		for _, file := range found {
			if !strings.EqualFold(file, filepath.Join(dir, "a", "b", "c.txt")) {
				t.Errorf("%q finds %q", pattern, file)
			}
		}
	})
}
