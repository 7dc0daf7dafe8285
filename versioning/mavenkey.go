package versioning

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// The first byte of each item in a Maven key. What is below the release sorts before the end.
const (
	mavenKeyBelow   = 0x10 // and the qualifier's rank
	mavenKeyEnd     = 0x20
	mavenKeyRelease = 0x21
	mavenKeyAbove   = 0x30
	mavenKeyWord    = 0x31
	mavenKeyList    = 0x40
	mavenKeyNumber  = 0x50
)

// SortKey gives bytes that compare as Compare does, save where Compare has cycles: the key leaves
// zeros out that a qualifier, a list or the end follows, so that 1.0.beta sorts as 1-beta.
func (v Maven) SortKey() []byte {
	return appendMavenKey(nil, v.items)
}

func appendMavenKey(key []byte, l mavenList) []byte {
	for i, it := range l {
		switch it.kind {
		case mavenQualifier:
			key = appendQualifierKey(key, it)
		case mavenSublist:
			key = append(key, mavenKeyList)
			key = appendMavenKey(key, it.list)
		case mavenNumber:
			if it.text == "" && idleZero(l[i:]) {
				continue
			}
			key = append(key, mavenKeyNumber)
			key = binary.BigEndian.AppendUint32(key, uint32(len(it.text)))
			key = append(key, it.text...)
		}
	}
	return append(key, mavenKeyEnd)
}

// idleZero: only zeros come before something that is no number.
func idleZero(l mavenList) bool {
	for _, it := range l {
		if it.kind != mavenNumber {
			return true
		}
		if it.text != "" {
			return false
		}
	}
	return true
}

func appendQualifierKey(key []byte, it mavenItem) []byte {
	rank := it.rank()
	switch {
	case rank < mavenRank:
		return append(key, byte(mavenKeyBelow+rank))
	case rank == mavenRank:
		return append(key, mavenKeyRelease)
	case rank < len(mavenQualifiers()):
		return append(key, mavenKeyAbove)
	}
	var buffer collate.Buffer
	word := collate.New(language.Und).KeyFromString(&buffer, it.text)
	key = append(key, mavenKeyWord)
	// A zero byte inside is followed by FF, the end by 00.
	key = append(key, bytes.ReplaceAll(word, []byte{0}, []byte{0, 0xFF})...)
	return append(key, 0, 0)
}
