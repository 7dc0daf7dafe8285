package xpath

import (
	"strconv"
	"strings"
)

// maxDepth is how deep an expression may be nested.
const maxDepth = 200

type parser struct {
	text   string
	tokens []token
	pos    int
	depth  int
	config Config
	// variables are those that for, some and every declare.
	variables []string
}

func (p *parser) peek() token { return p.tokens[p.pos] }

func (p *parser) ahead(n int) token { return p.tokens[min(p.pos+n, len(p.tokens)-1)] }

func (p *parser) next() token {
	t := p.peek()
	if t.kind != tokenEnd {
		p.pos++
	}
	return t
}

func (p *parser) fail(reason string) error { return &Error{p.text, p.peek().at, reason} }

func (p *parser) isSign(sign string) bool { return p.peek().kind == tokenSign && p.peek().text == sign }

func (p *parser) isWord(word string) bool { return p.peek().kind == tokenName && p.peek().text == word }

func (p *parser) take(sign string) bool {
	if !p.isSign(sign) {
		return false
	}
	p.pos++
	return true
}

func (p *parser) need(sign string) error {
	if !p.take(sign) {
		return p.fail(sign + " is missing")
	}
	return nil
}

// sequence reads expressions with commas between them.
func (p *parser) sequence() (expr, error) {
	e, err := p.single()
	if err != nil || !p.config.Version2 || !p.isSign(",") {
		return e, err
	}
	all := list{e}
	for p.take(",") {
		if e, err = p.single(); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

func (p *parser) single() (expr, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail("it is nested too deep")
	}
	defer func() { p.depth-- }()
	if p.config.Version2 && p.peek().kind == tokenName {
		switch after := p.ahead(1); {
		case after.kind == tokenVariable && (p.isWord("for") || p.isWord("some") || p.isWord("every")):
			return p.loop()
		case p.isWord("if") && after.kind == tokenSign && after.text == "(":
			return p.condition()
		}
	}
	return p.binary(0)
}

func (p *parser) loop() (expr, error) {
	word := p.next().text
	outer := len(p.variables)
	defer func() { p.variables = p.variables[:outer] }()
	var l loop
	l.word = word
	for {
		t := p.next()
		if t.kind != tokenVariable || !p.isWord("in") {
			return nil, p.fail(word + " needs a variable and in")
		}
		p.pos++
		in, err := p.single()
		if err != nil {
			return nil, err
		}
		l.names, l.in = append(l.names, t.text), append(l.in, in)
		p.variables = append(p.variables, t.text)
		if !p.take(",") {
			break
		}
	}
	end := "satisfies"
	if word == "for" {
		end = "return"
	}
	if !p.isWord(end) {
		return nil, p.fail(end + " is missing")
	}
	p.pos++
	body, err := p.single()
	l.body = body
	return l, err
}

func (p *parser) condition() (expr, error) {
	p.pos += 2
	test, err := p.sequence()
	if err == nil {
		err = p.need(")")
	}
	if err != nil {
		return nil, err
	}
	if !p.isWord("then") {
		return nil, p.fail("then is missing")
	}
	p.pos++
	yes, err := p.single()
	if err != nil {
		return nil, err
	}
	if !p.isWord("else") {
		return nil, p.fail("else is missing")
	}
	p.pos++
	no, err := p.single()
	return condition{test, yes, no}, err
}

// levels are the binary operators, the loosest first. Those after the bar are of XPath 2.0.
func levels() [][2]string {
	return [][2]string{
		{" or ", ""}, {" and ", ""}, {" = != ", " eq ne is << >> lt le gt ge < <= > >= "}, {" < <= > >= ", ""}, {"", " to "},
		{" + - ", ""}, {" * div mod ", " idiv "}, {" | ", " union "}, {"", " intersect except "},
	}
}

func (p *parser) binary(level int) (expr, error) {
	all := levels()
	if level == len(all) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	for err == nil {
		op := p.operator(all[level])
		if op == "" {
			return left, nil
		}
		p.pos++
		var right expr
		if right, err = p.binary(level + 1); err == nil {
			left = newBinary(op, left, right, p.config.Version2)
		}
	}
	return nil, err
}

func (p *parser) operator(level [2]string) string {
	t := p.peek()
	if t.kind != tokenSign && t.kind != tokenName || strings.Contains(t.text, " ") {
		return ""
	}
	if strings.Contains(level[0], " "+t.text+" ") || p.config.Version2 && strings.Contains(level[1], " "+t.text+" ") {
		return t.text
	}
	return ""
}

func (p *parser) unary() (expr, error) {
	negative, signs := false, 0
	for p.isSign("-") || p.isSign("+") && p.config.Version2 {
		negative = negative != p.isSign("-")
		signs++
		p.pos++
	}
	e, err := p.path()
	if err != nil || signs == 0 {
		return e, err
	}
	return sign{e, negative}, nil
}

// path reads steps with slashes between them.
func (p *parser) path() (expr, error) {
	var e expr
	switch {
	case p.take("//"):
		e = step{from: rootNode{}, axis: axisDescendantOrSelf, test: test{kind: testNode}}
	case p.take("/"):
		e = rootNode{}
		if !p.startsStep() {
			return e, nil
		}
	default:
		first, err := p.step(nil)
		if err != nil {
			return nil, err
		}
		return p.steps(first)
	}
	e, err := p.step(e)
	if err != nil {
		return nil, err
	}
	return p.steps(e)
}

func (p *parser) steps(e expr) (expr, error) {
	for {
		switch {
		case p.take("//"):
			e = step{from: e, axis: axisDescendantOrSelf, test: test{kind: testNode}}
		case p.take("/"):
		default:
			return e, nil
		}
		var err error
		if e, err = p.step(e); err != nil {
			return nil, err
		}
	}
}

func (p *parser) startsStep() bool {
	t := p.peek()
	switch t.kind {
	case tokenEnd:
		return false
	case tokenSign:
		return t.text == "@" || t.text == "." || t.text == ".." || t.text == "*" || t.text == "(" && p.config.Version2
	case tokenName:
		return true
	}
	return p.config.Version2
}

func (p *parser) predicates(e expr, reverse bool) (expr, error) {
	for p.take("[") {
		condition, err := p.sequence()
		if err == nil {
			err = p.need("]")
		}
		if err != nil {
			return nil, err
		}
		e = filter{e, condition, reverse}
	}
	return e, nil
}

// step reads one step from the nodes of an expression; nil is the focus.
func (p *parser) step(from expr) (expr, error) {
	t := p.peek()
	if p.startsPrimary(t) {
		if from != nil && !p.config.Version2 {
			return nil, p.fail("a step must be a name")
		}
		e, err := p.primary()
		if err == nil {
			e, err = p.predicates(e, false)
		}
		if err != nil || from == nil {
			return e, err
		}
		return mapped{from, e}, nil
	}
	if p.take(".") {
		e, err := p.predicates(itself{}, false)
		if err != nil || from == nil {
			return e, err
		}
		return mapped{from, e}, nil
	}
	s := step{axis: axisChild}
	var err error
	switch {
	case p.take(".."):
		s.axis, s.test = axisParent, test{kind: testNode}
	case p.take("@"):
		s.axis = axisAttribute
		s.test, err = p.nodeTest(true)
	case t.kind == tokenName && p.ahead(1).kind == tokenSign && p.ahead(1).text == "::":
		axis, ok := axes()[t.text]
		if !ok {
			return nil, p.fail("the axis " + t.text + " is not known")
		}
		s.axis = axis
		p.pos += 2
		s.test, err = p.nodeTest(axis == axisAttribute)
	default:
		if s.test, err = p.nodeTest(false); s.test.kind == testAttribute {
			s.axis = axisAttribute
		}
	}
	if err != nil {
		return nil, err
	}
	// The predicates of a step count within each node that it starts from.
	inner, err := p.predicates(s, s.axis.reverse())
	if err != nil || from == nil {
		return inner, err
	}
	if plain, ok := inner.(step); ok {
		plain.from = from
		return plain, nil
	}
	return mapped{from, inner}, nil
}

func (p *parser) startsPrimary(t token) bool {
	switch t.kind {
	case tokenNumber, tokenString, tokenVariable:
		return true
	case tokenSign:
		return t.text == "("
	case tokenName:
		after := p.ahead(1)
		return after.kind == tokenSign && after.text == "(" && !isNodeType(t.text)
	}
	return false
}

func isNodeType(name string) bool {
	switch name {
	case "node", "text", "comment", "processing-instruction", "element", "attribute", "document-node", "item", "if", "schema-element":
		return true
	}
	return false
}

func (p *parser) primary() (expr, error) {
	t := p.next()
	switch t.kind {
	case tokenNumber:
		f, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return nil, p.fail("a number is too large")
		}
		return constant{f}, nil
	case tokenString:
		return constant{t.text}, nil
	case tokenVariable:
		for i := len(p.variables) - 1; i >= 0; i-- {
			if p.variables[i] == t.text {
				return variable(t.text), nil
			}
		}
		return nil, p.fail("the variable $" + t.text + " is not declared")
	case tokenName:
		p.pos--
		return p.call()
	}
	if p.config.Version2 && p.take(")") {
		return list{}, nil
	}
	e, err := p.sequence()
	if err == nil {
		err = p.need(")")
	}
	return list{e}, err
}

func (p *parser) call() (expr, error) {
	name := strings.TrimPrefix(p.next().text, "fn:")
	f, ok := functions()[name]
	if !ok || f.version2 && !p.config.Version2 {
		return nil, p.fail("the function " + name + " is not known")
	}
	p.pos++
	c := call{name: name, function: f}
	for !p.take(")") {
		if len(c.args) > 0 {
			if err := p.need(","); err != nil {
				return nil, err
			}
		}
		arg, err := p.single()
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, arg)
	}
	if len(c.args) < f.least || f.most >= 0 && len(c.args) > f.most {
		return nil, p.fail("the function " + name + " has too many arguments, or too few")
	}
	return c, nil
}

func (p *parser) nodeTest(attribute bool) (test, error) {
	if p.take("*") {
		return test{kind: testName, anySpace: true, local: "*"}, nil
	}
	t := p.peek()
	if t.kind != tokenName {
		return test{}, p.fail("a name is missing")
	}
	p.pos++
	if p.isSign("(") && isNodeType(t.text) {
		return p.kindTest(t.text)
	}
	prefix, local, found := strings.Cut(t.text, ":")
	if !found {
		space := ""
		if !attribute {
			space = p.config.Spaces[""]
		}
		return test{kind: testName, local: t.text, space: space}, nil
	}
	if prefix == "*" {
		if !p.config.Version2 {
			return test{}, p.fail("a prefix is missing")
		}
		return test{kind: testName, anySpace: true, local: local}, nil
	}
	space, ok := p.config.Spaces[prefix]
	if prefix == "xml" {
		space, ok = "http://www.w3.org/XML/1998/namespace", true
	}
	if !ok {
		p.pos--
		return test{}, p.fail("the prefix " + prefix + " is not declared")
	}
	return test{kind: testName, local: local, space: space}, nil
}

func (p *parser) kindTest(name string) (test, error) {
	p.pos++
	kinds := map[string]testKind{
		"node": testNode, "text": testText, "comment": testComment, "processing-instruction": testInstruction,
		"element": testElement, "attribute": testAttribute, "document-node": testDocument, "item": testNode,
	}
	kind, ok := kinds[name]
	if !ok || kind >= testElement && !p.config.Version2 {
		return test{}, p.fail(name + " is not known")
	}
	result := test{kind: kind}
	if t := p.peek(); t.kind == tokenString || t.kind == tokenName {
		if kind != testInstruction && kind != testElement && kind != testAttribute {
			return test{}, p.fail(name + " takes nothing")
		}
		result.local = t.text
		p.pos++
	} else if p.take("*") && kind < testElement {
		return test{}, p.fail(name + " takes nothing")
	}
	return result, p.need(")")
}
