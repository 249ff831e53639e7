// Package terraform reads what `terraform show -json` says of a plan or a state, as far as it declares who may use a
// bucket. What is known only after the plan is applied becomes an inventory.Unknown with its address.
//
// https://developer.hashicorp.com/terraform/internals/json-format
package terraform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/inventory"
	"example.com/sharedbucket/internal/share"
)

// File is a plan or state with where it is deployed.
type File struct {
	Name string
	Env  share.Env
}

// document is the part of the format that is read.
type document struct {
	FormatVersion   string  `json:"format_version"`
	Values          *values `json:"values"`         // of a state
	PlannedValues   *values `json:"planned_values"` // of a plan
	ResourceChanges []struct {
		Address string
		Change  struct {
			AfterUnknown any `json:"after_unknown"`
		}
	} `json:"resource_changes"`
	Configuration struct {
		RootModule configuration `json:"root_module"`
	}
}

type values struct {
	RootModule module `json:"root_module"`
}

type module struct {
	Address      string
	Resources    []resource
	ChildModules []module `json:"child_modules"`
}

// resource is one instance of a resource.
type resource struct {
	Address, Mode, Type, Name string
	Values                    map[string]any
	module                    string // its module's address, "" for the root
	unknown                   map[string]any
	configured                map[string]any // expressions by property; nil where there is no configuration
}

type configuration struct {
	Resources []struct {
		Address     string
		Expressions map[string]any
	}
	ModuleCalls map[string]struct{ Module configuration } `json:"module_calls"`
}

// Is says whether a file is one of Terraform's rather than a template.
func Is(data []byte) bool {
	var d struct {
		FormatVersion string          `json:"format_version"`
		Values        json.RawMessage `json:"values"`
		PlannedValues json.RawMessage `json:"planned_values"`
	}
	return json.Unmarshal(data, &d) == nil && d.FormatVersion != "" && (d.Values != nil || d.PlannedValues != nil)
}

// plan is a plan or state on its way into an inventory.
type plan struct {
	File
	resources []resource
	notes     []string
}

func read(f File, data []byte) (*plan, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var doc document
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("reading %s: %w", f.Name, err)
	}
	if major, _, _ := strings.Cut(doc.FormatVersion, "."); major != "1" {
		return nil, fmt.Errorf("reading %s: format_version %s is not known here; 1 is", f.Name, doc.FormatVersion)
	}
	p := &plan{File: f}
	for _, v := range []*values{doc.PlannedValues, doc.Values} {
		if v != nil {
			p.module(v.RootModule)
			break
		}
	}
	unknown := map[string]map[string]any{}
	for _, c := range doc.ResourceChanges {
		unknown[c.Address], _ = c.Change.AfterUnknown.(map[string]any)
	}
	for i, r := range p.resources {
		p.resources[i].unknown = unknown[r.Address]
		if doc.PlannedValues != nil {
			p.resources[i].configured = doc.Configuration.RootModule.of(r)
		}
	}
	return p, nil
}

func (p *plan) module(m module) {
	for _, r := range m.Resources {
		if r.Mode == "managed" {
			r.module = m.Address
			p.resources = append(p.resources, r)
		}
	}
	for _, child := range m.ChildModules {
		p.module(child)
	}
}

// of are the expressions of a resource, never nil.
func (c configuration) of(r resource) map[string]any {
	path := strings.Split(r.module, "module.")
	for _, name := range path[1:] {
		name, _, _ = strings.Cut(strings.TrimSuffix(name, "."), "[")
		c = c.ModuleCalls[name].Module
	}
	for _, one := range c.Resources {
		if one.Address == r.Type+"."+r.Name && one.Expressions != nil {
			return one.Expressions
		}
	}
	return map[string]any{}
}

// get is a property with Unknown in place of what is not known. What nobody configured, and the provider will fill in,
// is not there.
func (p *plan) get(r resource, property string) any {
	v := merged(r.Values[property], r.unknown[property], p.Name+": "+r.Address+"."+property)
	expression, configured := r.configured[property]
	if _, is := v.(inventory.Unknown); is && r.configured != nil && !configured {
		return nil
	}
	return p.linked(r, property, v, expression)
}

// identifiers are the properties that are another resource's name or ARN and nothing else. A document may have a
// reference within, and is then not known.
var identifiers = []string{
	"bucket", "role", "user", "group", "policy_arn", "key_id", "target_key_id", "kms_master_key_id",
	"permissions_boundary",
}

// linked is a value in which what is not known of another resource follows from the reference to it.
func (p *plan) linked(r resource, property string, v, expression any) any {
	switch v := v.(type) {
	case inventory.Unknown:
		if slices.Contains(identifiers, property) {
			if known := p.referred(r, expression, v.Path); known != nil {
				return known
			}
		}
	case map[string]any:
		e, _ := expression.(map[string]any)
		for name, one := range v {
			v[name] = p.linked(r, name, one, e[name])
		}
	case []any:
		e, _ := expression.([]any)
		for i, one := range v {
			var of any
			if i < len(e) {
				of = e[i]
			}
			v[i] = p.linked(r, property, one, of)
		}
	}
	return v
}

// merged lays what is not known over what is.
func merged(v, unknown any, path string) any {
	switch unknown := unknown.(type) {
	case bool:
		if unknown {
			return inventory.Unknown{Path: path, Why: "known only after it is applied"}
		}
	case map[string]any:
		m, _ := v.(map[string]any)
		all := map[string]any{}
		for name, one := range m {
			all[name] = merged(one, unknown[name], path+"."+name)
		}
		for name, one := range unknown {
			if _, there := all[name]; !there {
				if u := merged(nil, one, path+"."+name); u != nil {
					all[name] = u
				}
			}
		}
		if len(all) == 0 && v == nil {
			return nil
		}
		return all
	case []any:
		list, _ := v.([]any)
		all := slices.Clone(list)
		for i, one := range unknown {
			if i < len(all) {
				all[i] = merged(all[i], one, fmt.Sprintf("%s[%d]", path, i))
			} else if u := merged(nil, one, fmt.Sprintf("%s[%d]", path, i)); u != nil {
				all = append(all, u)
			}
		}
		if all == nil {
			return v
		}
		return all
	}
	return v
}

// referred is what a property refers to: the name or ARN of another resource of the module. The format does not say
// what else an expression has, so that is said.
func (p *plan) referred(r resource, expression any, path string) any {
	e, _ := expression.(map[string]any)
	references, _ := e["references"].([]any)
	if len(references) == 0 {
		return nil
	}
	first, _ := references[0].(string)
	parts := strings.Split(first, ".")
	if len(parts) != 3 {
		return nil
	}
	name, _, _ := strings.Cut(parts[1], "[")
	var found []resource
	for _, other := range p.resources {
		if other.module == r.module && other.Type == parts[0] && other.Name == name {
			found = append(found, other)
		}
	}
	if len(found) != 1 || len(references) > 2 {
		return nil
	}
	v := p.attribute(found[0], parts[2])
	if v != nil {
		p.notes = append(p.notes, fmt.Sprintf("%s is known only after it is applied, and taken for %s, to which it refers",
			path, first))
	}
	return v
}

// attribute is what AWS will give a resource, as far as that follows from its name; nil for any other. What AWS makes
// up has a stand-in.
func (p *plan) attribute(r resource, attribute string) any {
	if v, known := r.Values[attribute].(string); known && v != "" {
		return v
	}
	env := p.Env
	iam := func(kind string) any {
		path, _ := r.Values["path"].(string)
		if path == "" {
			path = "/"
		}
		return env.ARN("iam", "", env.Account, kind+path+p.name(r))
	}
	switch r.Type + "." + attribute {
	case "aws_s3_bucket.id", "aws_s3_bucket.bucket", "aws_iam_role.name", "aws_iam_role.id", "aws_iam_user.name",
		"aws_iam_user.id", "aws_iam_group.name", "aws_iam_group.id", "aws_kms_alias.name":
		return p.name(r)
	case "aws_s3_bucket.arn":
		return env.BucketARN(p.name(r))
	case "aws_iam_role.arn":
		return iam("role")
	case "aws_iam_user.arn":
		return iam("user")
	case "aws_iam_group.arn":
		return iam("group")
	case "aws_iam_policy.arn", "aws_iam_policy.id":
		return iam("policy")
	case "aws_kms_key.arn":
		return env.KeyARN(p.madeUp(r))
	case "aws_kms_key.key_id", "aws_kms_key.id":
		return p.madeUp(r)
	}
	return nil
}

// name is a resource's name, or a stand-in for one that is made up when it is applied.
func (p *plan) name(r resource) string {
	property := map[string]string{"aws_s3_bucket": "bucket"}[r.Type]
	if property == "" {
		property = "name"
	}
	if v, known := r.Values[property].(string); known && v != "" {
		return v
	}
	return strings.ToLower(strings.ReplaceAll(r.Name, "_", "-")) + "-" + p.madeUp(r)[:8]
}

func (p *plan) madeUp(r resource) string { return inventory.StandIn(p.Env.Account, p.Name, r.Address) }
