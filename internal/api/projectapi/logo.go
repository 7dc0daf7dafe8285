package projectapi

import (
	"fmt"
	"html"
	"net/http"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
)

const defaultColor = "#4a6785"

func (s *Sets) registerLogo(e *api.Engine) {
	e.Handle(api.Operation{Method: http.MethodGet, Path: "projects/{id}/logo", Where: api.InSpace, Permission: access.ProjectView, Summary: "A picture that stands for a project", Handler: s.logo})
}

func (s *Sets) logo(c *api.Call) error {
	var text string
	err := c.Read(func(tx *store.Tx) error {
		p, err := s.Projects.Load(c, tx, c.Param("id"))
		if err == nil {
			text = picture(p)
		}
		return err
	})
	if err != nil {
		return err
	}
	c.Writer.Header().Set("Content-Type", "image/svg+xml")
	// A picture is never a page: whatever it held, it would run nothing.
	c.Writer.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	c.Writer.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, err = c.Writer.Write([]byte(text))
	return err
}

// picture is the first letter of the project's name on its color.
func picture(p *project.Project) string {
	letter, _ := utf8.DecodeRuneInString(p.Name)
	color := defaultColor
	if p.Icon != nil && p.Icon.Color != "" {
		color = p.Icon.Color
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><rect width="96" height="96" rx="12" fill="%s"/>`+
		`<text x="48" y="66" font-family="sans-serif" font-size="52" fill="#fff" text-anchor="middle">%s</text></svg>`,
		html.EscapeString(color), html.EscapeString(string(unicode.ToUpper(letter))))
}
