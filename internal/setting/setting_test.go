package setting_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/share"
)

var declared = share.Share{Versioning: share.VersioningEnabled, RotationDays: 365}

// ofBucket are all settings of a share's bucket, its encryption last.
func ofBucket() []setting.Of[setting.BucketSettings] {
	encryption := setting.Encryption{}.Under("arn:aws:kms:ap-southeast-2:111111111111:key/1")
	return append(setting.WantedOfBucket(declared), encryption)
}

// What was never set is set once, and then differs no more: another write would mean nothing.
func TestASettingIsWrittenOnce(t *testing.T) {
	writtenOnce(t, ofBucket())
	writtenOnce(t, setting.WantedOfKey(declared))
}

func writtenOnce[S any](t *testing.T, all []setting.Of[S]) {
	t.Helper()
	var now S
	for _, want := range all {
		operation := want.Names().Operation
		if want.Differs(now) == "" {
			t.Errorf("%s is not written where nothing was set", operation)
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
	allNamed[setting.BucketSettings](t, setting.Bucket, setting.EveryOfBucket())
	allNamed[setting.KeySettings](t, setting.Key, setting.EveryOfKey())
}

func allNamed[S any](t *testing.T, on setting.Resource, named []setting.Names) {
	t.Helper()
	if fields := reflect.TypeFor[S]().NumField(); fields != len(named) {
		t.Errorf("%v has %d fields, and %d settings have names", reflect.TypeFor[S](), fields, len(named))
	}
	for _, names := range named {
		for _, action := range []string{names.Read, names.Write} {
			if names.On != on || !strings.HasPrefix(action, on.Service+":") {
				t.Errorf("%s is on %v, and needs %s", names.Operation, names.On, action)
			}
		}
	}
}

// A template and a command can say every value.
func TestEverySettingCanBeSaid(t *testing.T) {
	said := map[string]string{}
	for _, s := range slices.Concat(settings(ofBucket()), settings(setting.WantedOfKey(declared))) {
		operation := s.Names().Operation
		if _, err := json.Marshal(s.Properties()); err != nil || len(s.Properties()) == 0 || s.Argument() == "" {
			t.Errorf("%s: argument %q, properties %v (%v)", operation, s.Argument(), s.Properties(), err)
		}
		for property := range s.Properties() {
			if other := said[property]; other != "" {
				t.Errorf("%s is a property of %s and of %s", property, other, operation)
			}
			said[property] = operation
		}
	}
}

func settings[S any](of []setting.Of[S]) []setting.Setting {
	var all []setting.Setting
	for _, s := range of {
		all = append(all, s)
	}
	return all
}

// A key that KMS cannot rotate is left as it is.
func TestAKeyThatCannotBeRotated(t *testing.T) {
	now := setting.KeySettings{Rotation: setting.NoRotation}
	if reason := setting.Rotation(365).Differs(now); reason != "" {
		t.Errorf("its rotation is written: %s", reason)
	}
}

// What others have blocked stays blocked when the share's key takes the place of another.
func TestOtherBlockedEncryptionTypesStay(t *testing.T) {
	e := setting.Encryption{Algorithm: "AES256", OtherBlocked: []string{"SSE-X"}}.Under("key")
	if got := e.Blocked(); len(got) != 2 || got[0] != "SSE-C" || got[1] != "SSE-X" {
		t.Errorf("blocked: %v", got)
	}
}

// Only SSE-KMS has a key that somebody may have to be let use: S3 names one for DSSE-KMS, too.
func TestKeyOfAnEncryption(t *testing.T) {
	for algorithm, want := range map[string]string{"aws:kms": "k", "aws:kms:dsse": "", "AES256": "", "": ""} {
		if got := (setting.Encryption{Algorithm: algorithm, KeyID: "k"}).Key(); got != want {
			t.Errorf("%q: %q, want %q", algorithm, got, want)
		}
	}
}
