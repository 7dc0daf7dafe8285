package octodiff_test

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/mantledeploy/mantle/octodiff"
)

func Example() {
	basis := strings.Repeat("a line of the old package\n", 1000)
	file := strings.Replace(basis, "old", "new", 1)

	var sig, delta, out bytes.Buffer
	// Where the basis is:
	_ = octodiff.WriteSignature(&sig, strings.NewReader(basis), octodiff.SignatureOptions{})
	// Where the new file is:
	s, _ := octodiff.ReadSignature(&sig)
	_ = octodiff.WriteDelta(&delta, s, strings.NewReader(file), int64(len(file)))
	small := delta.Len() < len(file)/5
	// Where the basis is:
	err := octodiff.Patch(&out, strings.NewReader(basis), int64(len(basis)), &delta, 1<<20)

	fmt.Println(small, err, out.String() == file)
	// Output: true <nil> true
}
