package versioning

import "strings"

// MavenID names an artifact: group:artifact, with a packaging and a classifier if it has them.
// In full coordinates the version stands after the artifact.
type MavenID struct {
	Group, Artifact, Version, Packaging, Classifier string
}

// ParseMavenID reads group:artifact[:packaging[:classifier]], as the ID of a package in a feed,
// for a version, which may be empty.
func ParseMavenID(text, version string) (MavenID, error) {
	if err := checkLength("Maven ID", text); err != nil {
		return MavenID{}, err
	}
	parts, err := mavenIDParts(text, 2, 4)
	if err != nil {
		return MavenID{}, err
	}
	return MavenID{Group: parts[0], Artifact: parts[1], Version: version, Packaging: parts[2], Classifier: parts[3]}, nil
}

// ParseMavenCoordinates reads group:artifact:version[:packaging[:classifier]].
func ParseMavenCoordinates(text string) (MavenID, error) {
	if err := checkLength("Maven ID", text); err != nil {
		return MavenID{}, err
	}
	parts, err := mavenIDParts(text, 3, 5)
	if err != nil {
		return MavenID{}, err
	}
	return MavenID{Group: parts[0], Artifact: parts[1], Version: parts[2], Packaging: parts[3], Classifier: parts[4]}, nil
}

func mavenIDParts(text string, least, most int) ([]string, error) {
	parts := strings.Split(text, ":")
	if len(parts) < least || len(parts) > most {
		return nil, &ParseError{Kind: "Maven package ID", Text: text, Reason: "it must have a group and an artifact, as in junit:junit"}
	}
	for i, p := range parts {
		parts[i] = strings.TrimSpace(p)
	}
	return append(parts, make([]string, most-len(parts))...), nil
}

// String gives the parts without the version.
func (id MavenID) String() string {
	parts := []string{id.Group}
	for _, p := range []string{id.Artifact, id.Packaging, id.Classifier} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ":")
}

// MetadataPath is the place in a repository of the list of versions.
func (id MavenID) MetadataPath() string { return id.folder() + "/maven-metadata.xml" }

// VersionMetadataPath is the place of the list of builds of a snapshot version.
func (id MavenID) VersionMetadataPath() string {
	return id.folder() + "/" + id.Version + "/maven-metadata.xml"
}

// POMPath is the place of the project file. The build is the version, or that of a snapshot's
// build, such as 1.0-20200102.030405-1.
func (id MavenID) POMPath(build string) string {
	return id.folder() + "/" + id.Version + "/" + id.Artifact + "-" + build + ".pom"
}

// ArtifactPath is the place of the artifact itself.
func (id MavenID) ArtifactPath(build string) string {
	name := id.Artifact + "-" + build
	if id.Classifier != "" {
		name += "-" + id.Classifier
	}
	return id.folder() + "/" + id.Version + "/" + name + "." + id.Packaging
}

func (id MavenID) folder() string {
	return "/" + strings.ReplaceAll(id.Group, ".", "/") + "/" + id.Artifact
}
