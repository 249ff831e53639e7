// The baseline of the start-up time: a Go function that does nothing.
package main

import "github.com/aws/aws-lambda-go/lambda"

func main() { lambda.Start(func() {}) }
