package build

import (
	"debug/elf"
	"fmt"
)

// CheckMachine refuses a function's program that was built for another architecture than the one it is deployed as:
// Lambda takes it, and then each invocation fails, which CloudFormation learns by waiting. What is no program at all is
// not for this check to say.
func CheckMachine(bootstrap, architecture string) error {
	program, err := elf.Open(bootstrap)
	if err != nil {
		return nil
	}
	defer program.Close()
	want := map[string]elf.Machine{"arm64": elf.EM_AARCH64, "x86_64": elf.EM_X86_64}[architecture]
	if program.Machine != want {
		return fmt.Errorf("%s is built for %s, and not for %s: run make build/lambda/%s/bootstrap",
			bootstrap, program.Machine, architecture, architecture)
	}
	return nil
}
