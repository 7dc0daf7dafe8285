package systemapi

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
)

// certificateID is the one certificate that agents trust.
const certificateID = "certificate-global"

type shownCertificate struct {
	ID                 string `json:"Id"`
	Name               string
	Thumbprint         string
	SignatureAlgorithm string
}

type certificates struct{ certificate func() Certificate }

func registerCertificate(e *api.Engine, certificate func() Certificate) {
	x := certificates{certificate}
	e.AddLink("CertificateConfiguration", "/api/configuration/certificates{/id}{?skip,take,ids,partialName}")
	why := "whoever registers an agent compares the thumbprint"
	list := signedIn("configuration/certificates", why, "The server's certificates", shownCertificate{}, x.list)
	list.List = true
	inSpace := signedIn("certificates/"+certificateID, why, "The certificate that agents trust", shownCertificate{}, x.get)
	inSpace.Where, inSpace.OpenSpace = api.InSpace, true
	e.Handle(list, inSpace,
		signedIn("configuration/certificates/"+certificateID, why, "The certificate that agents trust", shownCertificate{}, x.get),
		signedIn("configuration/certificates/"+certificateID+"/public-cer", why, "The certificate itself, in DER", nil, x.public),
	)
}

func (x certificates) show(c *api.Call) (any, error) {
	cert := x.certificate()
	self := "/api/configuration/certificates/" + certificateID
	return c.Resource(shownCertificate{certificateID, cert.Name, strings.ToUpper(cert.Thumbprint), cert.SignatureAlgorithm}, api.Links{"Self": self, "PublicCer": self + "/public-cer"})
}

func (x certificates) get(c *api.Call) error {
	body, err := x.show(c)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, body)
}

func (x certificates) list(c *api.Call) error {
	page, err := c.Paging()
	if err != nil {
		return err
	}
	body, err := x.show(c)
	if err != nil {
		return err
	}
	items := []any{body}
	if page.Skip > 0 || page.Take == 0 {
		items = []any{}
	}
	return c.JSON(http.StatusOK, c.Page("CertificateConfiguration", "/api/configuration/certificates", []string{"skip", "take", "ids", "partialName"}, page, 1, items))
}

func (x certificates) public(c *api.Call) error {
	der := x.certificate().DER
	if len(der) == 0 {
		return fault.NotFound("the server has no certificate yet")
	}
	c.Writer.Header().Set("Content-Type", "application/octet-stream")
	c.Writer.Header().Set("Content-Disposition", `attachment; filename="mantle.cer"`)
	c.Writer.Header().Set("Content-Length", strconv.Itoa(len(der)))
	_, err := c.Writer.Write(der)
	return err
}
