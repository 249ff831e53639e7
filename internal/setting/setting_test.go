package setting_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/share"
)

// wanted are all settings of a share, its encryption last.
func wanted() []setting.Setting {
	s := share.Share{Versioning: share.VersioningEnabled}
	return append(setting.Wanted(s), setting.Encryption{}.Under("arn:aws:kms:ap-southeast-2:111111111111:key/1"))
}

// What was never set is set once, and then differs no more: another write would mean nothing.
func TestASettingIsWrittenOnce(t *testing.T) {
	var now setting.Settings
	for _, want := range wanted() {
		operation := want.Names().Operation
		if want.Differs(now) == "" {
			t.Errorf("%s is not written on a bucket on which nothing was set", operation)
		}
		want.Set(&now)
		if reason := want.Differs(now); reason != "" {
			t.Errorf("%s is written twice: %s", operation, reason)
		}
	}
}

// A setting that is forgotten somewhere has a name that is missing, or one that another has.
func TestEverySettingHasItsNames(t *testing.T) {
	seen := map[any]bool{}
	for _, names := range setting.Every() {
		v := reflect.ValueOf(names)
		for i := range v.NumField() {
			field := v.Type().Field(i).Name
			switch value := v.Field(i).Interface().(type) {
			case string:
				if value == "" || seen[[2]string{field, value}] {
					t.Errorf("%s: the %s %q is missing or another setting's", names.Operation, field, value)
				}
				seen[[2]string{field, value}] = true
			case []string:
				if len(value) == 0 {
					t.Errorf("%s: nothing changes it", names.Operation)
				}
			}
		}
	}
	if fields := reflect.TypeFor[setting.Settings]().NumField(); fields != len(setting.Every()) {
		t.Errorf("Settings has %d fields, and %d settings have names", fields, len(setting.Every()))
	}
}

// A template and a command can say every value.
func TestEverySettingCanBeSaid(t *testing.T) {
	for _, s := range wanted() {
		if _, err := json.Marshal(s.Property()); err != nil || s.Property() == nil || s.Argument() == "" {
			t.Errorf("%s: argument %q, property %v (%v)", s.Names().Operation, s.Argument(), s.Property(), err)
		}
	}
}

// What others have blocked stays blocked when the share's key takes the place of another.
func TestOtherBlockedEncryptionTypesStay(t *testing.T) {
	e := setting.Encryption{Algorithm: "AES256", OtherBlocked: []string{"SSE-X"}}.Under("key")
	if got := e.Blocked(); len(got) != 2 || got[0] != "SSE-C" || got[1] != "SSE-X" {
		t.Errorf("blocked: %v", got)
	}
}
