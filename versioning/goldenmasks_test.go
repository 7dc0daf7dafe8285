package versioning

import "fmt"

func checkMaskParse(r row) (any, error) {
	shape, ok := readShape(r.Input)
	out := map[string]any{"didParse": ok, "isMask": Mask{shape: shape}.IsMask(), "prefix": shape.prefix}
	for i, name := range []string{"major", "minor", "patch", "revision"} {
		out[name] = nil
		if i < len(shape.numbers) {
			out[name] = map[string]any{"value": shape.numbers[i], "isSubstitute": substitute(shape.numbers[i])}
		}
	}
	for name, text := range map[string]*string{"release": shape.release, "metadata": shape.metadata} {
		out[name] = nil
		if text != nil {
			out[name] = map[string]any{"value": *text, "isSubstitute": endsInSubstitute(text)}
		}
	}
	if !ok {
		return map[string]any{"didParse": false, "isMask": false}, nil
	}
	return out, nil
}

func checkMaskTable(r row) (any, error) {
	out := make([][]string, len(r.Masks))
	for i, text := range r.Masks {
		for _, current := range r.Currents {
			var version Version
			if current != nil {
				v, err := ParseOctopus(current.(string))
				if err != nil {
					return nil, fmt.Errorf("current %q: %w", current, err)
				}
				version = v
			}
			out[i] = append(out[i], applyOrBang(text, version))
		}
	}
	return out, nil
}

func applyOrBang(text string, current Version) string {
	m, err := ParseMask(text)
	if err != nil {
		return "!"
	}
	v, err := m.Apply(current)
	if err != nil {
		return "!"
	}
	return v.String()
}

func checkMaskApply(r row) (any, error) {
	f, err := ParseFormat(r.Format)
	if err != nil {
		return nil, err
	}
	v, err := Parse(f, deref(r.Current))
	if err != nil {
		return nil, err
	}
	return applyOrBang(r.Mask, v), nil
}

func checkMaskLatest(r row) (any, error) {
	f, err := ParseFormat(r.Format)
	if err != nil {
		return nil, err
	}
	versions := make([]Version, len(r.Versions))
	for i, text := range r.Versions {
		if text != nil {
			if versions[i], err = Parse(f, text.(string)); err != nil {
				return nil, err
			}
		}
	}
	m, err := ParseMask(r.Mask)
	if r.Mask == "" {
		m, err = Mask{}, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := m.Latest(versions)
	out := map[string]any{"latest": []string{}, "first": nil}
	for i, v := range list {
		if i == 0 {
			out["first"] = v.String()
		}
		out["latest"] = append(out["latest"].([]string), v.String())
	}
	return out, err
}
