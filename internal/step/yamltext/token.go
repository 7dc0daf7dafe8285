package yamltext

import "strings"

type tokenKind uint8

const (
	tokenNone tokenKind = iota
	tokenStreamEnd
	tokenVersion
	tokenTagDirective
	tokenDocumentStart
	tokenDocumentEnd
	tokenBlockSequenceStart
	tokenBlockMappingStart
	tokenBlockEnd
	tokenFlowSequenceStart
	tokenFlowSequenceEnd
	tokenFlowMappingStart
	tokenFlowMappingEnd
	tokenBlockEntry
	tokenFlowEntry
	tokenKey
	tokenValue
	tokenAlias
	tokenAnchor
	tokenTag
	tokenScalar
	tokenComment
	tokenError
)

type token struct {
	kind       tokenKind
	start, end Mark
	// text is a name, a scalar, a comment, a tag's suffix, or what is wrong.
	text   string
	handle string
	style  Style
	inline bool
}

// simpleKey is a place where a key without a question mark may have begun.
type simpleKey struct {
	possible, required bool
	number             int
	index              int
	mark               Mark
}

// scanner makes tokens of a text. The parser asks for one at a time, as it is told apart by what was taken before
// whether a comment is behind something.
type scanner struct {
	text         []rune
	pos          int
	line, offset int // the line from 1, the characters before pos on it

	tokens []token
	// taken counts the tokens that the parser has taken.
	taken    int
	previous token
	ended    bool

	indent  int
	indents []int
	keys    []simpleKey
	flow    int

	keyAllowed        bool
	scalarBeforeNote  bool // a plain scalar at the root was ended by a comment
	flowScalarFetched bool
	flowFetched       bool
	flowStartFetched  bool
	lastAnchor        Mark
	haveAnchor        bool
}

func newScanner(text string) *scanner {
	return &scanner{text: []rune(text), line: 1, indent: -1, keyAllowed: true, keys: make([]simpleKey, 1)}
}

func (s *scanner) mark() Mark { return Mark{s.line, s.offset + 1} }

func (s *scanner) peek(n int) rune {
	if s.pos+n < len(s.text) {
		return s.text[s.pos+n]
	}
	return 0
}

func (s *scanner) over() bool { return s.pos >= len(s.text) }

func (s *scanner) is(n int, set string) bool {
	c := s.peek(n)
	return c != 0 && strings.ContainsRune(set, c)
}

func isBreak(c rune) bool { return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029 }

func isBlank(c rune) bool { return c == ' ' || c == '\t' }

func isBlankBreakOrEnd(c rune) bool { return c == 0 || isBlank(c) || isBreak(c) }

func isWord(c rune) bool {
	return c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func (s *scanner) skip() {
	s.pos++
	s.offset++
}

// take reads one character.
func (s *scanner) take() rune {
	c := s.peek(0)
	s.skip()
	return c
}

func (s *scanner) skipLine() {
	switch c := s.peek(0); {
	case c == '\r' && s.peek(1) == '\n':
		s.pos += 2
	case isBreak(c):
		s.pos++
	default:
		return
	}
	s.line++
	s.offset = 0
}

// takeLine reads a line's end; 0 is the end of the text.
func (s *scanner) takeLine() rune {
	c := s.peek(0)
	if c == '\r' || c == 0x85 {
		c = '\n'
	}
	s.skipLine()
	return c
}

func (s *scanner) fail(at Mark, reason string) error { return &Error{at, reason} }

// wrong puts a mistake among the tokens, for the parser to find where it matters.
func (s *scanner) wrong(at Mark, reason string) {
	s.tokens = append(s.tokens, token{kind: tokenError, start: at, end: at, text: reason})
}

func (s *scanner) add(kind tokenKind, start Mark) {
	s.tokens = append(s.tokens, token{kind: kind, start: start, end: s.mark()})
}

func (s *scanner) insert(number int, t token) {
	at := min(max(number-s.taken, 0), len(s.tokens))
	s.tokens = append(s.tokens, token{})
	copy(s.tokens[at+1:], s.tokens[at:])
	s.tokens[at] = t
}

// consumed says that the parser has taken the token that next gave.
func (s *scanner) consumed(t token) {
	s.taken++
	s.previous = t
}

// next gives the next token. It scans on while that one may still turn out to be a key.
func (s *scanner) next() (token, error) {
	for !s.ended && (len(s.tokens) == 0 || s.undecided()) {
		if err := s.fetch(); err != nil {
			return token{}, err
		}
	}
	if len(s.tokens) == 0 {
		return token{kind: tokenStreamEnd, start: s.mark(), end: s.mark()}, nil
	}
	t := s.tokens[0]
	s.tokens = s.tokens[1:]
	return t, nil
}

func (s *scanner) undecided() bool {
	for i := range s.keys {
		if s.keys[i].possible && s.keys[i].number == s.taken {
			return true
		}
	}
	return false
}
