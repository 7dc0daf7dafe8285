// Package xdt transforms .NET configuration files: a document that looks like the configuration says, by its Transform
// and Locator attributes, what changes where (XML document transforms).
//
// locate.go decides which transforms belong to which files, by the names that a step's settings give; the rest is the
// language. A file keeps its layout but for what changes. Only internal/step/deploy imports it.
package xdt

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/textfile"
	"github.com/mantledeploy/mantle/internal/step/variables"
	"github.com/mantledeploy/mantle/internal/step/xmltext"
)

// Namespace is that of the attributes which say what to do.
const Namespace = "http://schemas.microsoft.com/XML-Document-Transform"

// The variables that steer it.
const (
	warningsAsErrors = "Octopus.Action.Package.TreatConfigTransformationWarningsAsErrors"
	ignoreErrors     = "Octopus.Action.Package.IgnoreConfigTransformationErrors"
	suppressLogging  = "Octopus.Action.Package.SuppressConfigTransformationLogging"
)

// Log is where the lines go.
type Log interface {
	Verbosef(format string, args ...any)
	Infof(format string, args ...any)
	Warnf(format string, args ...any)
	Errorf(format string, args ...any)
}

// File transforms one file by another.
func File(config, transform string, set *variables.Set, log Log) error {
	t := &transformation{config: config, transform: transform, log: log}
	if err := t.options(set); err != nil {
		return err
	}
	err := t.run()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errFailed):
		return fault.Invalid("the configuration file %s cannot be transformed by %s: see the lines before this one; the file is as it was", config, transform)
	}
	t.problem(nil, "%v", err)
	if !t.failed {
		return nil
	}
	return fault.Invalid("the configuration file %s cannot be transformed by %s: %v", config, transform, err).Because(err)
}

// errFailed is the error of a transformation that has said what is wrong.
var errFailed = errors.New("the transformation failed")

// transformation is one run.
type transformation struct {
	config, transform string
	log               Log

	quiet, warningsFail, lenient bool
	// suppressed makes warnings verbose, as one element asks for it.
	suppressed bool
	// failed is set by what makes the file's transformation fail, told by what does so even if errors are ignored.
	failed, told bool

	target   *xmltext.Node
	original map[*xmltext.Node]*attributes
}

func (t *transformation) options(set *variables.Set) (err error) {
	if t.warningsFail, err = set.Flag(warningsAsErrors, true); err != nil {
		return err
	}
	if t.lenient, err = set.Flag(ignoreErrors, false); err != nil {
		return err
	}
	if t.quiet, err = set.Flag(suppressLogging, false); err != nil {
		return err
	}
	t.warningsFail = t.warningsFail && !t.lenient
	if t.quiet {
		t.log.Verbosef("What transforms do is not told, as %s is set.", suppressLogging)
	}
	if t.lenient {
		t.log.Verbosef("Warnings of transforms are information, as %s is set.", ignoreErrors)
		t.log.Verbosef("Errors of transforms are warnings, as %s is set.", ignoreErrors)
	}
	if t.warningsFail {
		t.log.Verbosef("Warnings of transforms are errors, unless %s is False.", warningsAsErrors)
	}
	return nil
}

// message tells what is done.
func (t *transformation) message(format string, args ...any) {
	if !t.quiet {
		t.log.Verbosef(format, args...)
	}
}

// warning tells what may be wrong; a node of the transform tells where.
func (t *transformation) warning(at *xmltext.Node, format string, args ...any) {
	t.warningIn(t.transform, at, format, args...)
}

func (t *transformation) warningIn(file string, at *xmltext.Node, format string, args ...any) {
	if t.suppressed {
		t.message(format, args...)
		return
	}
	tell := t.log.Warnf
	switch {
	case t.warningsFail:
		tell, t.failed = t.log.Errorf, true
	case t.lenient:
		tell = t.log.Infof
	}
	if at != nil {
		tell("In %s, line %d, position %d:", file, at.Line, at.Column)
	}
	tell(format, args...)
}

// problem tells what is wrong.
func (t *transformation) problem(at *xmltext.Node, format string, args ...any) {
	tell := t.log.Warnf
	if !t.lenient {
		tell, t.failed = t.log.Errorf, true
	}
	if at != nil {
		tell("In %s, line %d, position %d:", t.transform, at.Line, at.Column)
	}
	tell(format, args...)
}

func (t *transformation) run() error {
	source, _, err := load(t.transform, false)
	if err != nil {
		return err
	}
	has := usesNamespace(source)
	if has {
		if err := t.preprocess(source); err != nil {
			return err
		}
	}
	target, encoding, err := load(t.config, true)
	if err != nil {
		return err
	}
	t.target, t.original = target, map[*xmltext.Node]*attributes{}
	remember(target, t.original)
	if has {
		t.loop(source, nil)
	} else {
		t.message("%s does not use the namespace %s, so it changes nothing.", t.transform, Namespace)
	}
	if t.told || t.failed {
		return errFailed
	}
	if target.Root() == nil {
		t.warning(nil, "%s has no element any more after it was transformed by %s", t.config, t.transform)
	}
	(&formatter{t: t}).run(target)
	text, err := t.write(target)
	if err != nil {
		return err
	}
	return textfile.Replace(t.config, encoding.EncodeLoosely(text))
}

// load reads a document. Its encoding is the byte order mark's, else the declared one, else UTF-8 or what its bytes can be.
func load(path string, keep bool) (*xmltext.Node, textfile.Encoding, error) {
	raw, err := textfile.Read(path)
	if err != nil {
		return nil, textfile.Encoding{}, err
	}
	if len(raw) == 0 {
		return nil, textfile.Encoding{}, fmt.Errorf("%s is empty", path)
	}
	var preferred []textfile.Encoding
	if declared, ok := textfile.DeclaredInXML(raw); ok {
		preferred = append(preferred, declared)
	}
	text, encoding, err := textfile.Decode(raw, preferred...)
	if err != nil {
		return nil, encoding, fmt.Errorf("%s: %w", path, err)
	}
	doc, err := xmltext.Parse(text, xmltext.Options{KeepSpace: keep})
	if err != nil {
		return nil, encoding, fmt.Errorf("%s: %w", path, err)
	}
	return doc, encoding, nil
}

func usesNamespace(n *xmltext.Node) bool {
	for _, a := range n.Attrs {
		if a.IsDeclaration() && a.Value == Namespace {
			return true
		}
	}
	for _, c := range n.Children {
		if usesNamespace(c) {
			return true
		}
	}
	return false
}

// preprocess looks for elements in the transforms' own namespace.
func (t *transformation) preprocess(n *xmltext.Node) error {
	for _, c := range n.Children {
		if c.Kind != xmltext.Element {
			continue
		}
		if c.Space == Namespace {
			if c.Local == "Import" {
				t.problem(c, "%s loads transforms from a program library, which is not possible here: write what it does as transforms", c.Name())
				return errors.New("the transform has an element that cannot be used")
			}
			t.warning(c, "The element %s is not known", c.Name())
		}
		if err := t.preprocess(c); err != nil {
			return err
		}
	}
	return nil
}

// loop goes through the elements of the transform.
func (t *transformation) loop(parent *xmltext.Node, within *context) {
	for _, c := range parent.Children {
		if c.Kind == xmltext.Element {
			t.element(&context{t: t, parent: within, element: c})
		}
	}
}

func (t *transformation) element(c *context) {
	name, argument, at, err := c.attribute("Transform")
	if err == nil && name != "" {
		operation, ok := operations()[name]
		if !ok {
			err = &located{at, fmt.Errorf("the transform %s is not known", name)}
		} else {
			c.transformAt, c.name, c.argument = at, name, argument
			t.execute(c, operation)
		}
	}
	if err != nil {
		t.told = true
		t.tell(err, c.element)
		return
	}
	t.loop(c.element, c)
}

// located is an error with its place in the transform.
type located struct {
	at  *xmltext.Node
	err error
}

func (l *located) Error() string { return l.err.Error() }
func (l *located) Unwrap() error { return l.err }

func (t *transformation) tell(err error, at *xmltext.Node) {
	var l *located
	if errors.As(err, &l) {
		at = l.at
	}
	t.problem(at, "%v", err)
}

func (t *transformation) execute(c *context, o operation) {
	before := t.suppressed
	defer func() { t.suppressed = before }()
	if a := c.element.Attr("SupressWarnings", Namespace); a != nil {
		t.suppressed = strings.EqualFold(strings.TrimSpace(a.Value), "true")
	}
	c.arguments = split(c.argument)
	started, err := t.attempt(c, o)
	if err != nil {
		t.told = true
		t.tell(err, c.transformAt)
	}
	switch {
	case !started:
		t.message("%s (line %d, position %d) is not done", c.name, c.transformAt.Line, c.transformAt.Column)
	case err != nil:
		t.message("%s has failed", c.name)
	default:
		t.message("%s is done", c.name)
	}
}

func (t *transformation) attempt(c *context, o operation) (started bool, err error) {
	ready, err := c.hasTargets(o)
	if err != nil || !ready {
		return false, err
	}
	path, err := c.path()
	if err != nil {
		return false, err
	}
	t.message("%s (line %d, position %d)", c.name, c.transformAt.Line, c.transformAt.Column)
	t.message("on %s", path)
	targets, err := c.targets(o.parent)
	if err != nil {
		return true, err
	}
	if !o.all {
		targets = targets[:1]
	}
	for _, n := range targets {
		t.message("at %s (line %d, position %d)", n.Name(), n.Line, n.Column)
		err := o.run(&application{context: c, target: n})
		switch {
		case err == nil:
		case !o.all:
			return true, err
		default:
			t.told = true
			t.problem(nil, "%v", err)
		}
	}
	return true, nil
}
