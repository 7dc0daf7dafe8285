package dashboard

import (
	"encoding/json"
	"strconv"
	"time"
)

// AppendJSON appends the item as json.Marshal would write it, in a fraction of the time: a dashboard has many thousands of them.
func (i *Item) AppendJSON(b []byte) []byte {
	b = member(b, `{"Id":`, i.ID)
	b = member(b, `,"ProjectId":`, i.ProjectID)
	b = member(b, `,"EnvironmentId":`, i.EnvironmentID)
	b = member(b, `,"ReleaseId":`, i.ReleaseID)
	b = member(b, `,"DeploymentId":`, i.DeploymentID)
	b = member(b, `,"TaskId":`, i.TaskID)
	b = optional(b, `,"TenantId":`, i.TenantID)
	b = member(b, `,"ChannelId":`, i.ChannelID)
	b = member(b, `,"ReleaseVersion":`, i.ReleaseVersion)
	b = moment(b, `,"Created":`, &i.Created)
	b = moment(b, `,"QueueTime":`, &i.QueueTime)
	b = moment(b, `,"StartTime":`, i.StartTime)
	b = moment(b, `,"CompletedTime":`, i.CompletedTime)
	b = member(b, `,"State":`, i.State)
	b = flag(b, `,"HasPendingInterruptions":`, i.HasPendingInterruptions)
	b = flag(b, `,"HasWarningsOrErrors":`, i.HasWarningsOrErrors)
	b = optional(b, `,"ErrorMessage":`, i.ErrorMessage)
	b = member(b, `,"Duration":`, i.Duration)
	b = flag(b, `,"IsCurrent":`, i.IsCurrent)
	b = flag(b, `,"IsPrevious":`, i.IsPrevious)
	b = flag(b, `,"IsCompleted":`, i.IsCompleted)
	b = append(b, `,"PendingInterruptionTypes":[`...)
	for n, t := range i.PendingInterruptionTypes {
		if n > 0 {
			b = append(b, ',')
		}
		b = text(b, t)
	}
	b = member(b, `],"Links":{"Self":`, i.Links.Self)
	b = member(b, `,"Release":`, i.Links.Release)
	b = member(b, `,"Task":`, i.Links.Task)
	if i.Links.Tenant != "" {
		b = member(b, `,"Tenant":`, i.Links.Tenant)
	}
	return append(b, "}}"...)
}

func member(b []byte, name, value string) []byte { return text(append(b, name...), value) }

func optional(b []byte, name string, value *string) []byte {
	if value == nil {
		return append(append(b, name...), "null"...)
	}
	return member(b, name, *value)
}

func flag(b []byte, name string, value bool) []byte {
	return strconv.AppendBool(append(b, name...), value)
}

func moment(b []byte, name string, t *time.Time) []byte {
	b = append(b, name...)
	if t == nil {
		return append(b, "null"...)
	}
	return append(t.AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
}

// text quotes a string; one with anything unusual in it is left to the library.
func text(b []byte, s string) []byte {
	for n := range len(s) {
		if c := s[n]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // a string always can be
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
