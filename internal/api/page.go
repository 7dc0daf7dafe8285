package api

import (
	"math"
	"net/url"
	"strconv"
	"strings"
)

// defaultTake is how many items a page has when the request does not say.
const defaultTake = 30

// Paging is the part of a list that was asked for.
type Paging struct{ Skip, Take int }

// Paging reads skip and take. Take 0 asks for the count alone.
func (c *Call) Paging() (Paging, error) {
	skip, err := c.QueryInt("skip", 0)
	if err != nil {
		return Paging{}, err
	}
	take, err := c.QueryInt("take", defaultTake)
	return Paging{min(skip, math.MaxInt32), min(take, math.MaxInt32)}, err
}

// Page is the envelope of a list.
type Page struct {
	ItemType       string
	TotalResults   int
	ItemsPerPage   int
	NumberOfPages  int
	LastPageNumber int
	Items          any
	Links          map[string]string
}

// Page wraps items. path is as in Links; queries are the names that the list knows, for its template.
func (c *Call) Page(itemType, path string, queries []string, p Paging, total int, items any) Page {
	pages := 1
	if p.Take > 0 && total > 0 {
		pages = (total-1)/p.Take + 1
	}
	self := c.Link(path)
	page := Page{ItemType: itemType, TotalResults: total, ItemsPerPage: p.Take, NumberOfPages: pages, LastPageNumber: pages - 1, Items: items}
	at := func(skip int) string { return self + "?" + c.pageQuery(queries, skip, p.Take) }
	page.Links = map[string]string{
		"Self": self + c.rawQuery(), "Template": self + "{?" + strings.Join(queries, ",") + "}",
		"Page.All":     self + "?" + c.pageQuery(queries, 0, 1<<31-1),
		"Page.Current": at(p.Skip), "Page.Last": at((pages - 1) * p.Take),
	}
	if p.Take > 0 && p.Skip < total && total-p.Skip > p.Take {
		page.Links["Page.Next"] = at(p.Skip + p.Take)
	}
	if p.Skip > 0 {
		page.Links["Page.Previous"] = at(max(0, p.Skip-p.Take))
	}
	return page
}

func (c *Call) rawQuery() string {
	if c.Request.URL.RawQuery == "" {
		return ""
	}
	return "?" + c.Request.URL.RawQuery
}

// pageQuery repeats the request's known members with another skip and take.
func (c *Call) pageQuery(queries []string, skip, take int) string {
	var b strings.Builder
	b.WriteString("skip=" + strconv.Itoa(skip) + "&take=" + strconv.Itoa(take))
	for _, name := range queries {
		if name == "skip" || name == "take" {
			continue
		}
		for _, value := range c.queries(name) {
			b.WriteString("&" + name + "=" + url.QueryEscape(value))
		}
	}
	return b.String()
}
