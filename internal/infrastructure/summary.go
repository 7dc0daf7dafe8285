package infrastructure

// Summary counts machines by what pages show.
type Summary struct {
	TotalMachines                int
	TotalDisabledMachines        int
	MachineHealthStatusSummaries map[string]int
	MachineEndpointSummaries     map[string]int
	TentacleUpgradesRequired     bool
	MachineIDsForCalamariUpgrade []string       `json:"MachineIdsForCalamariUpgrade"`
	MachineIDsForTentacleUpgrade []string       `json:"MachineIdsForTentacleUpgrade"`
	MachineTenantSummaries       map[string]int `json:",omitempty"`
	MachineTenantTagSummaries    map[string]int `json:",omitempty"`
}

// NewSummary returns a summary of nothing.
func NewSummary() *Summary {
	return &Summary{
		MachineHealthStatusSummaries: map[string]int{}, MachineEndpointSummaries: map[string]int{},
		MachineIDsForCalamariUpgrade: []string{}, MachineIDsForTentacleUpgrade: []string{},
		MachineTenantSummaries: map[string]int{}, MachineTenantTagSummaries: map[string]int{},
	}
}

// Add counts one machine or worker.
func (s *Summary) Add(id string, h Host, health Health) {
	s.TotalMachines++
	s.MachineEndpointSummaries[h.Endpoint.CommunicationStyle]++
	if h.IsDisabled {
		s.TotalDisabledMachines++
		s.MachineHealthStatusSummaries["Disabled"]++
		return
	}
	s.MachineHealthStatusSummaries[health.Status]++
	if _, _, _, agent := h.Endpoint.Agent(); agent && health.CheckedAt != nil && !health.HasLatestTool && health.Status != Unavailable {
		s.MachineIDsForCalamariUpgrade = append(s.MachineIDsForCalamariUpgrade, id)
	}
	if health.UpgradeAvailable {
		s.MachineIDsForTentacleUpgrade = append(s.MachineIDsForTentacleUpgrade, id)
	}
}

// AddTenants counts a machine for its tenants and tenant tags.
func (s *Summary) AddTenants(m *Machine) {
	for _, id := range m.TenantIDs {
		s.MachineTenantSummaries[id]++
	}
	for _, tag := range m.TenantTags {
		s.MachineTenantTagSummaries[tag]++
	}
}
