package octostache

func (e *evaluation) nowDate(in Value, options []string, utc bool) (Value, error) { return Null(), nil }

func uriPart(in string, options []string) Value { return Null() }
