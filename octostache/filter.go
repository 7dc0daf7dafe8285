package octostache

// builtIn applies the filter of that name. An absent result means that there is
// no such filter, or that it does not take this input or these options.
func (e *evaluation) builtIn(name string, in Value, options []string) (Value, error) {
	name = foldName(name)
	switch name {
	case "APPEND", "PREPEND":
		return attach(name == "APPEND", in.Text, options), nil
	case "NOWDATE":
		return e.nowDate(in, options, false)
	case "NOWDATEUTC":
		return e.nowDate(in, options, true)
	}
	if in.Null {
		return in, nil
	}
	if len(options) == 0 {
		if out, ok := plainFilter(name, in.Text); ok {
			return Text(out), nil
		}
	}
	switch name {
	case "MARKDOWN", "MARKDOWNTOHTML":
		return e.markdownHTML(in.Text, options)
	case "MATCH", "REPLACE":
		return e.regexpFilter(name == "MATCH", in.Text, options)
	case "INDENT":
		return e.indent(in.Text, options)
	case "FORMAT", "ADDDAYS", "ADDHOURS":
		return e.dateNumberFilter(name, in.Text, options)
	}
	return optionFilter(name, in.Text, options)
}

// plainFilter applies the filters that take no option.
func plainFilter(name, in string) (string, bool) {
	switch name {
	case "TOUPPER":
		return toUpper(in), true
	case "TOLOWER":
		return toLower(in), true
	case "HTMLESCAPE":
		return escapeHTML(in), true
	case "XMLESCAPE":
		return escapeXML(in), true
	case "JSONESCAPE":
		return escapeJSON(in), true
	case "YAMLSINGLEQUOTEESCAPE":
		return escapeYAMLSingle(in), true
	case "YAMLDOUBLEQUOTEESCAPE":
		return escapeYAMLDouble(in), true
	case "PROPERTIESKEYESCAPE":
		return escapePropertiesKey(in), true
	case "PROPERTIESVALUEESCAPE":
		return escapePropertiesValue(in), true
	case "URIESCAPE":
		return escapeURI(in, uriReserved), true
	case "URIDATAESCAPE":
		return escapeURI(in, ""), true
	}
	return "", false
}

// optionFilter applies the filters that take options.
func optionFilter(name, in string, options []string) (Value, error) {
	switch name {
	case "STARTSWITH", "ENDSWITH", "CONTAINS":
		return compare(name, in, options), nil
	case "SUBSTRING":
		return substring(in, options)
	case "TRUNCATE":
		return truncate(in, options), nil
	case "TRIM":
		return trim(in, options), nil
	case "TOBASE64":
		return toBase64(in, options), nil
	case "FROMBASE64":
		return fromBase64(in, options)
	case "MD5", "SHA1", "SHA256", "SHA384", "SHA512":
		return digest(name, in, options), nil
	case "URIPART":
		return uriPart(in, options), nil
	case "VERSIONMAJOR", "VERSIONMINOR", "VERSIONPATCH", "VERSIONREVISION", "VERSIONPRERELEASE",
		"VERSIONPRERELEASEPREFIX", "VERSIONPRERELEASECOUNTER", "VERSIONMETADATA":
		return versionPart(name[len("VERSION"):], in)
	}
	return Null(), nil
}
