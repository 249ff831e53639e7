package terraform_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/sharedbucket/internal/inventory"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/terraform"
)

var sydney = share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "111111111111"}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// read is the world of account-a-bucket in a file of testdata, and what is said besides.
func read(t *testing.T, name string) (proof.World, []string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	must(t, err)
	if !terraform.Is(data) {
		t.Fatalf("%s is not taken for a file of Terraform", name)
	}
	all := inventory.New()
	notes, err := terraform.Read(all, terraform.File{Name: name, Env: sydney}, data)
	must(t, err)
	w, err := all.World("account-a-bucket")
	must(t, err)
	return w, notes
}

// can says whether a principal, by the end of its ARN, can do an operation.
func can(t *testing.T, w proof.World, who, operation string) bool {
	t.Helper()
	i := slices.IndexFunc(w.Principals, func(p proof.Principal) bool { return strings.HasSuffix(p.ARN, who) })
	if i < 0 {
		t.Fatalf("there is no %s", who)
	}
	subject := proof.Subject{Principal: w.Principals[i], Role: proof.Known, Free: true}
	for _, a := range proof.Ask(w, []proof.Subject{subject}, nil) {
		if string(a.Operation) == operation {
			return a.Allowed()
		}
	}
	return false
}

// TestPlan: what a plan knows is read, by its references too, and what it does not is unread, with its address.
func TestPlan(t *testing.T) {
	w, notes := read(t, "plan.json")
	b := w.Bucket
	if !strings.Contains(b.Policy.Text(), "222222222222") || b.Key == nil ||
		!strings.Contains(b.Key.Policy.Text(), "222222222222") ||
		!b.BucketKeyEnabled || !b.RestrictPublicBuckets || !b.Protection.OwnerEnforced {
		t.Errorf("the bucket is %+v", b)
	}
	if !can(t, w, "role/service/app", "GetObject") || can(t, w, "role/service/app", "PutObject") {
		t.Error("the role's managed policy is not as planned")
	}
	var unread []string
	for _, u := range w.Unread {
		unread = append(unread, u.String())
	}
	for _, want := range []string{
		"user/ann: plan.json: aws_iam_user_policy.ann.policy: known only after it is applied",
		"role/service/app: plan.json: aws_iam_role_policy_attachment.app.policy_arn: known only after it is applied",
	} {
		if !slices.ContainsFunc(unread, func(u string) bool { return strings.Contains(u, want) }) {
			t.Errorf("%s is not unread: %v", want, unread)
		}
	}
	if len(unread) != 2 {
		t.Errorf("unread: %v", unread)
	}
	const said = "aws_s3_bucket_policy.data.bucket is known only after it is applied, and taken for aws_s3_bucket.data.id"
	if !slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, said) }) {
		t.Errorf("notes: %v", notes)
	}
}

// TestOtherBucketOfPlan: a bucket policy that is not known is unread, and only that of its own bucket.
func TestOtherBucketOfPlan(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "plan.json"))
	must(t, err)
	all := inventory.New()
	_, err = terraform.Read(all, terraform.File{Name: "plan.json", Env: sydney}, data)
	must(t, err)
	names := all.Buckets()
	if len(names) != 2 {
		t.Fatalf("buckets: %v", names)
	}
	w, err := all.World(names[1])
	must(t, err)
	if !slices.ContainsFunc(w.Unread, func(u proof.Unread) bool {
		return u.Part == proof.BucketPolicy && strings.Contains(u.Why, "aws_s3_bucket_policy.logs.policy")
	}) {
		t.Errorf("unread: %v", w.Unread)
	}
}

// TestState: a state knows everything, and what it says twice counts once.
func TestState(t *testing.T) {
	w, _ := read(t, "state.json")
	if len(w.Unread) > 0 || w.Bucket.Key == nil || len(w.Bucket.Key.Aliases) != 1 {
		t.Errorf("unread %v, bucket %+v", w.Unread, w.Bucket)
	}
	if len(w.Principals) != 1 || len(w.Principals[0].Policies) != 2 {
		t.Errorf("principals: %+v", w.Principals)
	}
	if !can(t, w, "role/app", "GetObject") || can(t, w, "role/app", "PutObject") { // no kms:GenerateDataKey
		t.Error("the role is not as the state has it")
	}
}

// TestNoPlans: another major version of the format, and anything else, is not taken for one.
func TestNoPlans(t *testing.T) {
	for _, text := range []string{"", "{}", "[]", `{"Resources":{}}`, `{"format_version":"1.0"}`} {
		if terraform.Is([]byte(text)) {
			t.Errorf("%s is taken for a file of Terraform", text)
		}
	}
	file := terraform.File{Name: "x", Env: sydney}
	_, err := terraform.Read(inventory.New(), file, []byte(`{"format_version":"2.0","values":{}}`))
	if err == nil || !strings.Contains(err.Error(), "format_version 2.0") {
		t.Error(err)
	}
}

// FuzzRead: no file makes it fall over.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"plan.json", "state.json"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"format_version":"1.0","values":{"root_module":{"resources":[{"mode":"managed","type":"aws_iam_role",` +
		`"values":{"name":"x","managed_policy_arns":[{"a":1},{"a":1}],"inline_policy":"x"}}]}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		all := inventory.New()
		if _, err := terraform.Read(all, terraform.File{Name: "x", Env: sydney}, data); err != nil {
			return
		}
		for _, b := range all.Buckets() {
			if _, err := all.World(b); err != nil {
				t.Error(err)
			}
		}
	})
}
