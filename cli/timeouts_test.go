package cli

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"weir/internal/config"
	"weir/internal/pkttest"
	"weir/meter"
	"weir/search"
)

func TestEachTimeoutHasANameAndADefault(t *testing.T) {
	set := map[string]bool{}
	for _, i := range idleTimeouts {
		var m meter.Timeouts
		*i.field(&m) = time.Second
		for f := range reflect.TypeFor[meter.Timeouts]().NumField() {
			if reflect.ValueOf(m).Field(f).Int() != 0 {
				set[reflect.TypeFor[meter.Timeouts]().Field(f).Name] = true
			}
		}
		if got := (timeouts{i.name: time.Second}).forMeter(); got != m {
			t.Errorf("%s: %+v, want %+v", i.name, got, m)
		}
		if defaults := meter.DefaultTimeouts(); *i.field(&defaults) <= 0 {
			t.Errorf("%s has no default", i.name)
		}
	}
	if want := reflect.TypeFor[meter.Timeouts]().NumField() - 1; len(set) != want { // all but Active
		t.Errorf("names for %v: want %d fields", set, want)
	}
}

func TestTimeoutsAreParsed(t *testing.T) {
	for _, c := range []struct {
		args []string // of --timeout
		want timeouts
	}{
		{[]string{"udp=30s"}, timeouts{"udp": 30 * time.Second}},
		{[]string{"tcp-established=2h,udp=30s"}, timeouts{"tcp-established": 2 * time.Hour, "udp": 30 * time.Second}},
		{[]string{"udp=30s,icmp=1s", "other=1m", "udp=1.5m"}, timeouts{"udp": 90 * time.Second, "icmp": time.Second, "other": time.Minute}},
		{[]string{"udp=1s,udp=2s"}, timeouts{"udp": 2 * time.Second}},
		{[]string{" udp = 1h30m , icmp=200ms"}, timeouts{"udp": 90 * time.Minute, "icmp": 200 * time.Millisecond}},
		{[]string{"tcp-half-open=36h,tcp-closing=1.5d,tcp-linger=1ns"}, timeouts{"tcp-half-open": 36 * time.Hour, "tcp-closing": 36 * time.Hour, "tcp-linger": 1}},
	} {
		got := timeouts{}
		for _, arg := range c.args {
			if err := got.setIdle(arg); err != nil {
				t.Errorf("%q: %v", arg, err)
			}
		}
		if !maps.Equal(got, c.want) {
			t.Errorf("%q: %v, want %v", c.args, got, c.want)
		}
	}
	for text, want := range map[string]time.Duration{"5m": 5 * time.Minute, "36h": 36 * time.Hour, "off": 0, "0": 0, "0s": 0} {
		got := timeouts{}
		if err := got.setActive(text); err != nil || !maps.Equal(got, timeouts{"active": want}) {
			t.Errorf("active timeout %q: %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestInvalidTimeoutsAreExplained(t *testing.T) {
	const names = "expected tcp-half-open, tcp-established, tcp-closing, tcp-linger, udp, icmp, other"
	for _, c := range []struct{ flag, value, want string }{
		{"timeout", "upd=30s", `--timeout: unknown timeout "upd": ` + names + "\n"},
		{"timeout", "udp=30s,", `--timeout: no = in "": expected a name and a duration, such as udp=30s`},
		{"timeout", "30s", `--timeout: no = in "30s": expected a name and a duration, such as udp=30s`},
		{"timeout", "active=5m", `--timeout: unknown timeout "active": did you mean --active-timeout?`},
		{"timeout", "udp=", `--timeout: udp: invalid duration "": expected one such as 30s or 2h, up to 36h` + "\n"},
		{"timeout", "icmp=1s,udp=30", `--timeout: udp: invalid duration "30": expected one such as 30s or 2h, up to 36h` + "\n"},
		{"timeout", "udp=-30s", `--timeout: udp: invalid duration "-30s": expected one such as 30s or 2h, up to 36h` + "\n"},
		{"timeout", "udp=off", `--timeout: udp: invalid duration "off": expected one such as 30s or 2h, up to 36h` + "\n"},
		{"timeout", "udp=0", `--timeout: udp: invalid duration "0": expected more than 0, up to 36h` + "\n"},
		{"timeout", "udp=37h", `--timeout: udp: invalid duration "37h": expected up to 36h` + "\n"},
		{"timeout", "udp=9999999d", `--timeout: udp: invalid duration "9999999d": expected`},
		{"active-timeout", "never", `--active-timeout: invalid duration "never": expected one such as 30s or 2h, up to 36h, or off` + "\n"},
		{"active-timeout", "-5m", `--active-timeout: invalid duration "-5m": expected one such as 30s or 2h, up to 36h, or off` + "\n"},
		{"active-timeout", "2d", `--active-timeout: invalid duration "2d": expected up to 36h, or off` + "\n"},
	} {
		for _, command := range [][]string{{"query", "-r", "none.pcap"}, {"capture", "-r", "none.pcap"}, {"--plain", "-r", "none.pcap"}} {
			code, stdout, stderr := runWeir(t, append(command, "--"+c.flag, c.value)...)
			if code != exitUsage || stdout != "" || !strings.HasPrefix(stderr, "weir: "+c.want) {
				t.Errorf("%s --%s %q: exit code %d\n%s%swant %s", command[0], c.flag, c.value, code, stdout, stderr, c.want)
			}
		}
	}
}

// configHome makes an empty configuration and state, and returns the path of the file
// in which the configuration would be.
func configHome(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	t.Setenv("XDG_STATE_HOME", dir)
	if err := os.Mkdir(filepath.Join(dir, "weir"), 0o700); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "weir", "config.toml")
}

func TestInvalidTimeoutsOfTheConfigurationHaveALine(t *testing.T) {
	path := configHome(t)
	writeFile(t, path, []byte(`fps = 30
[timeouts]
udp = "30"
tcp-established = "2h"
upd = "30s"
icmp = "0s"
other = "37h"
active = "never"
`))
	want := strings.ReplaceAll(`PATH:8: timeouts.active: invalid duration "never": expected one such as 30s or 2h, up to 36h, or off
PATH:6: timeouts.icmp: invalid duration "0s": expected more than 0, up to 36h
PATH:7: timeouts.other: invalid duration "37h": expected up to 36h
PATH:3: timeouts.udp: invalid duration "30": expected one such as 30s or 2h, up to 36h
PATH:5: unknown timeout "upd": expected tcp-half-open, tcp-established, tcp-closing, tcp-linger, udp, icmp, other, active`, "PATH", path)
	if err := checkConfig(&bytes.Buffer{}); err == nil || err.Error() != want {
		t.Errorf("config check says\n%v\nwant\n%s", err, want)
	}
	o := sourceOptions{timeouts: timeouts{"icmp": time.Second, "other": time.Minute, "active": 0, "tcp-established": time.Hour}}
	m, warning := o.meterTimeouts()
	if want := (meter.Timeouts{ICMP: time.Second, Other: time.Minute, Established: time.Hour}); m != want {
		t.Errorf("the meter gets %+v, want %+v", m, want)
	}
	if !strings.HasPrefix(warning, "configuration error: "+path+":3: ") || !strings.Contains(warning, ":5: unknown timeout") || strings.Contains(warning, "icmp: ") || strings.Contains(warning, "\n") {
		t.Errorf("the warning is %q", warning)
	}
}

func TestAConfigurationThatCantBeReadMeansDefaultTimeouts(t *testing.T) {
	path := configHome(t)
	for _, c := range []struct {
		text     string
		want     meter.Timeouts
		mentions string // empty: no warning
	}{
		{"", meter.Timeouts{}, ""},
		{"theme = \"dask\"\n", meter.Timeouts{}, ""},
		{"fps = 1000\n[timeouts]\nudp = \"3s\"\n", meter.Timeouts{UDP: 3 * time.Second}, ""},
		{"[timeout]\nudp = \"3s\"\n", meter.Timeouts{}, `:2: unknown setting "timeout.udp": expected theme, `},
		{"[timeouts]\nudp = 3\n", meter.Timeouts{}, ":2: timeouts.udp: expected text in quotes: default timeouts are used; "},
		{"[timeouts\n", meter.Timeouts{}, ": default timeouts are used; "},
	} {
		writeFile(t, path, []byte(c.text))
		var o sourceOptions
		m, warning := o.meterTimeouts()
		if m != c.want || (warning == "") != (c.mentions == "") || !strings.Contains(warning, c.mentions) {
			t.Errorf("%q: %+v, %q, want %+v, %q", c.text, m, warning, c.want, c.mentions)
		}
	}
}

// TestTimeoutsDivideACaptureIntoFlows reads a capture with two questions to a name server,
// 40 s apart, and 10 minutes of TCP with data every minute.
func TestTimeoutsDivideACaptureIntoFlows(t *testing.T) {
	long := pkttest.Between(smallStart, "192.168.100.1:51422", "172.16.1.20:443").Handshake()
	for range 10 {
		long.Wait(time.Minute).Send(100).Recv(1000)
	}
	dns := pkttest.Between(smallStart, "192.168.100.1:40000", "172.16.1.53:53").Ask(40).Answer(100).Wait(40 * time.Second).Ask(40).Answer(100)
	var pcap bytes.Buffer
	if err := pkttest.WritePcap(&pcap, pkttest.Merge(long.Close().Frames(), dns.Frames())); err != nil {
		t.Fatal(err)
	}
	configuration := configHome(t)
	path := filepath.Join(t.TempDir(), "two.pcap")
	writeFile(t, path, pcap.Bytes())

	for _, c := range []struct {
		config   string
		args     string
		udp, tcp string // flows
	}{
		{"", "", "1", "1"},
		{"", "--timeout udp=30s", "2", "1"},
		{"", "--timeout udp=30s --timeout icmp=1s,udp=50s", "1", "1"},
		{"", "--timeout tcp-established=50s", "1", "11"},
		{"", "--active-timeout 4m", "1", "3"},
		{"", "--active-timeout 4m --active-timeout off", "1", "1"},
		{"[timeouts]\nudp = \"30s\"\nactive = \"4m\"\n", "", "2", "3"},
		{"[timeouts]\nudp = \"30s\"\nactive = \"4m\"\n", "--timeout udp=50s --active-timeout 0", "1", "1"},
		{"[timeouts]\nudp = \"50s\"\nactive = \"off\"\n", "--timeout udp=30s --active-timeout 6m", "2", "2"},
		{"[timeouts]\nudp = \"50s\"\nactive = \"4m\"\n", "--timeout udp=30s", "2", "3"},
	} {
		writeFile(t, configuration, []byte(c.config))
		for proto, want := range map[string]string{"udp": c.udp, "tcp": c.tcp} {
			query := append([]string{"query", "-r", path, "--count", proto}, strings.Fields(c.args)...)
			code, out, stderr := runWeir(t, query...)
			if code != exitOK || strings.TrimSpace(out) != want || stderr != "" {
				t.Errorf("%q, query %s: %s flows of %s, want %s; exit code %d\n%s", c.config, c.args, strings.TrimSpace(out), proto, want, code, stderr)
			}
		}
	}

	store := filepath.Join(t.TempDir(), "weir.db")
	if code, _, stderr := runWeir(t, "capture", "-r", path, "--db", store, "--timeout", "udp=30s", "--active-timeout", "4m"); code != exitOK || !strings.Contains(stderr, " 5 flows") {
		t.Errorf("capture: exit code %d, want 5 flows\n%s", code, stderr)
	}
	_, out, _ := runWeir(t, "query", "--db", store, "--json", "--order", "oldest", "tcp")
	if strings.Count(out, `"endReason":"active"`) != 2 {
		t.Errorf("want two flows ended by the active timeout:\n%s", out)
	}
}

func TestTheReadmeListsTheTimeouts(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	defaults := meter.DefaultTimeouts()
	for _, i := range idleTimeouts {
		if row := "| `" + i.name + "` | " + search.DurationText(*i.field(&defaults)) + " | " + i.of + " |\n"; !strings.Contains(string(readme), row) {
			t.Errorf("README.md lacks %s", row)
		}
	}
	_, example, _ := strings.Cut(string(readme), "```toml\n")
	example, _, _ = strings.Cut(example, "```")
	path := configHome(t)
	writeFile(t, path, []byte(example))
	f, err := config.Load(path)
	if err != nil || len(f.Timeouts) < 2 || checkSettings(&f) != nil {
		t.Errorf("the example of README.md: %v, %v, %v", f.Timeouts, err, checkSettings(&f))
	}
}
