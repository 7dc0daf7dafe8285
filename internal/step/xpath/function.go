package xpath

import (
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/step/xmltext"
)

// function is one of those that expressions may call; most is -1 for any number of arguments.
type function struct {
	least, most int
	version2    bool
	run         func(c *calling) (value, error)
}

// calling is one call of a function.
type calling struct {
	e    *evaluation
	f    focus
	args []value
}

func (c *calling) text(i int) string {
	if i < len(c.args) {
		return c.args[i].text()
	}
	return textOf(c.f.item)
}

func (c *calling) node() *xmltext.Node {
	if len(c.args) == 0 {
		return c.f.node
	}
	if len(c.args[0]) == 0 {
		return nil
	}
	n, _ := c.args[0][0].(*xmltext.Node)
	return n
}

type call struct {
	name     string
	function function
	args     []expr
}

func (c call) eval(e *evaluation, f focus) (value, error) {
	x := &calling{e: e, f: f}
	for _, a := range c.args {
		v, err := a.eval(e, f)
		if err != nil {
			return nil, err
		}
		x.args = append(x.args, v)
	}
	if err := e.spend(1); err != nil {
		return nil, err
	}
	return c.function.run(x)
}

func one(item any) (value, error) { return value{item}, nil }

func texts(least, most int, run func(args []string) any) function {
	return function{least, most, false, func(c *calling) (value, error) {
		args := make([]string, max(len(c.args), least, 1))
		for i := range args {
			args[i] = c.text(i)
		}
		return one(run(args))
	}}
}

func newer(f function) function {
	f.version2 = true
	return f
}

func numbers(run func(float64) float64) function {
	return function{1, 1, false, func(c *calling) (value, error) {
		if len(c.args[0]) == 0 && c.e.version2 {
			return nil, nil
		}
		return one(run(c.args[0].number()))
	}}
}

func names(run func(n *xmltext.Node) string) function {
	return function{0, 1, false, func(c *calling) (value, error) {
		n := c.node()
		if n == nil || n.Kind == xmltext.Document || n.Kind == xmltext.Text || n.Kind == xmltext.Comment {
			return one("")
		}
		return one(run(n))
	}}
}

// functions are all of them, by name.
func functions() map[string]function {
	all := map[string]function{
		"last":     {0, 0, false, func(c *calling) (value, error) { return one(float64(c.f.size)) }},
		"position": {0, 0, false, func(c *calling) (value, error) { return one(float64(c.f.position)) }},
		"count":    {1, 1, false, func(c *calling) (value, error) { return one(float64(len(c.args[0]))) }},
		"true":     {0, 0, false, func(*calling) (value, error) { return one(true) }},
		"false":    {0, 0, false, func(*calling) (value, error) { return one(false) }},
		"not":      {1, 1, false, func(c *calling) (value, error) { return one(!c.args[0].truth()) }},
		"boolean":  {1, 1, false, func(c *calling) (value, error) { return one(c.args[0].truth()) }},
		"string":   texts(0, 1, func(a []string) any { return a[0] }),
		"number": {0, 1, false, func(c *calling) (value, error) {
			if len(c.args) == 0 {
				return one(numberOf(c.f.item))
			}
			return one(c.args[0].number())
		}},
		"local-name":       names(func(n *xmltext.Node) string { return n.Local }),
		"name":             names((*xmltext.Node).Name),
		"namespace-uri":    names(func(n *xmltext.Node) string { return n.Space }),
		"concat":           texts(2, -1, func(a []string) any { return strings.Join(a, "") }),
		"starts-with":      texts(2, 2, func(a []string) any { return strings.HasPrefix(a[0], a[1]) }),
		"contains":         texts(2, 2, func(a []string) any { return strings.Contains(a[0], a[1]) }),
		"substring-before": texts(2, 2, func(a []string) any { return cut(a[0], a[1], true) }),
		"substring-after":  texts(2, 2, func(a []string) any { return cut(a[0], a[1], false) }),
		"string-length":    texts(0, 1, func(a []string) any { return float64(utf8.RuneCountInString(a[0])) }),
		"normalize-space":  texts(0, 1, func(a []string) any { return strings.Join(strings.Fields(a[0]), " ") }),
		"translate":        texts(3, 3, translate),
		"substring":        {2, 3, false, substring},
		"lang":             {1, 2, false, lang},
		"sum":              {1, 2, false, sum},
		"floor":            numbers(math.Floor),
		"ceiling":          numbers(math.Ceil),
		"round":            numbers(round),
	}
	for name, f := range newerFunctions() {
		all[name] = newer(f)
	}
	return all
}

func newerFunctions() map[string]function {
	return map[string]function{
		"abs":        numbers(math.Abs),
		"ends-with":  texts(2, 2, func(a []string) any { return strings.HasSuffix(a[0], a[1]) }),
		"lower-case": texts(1, 1, func(a []string) any { return strings.ToLower(a[0]) }),
		"upper-case": texts(1, 1, func(a []string) any { return strings.ToUpper(a[0]) }),
		"compare":    texts(2, 2, func(a []string) any { return float64(strings.Compare(a[0], a[1])) }),
		"matches":    {2, 3, true, matches},
		"replace":    {3, 4, true, replace},
		"tokenize":   {2, 3, true, tokenize},
		"string-join": {2, 2, true, func(c *calling) (value, error) {
			var parts []string
			for _, item := range c.args[0] {
				parts = append(parts, textOf(item))
			}
			return one(strings.Join(parts, c.text(1)))
		}},
		"exists":          {1, 1, true, func(c *calling) (value, error) { return one(len(c.args[0]) > 0) }},
		"empty":           {1, 1, true, func(c *calling) (value, error) { return one(len(c.args[0]) == 0) }},
		"distinct-values": {1, 2, true, distinct},
		"index-of":        {2, 3, true, indexOf},
		"reverse": {1, 1, true, func(c *calling) (value, error) {
			v := slices.Clone(c.args[0])
			slices.Reverse(v)
			return v, nil
		}},
		"subsequence": {2, 3, true, subsequence},
		"data": {1, 1, true, func(c *calling) (value, error) {
			var out value
			for _, item := range c.args[0] {
				if n, ok := item.(*xmltext.Node); ok {
					item = StringValue(n)
				}
				out = append(out, item)
			}
			return out, nil
		}},
		"root":        {0, 1, true, func(c *calling) (value, error) { return rootNode{}.eval(c.e, focus{node: c.node()}) }},
		"zero-or-one": {1, 1, true, func(c *calling) (value, error) { return c.args[0], nil }},
		"one-or-more": {1, 1, true, func(c *calling) (value, error) { return c.args[0], nil }},
		"exactly-one": {1, 1, true, func(c *calling) (value, error) { return c.args[0], nil }},
		"avg":         {1, 1, true, aggregate(func(v []float64) float64 { return total(v) / float64(len(v)) })},
		"max":         {1, 2, true, aggregate(slices.Max[[]float64])},
		"min":         {1, 2, true, aggregate(slices.Min[[]float64])},
		"xs:string":   texts(1, 1, func(a []string) any { return a[0] }),
		"xs:integer":  numbers(math.Trunc),
		"xs:int":      numbers(math.Trunc),
		"xs:decimal":  numbers(func(f float64) float64 { return f }),
		"xs:double":   numbers(func(f float64) float64 { return f }),
		"xs:boolean":  texts(1, 1, func(a []string) any { return a[0] == "true" || a[0] == "1" }),
	}
}

func cut(s, at string, before bool) string {
	head, tail, found := strings.Cut(s, at)
	switch {
	case !found:
		return ""
	case before:
		return head
	}
	return tail
}

func translate(a []string) any {
	from, to := []rune(a[1]), []rune(a[2])
	return strings.Map(func(r rune) rune {
		i := slices.Index(from, r)
		switch {
		case i < 0:
			return r
		case i < len(to):
			return to[i]
		}
		return -1
	}, a[0])
}

func substring(c *calling) (value, error) {
	start := round(c.args[1].number())
	end := math.Inf(1)
	if len(c.args) > 2 {
		end = start + round(c.args[2].number())
	}
	var b strings.Builder
	position := 0.0
	for _, r := range c.text(0) {
		if position++; position >= start && position < end {
			b.WriteRune(r)
		}
	}
	return one(b.String())
}

func lang(c *calling) (value, error) {
	want := strings.ToLower(c.text(0))
	for n := c.f.node; n != nil; n = n.Parent {
		if a := n.Attr("lang", xmltext.XMLSpace); a != nil {
			have := strings.ToLower(a.Value)
			return one(have == want || strings.HasPrefix(have, want+"-"))
		}
	}
	return one(false)
}

func total(v []float64) float64 {
	sum := 0.0
	for _, f := range v {
		sum += f
	}
	return sum
}

func sum(c *calling) (value, error) {
	var all []float64
	for _, item := range c.args[0] {
		all = append(all, numberOf(item))
	}
	return one(total(all))
}

func aggregate(run func([]float64) float64) func(*calling) (value, error) {
	return func(c *calling) (value, error) {
		var all []float64
		for _, item := range c.args[0] {
			all = append(all, numberOf(item))
		}
		if len(all) == 0 {
			return nil, nil
		}
		return one(run(all))
	}
}

func distinct(c *calling) (value, error) {
	seen := map[any]bool{}
	var out value
	for _, item := range c.args[0] {
		if n, ok := item.(*xmltext.Node); ok {
			item = StringValue(n)
		}
		if !seen[item] {
			seen[item] = true
			out = append(out, item)
		}
	}
	return out, nil
}

func indexOf(c *calling) (value, error) {
	var out value
	for i, item := range c.args[0] {
		if len(c.args[1]) > 0 && compare("=", item, c.args[1][0], true) {
			out = append(out, float64(i+1))
		}
	}
	return out, nil
}

func subsequence(c *calling) (value, error) {
	start, end := round(c.args[1].number()), math.Inf(1)
	if len(c.args) > 2 {
		end = start + round(c.args[2].number())
	}
	var out value
	for i, item := range c.args[0] {
		if p := float64(i + 1); p >= start && p < end {
			out = append(out, item)
		}
	}
	return out, nil
}

// expression compiles a regular expression; its engine takes time that grows with the text alone.
func expression(c *calling, flags int) (*regexp.Regexp, error) {
	prefix := ""
	if flags < len(c.args) {
		for _, f := range c.text(flags) {
			if !strings.ContainsRune("ismx", f) {
				return nil, errors.New("a flag of a regular expression is not known")
			}
			if f != 'x' {
				prefix += string(f)
			}
		}
	}
	if prefix != "" {
		prefix = "(?" + prefix + ")"
	}
	return regexp.Compile(prefix + c.text(1))
}

func matches(c *calling) (value, error) {
	re, err := expression(c, 2)
	if err != nil {
		return nil, err
	}
	return one(re.MatchString(c.text(0)))
}

func replace(c *calling) (value, error) {
	re, err := expression(c, 3)
	if err != nil {
		return nil, err
	}
	return one(re.ReplaceAllString(c.text(0), c.text(2)))
}

func tokenize(c *calling) (value, error) {
	re, err := expression(c, 2)
	if err != nil {
		return nil, err
	}
	var out value
	for _, part := range re.Split(c.text(0), -1) {
		out = append(out, part)
	}
	return out, nil
}
