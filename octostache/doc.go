// Package octostache is the variable substitution language of deployment
// templates: `#{Name}`, indexers, filters, `if`, `unless`, `each` and `calc`.
//
// It is for programs that hold a set of named values and want to print text
// in which those values are referenced, and for programs that read such text
// and want to know which names it uses. It is not a store of variables: it
// knows nothing of scopes, of precedence between them, or of secrets. Any
// program may import it; it imports only public libraries.
//
// # Values and templates
//
// [Variables] is an ordered dictionary whose names ignore case. The value of
// a variable is itself a template, and is evaluated each time it is
// referenced:
//
//	vs := octostache.New(octostache.Config{})
//	vs.Set("Host", "db1")
//	vs.Set("Url", "tcp://#{Host}:5432")
//	text, err := vs.Evaluate("connect to #{Url | ToUpper}")
//
// # Errors
//
// There are two families. After a soft error the returned text is usable: a
// [ParseError] returns the template as it was, a [MissingError] returns the
// text with the tokens that had no value left in place. [Soft] tells them
// apart from the others, which leave no text: [RecursionError], [LimitError],
// [FilterError], [ValueError], [NameError].
//
// # Bounds
//
// Parsing is linear in the length of the template. Evaluation is bounded by
// [Limits]: nesting, size of what is printed, number of steps, and time spent
// in regular expressions. A hostile value ends in a [LimitError], never in
// a stack overflow or in an endless run.
//
// # Invariants
//
// A [Template] never changes after [Parse] and may be shared between
// goroutines. A [Cache] may be shared as well. A [Variables] may be read by
// several goroutines as long as none of them sets a value.
package octostache
