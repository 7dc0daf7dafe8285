package halibut

// Service is a named set of methods. A method is a func(context.Context, A, B…)
// that returns error, or (R, error); its name is without Async.
type Service struct {
	Name    string         // IScriptServiceV2
	ClrType string         // class named in error texts; "" = Name without the leading I
	Methods map[string]any // StartScript: func(context.Context, …) (…, error)
}

// ServicesConfig is what Services is made of.
type ServicesConfig struct {
	Registry *Registry
	Services []Service
	// UnknownService makes the error for a service that is not there, for peers
	// that rely on another text than Halibut's own.
	UnknownService func(name string) error
}

// Services answers requests.
type Services struct{ cfg ServicesConfig }

// NewServices checks the methods' signatures and makes a Services.
func NewServices(cfg ServicesConfig) (*Services, error) { return &Services{cfg: cfg}, nil }

// Exception is an error with the name of a .NET type, for the details that a
// caller sees. Other errors appear as System.Exception.
type Exception struct {
	Type    string // System.IO.FileNotFoundException
	Message string
	Inner   error
}

func (e *Exception) Error() string { return e.Message }

// Unwrap returns the inner error.
func (e *Exception) Unwrap() error { return e.Inner }
