package steptest

import "strings"

// HostileXML are documents made to take all memory or time, or to read what is not theirs: by name, the text, and whether it must be refused.
func HostileXML() map[string]struct {
	Text  string
	Wrong bool
} {
	const deep, wide = 10_000, 1 << 20
	bomb := `<!DOCTYPE c [<!ENTITY a "lol">`
	for name := 'a'; name < 'z'; name++ {
		bomb += `<!ENTITY ` + string(name+1) + ` "` + strings.Repeat("&"+string(name)+";", 10) + `">`
	}
	return map[string]struct {
		Text  string
		Wrong bool
	}{
		"deep":             {strings.Repeat("<a>", deep) + strings.Repeat("</a>", deep), true},
		"deep, open":       {strings.Repeat("<a>", deep), true},
		"long name":        {"<" + strings.Repeat("n", wide) + ">", true},
		"bomb":             {bomb + "]><c>&z;</c>", true},
		"bomb, attribute":  {bomb + "]><c b='&z;'/>", true},
		"entity of itself": {`<!DOCTYPE c [<!ENTITY a "&b;"><!ENTITY b "&a;">]><c>&a;</c>`, true},
		"external":         {`<!DOCTYPE c SYSTEM "file:///etc/passwd" [<!ENTITY p SYSTEM "/etc/passwd"><!ENTITY % q SYSTEM "/etc/passwd"> %q;]><c>&p;<a/></c>`, false},
	}
}
