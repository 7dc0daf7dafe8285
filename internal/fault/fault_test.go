package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/fault"
)

func TestKindSurvivesWrapping(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("deploy: %w", fault.NotFound("project %q does not exist", "Acme"))
	if got := fault.KindOf(err); got != fault.KindNotFound {
		t.Errorf("KindOf = %v, want KindNotFound", got)
	}
	if fault.Is(errors.New("x"), fault.KindNotFound) || fault.KindOf(nil) != fault.Unexpected {
		t.Error("an error without a kind must stay unexpected")
	}
}

func TestWithAndBecauseCopy(t *testing.T) {
	t.Parallel()
	base := fault.Invalid("the project is not valid")
	cause := errors.New("driver")
	got := base.With("Name is missing").Because(cause)
	if len(base.Details) != 0 || base.Unwrap() != nil {
		t.Error("the original fault was changed")
	}
	if diff := cmp.Diff([]string{"Name is missing"}, got.Details); diff != "" {
		t.Error(diff)
	}
	if !errors.Is(got, cause) {
		t.Error("the cause is lost")
	}
	if want := `the project is not valid ["Name is missing"]`; got.Error() != want {
		t.Errorf("Error() = %q, want %q", got.Error(), want)
	}
}
