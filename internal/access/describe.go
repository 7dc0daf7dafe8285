package access

import "strings"

// Description says in words what the permission allows, made of its name: "EnvironmentView" is "View environments".
func (t Trait) Description() string {
	words := split(string(t.Permission))
	for i, w := range words {
		if i > 0 && verbs()[w] {
			thing := strings.ToLower(strings.Join(words[:i], " "))
			rest := strings.ToLower(strings.Join(words[i+1:], " "))
			return strings.TrimSpace(w + " " + plural(thing) + " " + rest)
		}
	}
	return words[0] + " " + strings.ToLower(strings.Join(words[1:], " "))
}

func verbs() map[string]bool {
	return map[string]bool{"View": true, "Edit": true, "Create": true, "Delete": true, "Cancel": true, "Report": true, "Resolve": true,
		"Submit": true, "Push": true, "Administer": true, "Download": true, "Invite": true, "Prioritize": true, "Export": true}
}

func plural(thing string) string {
	switch {
	case strings.HasSuffix(thing, "y"):
		return strings.TrimSuffix(thing, "y") + "ies"
	case strings.HasSuffix(thing, "s"):
		return thing + "es"
	}
	return thing + "s"
}

func split(name string) []string {
	var words []string
	start := 0
	for i := 1; i < len(name); i++ {
		if name[i] >= 'A' && name[i] <= 'Z' {
			words, start = append(words, name[start:i]), i
		}
	}
	return append(words, name[start:])
}
