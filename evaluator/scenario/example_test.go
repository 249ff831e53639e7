package scenario_test

import (
	"fmt"

	"example.com/sharedbucket/evaluator/scenario"
)

func Example() {
	line := `{"id": "a bucket without a policy", "region": "eu-west-1", "owner_account": "111111111111", "bucket": "b",
		"principals": [{"arn": "arn:aws:iam::222222222222:root", "account": "222222222222", "type": "root"}],
		"requests": [{"principal": "arn:aws:iam::222222222222:root", "operation": "GetObject", "key": "k", "expect": "deny"}]}`
	result, err := scenario.NewDecider().Decide([]byte(line))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range result.Decisions {
		fmt.Println(d.Operation, d.Overall, d.Unexpected())
		fmt.Println(d.Reasons[0].Text())
	}
	// Output:
	// GetObject deny false
	// the bucket policy of b is missing, so nothing there lets arn:aws:iam::222222222222:root use s3:GetObject on arn:aws:s3:::b/k
}
