// Package ocl reads and writes OCL, the configuration language in which
// Octopus keeps projects as code: attributes, blocks with labels, and values.
//
// It is for programs that read such files, change a value and leave the rest
// as it is, or write them in the canonical layout. It knows the language, not
// what the files mean: no schema of steps or of projects is in it. Any program
// may import it.
//
// # Text to tree
//
// [Parse] gives a [Document]: a tree of [Attribute] and [Block], each with the
// [Span] of the text that it stands in. The language has no comments and no
// expressions; an integer has 32 bits; a dictionary holds no dictionary.
//
//	doc, err := ocl.Parse(text)
//	name := doc.Attribute("name")
//	err = doc.Set(name, ocl.String("Web"))   // all other text stays
//	fmt.Print(doc.Text())
//
// # Tree to text
//
// [Format] writes a tree in the canonical layout, which needs no source. It can
// write what [Parse] refuses, as the original does: names with a dash, numbers
// beyond 32 bits, nested dictionaries.
//
// # Values of Go
//
// [Marshal] and [Unmarshal] convert between structs and documents.
//
// # Errors
//
// Every error of [Parse] is a [SyntaxError] with line and column, counted from
// one, the column in UTF-16 code units.
//
// # Bounds
//
// Parsing is linear. Blocks nest to [MaxDepth], a name has [MaxName] bytes.
package ocl
