package render

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// object is a JSON object of a template.
type object map[string]any

// CloudFormation are templates without the custom resource, one for each account, the owner's first. They say the same
// as the share for as long as nobody else writes to its bucket and key, and CloudFormation knows no way to add a
// statement to the policy of an existing bucket or key: a share that has one is an error.
func CloudFormation(e Ends) ([]File, error) {
	if e.Share.Adopt || e.Share.KeyARN != "" {
		return nil, errors.New("a template cannot add statements to the policies of a bucket or key that is there already; " +
			"use Custom::SharedBucket, which merges them")
	}
	files := []File{}
	add := func(name string, template object) error {
		text, err := json.MarshalIndent(template, "", "  ")
		files = append(files, File{name, string(text) + "\n"})
		return err
	}
	if err := add("1-owner-"+e.Share.Env.Account+".json", e.owner()); err != nil {
		return nil, err
	}
	for i, a := range e.Sides {
		if err := add(fmt.Sprintf("%d-consumer-%s.json", i+2, a.Env.Account), consumerTemplate(a)); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// owner is the template of the owner's account.
func (e Ends) owner() object {
	s := e.Share
	pending, ref := s.Env.PendingKeyARN(), object{"Fn::GetAtt": []string{"Key", "Arn"}}
	policies := document.OfShare(s, pending, "")
	retained := map[bool]string{true: "Retain", false: "Delete"}[s.Removal != "Delete"]
	resources := object{
		"Key": object{
			"Type": "AWS::KMS::Key", "DeletionPolicy": retained, "UpdateReplacePolicy": "Retain",
			"Properties": tagged(s, keyProperties(s, withKey(policies.KeyPolicy(), pending, ref))),
		},
		"Alias": object{
			"Type":       "AWS::KMS::Alias",
			"Properties": object{"AliasName": s.Alias, "TargetKeyId": object{"Ref": "Key"}},
		},
		"Bucket": object{
			"Type": "AWS::S3::Bucket", "DeletionPolicy": retained, "UpdateReplacePolicy": "Retain",
			"Properties": tagged(s, bucketProperties(s, ref)),
		},
		"BucketPolicy": object{
			"Type": "AWS::S3::BucketPolicy",
			"Properties": object{
				"Bucket": object{"Ref": "Bucket"}, "PolicyDocument": withKey(policies.BucketPolicy(), pending, ref),
			},
		},
	}
	for i, p := range policies.Identities {
		// The bucket policy's denials must be in force before anybody is let in.
		r := identityPolicy(p, s.PolicyName(), s.PolicyType, withKey(p.Document, pending, ref))
		r["DependsOn"] = "BucketPolicy"
		resources[fmt.Sprintf("Delegate%d", i+1)] = r
	}
	return object{
		"AWSTemplateFormatVersion": "2010-09-09",
		"Description":              "The owner's side of the share of " + s.Bucket + ", in account " + s.Env.Account,
		"Resources":                resources,
		"Outputs":                  object{"KeyArn": object{"Value": ref, "Description": "for the consumers' stacks"}},
	}
}

func keyProperties(s share.Share, policy any) object {
	p := object{
		"Description": share.KeyDescription(s.Bucket), "KeyPolicy": policy, "PendingWindowInDays": s.DeletionDays,
	}
	for _, v := range setting.WantedOfKey(s) {
		maps.Copy(p, v.Properties())
	}
	return p
}

func bucketProperties(s share.Share, key object) object {
	pending := s.Env.PendingKeyARN()
	p := object{"BucketName": s.Bucket}
	for _, v := range append(setting.WantedOfBucket(s), setting.Encryption{}.Under(pending)) {
		for name, value := range v.Properties() {
			p[name] = replaced(value, pending, key)
		}
	}
	if s.Env.AccountRegional(s.Bucket) {
		p["BucketNamespace"] = "account-regional"
	}
	return p
}

func tagged(s share.Share, properties object) object {
	var tags []object
	for _, k := range slices.Sorted(maps.Keys(s.Tags)) {
		tags = append(tags, object{"Key": k, "Value": s.Tags[k]})
	}
	if len(tags) > 0 {
		properties["Tags"] = tags
	}
	return properties
}

// consumerTemplate takes the key's ARN, an output of the owner's stack, as a parameter.
func consumerTemplate(a share.Access) object {
	pending, ref := "the key of the owner's stack", object{"Ref": "KeyArn"}
	resources := object{}
	for i, p := range document.OfAccess(a, pending, "").Identities {
		body := withKey(p.Document, pending, ref)
		resources[fmt.Sprintf("Grantee%d", i+1)] = identityPolicy(p, a.PolicyName, a.PolicyType, body)
	}
	return object{
		"AWSTemplateFormatVersion": "2010-09-09",
		"Description":              "A consumer's side of the share of " + a.Bucket + ", in account " + a.Env.Account,
		"Parameters": object{"KeyArn": object{
			"Type": "String", "Description": "KeyArn, an output of the owner's stack in account " + a.Owner,
			"AllowedPattern": "^" + share.KeyARNPattern + "$",
		}},
		"Resources": resources,
	}
}

// identityPolicy is an identity's policy as a resource of CloudFormation: inline, or managed where it is declared so or
// too long. body is the document as the template has it.
func identityPolicy(p document.IdentityPolicy, name, kind string, body any) object {
	id := p.Identity
	properties := object{string(id.Kind) + "s": []string{id.Name}, "PolicyName": name, "PolicyDocument": body}
	if is, err := p.Fit(0).Type(kind); err != nil || is == share.PolicyInline {
		return object{"Type": "AWS::IAM::Policy", "Properties": properties}
	}
	delete(properties, "PolicyName")
	properties["ManagedPolicyName"], properties["Path"] = document.ManagedPolicyName(name, id), share.PolicyPath
	return object{"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}
}

// withKey is a document with a reference in place of the key's ARN.
func withKey(d policy.Document, pending string, ref object) any {
	var tree any
	if err := json.Unmarshal([]byte(d.Text()), &tree); err != nil {
		return nil // a document's own text is JSON
	}
	return replaced(tree, pending, ref)
}

func replaced(tree any, pending string, ref object) any {
	switch t := tree.(type) {
	case map[string]any:
		for k, v := range t {
			t[k] = replaced(v, pending, ref)
		}
	case []any:
		for i, v := range t {
			t[i] = replaced(v, pending, ref)
		}
	case string:
		if t == pending {
			return ref
		}
		// ${…} in a plain string of a template stays as it is: only Fn::Sub reads it.
	}
	return tree
}
