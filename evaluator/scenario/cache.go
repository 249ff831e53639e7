package scenario

import (
	"hash/maphash"
	"sync"
)

// cache remembers what was made of texts, up to a number of bytes of these texts; then it begins anew. It is in pieces
// so that goroutines seldom wait for each other.
type cache[T any] struct {
	seed   maphash.Seed
	pieces [16]piece[T]
	limit  int // of each piece
}

type piece[T any] struct {
	sync.RWMutex
	entries map[uint64]entry[T]
	size    int
}

type entry[T any] struct {
	as, text string
	made     T
}

func newCache[T any](limit int) *cache[T] {
	c := &cache[T]{seed: maphash.MakeSeed(), limit: limit / 16}
	for i := range c.pieces {
		c.pieces[i].entries = make(map[uint64]entry[T])
	}
	return c
}

// get is what was made of a text, made now when that is new. as tells apart what is made of the same text in different
// ways.
func (c *cache[T]) get(as string, text []byte, make func() (T, error)) (T, error) {
	h := maphash.Bytes(c.seed, text) ^ maphash.String(c.seed, as)
	p := &c.pieces[h%uint64(len(c.pieces))]
	p.RLock()
	found, there := p.entries[h]
	p.RUnlock()
	if there && found.as == as && found.text == string(text) {
		return found.made, nil
	}
	made, err := make()
	if err != nil || len(text) > c.limit {
		return made, err
	}
	p.Lock()
	defer p.Unlock()
	if p.size += len(text); p.size > c.limit {
		clear(p.entries)
		p.size = len(text)
	}
	p.entries[h] = entry[T]{as, string(text), made}
	return made, nil
}
