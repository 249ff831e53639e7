package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// deployed is one resource as CloudFormation has it, and the fixture that it is sent to.
type deployed struct {
	*fixture
	resource string
	id       string
	p        map[string]any
	retains  bool // UpdateReplacePolicy
	// kept are declarations that CloudFormation has retained, by physical id: they are in force.
	kept map[string]map[string]any
	// goesBack has the stack go back after the next Update that succeeds.
	goesBack bool
}

func (d *deployed) at(status string, kind cfn.RequestType, id string, p, old map[string]any) answer {
	d.t.Helper()
	d.aws.stackIs(status)
	return d.send(d.event(kind, d.resource, id, p, old))
}

func (d *deployed) create(p map[string]any) {
	d.t.Helper()
	a := d.at("CREATE_IN_PROGRESS", cfn.RequestCreate, "", p, nil)
	if a.Status != "SUCCESS" {
		d.t.Fatalf("creating it: %s", a.Reason)
	}
	d.has(a.PhysicalResourceId, p)
}

func (d *deployed) has(id string, p map[string]any) { d.id, d.p, d.aws.has = id, p, id }

// update is an Update with all that CloudFormation does after it. What is broken is so until the roll-back, or in the
// cleanup alone. It says whether the stack has what is declared.
func (d *deployed) update(p map[string]any, broken, inCleanup func(string) error) bool {
	d.t.Helper()
	d.breaks(broken)
	a := d.at("UPDATE_IN_PROGRESS", cfn.RequestUpdate, d.id, p, d.p)
	d.aws.works()
	switch moved := a.PhysicalResourceId != d.id; {
	case a.Status != "SUCCESS":
		back := d.at(rollingBack, cfn.RequestUpdate, d.id, d.p, p)
		d.want(back, "SUCCESS", d.id, "")
		d.aws.stackIs("UPDATE_ROLLBACK_COMPLETE")
		return false
	case d.goesBack && moved:
		d.breaks(inCleanup)
		d.remove(rolledBackCleansUp, a.PhysicalResourceId, p)
		d.aws.works()
		d.aws.stackIs("UPDATE_ROLLBACK_COMPLETE")
		return false
	case moved && d.retains:
		d.kept[d.id] = d.p
	case moved:
		d.aws.has = a.PhysicalResourceId
		d.breaks(inCleanup)
		d.remove(cleansUp, d.id, d.p)
		d.aws.works()
	}
	delete(d.kept, a.PhysicalResourceId)
	d.has(a.PhysicalResourceId, p)
	d.aws.stackIs("UPDATE_COMPLETE")
	return true
}

// remove is a Delete of a cleanup.
func (d *deployed) remove(status, id string, p map[string]any) {
	d.t.Helper()
	for range 3 {
		if d.at(status, cfn.RequestDelete, id, p, nil).Status == "SUCCESS" {
			return
		}
	}
}

func (d *deployed) breaks(broken func(string) error) {
	if broken != nil {
		d.aws.before = func(_ context.Context, what string) error {
			if strings.Contains(what, "Stack") {
				return nil
			}
			return broken(what)
		}
	}
}

// nobodyElse asks that nobody gets in whom neither the resource nor anything that is retained declares.
func (d *deployed) nobodyElse() {
	d.t.Helper()
	in := slices.Collect(maps.Values(d.kept))
	if d.p != nil {
		in = append(in, d.p)
	}
	documents := map[string]string{}
	for name, b := range d.aws.Buckets {
		documents[name] = b.Policy.Text()
	}
	for arn, k := range d.aws.Keys {
		if k.State != plan.KeyPendingDeletion {
			documents[arn] = k.Policy.Text()
		}
	}
	for what, text := range documents {
		who, err := sharetest.Admitted(text, d.aws.Env.Account)
		must(d.t, err)
		for _, one := range who {
			declared := func(p map[string]any) bool { return sharetest.Declared(one, p) }
			if !slices.ContainsFunc(in, declared) && !strings.Contains(one, elsewhere) {
				d.t.Errorf("%s lets %s in", what, one)
			}
		}
	}
	for id, policies := range d.aws.Identities {
		for name := range policies {
			if !slices.ContainsFunc(in, func(p map[string]any) bool { return grants(p, id, name) }) {
				d.t.Errorf("%s has %s", id, name)
			}
		}
	}
	if len(d.aws.Policies) > 0 {
		d.t.Errorf("managed policies: %v", d.aws.Policies)
	}
}

// elsewhere is a consumer of somebody else's share.
const elsewhere = "888888888888"

// grants says whether a declaration gives an identity the policy of that name.
func grants(p map[string]any, id share.Identity, name string) bool {
	policy := "access-s3-" + p["BucketName"].(string)
	if given, is := p["PolicyName"]; is {
		policy = given.(string)
	}
	return name == policy && strings.Contains(fmt.Sprint(p["Delegates"], p["Grantees"]), id.Name)
}

// onlyThese asks that there is nothing that is neither the resource's, nor retained, nor was there before.
func (d *deployed) onlyThese(before picture) {
	d.t.Helper()
	now, ids := d.picture(), append(slices.Collect(maps.Keys(d.kept)), d.id)
	bucketOf := func(id string) string { return id[strings.LastIndex(id, "@")+1:] }
	for name := range now.Remembered {
		of := func(id string) bool { return id != "" && strings.Contains(name, "/"+bucketOf(id)+"/") }
		if !slices.ContainsFunc(ids, of) && before.Remembered[name] == nil {
			d.t.Errorf("%s is remembered: %s", name, d.aws.Parameters[name])
		}
	}
	used := map[string]bool{}
	for name, b := range now.Buckets {
		used[b.Bucket.Encryption.KeyID] = true
		_, was := before.Buckets[name]
		if !was && !slices.Contains(ids, name) {
			d.t.Errorf("there is a bucket %s", name)
		}
	}
	for arn, k := range now.Keys {
		// Something of what lies in an adopted bucket may have been written under the key meanwhile.
		mayBe := now.Buckets[k.Tags[plan.TagForBucket]].Tags["team"] == "theirs"
		if _, was := before.Keys[arn]; !was && !used[arn] && !mayBe {
			d.t.Errorf("there is a key %s of %v", arn, now.Keys[arn].Tags)
		}
	}
	for name, b := range before.Buckets {
		if is, there := now.Buckets[name]; b.Objects > 0 && (!there || is.Objects != b.Objects) {
			d.t.Errorf("objects of %s are lost", name)
		}
	}
}

// converges asks that the next Update succeeds, and the one after it has nothing to do.
func (d *deployed) converges() {
	d.t.Helper()
	for n := range 3 {
		writes := len(d.aws.Steps)
		p := maps.Clone(d.p)
		p["Revision"] = fmt.Sprint("revision-", n)
		a := d.at("UPDATE_IN_PROGRESS", cfn.RequestUpdate, d.id, p, d.p)
		d.want(a, "SUCCESS", d.id, "")
		d.aws.stackIs("UPDATE_COMPLETE")
		d.p = p
		if n == 2 {
			d.writesNothing(writes)
		}
	}
}

// writesNothing asks that nothing was written since, but that a bucket which is to go was tried that holds objects.
func (d *deployed) writesNothing(since int) {
	d.t.Helper()
	for _, step := range d.aws.Steps[since:] {
		if b := d.aws.Buckets[step.Resource]; step.Operation != plan.DeleteBucket || b == nil || b.Objects == 0 {
			d.t.Errorf("%s was written", step)
		}
	}
}
