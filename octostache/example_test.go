package octostache_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mantledeploy/mantle/octostache"
)

func ExampleVariables_Evaluate() {
	vs := octostache.New(octostache.Config{})
	vs.Set("Host", "db1")
	vs.Set("Url", "tcp://#{Host}:5432")
	text, err := vs.Evaluate("connect to #{Url | ToUpper}")
	fmt.Println(text, err)
	// Output: connect to TCP://DB1:5432 <nil>
}

func ExampleVariables_Evaluate_missing() {
	vs := octostache.New(octostache.Config{})
	vs.Set("Host", "db1")
	text, err := vs.Evaluate("#{Host}:#{Port}")
	var missing *octostache.MissingError
	if errors.As(err, &missing) {
		fmt.Println(text, missing.Tokens)
	}
	// Output: db1:#{Port} [#{Port}]
}

func ExampleVariables_Evaluate_each() {
	vs := octostache.New(octostache.Config{})
	vs.Set("Site[a].Port", "80")
	vs.Set("Site[b].Port", "81")
	vs.Set("Tls", "True")
	text, err := vs.Evaluate("#{each site in Site}#{site}: #{if Tls}https#{else}http#{/if} #{calc site.Port + 8000}\n#{/each}")
	fmt.Print(text, err)
	// Output:
	// a: https 8080
	// b: https 8081
	// <nil>
}

func ExampleVariables_EvaluateLenient() {
	vs := octostache.New(octostache.Config{})
	vs.Set("Color", "red")
	v, err := vs.EvaluateLenient("a { color: #{Color} } #{not a token! }")
	fmt.Println(v.Text, err)
	// Output: a { color: red } #{not a token! } <nil>
}

func ExampleConfig_filters() {
	vs := octostache.New(octostache.Config{Filters: map[string]octostache.Filter{
		"Stars": func(in octostache.Value, _ []string) (octostache.Value, error) {
			if in.Null {
				return in, nil
			}
			return octostache.Text("*" + in.Text + "*"), nil
		},
	}})
	vs.Set("Name", "web")
	text, err := vs.Evaluate("#{Name | Stars}")
	fmt.Println(text, err)
	// Output: *web* <nil>
}

func ExampleTemplate_Arguments() {
	t, err := octostache.Parse("#{if Env.Name == Target}#{Url | ToLower}#{/if}")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Arguments())
	// Output: [Env Name Target Url]
}

func ExampleSoft() {
	vs := octostache.New(octostache.Config{})
	vs.Set("A", "#{B}")
	vs.Set("B", "#{A}")
	_, loop := vs.Evaluate("#{A}")
	_, missing := vs.Evaluate("#{C}")
	fmt.Println(octostache.Soft(loop), octostache.Soft(missing))
	// Output: false true
}

func ExampleVariables_Load() {
	vs := octostache.New(octostache.Config{})
	err := vs.Load(strings.NewReader(`{"Host": "db1", "Url": "tcp://#{Host}"}`))
	url, _ := vs.Get("Url")
	fmt.Println(vs.Names(), url, err)
	// Output: [Host Url] tcp://db1 <nil>
}
