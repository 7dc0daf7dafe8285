//go:build emulator

package cloud_test

import (
	"os"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/blob/blobtest"
	"github.com/mantledeploy/mantle/internal/blob/cloud"
	"github.com/mantledeploy/mantle/internal/secret"
)

// The conformance suite on a service that speaks each protocol. scripts/emulators starts them and sets the variables.
func TestEmulators(t *testing.T) {
	for _, name := range []string{"S3", "AZURE", "GCS"} {
		t.Run(name, func(t *testing.T) {
			location := os.Getenv("MANTLE_TEST_" + name)
			if location == "" {
				t.Fatal("MANTLE_TEST_" + name + " is not set; run scripts/emulators")
			}
			blobtest.Run(t, func(t *testing.T) blob.Store {
				where, options, _ := strings.Cut(location, "?")
				b, err := cloud.Open(t.Context(), where+"/"+secret.NewID()+"?"+options)
				if err != nil {
					t.Fatal(err)
				}
				return b
			})
		})
	}
}
