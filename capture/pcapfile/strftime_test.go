package pcapfile

import (
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestStrftime(t *testing.T) {
	at := time.Date(2025, 1, 5, 17, 4, 9, 0, time.UTC)
	tests := map[string]string{
		"a.pcap": "a.pcap", "%Y%m%d-%H%M%S.pcap": "20250105-170409.pcap", "%F_%T": "2025-01-05_17:04:09",
		"100%%": "100%", "%": "%", "a%": "a%", "%!": "%!", "%E": "%E", "%Ey%Od": "2505", "%s": "1736096649",
		"%I%p %l%P": "05PM  5pm", "%j": "005",
	}
	for format, want := range tests {
		if got := string(strftime(nil, format, at)); got != want {
			t.Errorf("%s: %q, want %q", format, got, want)
		}
	}
}

// date(1) formats as strftime(3) does.
func TestStrftimeAsDate(t *testing.T) {
	date, err := exec.LookPath("date")
	if err != nil || exec.Command(date, "-d", "@0", "+%F").Run() != nil {
		t.Skip("there is no date of the GNU coreutils")
	}
	const letters = "aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ"
	var format strings.Builder
	for _, l := range letters {
		format.WriteString(string(l) + "=%" + string(l) + ";")
	}
	for _, zone := range []string{"UTC", "America/New_York", "Asia/Kolkata"} {
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Skip(err)
		}
		for _, at := range []int64{0, 951782400, 1104537599, 1230768000, 1293839999, 1735689599, 1735689600, 1750064400, 4102444799} {
			cmd := exec.Command(date, "-d", time.Unix(at, 0).UTC().Format("2006-01-02 15:04:05 UTC"), "+"+format.String())
			cmd.Env = []string{"LC_ALL=C", "TZ=" + zone}
			want, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if got := string(strftime(nil, format.String(), time.Unix(at, 0).In(location))) + "\n"; got != string(want) {
				t.Errorf("%d in %s:\n%s\n%s", at, zone, got, want)
			}
		}
	}
}
