package systemapi

import (
	"net/http"
	"time"
	_ "time/tzdata" // the zones must exist on a machine without any

	"github.com/mantledeploy/mantle/internal/api"
)

// Zone is a time zone by its IANA name.
type Zone struct {
	ID      string `json:"Id"`
	Name    string
	IsLocal bool
}

func zones(c *api.Call) error {
	local := time.Local.String()
	list := []Zone{}
	for _, id := range zoneNames() {
		if _, err := time.LoadLocation(id); err != nil {
			continue
		}
		list = append(list, Zone{ID: id, Name: id, IsLocal: id == local || local == "Local" && id == "UTC"})
	}
	return c.JSON(http.StatusOK, list)
}

// zoneNames are the zones that are offered: one for each set of rules that people live by. Schedules may name others.
func zoneNames() []string {
	return []string{
		"UTC", "Africa/Cairo", "Africa/Casablanca", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi", "America/Anchorage", "America/Argentina/Buenos_Aires",
		"America/Bogota", "America/Caracas", "America/Chicago", "America/Denver", "America/Godthab", "America/Guatemala", "America/Halifax", "America/Havana", "America/La_Paz",
		"America/Los_Angeles", "America/Mexico_City", "America/Montevideo", "America/New_York", "America/Phoenix", "America/Regina", "America/Santiago", "America/Sao_Paulo",
		"America/St_Johns", "America/Tijuana", "America/Toronto", "America/Vancouver", "Asia/Almaty", "Asia/Amman", "Asia/Baghdad", "Asia/Baku", "Asia/Bangkok", "Asia/Beirut", "Asia/Colombo",
		"Asia/Damascus", "Asia/Dhaka", "Asia/Dubai", "Asia/Ho_Chi_Minh", "Asia/Hong_Kong", "Asia/Irkutsk", "Asia/Jakarta", "Asia/Jerusalem", "Asia/Kabul", "Asia/Kamchatka", "Asia/Karachi",
		"Asia/Kathmandu", "Asia/Kolkata", "Asia/Krasnoyarsk", "Asia/Kuala_Lumpur", "Asia/Magadan", "Asia/Manila", "Asia/Novosibirsk", "Asia/Riyadh", "Asia/Seoul", "Asia/Shanghai", "Asia/Singapore",
		"Asia/Taipei", "Asia/Tashkent", "Asia/Tbilisi", "Asia/Tehran", "Asia/Tokyo", "Asia/Ulaanbaatar", "Asia/Vladivostok", "Asia/Yakutsk", "Asia/Yangon", "Asia/Yekaterinburg", "Asia/Yerevan",
		"Atlantic/Azores", "Atlantic/Cape_Verde", "Atlantic/Reykjavik", "Australia/Adelaide", "Australia/Brisbane", "Australia/Darwin", "Australia/Hobart", "Australia/Melbourne", "Australia/Perth",
		"Australia/Sydney", "Europe/Amsterdam", "Europe/Athens", "Europe/Berlin", "Europe/Brussels", "Europe/Bucharest", "Europe/Budapest", "Europe/Copenhagen", "Europe/Dublin", "Europe/Helsinki",
		"Europe/Istanbul", "Europe/Kaliningrad", "Europe/Kyiv", "Europe/Lisbon", "Europe/London", "Europe/Madrid", "Europe/Minsk", "Europe/Moscow", "Europe/Oslo", "Europe/Paris", "Europe/Prague",
		"Europe/Rome", "Europe/Samara", "Europe/Sofia", "Europe/Stockholm", "Europe/Vienna", "Europe/Warsaw", "Europe/Zurich", "Indian/Mauritius", "Pacific/Apia", "Pacific/Auckland", "Pacific/Fiji",
		"Pacific/Guam", "Pacific/Honolulu", "Pacific/Kiritimati", "Pacific/Noumea", "Pacific/Port_Moresby", "Pacific/Tongatapu",
	}
}
