//go:build !linux

package storetest

import (
	"errors"
	"os"
)

func startPostgres() (string, error) {
	if server := os.Getenv("MANTLE_TEST_POSTGRES"); server != "" {
		return server, nil
	}
	return "", errors.New("set MANTLE_TEST_POSTGRES to the address of a PostgreSQL server")
}
