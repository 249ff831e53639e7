package grammar

import (
	"encoding/base64"
	"slices"
	"strings"

	"example.com/sharedbucket/policy"
)

// Operand is what a condition operator compares.
type Operand string

// The operands, one for each section of the page on condition operators.
const (
	StringOperand  Operand = "string"
	NumberOperand  Operand = "number"
	DateOperand    Operand = "date"
	BooleanOperand Operand = "boolean"
	BinaryOperand  Operand = "base64 text"
	AddressOperand Operand = "IP address or range"
	ARNOperand     Operand = "ARN"
	NullOperand    Operand = "true or false"
)

// Relation is how a value of the request has to stand to one of the policy.
type Relation string

// The relations. Matches has wildcards.
const (
	Equals           Relation = "equals"
	EqualsIgnoreCase Relation = "equals, ignoring case"
	Matches          Relation = "matches"
	Less             Relation = "is less than"
	LessOrEqual      Relation = "is at most"
	Greater          Relation = "is greater than"
	GreaterOrEqual   Relation = "is at least"
)

// Set is the set operator in front of a condition operator.
type Set string

// The set operators for keys with several values.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
const (
	NoSet        Set = ""
	ForAllValues Set = "ForAllValues"
	ForAnyValue  Set = "ForAnyValue"
)

// Operator is a condition operator taken apart.
type Operator struct {
	Set      Set
	Operand  Operand
	Relation Relation
	Negated  bool
	IfExists bool
}

// baseOperators are all operators of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
var baseOperators = map[string]Operator{
	"StringEquals":              {Operand: StringOperand, Relation: Equals},
	"StringNotEquals":           {Operand: StringOperand, Relation: Equals, Negated: true},
	"StringEqualsIgnoreCase":    {Operand: StringOperand, Relation: EqualsIgnoreCase},
	"StringNotEqualsIgnoreCase": {Operand: StringOperand, Relation: EqualsIgnoreCase, Negated: true},
	"StringLike":                {Operand: StringOperand, Relation: Matches},
	"StringNotLike":             {Operand: StringOperand, Relation: Matches, Negated: true},
	"NumericEquals":             {Operand: NumberOperand, Relation: Equals},
	"NumericNotEquals":          {Operand: NumberOperand, Relation: Equals, Negated: true},
	"NumericLessThan":           {Operand: NumberOperand, Relation: Less},
	"NumericLessThanEquals":     {Operand: NumberOperand, Relation: LessOrEqual},
	"NumericGreaterThan":        {Operand: NumberOperand, Relation: Greater},
	"NumericGreaterThanEquals":  {Operand: NumberOperand, Relation: GreaterOrEqual},
	"DateEquals":                {Operand: DateOperand, Relation: Equals},
	"DateNotEquals":             {Operand: DateOperand, Relation: Equals, Negated: true},
	"DateLessThan":              {Operand: DateOperand, Relation: Less},
	"DateLessThanEquals":        {Operand: DateOperand, Relation: LessOrEqual},
	"DateGreaterThan":           {Operand: DateOperand, Relation: Greater},
	"DateGreaterThanEquals":     {Operand: DateOperand, Relation: GreaterOrEqual},
	"Bool":                      {Operand: BooleanOperand, Relation: Equals},
	"BinaryEquals":              {Operand: BinaryOperand, Relation: Equals},
	"IpAddress":                 {Operand: AddressOperand, Relation: Matches},
	"NotIpAddress":              {Operand: AddressOperand, Relation: Matches, Negated: true},
	"ArnEquals":                 {Operand: ARNOperand, Relation: Matches},
	"ArnLike":                   {Operand: ARNOperand, Relation: Matches},
	"ArnNotEquals":              {Operand: ARNOperand, Relation: Matches, Negated: true},
	"ArnNotLike":                {Operand: ARNOperand, Relation: Matches, Negated: true},
	"Null":                      {Operand: NullOperand, Relation: Equals},
}

// operators are baseOperators by their names in lower case.
var operators = func() map[string]Operator {
	folded := make(map[string]Operator, len(baseOperators))
	for name, o := range baseOperators {
		folded[strings.ToLower(name)] = o
	}
	return folded
}()

// ParseOperator reads the name of a condition operator; false when there is none of that name. Null takes no IfExists.
// The documentation does not say whether case counts; AWS takes and publishes policies in which it does not.
func ParseOperator(name string) (Operator, bool) {
	name = strings.ToLower(name)
	set := NoSet
	if prefix, rest, there := strings.Cut(name, ":"); there {
		switch name = rest; prefix {
		case "forallvalues":
			set = ForAllValues
		case "foranyvalue":
			set = ForAnyValue
		default:
			return Operator{}, false
		}
	}
	name, ifExists := strings.CutSuffix(name, "ifexists")
	o, known := operators[name]
	if !known || o.Operand == NullOperand && ifExists {
		return Operator{}, false
	}
	o.Set, o.IfExists = set, ifExists
	return o, true
}

// takesVariables says whether policy variables stand for something in the operator's values. The page on operators has
// them for booleans, the page on variables does not; where a boolean has one, it counts.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-conditionelement
func (o Operator) takesVariables() bool {
	return o.Operand == StringOperand || o.Operand == ARNOperand || o.Operand == BooleanOperand
}

// WellTyped says whether a value of a condition is of the operator's type. What a policy variable stands for is known
// only with the request. An ARN has six fields: "each of the six colon-delimited components of the ARN is checked
// separately", and AWS does not say what becomes of a value with fewer.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
func (o Operator) WellTyped(value, version string) bool {
	if o.takesVariables() && version == policy.Version && hasVariable(value) {
		return true
	}
	ok := true
	switch o.Operand {
	case NumberOperand:
		_, ok = ParseNumber(value)
	case DateOperand:
		_, ok = ParseDate(value)
	case BooleanOperand, NullOperand:
		ok = strings.EqualFold(value, "true") || strings.EqualFold(value, "false")
	case BinaryOperand:
		_, err := base64.StdEncoding.DecodeString(value)
		ok = err == nil
	case AddressOperand:
		_, ok = ParseNetwork(value)
	case ARNOperand:
		ok = strings.Count(value, ":") >= 5
	}
	return ok
}

func hasVariable(value string) bool {
	parts, err := ParseTemplate(value)
	return err == nil && slices.ContainsFunc(parts, func(p Part) bool { return p.Variable })
}
