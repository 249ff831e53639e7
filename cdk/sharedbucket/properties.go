package sharedbucket

import (
	"maps"
	"reflect"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/internal/share"
)

// properties turns a props struct into the properties of a custom resource: field names are property names, and absent
// fields are left out.
func properties(props any) map[string]any {
	out := map[string]any{}
	v := reflect.Indirect(reflect.ValueOf(props))
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Type == reflect.TypeFor[IProvider]() {
			continue // of CloudFormation, not of the resource
		}
		if value := property(v.Field(i)); value != nil {
			out[field.Name] = value
		}
	}
	return out
}

// property is one value as JSON has it, nil for an absent one. An empty list is given, not absent: CloudFormation would
// otherwise hear nothing of a list that lost its last entry.
func property(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if v.IsNil() {
			return nil
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		return property(v.Elem())
	case reflect.Struct:
		return properties(v.Interface())
	case reflect.String:
		if v.String() == "" && v.Type() != reflect.TypeFor[string]() {
			return nil // a level, versioning or removal policy that is not given
		}
		return v.String()
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = property(v.Index(i))
		}
		return list
	case reflect.Map:
		m := map[string]any{}
		for _, k := range v.MapKeys() {
			m[k.String()] = property(v.MapIndex(k))
		}
		return m
	}
	return v.Interface()
}

// check makes synthesis fail when properties break a rule that is known by then. Errors as annotations come with the
// construct's path, all of the app's together, where a panic would report the first construct only.
func check[T any](
	scope constructs.Construct, declared map[string]any, parse func(map[string]any, share.Env, ...share.Option) (T, error),
) {
	_, err := parse(known(declared).(map[string]any), knownEnv(scope), share.BeforeDeployment(isToken))
	if err == nil {
		return
	}
	lines := []string{err.Error()}
	if all, ok := err.(share.Violations); ok {
		lines = all.Lines()
	}
	for _, line := range lines {
		awscdk.Annotations_Of(scope).AddError(jsii.String(line))
	}
}

// known leaves out numbers that are tokens: nothing can be checked about them. Strings are pointed out by isToken.
func known(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if n, ok := e.(float64); !ok || !*awscdk.Token_IsUnresolved(n) {
				out[k] = known(e)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = known(e)
		}
		return out
	}
	return v
}

// isToken says whether a value is known on deployment only, be it from a string or from a list.
func isToken(s string) bool {
	return *awscdk.Token_IsUnresolved(s) || *awscdk.Token_IsUnresolved([]string{s})
}

// knownEnv is the scope's environment as far as it is known now.
func knownEnv(scope constructs.Construct) share.Env {
	stack := awscdk.Stack_Of(scope)
	concrete := func(s *string) string {
		if isToken(*s) {
			return ""
		}
		return *s
	}
	return share.Env{
		Partition: concrete(stack.Partition()),
		Region:    concrete(stack.Region()),
		Account:   concrete(stack.Account()),
	}
}

// newResource makes the custom resource. Its DeletionPolicy is always Delete: what becomes of the bucket is said by the
// RemovalPolicy property, and access is to be revoked in every case.
func newResource(
	scope constructs.Construct, resourceType string, declared map[string]any, provider IProvider,
) awscdk.CustomResource {
	declared = maps.Clone(declared)
	timeout := serviceTimeoutSeconds
	if declared["RemovalPolicy"] == share.Empty {
		timeout = emptyingTimeoutSeconds
	}
	token := serviceTokenOf
	if provider != nil {
		token = func(constructs.Construct) *string { return provider.ServiceToken() }
	}
	return awscdk.NewCustomResource(scope, jsii.String("Resource"), &awscdk.CustomResourceProps{
		ResourceType:   jsii.String(resourceType),
		ServiceToken:   token(scope),
		ServiceTimeout: awscdk.Duration_Seconds(jsii.Number(timeout)),
		Properties:     &declared,
	})
}

// texts are the strings behind jsii's pointers.
func texts(list *[]*string) []string {
	if list == nil {
		return nil
	}
	out := make([]string, len(*list))
	for i, s := range *list {
		out[i] = *s
	}
	return out
}
