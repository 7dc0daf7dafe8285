package feedapi

import (
	"encoding/xml"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/api"
)

const atomType = "application/atom+xml;charset=utf-8"

// spaceNames are the names of where the elements of an answer are from; only the outermost has them.
type spaceNames struct {
	Base     string `xml:"xml:base,attr,omitempty"`
	Atom     string `xml:"xmlns,attr,omitempty"`
	Data     string `xml:"xmlns:d,attr,omitempty"`
	Metadata string `xml:"xmlns:m,attr,omitempty"`
}

func spaces(base string) spaceNames {
	const dataServices = "http://schemas.microsoft.com/ado/2007/08/dataservices"
	return spaceNames{Base: base, Atom: "http://www.w3.org/2005/Atom", Data: dataServices, Metadata: dataServices + "/metadata"}
}

type atomFeed struct {
	XMLName xml.Name `xml:"feed"`
	spaceNames
	Count   int         `xml:"m:count"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Entries []atomEntry `xml:"entry"`
}

type atomEntry struct {
	XMLName xml.Name `xml:"entry"`
	spaceNames
	ID       string `xml:"id"`
	Category struct {
		Term   string `xml:"term,attr"`
		Scheme string `xml:"scheme,attr"`
	} `xml:"category"`
	Title   atomText `xml:"title"`
	Summary atomText `xml:"summary"`
	Updated string   `xml:"updated"`
	Author  string   `xml:"author>name"`
	Content struct {
		Type   string `xml:"type,attr"`
		Source string `xml:"src,attr"`
	} `xml:"content"`
	Properties []property `xml:"m:properties>property"`
}

type atomText struct {
	Type  string `xml:"type,attr"`
	Value string `xml:",chardata"`
}

// property is one member of a package.
type property struct {
	XMLName xml.Name
	Type    string `xml:"m:type,attr,omitempty"`
	Value   string `xml:",chardata"`
}

func atomTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func (n nuget) entry(c *api.Call, v listed) atomEntry {
	base, id, version := n.base(c), v.PackageID, v.normalized()
	e := atomEntry{
		ID:    base + "/Packages(Id='" + strings.ReplaceAll(id, "'", "''") + "',Version='" + version + "')",
		Title: atomText{"text", id}, Summary: atomText{"text", v.Summary}, Updated: atomTime(v.Published), Author: v.authors(),
	}
	e.Category.Term, e.Category.Scheme = "NuGetGallery.OData.V2FeedPackage", "http://schemas.microsoft.com/ado/2007/08/dataservices/scheme"
	e.Content.Type, e.Content.Source = "application/zip", base+"/package/"+url.PathEscape(id)+"/"+version
	add := func(name, kind, value string) {
		e.Properties = append(e.Properties, property{XMLName: xml.Name{Local: "d:" + name}, Type: kind, Value: value})
	}
	add("Id", "", id)
	add("Version", "", v.version.Full())
	add("NormalizedVersion", "", version)
	add("Title", "", v.Title)
	add("Authors", "", v.authors())
	add("Owners", "", v.Facts.Owners)
	add("Dependencies", "", v.Facts.Describe())
	add("Description", "", v.Description)
	add("Summary", "", v.Summary)
	add("Tags", "", v.Facts.Tags)
	add("ProjectUrl", "", v.Facts.ProjectURL)
	add("IconUrl", "", v.Facts.IconURL)
	add("LicenseUrl", "", v.Facts.LicenseURL)
	add("Copyright", "", v.Facts.Copyright)
	add("Language", "", v.Facts.Language)
	add("MinClientVersion", "", v.Facts.MinClient)
	add("ReleaseNotes", "", v.ReleaseNotes)
	add("Published", "Edm.DateTime", strings.TrimSuffix(atomTime(v.Published), "Z"))
	add("PackageSize", "Edm.Int64", strconv.FormatInt(v.Size, 10))
	add("DownloadCount", "Edm.Int32", "0")
	add("IsLatestVersion", "Edm.Boolean", strconv.FormatBool(v.latest))
	add("IsAbsoluteLatestVersion", "Edm.Boolean", strconv.FormatBool(v.newest))
	add("IsPrerelease", "Edm.Boolean", strconv.FormatBool(v.version.IsPrerelease()))
	add("Listed", "Edm.Boolean", "true")
	add("RequireLicenseAcceptance", "Edm.Boolean", strconv.FormatBool(v.Facts.AcceptLicense))
	add("DevelopmentDependency", "Edm.Boolean", strconv.FormatBool(v.Facts.DevelopmentOnly))
	return e
}

// writeMetadata describes the version 2 of the protocol, which the oldest clients want to read before they search.
func writeMetadata(c *api.Call) error {
	var members strings.Builder
	for _, m := range [][2]string{
		{"Title", "String"}, {"Summary", "String"}, {"Authors", "String"}, {"Owners", "String"}, {"Tags", "String"}, {"Dependencies", "String"}, {"Description", "String"}, {"ReleaseNotes", "String"},
		{"ProjectUrl", "String"}, {"IconUrl", "String"}, {"LicenseUrl", "String"}, {"Copyright", "String"}, {"Language", "String"}, {"MinClientVersion", "String"},
		{"NormalizedVersion", "String"}, {"Published", "DateTime"}, {"PackageSize", "Int64"}, {"DownloadCount", "Int32"},
		{"IsLatestVersion", "Boolean"}, {"IsAbsoluteLatestVersion", "Boolean"}, {"IsPrerelease", "Boolean"}, {"Listed", "Boolean"}, {"RequireLicenseAcceptance", "Boolean"}, {"DevelopmentDependency", "Boolean"},
	} {
		members.WriteString(`<Property Name="` + m[0] + `" Type="Edm.` + m[1] + `"/>`)
	}
	c.Writer.Header().Set("Content-Type", "application/xml;charset=utf-8")
	_, _ = c.Writer.Write([]byte(metadataHead + members.String() + metadataTail)) // the client is gone, or not
	return nil
}

const (
	metadataHead = `<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx">
<edmx:DataServices m:DataServiceVersion="2.0" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">
<Schema Namespace="NuGetGallery.OData" xmlns="http://schemas.microsoft.com/ado/2006/04/edm">
<EntityType Name="V2FeedPackage" m:HasStream="true"><Key><PropertyRef Name="Id"/><PropertyRef Name="Version"/></Key>
<Property Name="Id" Type="Edm.String" Nullable="false"/><Property Name="Version" Type="Edm.String" Nullable="false"/>
`
	metadataTail = `
</EntityType>
<EntityContainer Name="V2FeedContext" m:IsDefaultEntityContainer="true">
<EntitySet Name="Packages" EntityType="NuGetGallery.OData.V2FeedPackage"/>
<FunctionImport Name="Search" EntitySet="Packages" ReturnType="Collection(NuGetGallery.OData.V2FeedPackage)" m:HttpMethod="GET">
<Parameter Name="searchTerm" Type="Edm.String"/><Parameter Name="targetFramework" Type="Edm.String"/><Parameter Name="includePrerelease" Type="Edm.Boolean"/>
</FunctionImport>
<FunctionImport Name="FindPackagesById" EntitySet="Packages" ReturnType="Collection(NuGetGallery.OData.V2FeedPackage)" m:HttpMethod="GET">
<Parameter Name="id" Type="Edm.String"/>
</FunctionImport>
</EntityContainer>
</Schema>
</edmx:DataServices>
</edmx:Edmx>
`
)
