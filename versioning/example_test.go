package versioning_test

import (
	"bytes"
	"fmt"

	"github.com/mantledeploy/mantle/versioning"
)

func ExampleParse() {
	v, _ := versioning.Parse(versioning.FormatDocker, "3.18-alpine")
	fmt.Println(v.Parts().Major, v.Parts().Minor, v.Parts().Release, v.IsPrerelease())
	_, err := versioning.Parse(versioning.FormatSemver, "latest")
	fmt.Println(err)
	// Output:
	// 3 18 alpine true
	// "latest" is not a valid semantic version: its numbers must consist of digits, with dots between them
}

func ExampleVersion_sortKey() {
	old, _ := versioning.ParseSemVer("1.0.0-beta.9")
	young, _ := versioning.ParseSemVer("1.0.0-beta.10")
	fmt.Println(bytes.Compare(old.SortKey(), young.SortKey()))
	// Output: -1
}

func ExampleNuGetRange() {
	set, _ := versioning.ParseNuGetRange("[1.0,2.0)")
	v, _ := versioning.ParseNuGet("1.5")
	fmt.Println(set, set.Pretty(), set.Contains(v))
	// Output: [1.0.0, 2.0.0) (>= 1.0.0 && < 2.0.0) true
}

func ExampleMavenRange() {
	set, _ := versioning.ParseMavenRange("(,1.0],[1.2,)")
	for _, text := range []string{"1.0-SNAPSHOT", "1.1", "1.2"} {
		v, _ := versioning.ParseMaven(text)
		fmt.Print(set.Contains(v), " ")
	}
	// Output: true false true
}

func ExampleParseChannelRule() {
	rule, _ := versioning.ParseChannelRule(versioning.FormatSemver, "[2.0,3.0)", "^beta")
	v, _ := versioning.Parse(versioning.FormatSemver, "2.1.0-beta.3")
	fmt.Println(rule.Allows(v))
	// Output: true
}

func ExampleMask_Apply() {
	mask, _ := versioning.ParseMask("c.i.0-beta.i")
	last, _ := versioning.ParseOctopus("1.2.3-beta.9")
	next, _ := mask.Apply(last)
	first, _ := mask.Apply(nil)
	fmt.Println(next, first)
	// Output: 1.3.0-beta.10 0.0.0-beta.0
}

func ExampleNumbersAfter() {
	last, _ := versioning.ParseOctopus("1.2.3")
	vars := versioning.NumbersAfter(last).Variables("Octopus.Version.")
	fmt.Println(vars["Octopus.Version.LastMajor"], vars["Octopus.Version.NextPatch"])
	// Output: 1 4
}

func ExampleParseMavenID() {
	id, _ := versioning.ParseMavenID("com.google.guava:guava:jar", "33.0.0-jre")
	fmt.Println(id.ArtifactPath(id.Version))
	// Output: /com/google/guava/guava/33.0.0-jre/guava-33.0.0-jre.jar
}
