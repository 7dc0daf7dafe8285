package server

import (
	"testing"

	"github.com/mantledeploy/mantle/internal/api/apitest"
)

func TestEveryOperationSaysWhoMayCallIt(t *testing.T) {
	t.Parallel()
	apitest.CheckOperations(t, start(t).engine, anonymous())
}

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	n := start(t)
	apitest.CheckLinks(t, &apitest.Server{Server: n.web, Engine: n.engine})
}
