package halibut

import (
	"errors"
	"io"
	"os"
)

// quiet drops the errors with which a connection ends in the ordinary way while
// nothing is under way on it: the peer left, was silent too long, or we stop.
func quiet(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, errStopping) ||
		errors.Is(err, errEnded) || isReset(err) {
		return nil
	}
	return err
}
