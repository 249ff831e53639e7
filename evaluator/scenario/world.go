package scenario

import (
	"fmt"
	"slices"

	"example.com/sharedbucket/evaluator"
)

// memory is what was made of texts before.
type memory struct {
	worlds   *cache[*prepared]
	buckets  *cache[*site]
	people   *cache[*person]
	policies *cache[*evaluator.Policy]
}

// How many bytes of text are remembered, of each kind.
const remembered = 8 << 20

func newMemory() *memory {
	return &memory{
		worlds: newCache[*prepared](remembered), buckets: newCache[*site](remembered),
		people: newCache[*person](remembered), policies: newCache[*evaluator.Policy](remembered),
	}
}

// prepared is a world made ready to be asked.
type prepared struct {
	*site
	requesters map[string]*evaluator.Requester // by ARN
	warnings   []string
}

// world is the world of a text.
func (m *memory) world(text []byte) (*prepared, error) {
	return m.worlds.get(0, text, func() (*prepared, error) { return m.newPrepared(text) })
}

func (m *memory) newPrepared(text []byte) (*prepared, error) {
	var w world
	if err := unmarshalStrict(text, &w); err != nil {
		return nil, fmt.Errorf("reading scenario: %w", err)
	}
	around := &surroundings{accounts: w.Accounts, scps: w.SCPs, rcps: w.RCPs, policies: m.policies}
	p := &prepared{requesters: make(map[string]*evaluator.Requester, len(w.Principals))}
	var err error
	key := slices.Concat(w.Buckets, []byte{'\n'}, w.Accounts, []byte{'\n'}, w.RCPs)
	if p.site, err = m.buckets.get(0, key, func() (*site, error) { return newSite(w.Buckets, around) }); err != nil {
		return nil, err
	}
	p.warnings = p.site.warnings
	for i, one := range w.Principals {
		key := slices.Concat(one, []byte{'\n'}, w.Accounts, []byte{'\n'}, w.SCPs)
		who, err := m.people.get(0, key, func() (*person, error) { return newPerson(one, around) })
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
