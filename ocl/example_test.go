package ocl_test

import (
	"fmt"

	"github.com/mantledeploy/mantle/ocl"
)

func ExampleDocument_Set() {
	doc, err := ocl.Parse("name  =  \"Old\"\n\nstep \"Deploy\" {\n    retries = 3\n}\n")
	if err != nil {
		panic(err)
	}
	if err := doc.Set(doc.Attribute("name"), ocl.String("New")); err != nil {
		panic(err)
	}
	fmt.Print(doc.Text())
	// Output:
	// name  =  "New"
	//
	// step "Deploy" {
	//     retries = 3
	// }
}

func ExampleFormat() {
	text, err := ocl.Format(&ocl.Document{Body: []ocl.Element{
		&ocl.Block{Name: "step", Labels: []string{"Deploy"}, Body: []ocl.Element{
			&ocl.Attribute{Name: "properties", Value: ocl.Dictionary{
				{Key: "Octopus.Action.Script.Syntax", Value: ocl.String("Bash")},
				{Key: "Octopus.Action.RunOnServer", Value: ocl.String("true")},
			}},
		}},
	}}, ocl.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println(text)
	// Output:
	// step "Deploy" {
	//     properties = {
	//         Octopus.Action.RunOnServer = "true"
	//         Octopus.Action.Script.Syntax = "Bash"
	//     }
	// }
}

func ExampleMarshal() {
	type Step struct {
		Name     string `ocl:",label"`
		Disabled bool
		Roles    []string `ocl:"target_roles"`
	}
	type Process struct {
		Description string
		Steps       []Step `ocl:"step"`
	}
	doc, err := ocl.Marshal(Process{Description: "All of it", Steps: []Step{{Name: "Deploy", Roles: []string{"web"}}}})
	if err != nil {
		panic(err)
	}
	text, err := ocl.Format(doc, ocl.Options{Indent: 2})
	if err != nil {
		panic(err)
	}
	fmt.Println(text)
	var back Process
	if doc, err = ocl.Parse(text); err == nil {
		err = ocl.Unmarshal(doc, &back)
	}
	fmt.Println(back, err)
	// Output:
	// description = "All of it"
	//
	// step "Deploy" {
	//   target_roles = ["web"]
	// }
	// {All of it [{Deploy false [web]}]} <nil>
}

func ExampleSyntaxError() {
	_, err := ocl.Parse("a = 1\nb = [1, 2\n")
	fmt.Println(err)
	// Output:
	// line 3, column 1: unexpected the end of the text; expected ]
}
