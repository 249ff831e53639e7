package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// form is a stack whose values are parameters: what a template of templates/ is made from.
type form struct {
	stack  awscdk.Stack
	groups []group
}

type group struct {
	label      string
	parameters []parameter
}

// parameter is a template's parameter as its user sees it.
type parameter struct {
	name        string
	label       string // what the console shows
	description string
	kind        string // default: String
	defaultTo   any    // nil: the user has to say
	pattern     string
	constraint  string // what the console says when the pattern does not match
	values      []string
	least, most float64
	added       bool // by a construct, so that only its label is said here
}

const (
	list   = "CommaDelimitedList"
	number = "Number"
)

// newForm makes the stack and its parameters. It needs nothing of CDK's where it is deployed: no bootstrap, no assets.
func newForm(app awscdk.App, name, description string, groups ...group) form {
	stack := awscdk.NewStack(app, jsii.String(name), &awscdk.StackProps{
		Description: jsii.String(stamped(description)),
		Synthesizer: awscdk.NewBootstraplessSynthesizer(nil),
	})
	stack.TemplateOptions().SetTemplateFormatVersion(jsii.String("2010-09-09"))
	f := form{stack, groups}
	for _, g := range groups {
		for _, p := range g.parameters {
			if !p.added {
				f.add(p)
			}
		}
	}
	f.describe()
	return f
}

func (f form) add(p parameter) {
	props := &awscdk.CfnParameterProps{
		Type:        jsii.String("String"),
		Description: jsii.String(p.description),
		Default:     p.defaultTo,
	}
	if p.kind != "" {
		props.Type = jsii.String(p.kind)
	}
	if p.pattern != "" {
		props.AllowedPattern = jsii.String(p.pattern)
	}
	if p.constraint != "" {
		props.ConstraintDescription = jsii.String(p.constraint)
	}
	if p.values != nil {
		props.AllowedValues = jsii.Strings(p.values...)
	}
	if p.most != 0 {
		props.MinValue, props.MaxValue = jsii.Number(p.least), jsii.Number(p.most)
	}
	awscdk.NewCfnParameter(f.stack, jsii.String(p.name), props)
}

// describe puts the groups and labels where the console looks for them.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-interface.html
func (f form) describe() {
	labels := map[string]any{}
	var shown []any
	for _, g := range f.groups {
		var names []any
		for _, p := range g.parameters {
			names = append(names, p.name)
			labels[p.name] = map[string]any{"default": p.label}
		}
		shown = append(shown, map[string]any{"Label": map[string]any{"default": g.label}, "Parameters": names})
	}
	f.stack.TemplateOptions().SetMetadata(&map[string]interface{}{
		"AWS::CloudFormation::Interface": map[string]any{"ParameterGroups": shown, "ParameterLabels": labels},
	})
}

// given adds the condition that a parameter is not empty, and returns its name.
func (f form) given(parameter string) string {
	p := f.stack.Node().FindChild(jsii.String(parameter)).(awscdk.CfnParameter)
	value := p.ValueAsString
	if *p.Type() == list {
		value = func() *string { return awscdk.Fn_Join(jsii.String(""), p.ValueAsList()) }
	}
	return f.condition("Has"+parameter, awscdk.Fn_ConditionNot(awscdk.Fn_ConditionEquals(value(), "")))
}

// isTrue adds the condition that a parameter is "true", and returns its name.
func (f form) isTrue(parameter string) string {
	p := f.stack.Node().FindChild(jsii.String(parameter)).(awscdk.CfnParameter)
	return f.condition("Is"+parameter, awscdk.Fn_ConditionEquals(p.ValueAsString(), "true"))
}

func (f form) condition(name string, expression awscdk.ICfnConditionExpression) string {
	if f.stack.Node().TryFindChild(jsii.String(name)) == nil {
		awscdk.NewCfnCondition(f.stack, jsii.String(name), &awscdk.CfnConditionProps{Expression: expression})
	}
	return name
}

// text is a parameter's value for a construct's property.
func (f form) text(parameter string) *string {
	return f.stack.Node().FindChild(jsii.String(parameter)).(awscdk.CfnParameter).ValueAsString()
}

// override writes a resource's properties as they stand in the template: that an entry is there or not depends on
// parameters, which the constructs' types cannot say.
func override(resource awscdk.CfnResource, properties ...property) {
	for _, p := range properties {
		resource.AddPropertyOverride(jsii.String(p.path), p.value)
	}
}

type property struct {
	path  string
	value any
}

func ref(name string) map[string]any { return map[string]any{"Ref": name} }

// join is a list parameter as one string, which is what a StackSet's parameters are.
func join(name string) map[string]any { return map[string]any{"Fn::Join": []any{",", ref(name)}} }

func sub(text string) map[string]any { return map[string]any{"Fn::Sub": text} }

// ifElse is then under the condition, else otherwise; nil leaves the property or the entry out.
func ifElse(condition string, then, otherwise any) map[string]any {
	if otherwise == nil {
		otherwise = ref("AWS::NoValue")
	}
	return map[string]any{"Fn::If": []any{condition, then, otherwise}}
}

// listParameter is a list that may be empty.
func listParameter(name, label, description, pattern, constraint string) parameter {
	return parameter{
		name: name, label: label, description: description, kind: list, defaultTo: "",
		pattern: pattern, constraint: constraint,
	}
}

// cfn is the CloudFormation resource below a construct.
func cfn(c awscdk.Resource) awscdk.CfnResource {
	return c.Node().DefaultChild().(awscdk.CfnResource)
}
