package feedapi_test

import (
	"net/http"
	"testing"

	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// TestPackagePermissions: who may push neither replaces nor deletes; who may not leaves no file.
func TestPackagePermissions(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		as := func(key, file, query string) int {
			h := http.Header{"X-Octopus-ApiKey": {key}, "Content-Type": {"multipart/form-data; boundary=" + boundary}}
			return s.Send(t, "POST", packages+"/raw"+query, h, multipart("name=file; filename="+file, "content")).Status
		}
		publisher := s.User(t, "pat", "userroles-packagepublisher", "Spaces-1")
		viewer := s.User(t, "eve", "userroles-environmentviewer", "Spaces-1")
		for _, row := range []struct {
			who, file, query string
			want             int
		}{
			{viewer, "A.1.0.0.zip", "", 403}, {"", "A.1.0.0.zip", "", 401}, {publisher, "A.1.0.0.zip", "", 201}, {publisher, "A.1.0.0.zip", "?overwriteMode=IgnoreIfExists", 200},
			{publisher, "A.1.0.0.zip", "?overwriteMode=OverwriteExisting", 403}, {publisher, "A.2.0.0.zip", "?overwriteMode=OverwriteExisting", 201},
		} {
			if got := as(row.who, row.file, row.query); got != row.want {
				t.Errorf("%s%s: %d, want %d", row.file, row.query, got, row.want)
			}
		}
		s.DoAs(t, publisher, "GET", packages, nil).Want(200)
		s.DoAs(t, publisher, "GET", packages+"/A.1.0.0/raw", nil).Want(200)
		s.DoAs(t, publisher, "DELETE", packages+"/packages-A.1.0.0", nil).Want(403)
		s.DoAs(t, publisher, "DELETE", packages+"/bulk?ids=packages-A.1.0.0", nil).Want(403)
		s.DoAs(t, publisher, "PUT", packages+"/packages-A.1.0.0", `{"Title":"x"}`).Want(403)
		s.DoAs(t, viewer, "GET", packages+"/A.1.0.0/raw", nil).Want(403)
		s.DoAs(t, viewer, "GET", feeds, nil).Want(403)
		if n := s.files(t); n != 2 {
			t.Errorf("%d files, want 2", n)
		}
	})
}
