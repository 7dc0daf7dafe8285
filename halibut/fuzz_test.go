package halibut

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// seedDocuments are recorded requests or responses.
func seedDocuments(f *testing.F, typeName string) {
	f.Helper()
	for _, name := range []string{"listening-02-results", "listening-03-errors", "listening-06-streams-many", "listening-08-types", "service-4.4.8-client-new-listening-01-first-second-call"} {
		for _, u := range readTranscript(f, "testdata/transcripts/"+name+".json.gz").Units {
			if u.Kind != "message" {
				continue
			}
			document, err := testCodec().Decode(bufio.NewReader(bytes.NewReader(u.Data)))
			if err != nil {
				f.Fatal(err)
			}
			if len(document) < 4000 && bytes.Contains(document, []byte(typeName)) {
				f.Add(document)
			}
		}
	}
	vectors, err := filepath.Glob("testdata/vectors/*.bson")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range vectors {
		document, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(document)
	}
}

// FuzzRequest gives any document to services, as a request of which the streams
// never came.
func FuzzRequest(f *testing.F) {
	seedDocuments(f, requestType)
	services, err := NewServices(ServicesConfig{Registry: goldenRegistry(f), Services: []Service{{Name: "IGoldenService", Methods: goldenMethods()}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		call, _, null, err := services.read(document)
		if err != nil || null {
			return
		}
		defer call.close()
		answer, _, err := call.run(context.Background(), Peer{})
		if err != nil {
			if strings.Contains(err.Error(), "nested deeper") {
				return
			}
			t.Fatal(err)
		}
		read, _, err := readReply(goldenRegistry(t), answer, nil)
		if err != nil || read.id != strings.ToValidUTF8(call.request.ID, "\uFFFD") {
			t.Fatalf("%v, %v", read, err)
		}
	})
}

// FuzzResponse gives any document to a client as a response.
func FuzzResponse(f *testing.F) {
	seedDocuments(f, responseType)
	r := goldenRegistry(f)
	f.Fuzz(func(t *testing.T, document []byte) {
		for _, want := range []reflect.Type{nil, reflect.TypeFor[any](), reflect.TypeFor[*goldenEverything](), reflect.TypeFor[goldenUpload](), reflect.TypeFor[*DataStream]()} {
			read, streams, err := readReply(r, document, want)
			if err != nil {
				continue
			}
			if read.err != nil && remoteError(read.err).Error() == "" {
				t.Fatal("an error without text")
			}
			for _, s := range streams {
				_ = s.Close()
			}
		}
	})
}
