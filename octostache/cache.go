package octostache

import "sync"

// Cache keeps parsed templates, least recently used out first. Its owner
// decides how many evaluations share it; it may be used concurrently.
type Cache struct {
	mu       sync.Mutex
	maxBytes int
	bytes    int
	entries  map[cacheKey]*cacheEntry
	// newest and oldest are the ends of the list in order of use.
	newest, oldest *cacheEntry
}

type cacheKey struct {
	text    string
	lenient bool
}

type cacheEntry struct {
	key          cacheKey
	template     *Template
	err          error
	newer, older *cacheEntry
}

// NewCache returns a cache whose templates have at most maxBytes bytes of
// source text together; 0 means 16 MiB.
func NewCache(maxBytes int) *Cache {
	if maxBytes <= 0 {
		maxBytes = 16 << 20
	}
	return &Cache{maxBytes: maxBytes, entries: map[cacheKey]*cacheEntry{}}
}

// get returns the parsed template of key, parsing it if it is not there.
func (c *Cache) get(key cacheKey, parse func(cacheKey) (*Template, error)) (*Template, error) {
	if e := c.find(key); e != nil {
		return e.template, e.err
	}
	t, err := parse(key)
	c.add(&cacheEntry{key: key, template: t, err: err})
	return t, err
}

func (c *Cache) find(key cacheKey) *cacheEntry {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[key]
	if e != nil && e != c.newest {
		c.unlink(e)
		c.push(e)
	}
	return e
}

func (c *Cache) add(e *cacheEntry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	size := len(e.key.text)
	if c.entries[e.key] != nil || size > c.maxBytes {
		return
	}
	for c.oldest != nil && c.bytes+size > c.maxBytes {
		old := c.oldest
		c.unlink(old)
		delete(c.entries, old.key)
		c.bytes -= len(old.key.text)
	}
	c.entries[e.key] = e
	c.bytes += size
	c.push(e)
}

func (c *Cache) push(e *cacheEntry) {
	e.newer, e.older = nil, c.newest
	if c.newest != nil {
		c.newest.newer = e
	}
	c.newest = e
	if c.oldest == nil {
		c.oldest = e
	}
}

func (c *Cache) unlink(e *cacheEntry) {
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		c.newest = e.older
	}
	if e.older != nil {
		e.older.newer = e.newer
	} else {
		c.oldest = e.newer
	}
	e.newer, e.older = nil, nil
}
