package sharedbucket_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/cdk/sharedbucket"
	"example.com/sharedbucket/internal/share"
)

// The constructs' properties are those that the function parses: by the same names, in the same order, and of a kind
// that can hold the same values.
func TestPropsAreTheResourcesProperties(t *testing.T) {
	for _, c := range []struct{ props, properties reflect.Type }{
		{
			props:      reflect.TypeFor[sharedbucket.SharedBucketProps](),
			properties: reflect.TypeFor[share.BucketProperties](),
		},
		{
			props:      reflect.TypeFor[sharedbucket.SharedBucketAccessProps](),
			properties: reflect.TypeFor[share.AccessProperties](),
		},
		{props: reflect.TypeFor[sharedbucket.Consumer](), properties: reflect.TypeFor[share.ConsumerProperties]()},
		{
			props:      reflect.TypeFor[sharedbucket.PermissionSet](),
			properties: reflect.TypeFor[share.PermissionSetProperties](),
		},
		{props: reflect.TypeFor[sharedbucket.Grantee](), properties: reflect.TypeFor[share.GranteeProperties]()},
		{
			props:      reflect.TypeFor[sharedbucket.Encryption](),
			properties: reflect.TypeFor[share.EncryptionProperties](),
		},
	} {
		t.Run(c.props.Name(), func(t *testing.T) {
			var got []field
			for _, f := range fields(c.props) {
				if f.Name != "Provider" { // of CloudFormation, not of the resource
					got = append(got, f)
				}
			}
			want := fields(c.properties)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s has not the properties of %s (-property +prop):\n%s", c.props, c.properties, diff)
			}
		})
	}
}

type field struct{ Name, Kind string }

func fields(t reflect.Type) []field {
	var all []field
	for _, f := range reflect.VisibleFields(t) {
		all = append(all, field{f.Name, kind(f.Type)})
	}
	return all
}

// kind is what a type is in a template.
func kind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return kind(t.Elem())
	case reflect.Int, reflect.Float64:
		return "number"
	case reflect.Slice:
		return "list of " + kind(t.Elem())
	case reflect.Map:
		return "map to " + kind(t.Elem())
	case reflect.Struct:
		return strings.TrimSuffix(t.Name(), "Properties")
	}
	return t.Kind().String()
}

func TestConstants(t *testing.T) {
	for got, want := range map[string]string{
		string(sharedbucket.Retain):              share.Retain,
		string(sharedbucket.Delete):              share.Delete,
		string(sharedbucket.Empty):               share.Empty,
		string(sharedbucket.PolicyAuto):          share.PolicyAuto,
		string(sharedbucket.PolicyInline):        share.PolicyInline,
		string(sharedbucket.PolicyManaged):       share.PolicyManaged,
		string(sharedbucket.Report):              share.Report,
		string(sharedbucket.Repair):              share.Repair,
		string(sharedbucket.VersioningEnabled):   share.VersioningEnabled,
		string(sharedbucket.VersioningSuspended): share.VersioningSuspended,
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
