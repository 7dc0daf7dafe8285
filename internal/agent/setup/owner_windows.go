package setup

// giveTo does nothing: access is inherited from the directory.
func giveTo(string, ...string) error { return nil }
