package registration

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
)

// Space is one space of the server, with its links.
type Space struct {
	client *Client
	doc    document
	name   string
}

// ID returns the space's ID.
func (s *Space) ID() string { return s.doc.ID }

// Name returns the space's name.
func (s *Space) Name() string { return s.name }

// Space returns the space with this name, or the default one for "". A user sees the spaces that it may enter.
func (c *Client) Space(ctx context.Context, name string) (*Space, error) {
	if _, ok := c.root.Links["Spaces"]; !ok && name != "" {
		return nil, fault.Unsupported("the server at %s has no spaces; leave --space out", c.base)
	}
	me, err := c.rootLink("CurrentUser")
	if err != nil {
		return nil, err
	}
	if _, err := c.rootLink("SpaceHome"); err != nil {
		return nil, err
	}
	var user document
	if err := c.get(ctx, me, &user); err != nil {
		return nil, err
	}
	template, ok := user.Links["Spaces"]
	if !ok {
		return nil, fmt.Errorf("the server at %s does not say which spaces user %s may enter", c.base, user.Name)
	}
	link, _ := expand(template)
	var spaces []document
	if err := c.get(ctx, link, &spaces); err != nil {
		return nil, err
	}
	chosen, err := chooseSpace(spaces, name)
	if err != nil {
		return nil, err
	}
	home, _ := c.rootLink("SpaceHome", parameter{"spaceId", chosen.ID})
	s := &Space{client: c, name: chosen.Name}
	if err := c.get(ctx, home, &s.doc); err != nil {
		return nil, err
	}
	s.doc.ID = chosen.ID
	return s, nil
}

func chooseSpace(spaces []document, name string) (document, error) {
	var known []string
	for _, s := range spaces {
		if name == "" && s.IsDefault || name != "" && strings.EqualFold(strings.TrimSpace(s.Name), name) {
			return s, nil
		}
		known = append(known, s.Name)
	}
	if name == "" {
		return document{}, fault.Invalid("no --space was given, and there is no default space that this user may enter; known spaces: %s", listOf(known))
	}
	return document{}, fault.NotFound("there is no space named %q, or this user may not enter it; known spaces: %s", name, listOf(known))
}

func listOf(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func (s *Space) link(name string, values ...parameter) (link string, declared bool, err error) {
	template, ok := s.doc.Links[name]
	if !ok {
		return "", false, fmt.Errorf("the server at %s has no link %q for the space %s", s.client.base, name, s.name)
	}
	link, declared = expand(template, values...)
	return link, declared, nil
}

// list reads a whole collection, page after page.
func list[T any](ctx context.Context, s *Space, link string) ([]T, error) {
	var all []T
	seen := map[string]bool{}
	for link != "" && !seen[link] {
		seen[link] = true
		var p page[T]
		if err := s.client.get(ctx, link, &p); err != nil {
			return nil, err
		}
		all = append(all, p.Items...)
		link = p.Links["Page.Next"]
	}
	return all, nil
}

// collection reads the whole collection behind one of the space's links.
func collection[T any](ctx context.Context, s *Space, name string, values ...parameter) ([]T, error) {
	link, declared, err := s.link(name, values...)
	if err != nil {
		return nil, err
	}
	if !declared {
		// A server that does not search gives everything; the caller looks for itself.
		link, _, _ = s.link(name)
	}
	return list[T](ctx, s, link)
}

// ServerThumbprint returns the thumbprint of the certificate that the server shows to agents.
func (c *Client) ServerThumbprint(ctx context.Context) (string, error) {
	name := "CertificateConfiguration"
	if _, ok := c.root.Links[name]; !ok {
		name = "Certificates"
	}
	link, err := c.rootLink(name, parameter{"id", "certificate-global"})
	if err != nil {
		return "", err
	}
	var certificate document
	if err := c.get(ctx, link, &certificate); err != nil {
		return "", err
	}
	if certificate.Thumbprint == "" {
		return "", fmt.Errorf("the server at %s does not say the thumbprint of its certificate", c.base)
	}
	return certificate.Thumbprint, nil
}

// fields is a JSON object whose unknown members survive a change.
type fields map[string]json.RawMessage

func (f fields) text(name string) string {
	var s string
	_ = json.Unmarshal(f[name], &s)
	return s
}

func (f fields) set(name string, value any) error {
	data, err := encode(value)
	if err != nil {
		return err
	}
	f[name] = data
	return nil
}
