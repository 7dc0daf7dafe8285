package registration

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// Matching returns the machines of one kind that have the agent's certificate.
func (s *Space) Matching(ctx context.Context, kind Kind, thumbprint string) ([]*Registered, error) {
	link, declared, err := s.link(string(kind), parameter{"id", "all"}, parameter{"thumbprint", thumbprint})
	if err != nil {
		return nil, err
	}
	if !declared {
		return nil, fmt.Errorf("the server at %s cannot search its %ss by thumbprint", s.client.base, kind.noun())
	}
	var docs []fields
	if err := s.client.get(ctx, link, &docs); err != nil {
		return nil, err
	}
	var found []*Registered
	for _, d := range docs {
		// Deleting follows: a server that ignores the filter must not make us delete other machines.
		if r := registered(d); strings.EqualFold(r.Thumbprint, thumbprint) {
			found = append(found, r)
		}
	}
	return found, nil
}

// Delete removes a machine from the server.
func (s *Space) Delete(ctx context.Context, m *Registered) error {
	self, err := selfLink(m.doc)
	if err != nil {
		return err
	}
	return s.client.send(ctx, http.MethodPost, self, http.MethodDelete, nil, nil)
}
