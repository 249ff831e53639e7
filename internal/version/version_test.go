package version

import "testing"

func TestReleased(t *testing.T) {
	for version, want := range map[string]bool{
		"v1.2.3":                               true,
		"v0.1.0-rc.1":                          true,
		"v1.2.4-0.20261126141500-0123456789ab": false, // a commit after v1.2.3
		"v0.0.0-20261126141500-0123456789ab":   false,
		"v1.2.3+dirty":                         false,
		"v01.2.3":                              false,
		"1.2.3":                                false,
		"v1.2":                                 false,
		"v1.2.3 -X main.other=1":               false,
		"(devel)":                              false,
		"":                                     false,
	} {
		if got := Released(version); got != want {
			t.Errorf("%q: %v", version, got)
		}
	}
}

func TestOnlyReleasesAreWrittenIntoTemplates(t *testing.T) {
	defer func(before string) { stamped = before }(stamped)
	for version, want := range map[string]string{"v1.2.3": "v1.2.3", "v1.2.3+dirty": "", "(devel)": ""} {
		if stamped = version; Release() != want || String() != version {
			t.Errorf("%q: Release %q, String %q", version, Release(), String())
		}
	}
}

func TestFlagNamesTheVariable(t *testing.T) {
	if got := Flag("v1.2.3"); got != "-X example.com/sharedbucket/internal/version.stamped=v1.2.3" {
		t.Error(got)
	}
	if got := Flag(""); got != "" {
		t.Error(got)
	}
}
