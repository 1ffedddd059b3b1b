package workspace

import (
	"reflect"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
)

// allowed refuses a change to whoever may not make it: what belongs to the privacy
// officer takes privacy:write or workspace:write, everything else workspace:write.
func (p Patch) allowed(a actor.Actor) error {
	if a.Can("workspace:write") || a.Can("privacy:write") && p.isOfficers() {
		return nil
	}
	return fault.Forbidden("workspace:write")
}

// isOfficers tells whether a change is of the privacy officer's settings alone: how
// requests are answered, who is responsible, what is masked.
func (p Patch) isOfficers() bool {
	if p.Name != nil || p.Settings == nil {
		return false
	}
	rest := *p.Settings
	rest.RequestDays, rest.ReviewedKinds, rest.Sensitive = nil, nil, nil
	rest.AuthorityName, rest.AuthorityURL, rest.OfficerName, rest.OfficerAddress = nil, nil, nil, nil
	return reflect.DeepEqual(rest, SettingsPatch{}) // a field that is added is not theirs unless it is named above
}
