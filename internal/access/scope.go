package access

// Dimension is one of the four ways in which a grant can be narrowed inside a space.
type Dimension string

// The dimensions, with the wire's words.
const (
	Projects      Dimension = "Projects"
	Environments  Dimension = "Environments"
	Tenants       Dimension = "Tenants"
	ProjectGroups Dimension = "ProjectGroups"
)

// AnyID as the only ID of a dimension says that the dimension does not matter for the thing: a grant that is narrowed in
// that dimension still covers it.
const AnyID = "*"

// Scope says what an operation touches. Space is empty for what belongs to the system. An empty dimension means
// "belongs to none": only a grant that is not narrowed in this dimension covers it; []string{AnyID} means "whichever".
type Scope struct {
	Space         string
	Projects      []string
	Environments  []string
	Tenants       []string
	ProjectGroups []string
}

// In returns the IDs of one dimension.
func (s Scope) In(d Dimension) []string {
	switch d {
	case Projects:
		return s.Projects
	case Environments:
		return s.Environments
	case Tenants:
		return s.Tenants
	case ProjectGroups:
		return s.ProjectGroups
	}
	return nil
}

// Whichever returns the scope of something of the space that no dimension narrows.
func Whichever(space string) Scope {
	any := []string{AnyID}
	return Scope{Space: space, Projects: any, Environments: any, Tenants: any, ProjectGroups: any}
}
