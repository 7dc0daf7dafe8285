package ocl

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The model of the recorded rows: a runbook with the steps of its process.

type connectivityPolicy struct {
	AllowDeploymentsToNoTargets, ExcludeUnhealthyTargets bool
	SkipMachineBehavior                                  skipBehavior
	TargetRoles                                          references
}

type runbook struct {
	Name                     *string `ocl:",required"`
	Description              *string
	MultiTenancyMode         tenancyMode
	ConnectivityPolicy       *connectivityPolicy
	EnvironmentScope         environmentScope
	Environments             references
	DefaultGuidedFailureMode guidedFailure
}

type process struct {
	ProjectID string `ocl:"project_id"`
	Steps     []*step
}

type step struct {
	Name               string `ocl:",label,required"`
	Condition          stepCondition
	StartTrigger       startTrigger
	PackageRequirement packageRequirement
	Actions            []*action
	Properties         properties
}

type action struct {
	Name                                                     string  `ocl:",label,required"`
	ActionType                                               string  `ocl:",required"`
	WorkerPoolIdOrName                                       *string `json:"WorkerPool"`
	WorkerPoolVariable                                       *string
	Container                                                container `ocl:",omitempty"`
	IsDisabled, IsRequired                                   bool
	Environments, ExcludedEnvironments, Channels, TenantTags references
	Packages                                                 []*packageReference
	Condition                                                actionCondition
	Properties                                               properties
}

type container struct{ Image, FeedId *string }

type packageReference struct {
	Name                string `ocl:",label,optional"`
	PackageId           string
	FeedIdOrName        string `ocl:",alias=feed" json:"Feed"`
	AcquisitionLocation string
	Version             *string
	Properties          map[string]string
}

type (
	skipBehavior       int
	tenancyMode        int
	environmentScope   int
	guidedFailure      int
	stepCondition      int
	startTrigger       int
	packageRequirement int
	actionCondition    int
)

func (skipBehavior) OCLNames() []string { return []string{"None", "SkipUnavailableMachines"} }
func (tenancyMode) OCLNames() []string {
	return []string{"Untenanted", "TenantedOrUntenanted", "Tenanted"}
}
func (environmentScope) OCLNames() []string {
	return []string{"All", "Specified", "FromProjectLifecycles"}
}
func (guidedFailure) OCLNames() []string { return []string{"EnvironmentDefault", "Off", "On"} }
func (stepCondition) OCLNames() []string { return []string{"Success", "Failure", "Always", "Variable"} }
func (startTrigger) OCLNames() []string  { return []string{"StartAfterPrevious", "StartWithPrevious"} }
func (packageRequirement) OCLNames() []string {
	return []string{"LetOctopusDecide", "BeforePackageAcquisition", "AfterPackageAcquisition"}
}
func (actionCondition) OCLNames() []string { return []string{"Success", "Variable"} }

func (e *skipBehavior) UnmarshalText(b []byte) error       { return byName(e, b) }
func (e *tenancyMode) UnmarshalText(b []byte) error        { return byName(e, b) }
func (e *environmentScope) UnmarshalText(b []byte) error   { return byName(e, b) }
func (e *guidedFailure) UnmarshalText(b []byte) error      { return byName(e, b) }
func (e *stepCondition) UnmarshalText(b []byte) error      { return byName(e, b) }
func (e *startTrigger) UnmarshalText(b []byte) error       { return byName(e, b) }
func (e *packageRequirement) UnmarshalText(b []byte) error { return byName(e, b) }
func (e *actionCondition) UnmarshalText(b []byte) error    { return byName(e, b) }

func byName[E interface {
	~int
	Enum
}](e *E, name []byte) error {
	i := slices.Index((*e).OCLNames(), string(name))
	if i < 0 {
		return fmt.Errorf("no %s", name)
	}
	*e = E(i)
	return nil
}

// references are read from a list of texts only.
type references []string

func (r *references) UnmarshalOCL(v Value) error {
	l, ok := v.(List)
	if !ok {
		return fmt.Errorf("a list is needed")
	}
	*r = nil
	for _, item := range l {
		s, ok := item.(String)
		if !ok {
			return fmt.Errorf("a list of texts is needed")
		}
		*r = append(*r, string(s))
	}
	return nil
}

// properties hold texts; other plain values become texts.
type properties map[string]string

func (p *properties) UnmarshalOCL(v Value) error {
	d, ok := v.(Dictionary)
	if !ok {
		return fmt.Errorf("a dictionary is needed")
	}
	if *p == nil {
		*p = properties{}
	}
	for _, e := range d {
		switch item := e.Value.(type) {
		case Null:
		case Heredoc:
			(*p)[e.Key] = item.Text
		case Bool:
			(*p)[e.Key] = map[Bool]string{true: "True", false: "False"}[item]
		default:
			(*p)[e.Key] = fmt.Sprint(item)
		}
	}
	return nil
}

type recordedModel struct {
	Runbook runbook
	Steps   *[]*step
}

func TestGoldenProcessModel(t *testing.T) {
	t.Parallel()
	runGolden(t, "process-model.jsonl", func(r row) string {
		var book runbook
		var proc *process
		var err error
		if r.Process != nil {
			book, proc = recorded(r.Process)
		} else {
			book, proc, err = readModel(r.In)
		}
		var text string
		if err == nil {
			text, err = writeModel(book, proc)
		}
		if r.Error != nil {
			return sameError(r.Error, err)
		}
		if err != nil {
			return err.Error()
		}
		if diff := cmp.Diff(*r.Text, text); diff != "" {
			return diff
		}
		return readAgain(r, text)
	})
}

// readAgain reads what was written and writes it once more.
func readAgain(r row, text string) string {
	book, proc, err := readModel(text)
	switch {
	case r.ReparseError != nil:
		return sameError(r.ReparseError, err)
	case err != nil:
		return err.Error()
	case r.RoundTrip:
		again, err := writeModel(book, proc)
		return cmp.Diff(text, again) + cmp.Diff(nil, err)
	}
	return ""
}

func newRunbook() runbook {
	return runbook{Description: new(string), ConnectivityPolicy: &connectivityPolicy{AllowDeploymentsToNoTargets: true}}
}

func recorded(raw json.RawMessage) (runbook, *process) {
	m := recordedModel{Runbook: newRunbook()}
	if err := json.Unmarshal(raw, &m); err != nil {
		panic(err)
	}
	if m.Steps == nil {
		return m.Runbook, nil
	}
	for _, s := range *m.Steps {
		for _, a := range s.Actions {
			for _, p := range a.Packages {
				if p.AcquisitionLocation == "" {
					p.AcquisitionLocation = "Server"
				}
			}
		}
	}
	return m.Runbook, &process{ProjectID: "Projects-1", Steps: *m.Steps}
}

func readModel(text string) (runbook, *process, error) {
	book, proc := newRunbook(), &process{ProjectID: "PLACEHOLDER"}
	doc, err := Parse(text)
	if err != nil {
		return book, proc, err
	}
	rest, err := UnmarshalKnown(doc.Body, proc)
	if err == nil {
		_, err = UnmarshalKnown(rest, &book)
	}
	return book, proc, err
}

func writeModel(book runbook, proc *process) (string, error) {
	doc, err := Marshal(book)
	if err != nil {
		return "", err
	}
	if proc != nil {
		more, err := Marshal(proc)
		if err != nil {
			return "", err
		}
		doc.Body = append(doc.Body, more.Body...)
	}
	return Format(doc, Options{})
}
