package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/mantledeploy/mantle/internal/config"
)

// serve runs one node.
func serve(_ context.Context, _ config.Config, _ *slog.Logger) error {
	return errors.New("this build has no server yet")
}
