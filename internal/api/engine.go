package api

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// Config says what an Engine works with.
type Config struct {
	DB      *store.DB
	Keyring *secret.Keyring
	Logger  *slog.Logger
	// BasePath is the virtual directory under which clients see the server, "/octopus", or nothing.
	BasePath string
	// NodeName goes out with every answer as Octopus-Node.
	NodeName string
	// InstallationID is a UUID, made once for an installation.
	InstallationID string
	// Version is the product version that clients compare, "2026.2.1000".
	Version string
	// TrustedProxies are the addresses from which X-Forwarded-For and X-Forwarded-Proto are believed.
	TrustedProxies []netip.Prefix
	// MaxJSON bounds a JSON body in bytes. 0: 4 MB.
	MaxJSON int64
}

// Engine serves the registered operations.
type Engine struct {
	Config
	directory  *access.Directory
	matcher    *chi.Mux
	routes     map[string]*Operation
	operations []*Operation
	links      []rootLink
	resources  []Entry
	started    time.Time
	uses       keyUses
	packers    sync.Pool // of *gzip.Writer
	stopping   chan struct{}
	stop       sync.Once
}

// Found is a document that a search found.
type Found struct {
	ID   string `json:"Id"`
	Name string
	Type string
}

// Entry is what the registry tells about one resource.
type Entry struct {
	// Path is the collection's path below the API or the space; ItemType and DocumentType are as in Resource.
	Path, ItemType, DocumentType string
	Where                        Where
	// Search returns the documents of the call's space whose names contain the text, at most so many, as far as the caller may
	// see them; nothing for a resource without names.
	Search func(c *Call, tx *store.Tx, text string, most int) ([]Found, error)
	// Count tells how many documents there are.
	Count func(tx *store.Tx) (int, error)
	empty func(tx *store.Tx, spaceID string) error
}

// New returns an engine with nothing registered.
func New(cfg Config) *Engine {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.MaxJSON == 0 {
		cfg.MaxJSON = 4 << 20
	}
	cfg.BasePath = strings.TrimSuffix(cfg.BasePath, "/")
	return &Engine{
		Config: cfg, directory: access.NewDirectory(), matcher: chi.NewMux(), routes: map[string]*Operation{},
		started: time.Now(), stopping: make(chan struct{}),
	}
}

// Operations returns what was registered, in order.
func (e *Engine) Operations() []*Operation { return e.operations }

// Resources returns the registered resources, in order.
func (e *Engine) Resources() []Entry { return e.resources }

// Started returns when the engine was made.
func (e *Engine) Started() time.Time { return e.started }

// Directory returns where principals are loaded from.
func (e *Engine) Directory() *access.Directory { return e.directory }

// Stopping is closed when the node is about to stop: streams end then, and their clients connect to another node.
func (e *Engine) Stopping() <-chan struct{} { return e.stopping }

// Stop closes Stopping. Requests go on to be served.
func (e *Engine) Stop() { e.stop.Do(func() { close(e.stopping) }) }

// Link returns a link as clients get it: a path that begins with "/api" or any other "/" under the virtual directory. "{s}"
// at its beginning stands for the space with the ID.
func (e *Engine) Link(path, spaceID string) string {
	if rest, ok := strings.CutPrefix(path, "{s?}"); ok {
		path = "/api" + rest
		if spaceID != "" {
			path = "{s}" + rest
		}
	}
	if rest, ok := strings.CutPrefix(path, "{s}"); ok {
		path = "/api/" + spaceID + rest
	}
	return e.BasePath + path
}

// ServeHTTP answers one request.
func (e *Engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := &writer{ResponseWriter: w, engine: e, request: r}
	c := &Call{Engine: e, Request: r, Writer: out, RequestID: secret.NewID()}
	out.Header().Set("Octopus-Node", e.NodeName)
	out.Header().Set("X-Request-Id", c.RequestID)
	out.Header().Set("Cache-Control", "no-store")
	out.Header().Set("X-Content-Type-Options", "nosniff")
	e.answer(c)
	out.finish()
}

// answer panics when it has to break off.
func (e *Engine) answer(c *Call) {
	defer e.recover(c)
	if err := e.serve(c); err != nil {
		e.fail(c, err)
	}
}

func (e *Engine) serve(c *Call) error {
	override(c.Request)
	if err := checkText(c.Request); err != nil {
		return err
	}
	op, params, err := e.match(c.Request)
	if err != nil {
		return err
	}
	c.Operation, c.params = op, params
	if err := c.identify(); err != nil {
		return err
	}
	if err := c.authorize(); err != nil {
		return err
	}
	return op.Handler(c)
}

// checkText refuses an address with bytes that are no text, which a database does not take either.
func checkText(r *http.Request) error {
	query, err := url.QueryUnescape(r.URL.RawQuery)
	if err == nil && isText(r.URL.Path) && isText(query) {
		return nil
	}
	return fault.Invalid("the address holds bytes that are not text (UTF-8 without zero bytes); correct it")
}

func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// override carries out X-HTTP-Method-Override, which clients send behind proxies that know GET and POST alone.
func override(r *http.Request) {
	if r.Method != http.MethodPost {
		return
	}
	switch method := strings.ToUpper(r.Header.Get("X-HTTP-Method-Override")); method {
	case http.MethodPut, http.MethodDelete:
		r.Method = method
	}
}

// authorize refuses whoever could not be allowed by any grant. What a grant is narrowed to is checked where the document
// is known.
func (c *Call) authorize() error {
	op := c.Operation
	if op.Anonymous {
		return nil
	}
	if c.Principal.Anonymous() {
		return errStranger()
	}
	if op.SignedIn != "" {
		if op.Where == InSpace && !op.OpenSpace && !c.Principal.Enters(c.SpaceID()) {
			return fault.Forbidden("you may not enter the default space; ask an administrator for a role in it, or name the space that you mean")
		}
		return nil
	}
	if c.Space == nil && op.Where == InBoth {
		if c.Principal.HoldsAnywhere(op.Permission) {
			return nil
		}
	} else if c.Principal.Holds(op.Permission, c.SpaceID()) {
		return nil
	}
	return c.missing(op.Permission)
}

func (c *Call) missing(permission access.Permission) error {
	where := "the system"
	switch {
	case c.Space != nil && c.Principal.Enters(c.Space.ID):
		where = "the space \"" + c.Space.Name + "\""
	case c.Space != nil: // its name is not for who has no business in it
		where = "the default space"
	}
	return fault.Forbidden("you have no permission for this: %s is needed in %s; ask an administrator for a role that grants it", permission, where)
}

// Reserved reports whether a slug of a space would hide behind a word of the API's paths.
func (e *Engine) Reserved(slug string) bool {
	for _, op := range e.operations {
		first, _, _ := strings.Cut(op.Path, "/")
		if strings.EqualFold(first, slug) {
			return true
		}
	}
	return false
}

// EmptySpace removes every document of the registered collections that belongs to the space.
func (e *Engine) EmptySpace(tx *store.Tx, spaceID string) error {
	for _, r := range e.resources {
		if err := r.empty(tx, spaceID); err != nil {
			return err
		}
	}
	return nil
}
