package octostache

func uriPart(in string, options []string) Value { return Null() }
