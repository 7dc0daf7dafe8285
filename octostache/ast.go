package octostache

// token is one piece of a template: *textToken, *printToken, *ifToken,
// *eachToken or *calcToken.
type token interface {
	// print appends the normal form.
	print(b *printer)
	// arguments collects the names used.
	arguments(a *arguments)
}

// textToken is literal text, escapes already undone.
type textToken struct{ text string }

// printToken is `#{expression}`.
type printToken struct{ expr expression }

// ifToken is an if with its elseif clauses, or an unless (negated, one branch).
type ifToken struct {
	branches  []branch
	otherwise []token
	negated   bool
}

type branch struct {
	cond condition
	body []token
}

// condition compares left with right or with text, or asks whether left is truthy.
type condition struct {
	left  expression
	op    string // "", "==" or "!="
	right expression
	text  string // compared when right is nil
}

type eachToken struct {
	name       string
	collection *symbol
	body       []token
}

type calcToken struct{ sum calcChain }

// calcChain is operands of one precedence, taken from left to right.
type calcChain struct {
	first calcOperand
	rest  []calcStep
}

type calcStep struct {
	op      byte
	operand calcOperand
}

// calcOperand is exactly one of a chain, a number (both others nil), a symbol.
type calcOperand struct {
	chain  *calcChain
	symbol *symbol
	number float64
}

// expression is *symbol or *call.
type expression interface {
	print(b *printer)
	arguments(a *arguments)
}

// symbol is a path of names and indexes. at is its offset in its template: the
// same symbol at another place is not a recursion yet.
type symbol struct {
	steps []step
	at    int
	// dynamic is set when some index is itself a symbol.
	dynamic bool
}

type step struct {
	text string
	// key is text folded, for looking it up.
	key string
	// index is set for `[text]`, unset for `.text`.
	index bool
	// by is the symbol of `[#{symbol}]`, else nil.
	by *symbol
}

// call is `argument | filter options | …`; argument may be nil.
type call struct {
	argument *symbol
	filters  []filterUse
}

type filterUse struct {
	name    string
	options []token
}
