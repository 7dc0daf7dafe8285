package feed

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/versioning"
)

// maxFileName is the longest name of a package's file: with what targets add, it must fit their file systems.
const maxFileName = 200

// Extensions are the endings of package files, in their usual case.
func Extensions() []string {
	return []string{".tar.gz", ".tar.bz2", ".tar.bz", ".tar.Z", ".zip", ".nupkg", ".tgz", ".tbz", ".tar", ".jar", ".war", ".ear", ".rar", ".whl"}
}

// FileName is what the name of a package's file tells.
type FileName struct {
	PackageID string
	Version   versioning.SemVer
	// Extension begins with a dot.
	Extension string
}

// String gives the file's name.
func (f FileName) String() string { return f.PackageID + "." + f.Version.String() + f.Extension }

// namePattern is an ID, as short as possible, a dot, and a version of one to four numbers with labels and metadata.
func namePattern() *regexp.Regexp {
	return regexp.MustCompile(`^([\p{L}\p{N}_]+(?:[_.-][\p{L}\p{N}_]+)*?)\.(\p{Nd}+(?:\.\p{Nd}+){0,3}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)$`)
}

// ParseFileName reads the name of a package's file: Acme.Web.1.0.0.zip is version 1.0.0 of Acme.Web. Folders before it are cut off.
func ParseFileName(name string) (FileName, error) {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	switch {
	case name == "" || name == "." || name == "/":
		return FileName{}, fault.Invalid("the package has no file name; send it as multipart/form-data with a file name such as Acme.Web.1.0.0.zip")
	case len(name) > maxFileName:
		return FileName{}, fault.Invalid("the package's file name %.60q… has %d bytes; at most %d are allowed", name, len(name), maxFileName)
	}
	rest, extension := splitExtension(name)
	if extension == "" {
		return FileName{}, fault.Invalid("the file %q is not a package: its name must end in one of %s", name, strings.Join(Extensions(), ", "))
	}
	id, version, err := SplitName(rest)
	if err != nil {
		return FileName{}, fault.Invalid("the file name %q has no version: it must be the package's ID, a dot and a semantic version, such as Acme.Web.1.0.0%s", name, extension).Because(err)
	}
	return FileName{PackageID: id, Version: version, Extension: extension}, nil
}

func splitExtension(name string) (rest, extension string) {
	lower := strings.ToLower(name)
	i := slices.IndexFunc(Extensions(), func(e string) bool { return strings.HasSuffix(lower, strings.ToLower(e)) })
	if i < 0 {
		return name, ""
	}
	at := len(name) - len(Extensions()[i])
	return name[:at], name[at:]
}

// SplitName splits "Acme.Web.1.0.0" into the ID and the version.
func SplitName(name string) (id string, version versioning.SemVer, err error) {
	m := namePattern().FindStringSubmatch(name)
	if m == nil {
		return "", versioning.SemVer{}, fault.Invalid("%q is not a package's ID, a dot and a version", name)
	}
	version, err = versioning.ParseSemVer(m[2])
	if err != nil {
		return "", versioning.SemVer{}, fault.Invalid("%q has no version that can be read: %v", name, err)
	}
	return m[1], version, nil
}
