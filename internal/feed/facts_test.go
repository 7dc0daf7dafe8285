package feed

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestManifestFacts(t *testing.T) {
	t.Parallel()
	m, err := parseManifest([]byte(`<?xml version="1.0"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata minClientVersion="2.12">
	<id>Acme.Web</id><version>1.0.0</version><authors> Acme, Ann Other </authors><owners>acme</owners><tags>web
	  site</tags><projectUrl>https://acme.example/</projectUrl><requireLicenseAcceptance> TRUE</requireLicenseAcceptance>
	<license type="expression">MIT</license><copyright>© Acme</copyright><packageTypes><packageType name="Dependency"/></packageTypes>
	<dependencies>
		<group targetFramework=".NETFramework4.6.1"><dependency id="A" version="1.0"/><dependency id="B" version="[2.0,3.0)" exclude="Build"/></group>
		<group targetFramework=".NETStandard2.0"/>
		<group targetFramework="net8.0"><dependency id="C"/><dependency version="1"/></group>
		<group><dependency id="D" version="not a range"/></group>
	</dependencies>
</metadata></package>`))
	if err != nil {
		t.Fatal(err)
	}
	var p Package
	p.take(m)
	want := Facts{
		Authors: "Acme, Ann Other", Owners: "acme", Tags: "web site", ProjectURL: "https://acme.example/", License: "MIT", Copyright: "© Acme", MinClient: "2.12",
		AcceptLicense: true, Types: []string{"Dependency"},
		Groups: []DependencyGroup{
			{Framework: "net461", Dependencies: []Dependency{{"A", "[1.0.0, )"}, {"B", "[2.0.0, 3.0.0)"}}},
			{Framework: "netstandard2.0"},
			{Framework: "net8.0", Dependencies: []Dependency{{"C", ""}}},
			{Dependencies: []Dependency{{"D", "not a range"}}},
		},
	}
	if diff := cmp.Diff(want, p.Facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	if got, want := p.Facts.Describe(), "A:[1.0.0, ):net461|B:[2.0.0, 3.0.0):net461|::netstandard2.0|C::net8.0|D:not a range"; got != want {
		t.Errorf("dependencies: %q, want %q", got, want)
	}
	if diff := cmp.Diff([]string{"Acme", "Ann Other"}, p.Facts.AuthorList()); diff != "" {
		t.Errorf("authors (-want +got):\n%s", diff)
	}
	text, err := p.Facts.encode()
	if err != nil {
		t.Fatal(err)
	}
	var again Facts
	if err := again.decode(text); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
}

func TestFrameworkNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"": "", "net45": "net45", ".NETFramework4.5": "net45", ".NETFramework4.5.0": "net45", ".NETFramework4": "net40", ".NETFramework,Version=v4.7.2": "net472",
		".NETCoreApp3.1": "netcoreapp3.1", ".NETCoreApp,Version=v6.0": "net6.0", ".NETStandard,Version=v1.6": "netstandard1.6", "net8.0-windows7.0": "net8.0-windows7.0",
		".NETPortable4.5-Profile111": ".NETPortable4.5-Profile111", "monoandroid10.0": "monoandroid10.0",
	} {
		if got := shortFramework(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestManifestWithTooMuchInIt(t *testing.T) {
	t.Parallel()
	var p Package
	m, err := parseManifest([]byte(`<package><metadata><authors>` + strings.Repeat("ä", maxFact) + `</authors><dependencies>` +
		strings.Repeat(`<group targetFramework="net8.0"><dependency id="A" version="1"/></group>`, maxGroups+1) + `</dependencies></metadata></package>`))
	if err != nil {
		t.Fatal(err)
	}
	p.take(m)
	if len(p.Facts.Authors) != maxFact || len(p.Facts.Groups) != maxGroups {
		t.Errorf("authors of %d bytes, %d groups", len(p.Facts.Authors), len(p.Facts.Groups))
	}
}
