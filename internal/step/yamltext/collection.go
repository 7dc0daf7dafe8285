package yamltext

func (p *parser) blockSequence() error {
	p.skip()
	for {
		t, err := p.peek()
		if err != nil {
			return err
		}
		switch t.kind {
		case tokenBlockEntry:
			if err := p.entry(t, tokenBlockEntry, tokenBlockEnd); err != nil {
				return err
			}
		case tokenBlockEnd:
			p.emit(Event{Kind: SequenceEnd, Start: t.start, End: t.end})
			p.skip()
			return nil
		default:
			return unexpected(t, "the next entry of a list does not begin with a dash")
		}
	}
}

func (p *parser) indentlessSequence() error {
	for {
		t, err := p.peek()
		if err != nil {
			return err
		}
		if t.kind != tokenBlockEntry {
			p.emit(Event{Kind: SequenceEnd, Start: t.start, End: t.end})
			return nil
		}
		if err := p.entry(t, tokenBlockEntry, tokenKey, tokenValue, tokenBlockEnd); err != nil {
			return err
		}
	}
}

// entry reads what follows a dash; before any of the given tokens there is nothing.
func (p *parser) entry(dash token, nothing ...tokenKind) error {
	p.skip()
	return p.optional(dash.end, false, func() error { return p.node(true, false, false) }, nothing...)
}

// optional reads a value unless the next token shows that there is none.
func (p *parser) optional(at Mark, key bool, read func() error, nothing ...tokenKind) error {
	t, err := p.peek()
	if err != nil {
		return err
	}
	for _, kind := range nothing {
		if t.kind == kind {
			p.empty(at, key)
			return nil
		}
	}
	return read()
}

func (p *parser) blockMapping() error {
	p.skip()
	for {
		t, err := p.peek()
		if err != nil {
			return err
		}
		switch t.kind {
		case tokenKey:
			p.skip()
			err = p.optional(t.end, true, func() error { return p.node(true, true, true) }, tokenKey, tokenValue, tokenBlockEnd)
		case tokenValue:
			p.empty(t.end, true)
		case tokenBlockEnd:
			p.emit(Event{Kind: MappingEnd, Start: t.start, End: t.end})
			p.skip()
			return nil
		default:
			return unexpected(t, "the next key of a map is missing")
		}
		if err == nil {
			err = p.blockValue()
		}
		if err != nil {
			return err
		}
	}
}

func (p *parser) blockValue() error {
	t, err := p.peek()
	if err != nil {
		return err
	}
	if t.kind == tokenError {
		return unexpected(t, "")
	}
	if t.kind != tokenValue {
		p.empty(t.start, false)
		return nil
	}
	p.skip()
	return p.optional(t.end, false, func() error { return p.node(true, true, false) }, tokenKey, tokenValue, tokenBlockEnd)
}

func (p *parser) flowSequence() error {
	p.skip()
	for first := true; ; first = false {
		t, err := p.peek()
		if err != nil {
			return err
		}
		if !first && t.kind != tokenFlowSequenceEnd {
			if t.kind != tokenFlowEntry {
				return unexpected(t, "in a list, a comma or ] is missing")
			}
			p.skip()
			if t, err = p.peek(); err != nil {
				return err
			}
		}
		switch t.kind {
		case tokenFlowSequenceEnd:
			p.emit(Event{Kind: SequenceEnd, Start: t.start, End: t.end})
			p.skip()
			return nil
		case tokenKey:
			err = p.pair()
		default:
			err = p.node(false, false, false)
		}
		if err != nil {
			return err
		}
	}
}

// pair reads a map of one key, which needs no brackets in a list.
func (p *parser) pair() error {
	p.emit(Event{Kind: MappingStart, Start: Mark{1, 1}, End: Mark{1, 1}, Flow: true, Implicit: true})
	p.skip()
	t, err := p.peek()
	if err != nil {
		return err
	}
	err = p.optional(t.end, true, func() error { return p.node(false, false, true) }, tokenValue, tokenFlowEntry, tokenFlowSequenceEnd)
	if err != nil {
		return err
	}
	if err = p.flowValue(tokenFlowSequenceEnd); err != nil {
		return err
	}
	t, err = p.peek()
	p.emit(Event{Kind: MappingEnd, Start: t.start, End: t.end})
	return err
}

// flowValue reads what follows a key in brackets.
func (p *parser) flowValue(end tokenKind) error {
	t, err := p.peek()
	if err != nil {
		return err
	}
	if t.kind != tokenValue {
		p.empty(t.start, false)
		return nil
	}
	p.skip()
	if t, err = p.peek(); err != nil {
		return err
	}
	return p.optional(t.start, false, func() error { return p.node(false, false, false) }, tokenFlowEntry, end)
}

func (p *parser) flowMapping() error {
	p.skip()
	for first := true; ; first = false {
		t, err := p.peek()
		if err != nil {
			return err
		}
		if !first && t.kind != tokenFlowMappingEnd {
			if t.kind != tokenFlowEntry {
				return unexpected(t, "in a map, a comma or } is missing")
			}
			p.skip()
			if t, err = p.peek(); err != nil {
				return err
			}
		}
		switch t.kind {
		case tokenFlowMappingEnd:
			p.skip()
			p.emit(Event{Kind: MappingEnd, Start: t.start, End: t.end})
			return nil
		case tokenKey:
			p.skip()
			if t, err = p.peek(); err != nil {
				return err
			}
			err = p.optional(t.start, true, func() error { return p.node(false, false, true) }, tokenValue, tokenFlowEntry, tokenFlowMappingEnd)
		default:
			err = p.node(false, false, true)
		}
		if err == nil {
			err = p.flowValue(tokenFlowMappingEnd)
		}
		if err != nil {
			return err
		}
	}
}
