// Package message reads and writes service messages: the lines `##octopus[name key='base64' …]` with which a script
// tells the server about output variables, artifacts, progress and the level of its next lines.
//
// It is for both sides of a deployment: the tool on a target writes messages, the server reads them. It knows nothing
// of tasks, logs or variables, keeps no secret and masks nothing. Everything from internal/step upwards may import it;
// it imports nothing of the product.
package message

import (
	"encoding/base64"
	"strings"
)

// The names of the messages that have a meaning to the product.
const (
	SetVariable          = "setVariable"
	CreateArtifact       = "createArtifact"
	Progress             = "progress"
	ResultMessage        = "resultMessage"
	Mask                 = "mask"
	FoundPackage         = "foundPackage"
	FoundExactPackage    = "calamari-found-package"
	DeltaVerification    = "deltaVerification"
	DeleteTarget         = "delete-target"
	CreateTarget         = "createStepPackageTarget"
	SetEnvironmentState  = "set-environmentstate"
	KubernetesManifest   = "k8s-manifest-applied"
	TimedOperation       = "calamari-timed-operation"
	DeploymentMetric     = "calamari-deployment-metric"
	ScriptIsolationAlert = "calamari-script-isolation-alert"
)

// Attribute is one name and its decoded value.
type Attribute struct {
	Name  string
	Value string
}

// Message is one service message. Attributes keep their order and their case.
type Message struct {
	Name       string
	Attributes []Attribute
}

// New makes a message from pairs of attribute name and value.
func New(name string, pairs ...string) Message {
	m := Message{Name: name}
	for i := 0; i+1 < len(pairs); i += 2 {
		m.Attributes = append(m.Attributes, Attribute{pairs[i], pairs[i+1]})
	}
	return m
}

// Get returns an attribute's value; names are compared without case.
func (m Message) Get(name string) (string, bool) {
	for _, a := range m.Attributes {
		if strings.EqualFold(a.Name, name) {
			return a.Value, true
		}
	}
	return "", false
}

// Value is Get, with "" for a missing attribute.
func (m Message) Value(name string) string {
	v, _ := m.Get(name)
	return v
}

// Bool tells whether an attribute says "true", in any case.
func (m Message) Bool(name string) bool {
	return strings.EqualFold(strings.TrimSpace(m.Value(name)), "true")
}

// String returns the message as a line, without a line ending.
func (m Message) String() string {
	var b strings.Builder
	b.WriteString(label)
	b.WriteByte('[')
	b.WriteString(m.Name)
	for _, a := range m.Attributes {
		b.WriteByte(' ')
		b.WriteString(a.Name)
		b.WriteString(`="`)
		b.WriteString(base64.StdEncoding.EncodeToString([]byte(a.Value)))
		b.WriteByte('"')
	}
	b.WriteByte(']')
	return b.String()
}
