package blob

import (
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/fault"
)

func TestCheckKey(t *testing.T) {
	t.Parallel()
	good := []string{
		"a", "packages/Spaces-1/Acme.Web/1.2.3+build.4/0f.zip", "task logs/ServerTasks-1", "日本/ü", "com10", "console.txt", "nulls/x", "lpt",
		strings.Repeat("a", 200), strings.Repeat("a/", 500) + "a",
	}
	for _, key := range good {
		if err := CheckKey(key); err != nil {
			t.Errorf("%.60q: %v", key, err)
		}
	}
	bad := []string{
		"", ".", "..", "a/..", "./a", "/a", "a//b", "a/", "a.", "a ", "a./b", `a\b`, "a:b", "a?b", "a*", `a"`, "<", ">", "|", "\x7f", "a\tb", "\xff",
		"NUL", "nul", "aux.txt", "x/COM1", "lpt9.log", "COM¹", "con .txt", "CONIN$",
		strings.Repeat("a", 201), strings.Repeat("a/", 512) + "a",
	}
	for _, key := range bad {
		if err := CheckKey(key); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%.60q: %v; want a fault of kind Invalid", key, err)
		}
	}
}
