package main

import (
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"strings"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// properties are what a table of the reference is about.
type properties struct {
	title string
	intro string
	of    any // a struct of package share with its defaults
}

var tables = []properties{
	{"Custom::SharedBucket",
		"In the owner account: one bucket, its key, and everybody who may use them. `Ref` is the bucket's name.",
		share.DefaultBucketProperties()},
	{"A consumer",
		"An entry of `Consumers`: somebody of another account. Exactly one of its first five properties is given.",
		share.ConsumerProperties{Access: share.ReadWrite}},
	{"A permission set",
		"`PermissionSet` of a consumer: a permission set of IAM Identity Center as it is assigned in accounts.",
		share.PermissionSetProperties{}},
	{"A delegate or grantee",
		"An entry of `Delegates` (in the owner account) or `Grantees` (in a consumer account): exactly one of `User`, " +
			"`Role` and `Group`.", share.GranteeProperties{Access: share.ReadWrite}},
	{"Encryption", "`Encryption` of a shared bucket.", share.DefaultBucketProperties().Encryption},
	{"Custom::SharedBucketAccess",
		"In an account that consumes: the users, roles and groups that use a bucket of another account.",
		share.DefaultAccessProperties()},
}

// unsaid are descriptions for properties that package share leaves to the reader.
var unsaid = map[string]string{
	"AccessProperties.BucketName":   "Name of the shared bucket. A change is a replacement.",
	"AccessProperties.OwnerAccount": "Id of the account that owns the bucket.",
	"AccessProperties.Drift":        "As for `Custom::SharedBucket`.",
	"AccessProperties.Revision":     "Means nothing. Another text has everything looked at and mended again.",
	"AccessProperties.Verify": "Evaluates the grantees' policies in force, and fails the resource when they do " +
		"not come to what is declared.",
	"AccessProperties.Canary": "Writes, reads and deletes one small object through the owner's real bucket policy, key " +
		"policy and KMS, and fails the resource when that is refused. The owner's share must have it too.",
	"PermissionSetProperties.Account": "Id of the account that it is assigned in, or a list of them.",
	"PermissionSetProperties.Name":    "Name of the permission set, without `AWSReservedSSO_` and suffix.",
	"GranteeProperties.User":          "Name of an IAM user, or a list of them.",
	"GranteeProperties.Role":          "Name of an IAM role, or a list of them; not the ARN, and without its path.",
	"GranteeProperties.Group":         "Name of an IAM group, or a list of them.",
	"EncryptionProperties.Alias": "Alias of the created key. Default: alias/s3-`<bucket>`-encryption, dots " +
		"replaced by hyphens.",
	"GranteeProperties.Access":   "The level.",
	"GranteeProperties.Prefixes": "The folders it is limited to. Default: the whole bucket.",
}

const referenceHead = `# Reference

<!-- Made from package share by make templates. -->

Property names are the same in a template, in the constructs (cdk/sharedbucket), and in a share file. Unknown properties, and values that break a
rule, are refused with their path before any AWS call, all in one answer. Every scalar may also be a string, as CloudFormation sends it; where a list
of values is taken, so is a single one.

In a template, ` + "`ServiceToken`" + ` is the provider's ARN. Read it from the SSM parameter ` +
	"`/sharedbucket/service-token`" + `, as templates/owner.yaml does, and set
` + "`ServiceTimeout`" + ` to 960, with ` + "`RemovalPolicy: Empty`" +
	` to 3600: CloudFormation otherwise waits an hour for an answer that was lost.
`

//go:embed reference_tail.md
var pages embed.FS

// reference is docs/reference.md.
func reference(shareSource string) (string, error) {
	docs, err := fieldDocs(shareSource)
	if err != nil {
		return "", err
	}
	var page strings.Builder
	page.WriteString(referenceHead)
	for _, t := range tables {
		fmt.Fprintf(&page, "\n## %s\n\n%s\n\n", t.title, t.intro)
		page.WriteString("| Property | Type | Default | |\n|---|---|---|---|\n")
		v := reflect.ValueOf(t.of)
		for i := range v.NumField() {
			f := v.Type().Field(i)
			key := v.Type().Name() + "." + f.Name
			text := docs[key]
			if own, ok := unsaid[key]; ok {
				text = own
			}
			if text == "" {
				return "", fmt.Errorf("%s has no description", key)
			}
			byDefault := defaultOf(f, v.Field(i))
			if byDefault != "" {
				text = saidDefault.ReplaceAllString(text, "")
			}
			fmt.Fprintf(&page, "| `%s` | %s | %s | %s |\n", f.Name, typeName(f.Type), byDefault, text)
		}
		if of, ok := share.Attributes[t.title]; ok {
			page.WriteString("\nAttributes (`Fn::GetAtt`):\n\n| Attribute | |\n|---|---|\n")
			for _, a := range of {
				fmt.Fprintf(&page, "| `%s` | %s |\n", a.Name, a.Meaning)
			}
		}
	}
	levels, err := levelTable()
	if err != nil {
		return "", err
	}
	tail, err := pages.ReadFile("reference_tail.md")
	return page.String() + "\n" + levels + "\n" + string(tail), err
}

// saidDefault is what a comment says of a default that the table has a column for.
var saidDefault = regexp.MustCompile(` Default:? [^.]*\.$| \(default\)`)

func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return typeName(t.Elem())
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "number"
	case reflect.Map:
		return "map of strings"
	case reflect.Slice:
		if t == reflect.TypeFor[share.List]() {
			return "string, or list"
		}
		return "list of objects"
	case reflect.Struct:
		return "object"
	}
	if t == reflect.TypeFor[share.Level]() {
		return "level"
	}
	return "string"
}

func defaultOf(f reflect.StructField, v reflect.Value) string {
	switch {
	case f.Tag.Get("need") == "required":
		return "required"
	case v.Kind() == reflect.Bool || (!v.IsZero() && v.Kind() != reflect.Struct):
		return fmt.Sprintf("`%v`", v)
	}
	return ""
}

// fieldDocs are the comments of package share's properties: Type.Field → text.
func fieldDocs(path string) (map[string]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	docs := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		fields, ok := spec.Type.(*ast.StructType)
		if !ok {
			return false
		}
		for _, f := range fields.Fields.List {
			for _, name := range f.Names {
				docs[spec.Name.Name+"."+name.Name] = sentence(name.Name, f.Doc.Text())
			}
		}
		return false
	})
	return docs, nil
}

// sentence is a field's comment without its own name at the start.
func sentence(name, text string) string {
	text = strings.Join(strings.Fields(text), " ")
	text = strings.NewReplacer("<account>", "`<account>`", "<bucket>", "`<bucket>`").Replace(text)
	for _, verb := range []string{" is ", " are ", " "} {
		if rest, ok := strings.CutPrefix(text, name+verb); ok {
			return strings.ToUpper(rest[:1]) + rest[1:]
		}
	}
	return text
}

// levelTable asks the inline policy of each level what is in it.
func levelTable() (string, error) {
	var table strings.Builder
	table.WriteString(
		"## Levels\n\n`Access` is one of these. A writer needs `kms:Decrypt` too, for multipart uploads and bucket keys.\n" +
			"Below `Prefixes`, ListBucketMultipartUploads is left out: S3 cannot limit it to a prefix.\n\n")
	table.WriteString("| Level | S3 | KMS |\n|---|---|---|\n")
	for _, level := range share.Levels {
		access, err := share.ParseAccess(map[string]any{
			"BucketName": "any-bucket", "OwnerAccount": "111111111111",
			"KeyArn":   "arn:aws:kms:us-east-1:111111111111:key/1",
			"Grantees": []any{map[string]any{"Role": "any", "Access": string(level)}},
		}, share.Env{Partition: "aws", Region: "us-east-1", Account: "222222222222"})
		if err != nil {
			return "", err
		}
		actions := map[string][]string{}
		for _, s := range document.OfAccess(access, access.KeyARN, "").Of(access.Grantees[0].Identity).Document.Statements {
			for _, a := range s.Action {
				service, name, _ := strings.Cut(a, ":")
				actions[service] = append(actions[service], name)
			}
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", level, strings.Join(policy.Sorted(actions["s3"]), ", "),
			strings.Join(policy.Sorted(actions["kms"]), ", "))
	}
	return table.String(), nil
}
