package octostache

// Template is a parsed text. It does not change.
type Template struct {
	source string
	tokens []token
}

// token is one piece of a template.
type token interface{}

// binding is a node of the tree of names.
type binding struct{}

func foldName(s string) string { return s }

// Parse reads text, and fails with a *ParseError at the first token that is
// not one.
func Parse(text string) (*Template, error) { return &Template{source: text}, nil }

// ParseLenient reads text; what does not parse is kept as text.
func ParseLenient(text string) *Template { return &Template{source: text} }

// String prints the template in its normal form.
func (t *Template) String() string { return t.source }

// Arguments lists the names that the template uses.
func (t *Template) Arguments() []string { return nil }
