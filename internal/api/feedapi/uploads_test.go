package feedapi_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/octodiff"
)

const boundary = "0123456789abcdef"

// multipart writes a body as clients do; disposition is all after "form-data; ".
func multipart(disposition, content string) string {
	return "--" + boundary + "\r\nContent-Disposition: form-data; " + disposition + "\r\nContent-Type: application/octet-stream\r\n\r\n" + content + "\r\n--" + boundary + "--\r\n"
}

func header(contentType string) http.Header {
	return http.Header{"X-Octopus-ApiKey": {apitest.Key}, "Content-Type": {contentType}}
}

func (s *server) push(t *testing.T, file, content, query string) apitest.Answer {
	t.Helper()
	return s.Send(t, "POST", packages+"/raw"+query, header("multipart/form-data; boundary="+boundary), multipart(fmt.Sprintf(`name="file"; filename=%q`, file), content))
}

func TestPush(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		answer := s.push(t, "Acme.Web.1.0.0.zip", "first", "?overwriteMode=FailIfExists").Want(201)
		got := answer.Object()
		sum := sha1.Sum([]byte("first"))
		for member, want := range map[string]any{
			"Id": "packages-Acme.Web.1.0.0", "PackageId": "Acme.Web", "NuGetPackageId": "Acme.Web", "FeedId": "feeds-builtin", "NuGetFeedId": "feeds-builtin", "Version": "1.0.0",
			"FileExtension": ".zip", "PackageSizeBytes": 5.0, "Hash": hex.EncodeToString(sum[:]), "Title": "Acme.Web", "ReleaseNotes": "", "LastModifiedBy": apitest.Username,
		} {
			if got[member] != want {
				t.Errorf("%s is %v, want %v", member, got[member], want)
			}
		}
		if answer.Header.Get("Location") != packages+"/packages-Acme.Web.1.0.0" || got["Links"].(map[string]any)["Raw"] != packages+"/packages-Acme.Web.1.0.0/raw" {
			t.Errorf("where it is: %v %v", answer.Header, got["Links"])
		}
		for query, status := range map[string]int{
			"": 409, "?overwriteMode=FailIfExists": 409, "?replace=False": 409, "?overwriteMode=IgnoreIfExists": 200, "?overwriteMode=Perhaps": 400,
		} {
			s.push(t, "acme.web.1.0.0.zip", "second", query).Want(status)
		}
		s.push(t, "Acme.Web.1.0.zip", "the same version", "").Want(409)
		if body := string(s.Do(t, "GET", packages+"/Acme.Web.1.0.0/raw", nil).Want(200).Body); body != "first" {
			t.Errorf("the package is now %q", body)
		}
		for i, query := range []string{"?overwriteMode=OverwriteExisting", "?replace=True"} {
			content := fmt.Sprintf("overwritten %d", i)
			s.push(t, "Acme.Web.1.0.0.zip", content, query).Want(201)
			if body := string(s.Do(t, "GET", packages+"/packages-Acme.Web.1.0.0/raw", nil).Want(200).Body); body != content {
				t.Errorf("%s: the package is now %q", query, body)
			}
		}
		if n := s.files(t); n != 1 {
			t.Errorf("%d files, want 1", n)
		}
		// A client takes ReleaseNotes for a time in lists.
		one := s.Do(t, "GET", packages+"/packages-Acme.Web.1.0.0", nil).Want(200).Object()
		if notes, has := one["ReleaseNotes"]; !has || notes != nil {
			t.Errorf("ReleaseNotes is %v, want null", notes)
		}
	})
}

// TestWaysToSend: the ways in which clients are known to send a file.
func TestWaysToSend(t *testing.T) {
	t.Parallel()
	s := start(t, storetest.SQLite(t))
	for disposition, want := range map[string]string{
		`name="file"; filename="A.1.0.0.zip"`:                                                                    "packages-A.1.0.0",
		`name=file; filename=B.1.0.0.zip; filename*=utf-8''B.1.0.0.zip`:                                          "packages-B.1.0.0",
		`name=file; filename="=?utf-8?B?R3LDtsOfZS4xLjAuMC56aXA=?="; filename*=utf-8''Gr%C3%B6%C3%9Fe.1.0.0.zip`: "packages-Größe.1.0.0",
		`name=file; filename=Straße.1.0.0.zip`:                                                                   "packages-Straße.1.0.0",
		`name=package; filename=package.nupkg`:                                                                   "has no version",
		`name=file; filename=Gr%öße x.1.0.0.zip`:                                                                 "has no version",
		`name="file"`: "no part with a file",
	} {
		for _, contentType := range []string{"multipart/form-data; boundary=" + boundary, `multipart/form-data; boundary="` + boundary + `"`} {
			answer := s.Send(t, "POST", packages+"/raw?overwriteMode=OverwriteExisting", header(contentType), "\r\n"+multipart(disposition, "x"))
			if !strings.Contains(string(answer.Body), want) || answer.Status/100 != map[bool]int{true: 2, false: 4}[strings.HasPrefix(want, "packages-")] {
				t.Errorf("%s: %d %s", disposition, answer.Status, answer.Body)
			}
		}
	}
	raw := header("application/octet-stream")
	raw.Set("Content-Disposition", `attachment; filename="C.1.0.0.zip"`)
	s.Send(t, "POST", packages+"/raw", raw, "raw body").Want(201)
	s.Send(t, "POST", packages+"/raw?fileName=D.1.0.0.tar.gz", header("application/octet-stream"), "raw body").Want(201)
	s.Send(t, "POST", packages+"/raw", header("application/octet-stream"), "raw body").Want(400)
	s.Send(t, "POST", packages+"/raw", header("multipart/form-data"), "x").Want(400)
	fields := "--" + boundary + "\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n"
	s.Send(t, "POST", packages+"/raw", header("multipart/form-data; boundary="+boundary), strings.Repeat(fields, 200)+multipart("name=file; filename=E.1.0.0.zip", "x")).Want(400)
	s.Send(t, "POST", packages+"/raw", header("multipart/form-data; boundary="+boundary), strings.Repeat(fields, 5)+multipart("name=file; filename=E.1.0.0.zip", "x")).Want(201)
}

// TestCutUpload stops uploads in the middle: of a multipart body, and of the connection.
func TestCutUpload(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		whole := multipart("name=file; filename=Acme.Web.1.0.0.zip", strings.Repeat("x", 100_000))
		for _, n := range []int{10, 120, 50_000, len(whole) - len(boundary) - 6} {
			answer := s.Send(t, "POST", packages+"/raw", header("multipart/form-data; boundary="+boundary), whole[:n])
			if answer.Status != 400 {
				t.Errorf("%d of %d bytes: %d %s", n, len(whole), answer.Status, answer.Body)
			}
		}
		address, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", address.Host)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST %s/raw HTTP/1.1\r\nHost: h\r\nX-Octopus-ApiKey: %s\r\nContent-Type: multipart/form-data; boundary=%s\r\nContent-Length: %d\r\n\r\n%s",
			packages, apitest.Key, boundary, len(whole), whole[:60_000])
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		storetest.Eventually(t, "the cut upload leaves nothing", func() bool { return s.files(t) == 0 })
		if n := s.Do(t, "GET", packages, nil).Want(200).Object()["TotalResults"]; n != 0.0 {
			t.Errorf("%v packages", n)
		}
		s.push(t, "Acme.Web.1.0.0.zip", "whole", "").Want(201)
	})
}

// TestConcurrentPushes: of many uploads of one version one wins, and only its file stays.
func TestConcurrentPushes(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		for round, query := range []string{"", "?overwriteMode=IgnoreIfExists", "?overwriteMode=OverwriteExisting"} {
			const pushes = 6
			file := fmt.Sprintf("Acme.Web.%d.0.0.zip", round)
			statuses := make([]int, pushes)
			var wg sync.WaitGroup
			for i := range pushes {
				wg.Go(func() { statuses[i] = s.push(t, file, fmt.Sprintf("from %d", i), query).Status })
			}
			wg.Wait()
			count := map[int]int{}
			for _, status := range statuses {
				count[status]++
			}
			if round == 0 && (count[201] != 1 || count[409] != pushes-1) || round == 1 && (count[201] != 1 || count[200] != pushes-1) || round == 2 && count[201] != pushes {
				t.Errorf("%s: %v", query, count)
			}
			if n := s.files(t); n != round+1 {
				t.Errorf("%s: %d files, want %d", query, n, round+1)
			}
			if body := string(s.Do(t, "GET", packages+"/packages-"+strings.TrimSuffix(file, ".zip")+"/raw", nil).Want(200).Body); !strings.HasPrefix(body, "from ") {
				t.Errorf("%s: the file is %q", query, body)
			}
		}
	})
}

func TestDelta(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		s.Do(t, "GET", packages+"/Acme.Web/1.1.0/delta-signature", nil).Want(404)
		var text strings.Builder
		for i := range 20_000 {
			fmt.Fprintf(&text, "line %d of the old file\n", i*i)
		}
		old := text.String()
		newer := old[:200_000] + "changed!" + old[200_000:]
		s.push(t, "Acme.Web.1.0.0.zip", old, "").Want(201)
		answer := s.Do(t, "GET", packages+"/Acme.Web/1.1.0/delta-signature", nil).Want(200).Object()
		if answer["BaseVersion"] != "1.0.0" {
			t.Errorf("the base is %v", answer["BaseVersion"])
		}
		raw, err := base64.StdEncoding.DecodeString(answer["Signature"].(string))
		if err != nil {
			t.Fatal(err)
		}
		signature, err := octodiff.ReadSignature(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		var delta bytes.Buffer
		if err := octodiff.WriteDelta(&delta, signature, strings.NewReader(newer), int64(len(newer))); err != nil {
			t.Fatal(err)
		}
		send := func(base, file, content string) apitest.Answer {
			return s.Send(t, "POST", packages+"/Acme.Web/"+base+"/delta?overwriteMode=FailIfExists", header("multipart/form-data; boundary="+boundary), multipart("name=file; filename="+file, content))
		}
		got := send("1.0.0", "Acme.Web.1.1.0.zip", delta.String()).Want(201).Object()
		if got["Version"] != "1.1.0" || got["PackageSizeBytes"] != float64(len(newer)) {
			t.Errorf("the package: %v", got)
		}
		if body := string(s.Do(t, "GET", packages+"/Acme.Web.1.1.0/raw", nil).Want(200).Body); body != newer {
			t.Error("the package is not what was pushed")
		}
		send("1.0.0", "Acme.Web.1.1.0.zip", delta.String()).Want(409)
		send("1.1.0", "Acme.Web.1.2.0.zip", delta.String()).Want(400) // another base
		send("1.0.0", "Acme.Web.1.2.0.zip", delta.String()[:delta.Len()/2]).Want(400)
		send("1.0.0", "Acme.Api.1.2.0.zip", delta.String()).Want(400)
		send("7.0.0", "Acme.Web.7.1.0.zip", delta.String()).Want(404)
		if n := s.files(t); n != 2 {
			t.Errorf("%d files, want 2", n)
		}
	})
}

func TestDeleteAndDownload(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		for _, file := range []string{"A.1.0.0.zip", "A.2.0.0.zip", "B.1.0.0.zip", "C.1.0.0+b.7.zip"} {
			s.push(t, file, "0123456789", "").Want(201)
		}
		h := header("")
		h.Set("Range", "bytes=3-5")
		part := s.Send(t, "GET", packages+"/packages-A.1.0.0/raw", h, nil).Want(206)
		if string(part.Body) != "345" {
			t.Errorf("the part is %q", part.Body)
		}
		whole := s.Do(t, "GET", packages+"/packages-C.1.0.0%2Bb.7/raw", nil).Want(200)
		if whole.Header.Get("Content-Length") != "10" || !strings.Contains(whole.Header.Get("Content-Disposition"), "C.1.0.0+b.7.zip") {
			t.Errorf("headers: %v", whole.Header)
		}
		changed := s.Do(t, "PUT", packages+"/packages-A.1.0.0", `{"ReleaseNotes":"fixed","Title":null}`).Want(200).Object()
		if changed["Title"] != "A" {
			t.Errorf("the title: %v", changed["Title"])
		}
		if text := string(s.Do(t, "GET", feeds+"/feeds-builtin/packages/notes?packageId=a&version=1.0", nil).Want(200).Body); text != "fixed" {
			t.Errorf("notes: %q", text)
		}
		notes := s.Do(t, "GET", packages+"/notes?packageIds=feeds-builtin:A:1.0.0,packages-B.1.0.0,A:9.0.0", nil).Want(200).Object()["Packages"].([]any)
		if len(notes) != 3 || notes[0].(map[string]any)["Notes"].(map[string]any)["Notes"] != "fixed" || notes[2].(map[string]any)["Notes"].(map[string]any)["Succeeded"] != false {
			t.Errorf("notes: %v", notes)
		}
		s.Do(t, "DELETE", packages+"/packages-A.1.0.0", nil).Want(200)
		s.Do(t, "DELETE", packages+"/packages-A.1.0.0", nil).Want(404)
		s.Do(t, "GET", packages+"/packages-A.1.0.0/raw", nil).Want(404)
		s.Do(t, "DELETE", packages+"/bulk?ids=packages-A.2.0.0,packages-A.2.0.0,packages-Gone.1.0.0,packages-B.1.0.0", nil).Want(200)
		if n := s.files(t); n != 1 {
			t.Errorf("%d files, want 1", n)
		}
		s.push(t, "A.1.0.0.zip", "again", "").Want(201)
	})
}

// TestLargePush streams more than the limit for JSON, chunked and without a length.
func TestLargePush(t *testing.T) {
	t.Parallel()
	s := start(t, storetest.SQLite(t))
	const size = 20 << 20
	body := io.MultiReader(strings.NewReader("--"+boundary+"\r\nContent-Disposition: form-data; name=file; filename=Big.1.0.0.zip\r\n\r\n"),
		io.LimitReader(zeros{}, size), strings.NewReader("\r\n--"+boundary+"--\r\n"))
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+packages+"/raw", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header("multipart/form-data; boundary=" + boundary)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 201 {
		t.Fatalf("status %d", res.StatusCode)
	}
	if got := s.Do(t, "GET", packages+"/Big.1.0.0", nil).Want(200).Object()["PackageSizeBytes"]; got != float64(size) {
		t.Errorf("%v bytes, want %d", got, size)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
