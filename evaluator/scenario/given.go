package scenario

import (
	"fmt"
	"slices"

	"example.com/sharedbucket/evaluator"
)

// memory is what was made of texts before.
type memory struct {
	given      *cache[*prepared]
	buckets    *cache[*preparedBuckets]
	principals *cache[*preparedPrincipal]
	policies   *cache[*evaluator.Policy]
}

// How many bytes of text are remembered, of each kind.
const remembered = 8 << 20

func newMemory() *memory {
	return &memory{
		given: newCache[*prepared](remembered), buckets: newCache[*preparedBuckets](remembered),
		principals: newCache[*preparedPrincipal](remembered), policies: newCache[*evaluator.Policy](remembered),
	}
}

// prepared is what is given, made ready to be asked.
type prepared struct {
	*preparedBuckets
	requesters map[string]*evaluator.Requester // by ARN
	warnings   []string
}

// prepare makes ready what is given.
func (m *memory) prepare(text []byte) (*prepared, error) {
	return m.given.get("", text, func() (*prepared, error) { return m.newPrepared(text) })
}

func (m *memory) newPrepared(text []byte) (*prepared, error) {
	var g given
	if err := unmarshalStrict(text, &g); err != nil {
		return nil, fmt.Errorf("reading scenario: %w", err)
	}
	org := &organization{accounts: g.Accounts, scps: g.SCPs, rcps: g.RCPs, policies: m.policies}
	p := &prepared{requesters: make(map[string]*evaluator.Requester, len(g.Principals))}
	var err error
	key := slices.Concat(g.Buckets, []byte{'\n'}, g.Accounts, []byte{'\n'}, g.RCPs)
	p.preparedBuckets, err = m.buckets.get("", key, func() (*preparedBuckets, error) { return newBuckets(g.Buckets, org) })
	if err != nil {
		return nil, err
	}
	p.warnings = p.preparedBuckets.warnings
	for i, one := range g.Principals {
		key := slices.Concat(one, []byte{'\n'}, g.Accounts, []byte{'\n'}, g.SCPs)
		who, err := m.principals.get("", key, func() (*preparedPrincipal, error) { return newPrincipal(one, org) })
		if err != nil {
			return nil, fmt.Errorf("principals[%d]: %w", i, err)
		}
		if _, twice := p.requesters[who.ARN]; twice {
			return nil, fmt.Errorf("principal %s is described twice", who.ARN)
		}
		p.requesters[who.ARN] = who.Requester
		p.warnings = append(p.warnings[:len(p.warnings):len(p.warnings)], who.warnings...)
	}
	return p, nil
}
