package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/inventory"
	"example.com/sharedbucket/internal/share"
)

// File is a template with what is known about its deployment.
type File struct {
	Name       string
	Env        share.Env
	Parameters map[string]string
}

// Read adds what a template declares to an inventory. What is said besides is for people.
func Read(to *inventory.Inventory, f File, data []byte) (notes []string, err error) {
	t, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("reading template %s: %w", f.Name, err)
	}
	s := &stack{name: f.Name, env: f.Env, given: f.Parameters, template: t}
	resources := section(t["Resources"])
	if len(resources) == 0 {
		return nil, fmt.Errorf("reading template %s: it has no Resources", f.Name)
	}
	if t["Transform"] != nil {
		notes = append(notes, f.Name+": its Transform is not carried out, and what it would make is not known")
	}
	// Policies and attachments are about what others declare.
	for pass := range passes {
		for _, id := range slices.Sorted(maps.Keys(resources)) {
			r := section(resources[id])
			kind, _ := r["Type"].(string)
			if read := readers[kind]; read.how != nil && read.pass == pass {
				if p, there := s.properties(id, r); there {
					read.how(s, to, id, p)
				}
			}
			why := notRead(kind)
			if why == "" {
				why = s.standsIn(id, r)
			}
			if why != "" && pass == 0 {
				notes = append(notes, fmt.Sprintf("%s: Resources.%s: %s", f.Name, id, why))
			}
		}
	}
	return notes, nil
}

// notRead is why a resource that may be about access is not looked into.
func notRead(kind string) string {
	switch {
	case kind == share.BucketType || kind == share.AccessType:
		return kind + " is made by its provider when it is deployed; give its share file instead"
	case kind == "AWS::CloudFormation::Stack", strings.HasSuffix(kind, "::MODULE"),
		strings.HasPrefix(kind, "AWS::Serverless::"):
		return "what " + kind + " makes is not looked into"
	case strings.HasPrefix(kind, "AWS::S3::AccessPoint"),
		strings.HasPrefix(kind, "AWS::Organizations::Policy"):
		return kind + " is not looked into"
	}
	return ""
}

// standsIn says that a bucket or key has a stand-in for what AWS makes up.
func (s *stack) standsIn(id string, r map[string]any) string {
	kind, _ := r["Type"].(string)
	unnamed := kind == "AWS::S3::Bucket" && inventory.Get(r, "Properties", "BucketName") == nil
	if s.given[id] != "" || !unnamed && kind != "AWS::KMS::Key" {
		return ""
	}
	return fmt.Sprintf("AWS makes up what it is called, and %v stands for it; give --parameter %s=… where it is known",
		s.physical(id, r, ""), id)
}

// properties are a resource's, worked out; false where its condition does not hold. Where it is not known whether the
// resource is there, nothing of it is known.
func (s *stack) properties(id string, r map[string]any) (any, bool) {
	path := s.name + ": Resources." + id
	if name, is := r["Condition"].(string); is {
		switch holds := s.condition(name, path+".Condition"); holds {
		case true:
		case false:
			return nil, false
		default:
			return holds, true
		}
	}
	return s.resolve(r["Properties"], path+".Properties"), true
}

// physical is what Ref gives of a resource.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
func (s *stack) physical(id string, r map[string]any, path string) any {
	switch kind, _ := r["Type"].(string); kind {
	case "AWS::S3::Bucket", "AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group", "AWS::KMS::Alias":
		return s.named(id, r, path)
	case "AWS::IAM::ManagedPolicy":
		return s.attribute(id, "PolicyArn", r, path)
	case "AWS::KMS::Key":
		return s.keyID(id)
	}
	return unknown(path, "what CloudFormation makes of %s is not known", id)
}

// attribute is what Fn::GetAtt gives.
func (s *stack) attribute(id, attribute string, r map[string]any, path string) any {
	kind, _ := r["Type"].(string)
	name := s.named(id, r, path)
	if u, is := name.(inventory.Unknown); is {
		return u
	}
	iam := func(resource string) any {
		at, is := s.resolve(inventory.Get(r, "Properties", "Path"), path).(string)
		if !is {
			at = "/"
		}
		return s.env.ARN("iam", "", s.env.Account, resource+at+fmt.Sprint(name))
	}
	switch kind + "." + attribute {
	case "AWS::S3::Bucket.Arn":
		return s.env.BucketARN(fmt.Sprint(name))
	case "AWS::IAM::Role.Arn":
		return iam("role")
	case "AWS::IAM::User.Arn":
		return iam("user")
	case "AWS::IAM::Group.Arn":
		return iam("group")
	case "AWS::IAM::ManagedPolicy.PolicyArn":
		return iam("policy")
	case "AWS::Logs::LogGroup.Arn":
		return s.env.ARN("logs", s.env.Region, s.env.Account, "log-group:"+fmt.Sprint(name)+":*")
	case "AWS::SQS::Queue.Arn":
		return s.env.ARN("sqs", s.env.Region, s.env.Account, fmt.Sprint(name))
	case "AWS::Lambda::Function.Arn":
		return s.env.ARN("lambda", s.env.Region, s.env.Account, "function:"+fmt.Sprint(name))
	case "AWS::KMS::Key.Arn":
		return s.env.KeyARN(s.keyID(id))
	case "AWS::KMS::Key.KeyId":
		return s.keyID(id)
	}
	return unknown(path, "%s.%s is not known before it is deployed", id, attribute)
}

// nameProperties are the properties that name a resource.
var nameProperties = map[string]string{
	"AWS::S3::Bucket": "BucketName", "AWS::IAM::Role": "RoleName", "AWS::IAM::User": "UserName",
	"AWS::IAM::Group": "GroupName", "AWS::Logs::LogGroup": "LogGroupName", "AWS::SQS::Queue": "QueueName",
	"AWS::Lambda::Function":   "FunctionName",
	"AWS::IAM::ManagedPolicy": "ManagedPolicyName", "AWS::KMS::Alias": "AliasName",
}

// named is a resource's name: its own, or a stand-in where CloudFormation will make one. A stand-in is the same
// wherever the template means the resource, and nobody's name elsewhere.
func (s *stack) named(id string, r map[string]any, path string) any {
	kind, _ := r["Type"].(string)
	given := inventory.Get(r, "Properties", nameProperties[kind])
	if given != nil {
		if v := s.resolve(given, path); v != (noValue{}) {
			return v
		}
	}
	if given := s.given[id]; given != "" {
		return given
	}
	name := id + "-" + s.madeUp(id)[:8]
	if kind == "AWS::S3::Bucket" {
		name = strings.ToLower(name)
	}
	return name
}

// keyID is the id of a key: what was given for it, or a stand-in.
func (s *stack) keyID(id string) string {
	if given := s.given[id]; given != "" {
		return given[strings.LastIndexByte(given, '/')+1:]
	}
	return s.madeUp(id)
}

func (s *stack) madeUp(id string) string { return inventory.StandIn(s.env.Account, s.name, id) }
