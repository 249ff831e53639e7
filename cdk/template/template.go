// Package template writes a synthesized stack as a CloudFormation template that a person can read: YAML with short
// function names, sections and properties in the order of the documentation, and the reasons for policy statements.
package template

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Render turns a template that CDK wrote as JSON into YAML. header is a comment at its top.
func Render(data []byte, header string, notes Notes) (string, error) {
	value, err := decode(data)
	if err != nil {
		return "", fmt.Errorf("reading template: %w", err)
	}
	t, ok := value.(*object)
	if !ok {
		return "", errors.New("reading template: it is not an object")
	}
	tidy(t)
	e := emitter{notes: notes}
	e.comment(header, 0)
	for _, section := range t.keys {
		e.line(0, "")
		e.section(section, t.values[section])
	}
	return strings.TrimLeft(e.text.String(), "\n"), nil
}

// tidy puts everything in the order of the documentation and leaves out what says nothing.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
func tidy(t *object) {
	t.arrange("AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions",
		"Resources", "Outputs")
	if parameters := t.get("Parameters"); parameters != nil {
		for _, id := range parameters.keys {
			parameters.get(id).arrange("Description", "Type", "Default", "AllowedValues", "AllowedPattern",
				"ConstraintDescription", "MinValue", "MaxValue")
		}
	}
	resources := t.get("Resources")
	if resources == nil {
		return
	}
	for _, id := range resources.keys {
		tidyResource(resources.get(id))
	}
}

func tidyResource(r *object) {
	r.arrange("Type", "Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "CreationPolicy", "UpdatePolicy",
		"Properties")
	leaveOutImpliedDependencies(r)
	properties := r.get("Properties")
	if properties == nil {
		return
	}
	properties.arrange("ServiceToken", "ServiceTimeout", "FunctionName", "RoleName", "LogGroupName", "StackSetName",
		"BucketName", "Name", "Description", "AlarmDescription")
	custom := strings.HasPrefix(fmt.Sprint(r.values["Type"]), "Custom::")
	walk(properties, func(o *object) {
		switch {
		case o.values["Effect"] != nil:
			o.arrange("Sid", "Effect", "Principal", "Action", "Resource", "Condition")
		case o.values["Statement"] != nil:
			o.arrange("Version", "Statement")
		case o.values["PolicyDocument"] != nil:
			o.arrange("PolicyName", "PolicyDocument")
		case custom && o != properties:
			o.arrange(slices.Concat(who, []string{"Access", "Prefixes"})...)
		}
	})
}

// who are the properties that say whom an entry of a share is about.
var who = []string{"Account", "Principal", "PermissionSet", "Organization", "OrganizationalUnit", "User", "Role",
	"Group"}

// leaveOutImpliedDependencies drops from DependsOn what a Ref, GetAtt or Sub says already.
func leaveOutImpliedDependencies(resource *object) {
	list, ok := resource.values["DependsOn"].([]any)
	if !ok {
		return
	}
	implied := map[string]bool{}
	walk(resource.get("Properties"), func(o *object) {
		if id, ok := o.values["Ref"].(string); ok {
			implied[id] = true
		}
		if path, ok := o.values["Fn::GetAtt"].([]any); ok {
			implied[fmt.Sprint(path[0])] = true
		}
		text, _ := o.values["Fn::Sub"].(string)
		if list, ok := o.values["Fn::Sub"].([]any); ok {
			text = fmt.Sprint(list[0])
		}
		for _, m := range subReference.FindAllStringSubmatch(text, -1) {
			implied[m[1]] = true
		}
	})
	list = slices.DeleteFunc(list, func(id any) bool { return implied[fmt.Sprint(id)] })
	switch len(list) {
	case 0:
		resource.remove("DependsOn")
	case 1:
		resource.values["DependsOn"] = list[0]
	default:
		resource.values["DependsOn"] = list
	}
}

// subReference is a reference in the text of a Sub.
var subReference = regexp.MustCompile(`\$\{([A-Za-z0-9]+)[.}]`)

// walk visits every object below value.
func walk(value any, visit func(*object)) {
	switch v := value.(type) {
	case *object:
		if v == nil {
			return
		}
		visit(v)
		for _, key := range v.keys {
			walk(v.values[key], visit)
		}
	case []any:
		for _, one := range v {
			walk(one, visit)
		}
	}
}
