package ocl

// endsInHeredoc says whether the text of a value ends with a tag, behind which
// nothing may stand on its line.
func endsInHeredoc(v Value) bool {
	switch v := v.(type) {
	case Heredoc:
		return true
	case String:
		for _, r := range v {
			if r == '\n' {
				return true
			}
		}
	}
	return false
}
