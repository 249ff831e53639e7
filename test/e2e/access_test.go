package e2e

import (
	"slices"
	"strings"
	"testing"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// pair are an owner and a consumer with user dilip, and the properties of either side.
type pair struct {
	owner, consumer           *account
	ownerStack, consumerStack *stack
	bucket, access            map[string]any
}

func newPair(t *testing.T) pair {
	t.Helper()
	return newPairOf(t, newAccount(t), newAccount(t))
}

func newPairOf(t *testing.T, owner, consumer *account) pair {
	t.Helper()
	p := pair{owner: owner, consumer: consumer}
	_, err := p.consumer.CreateUser(t.Context(), "dilip", "")
	must(t, err)
	name := newBucket()
	p.ownerStack, p.consumerStack = p.owner.newStack(share.BucketType), p.consumer.newStack(share.AccessType)
	p.bucket = map[string]any{"BucketName": name, "Consumers": []any{map[string]any{"Account": p.consumer.ID}}}
	p.access = map[string]any{"BucketName": name, "OwnerAccount": p.owner.ID,
		"Grantees": []any{map[string]any{"User": "dilip"}}}
	return p
}

func (p pair) policyName() string { return "access-s3-" + p.bucket["BucketName"].(string) }

func TestOwnerFirst(t *testing.T) {
	p := newPair(t)
	owner := succeeded(t, p.ownerStack.create(p.bucket))
	answer := succeeded(t, p.consumerStack.create(p.access))
	if answer.Data["KeyArn"] != owner.Data["KeyArn"] || answer.Data["Verified"] != "partly" ||
		answer.Data["PolicyName"] != p.policyName() {
		t.Errorf("attributes are %v", answer.Data)
	}
	document := p.consumer.userPolicy("dilip", p.policyName())
	if !strings.Contains(document, owner.Data["KeyArn"].(string)) {
		t.Errorf("the policy does not name the key: %s", policy.Indent(document))
	}
	p.consumer.forgetCalls()
	succeeded(t, p.consumerStack.update(p.access))
	if w := p.consumer.writes(); !slices.Equal(w, []string{"PutObject", "DeleteObject"}) { // the canary
		t.Errorf("an update without difference wrote %v", w)
	}
	succeeded(t, p.consumerStack.update(with(p.access,
		map[string]any{"Grantees": []any{map[string]any{"User": "dilip", "Access": "Read"}}})))
	if after := p.consumer.userPolicy("dilip", p.policyName()); strings.Contains(after, "s3:PutObject") {
		t.Errorf("dilip may still write: %s", policy.Indent(after))
	}
	succeeded(t, p.consumerStack.remove())
	if left := p.consumer.userPolicy("dilip", p.policyName()); left != "" {
		t.Errorf("dilip keeps %s", left)
	}
	succeeded(t, p.consumerStack.remove()) // twice
}

func TestConsumerFirst(t *testing.T) {
	p := newPair(t)
	answer := succeeded(t, p.consumerStack.create(p.access))
	if answer.Data["Verified"] != "false" {
		t.Errorf("Verified is %v without an owner's side", answer.Data["Verified"])
	}
	if document := p.consumer.userPolicy("dilip", p.policyName()); !strings.Contains(document, "kms:ResourceAliases") {
		t.Errorf("the policy does not name the key by its alias: %s", policy.Indent(document))
	}
	owner := succeeded(t, p.ownerStack.create(p.bucket))
	answer = succeeded(t, p.consumerStack.update(with(p.access, map[string]any{"Region": aws.Region})))
	if answer.Data["KeyArn"] != owner.Data["KeyArn"] || answer.Data["Verified"] != "partly" {
		t.Errorf("attributes after the owner came are %v", answer.Data)
	}
}

func TestGranteeThatLeftLosesAccess(t *testing.T) {
	p := newPair(t)
	_, err := p.consumer.CreateUser(t.Context(), "eve", "")
	must(t, err)
	succeeded(t, p.ownerStack.create(p.bucket))
	succeeded(t, p.consumerStack.create(with(p.access,
		map[string]any{"Grantees": []any{map[string]any{"User": []any{"dilip", "eve"}}}})))
	succeeded(t, p.consumerStack.update(p.access))
	if left := p.consumer.userPolicy("eve", p.policyName()); left != "" {
		t.Errorf("eve keeps %s", left)
	}
	if p.consumer.userPolicy("dilip", p.policyName()) == "" {
		t.Error("dilip lost access")
	}
}

func TestAccessReplacement(t *testing.T) {
	p := newPair(t)
	succeeded(t, p.ownerStack.create(p.bucket))
	succeeded(t, p.consumerStack.create(p.access))
	old := p.consumerStack.event("Delete", p.access, nil)
	renamed := with(p.access, map[string]any{"PolicyName": "shared-data"})
	succeeded(t, p.consumerStack.update(renamed))
	if p.consumerStack.physicalID == old.PhysicalResourceID {
		t.Error("another policy name is not a replacement")
	}
	succeeded(t, p.consumerStack.send(old))
	if p.consumer.userPolicy("dilip", "shared-data") == "" || p.consumer.userPolicy("dilip", p.policyName()) != "" {
		t.Error("the new policy is gone, or the old one is not")
	}
}

func TestMissingGrantee(t *testing.T) {
	p := newPair(t)
	failedWith(t, p.consumerStack.create(with(p.access,
		map[string]any{"Grantees": []any{map[string]any{"Role": "nobody"}}})),
		"role/nobody", "does not exist in this account")
	succeeded(t, p.consumerStack.remove())
}

func TestFailedAccessUpdateThenTheSwappedOne(t *testing.T) {
	p := newPair(t)
	succeeded(t, p.ownerStack.create(p.bucket))
	succeeded(t, p.consumerStack.create(p.access))
	failedWith(t, p.consumerStack.update(with(p.access,
		map[string]any{"Grantees": []any{map[string]any{"User": []any{"dilip", "nobody"}}}})), "user/nobody")
	succeeded(t, p.consumerStack.update(p.access))
	if p.consumer.userPolicy("dilip", p.policyName()) == "" {
		t.Error("dilip lost access")
	}
}
