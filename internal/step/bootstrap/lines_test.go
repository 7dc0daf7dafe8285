package bootstrap

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/step/variables"
)

func TestParseEnd(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"##mantle[end nonce=abcdef0123456789 exit=0]":         " 0 true",
		"##mantle[end nonce=abcdef0123456789 exit=-1]\r":      " -1 true",
		"text##mantle[end nonce=abcdef0123456789 exit=3]":     "text 3 true",
		"##mantle[end nonce=other0123456789 exit=0]":          " 0 false",
		"##mantle[end nonce=abcdef0123456789 exit=0] more":    " 0 false",
		"##mantle[end nonce=abcdef0123456789 exit=x]":         " 0 false",
		"##mantle[end nonce=abcdef0123456789x exit=0]":        " 0 false",
		"##mantle[ticket nonce=abcdef0123456789 state=Lost ]": " 0 false",
		"": " 0 false",
	} {
		before, exit, ok := ParseEnd(line, nonce)
		if got := fmt.Sprintf("%s %d %t", before, exit, ok); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func TestParseState(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]State{
		"state=Absent exit=": {Phase: Absent}, "state=Running exit=": {Phase: Running}, "state=Lost exit=": {Phase: Lost},
		"state=Finished exit=7": {Finished, 7}, "state=Finished exit=-1": {Finished, -1},
		"state=Finished exit=": {Phase: Lost}, // a result that cannot be read is no result
	} {
		got, ok := ParseState("##mantle[ticket nonce="+nonce+" "+text+"]", nonce)
		if !ok || got != want {
			t.Errorf("%s: %+v %t", text, got, ok)
		}
	}
	if _, ok := ParseState("##mantle[ticket nonce="+nonce+" state=Other exit=]", nonce); ok {
		t.Error("an unknown state was taken")
	}
}

func TestParseProbe(t *testing.T) {
	t.Parallel()
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	line := "##mantle[tool nonce=" + nonce + " path= upload=" + encode("/h/Tools") + " home=" + encode("/h é") + " os=%s arch=%s]"
	for _, tt := range [][4]string{
		{"Linux", "x86_64", "linux", "amd64"}, {"Darwin", "arm64", "darwin", "arm64"}, {"Linux", "aarch64", "linux", "arm64"},
		{"windows", "AMD64", "windows", "amd64"}, {"Linux", "armv7l", "linux", "arm"}, {"FreeBSD", "riscv64", "freebsd", "riscv64"},
	} {
		got, ok := ParseProbe(fmt.Sprintf(line, tt[0], tt[1]), nonce)
		want := Probe{UploadTo: "/h/Tools", Home: "/h é", OS: tt[2], Arch: tt[3]}
		if diff := cmp.Diff(want, got); diff != "" || !ok {
			t.Errorf("%q %t (-want +got):\n%s", tt, ok, diff)
		}
	}
	if _, ok := ParseProbe(fmt.Sprintf(line, "Linux", "x86_64"), "another0nonce"); ok {
		t.Error("the line of another probe was taken")
	}
}

// No value can leave its quotes: what is put in is found whole in the script, and the script has no other line.
func TestPowerShellScriptsAreQuoted(t *testing.T) {
	t.Parallel()
	if got := quotePowerShell("a'b\u2019c"); got != "'a''b\u2019\u2019c'" {
		t.Errorf("quoted %s", got)
	}
	text, err := Tool(PowerShell, Invocation{Path: `C:\it's\mantle-agent.exe`, Args: []string{"run-script", "--variables", "v $x.json"}, Password: "p'w"})
	want := "$env:MANTLE_VARIABLES_PASSWORD = 'p''w'\n& 'C:\\it''s\\mantle-agent.exe' step 'run-script' '--variables' 'v $x.json'\nexit $LastExitCode\n"
	if diff := cmp.Diff(want, text); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	functions, err := Functions(LanguagePowerShell, []variables.Variable{variables.New("My.Var'", "line1\n'; exit 1"), variables.New("myvar", "x")})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"$OctopusParameters['My.Var'''] = 'line1\n''; exit 1'\n", "Set-Variable -Name MyVar -Value $OctopusParameters['My.Var''']"} {
		if !strings.Contains(functions, want) {
			t.Errorf("%q is not in the functions", want)
		}
	}
	if strings.Contains(functions, "-Name myvar ") {
		t.Error("two variables of one name are made")
	}
}

func TestPlainRefusesWhatNeedsTheTool(t *testing.T) {
	t.Parallel()
	if _, err := Plain(PowerShell, Script{Language: LanguageBash}); err == nil || !strings.Contains(err.Error(), "Bash") {
		t.Errorf("Bash on Windows: %v", err)
	}
	if _, err := Plain(Bash, Script{Language: "CSharp"}); err == nil || !strings.Contains(err.Error(), "CSharp") {
		t.Errorf("C#: %v", err)
	}
}

func FuzzParseLines(f *testing.F) {
	f.Add("x##mantle[end nonce=" + nonce + " exit=3]")
	f.Add("##mantle[ticket nonce=" + nonce + " state=Finished exit=]")
	f.Add("##mantle[tool nonce=" + nonce + " path= upload=YQ== home=YQ== os=Linux arch=x]")
	f.Fuzz(func(t *testing.T, line string) {
		if before, _, ok := ParseEnd(line, nonce); ok && !strings.HasPrefix(line, before+"##mantle[end ") {
			t.Errorf("%q: before is %q", line, before)
		}
		if s, ok := ParseState(line, nonce); ok && s.Phase != Finished && s.Exit != 0 {
			t.Errorf("%q: %+v", line, s)
		}
		ParseProbe(line, nonce)
	})
}
