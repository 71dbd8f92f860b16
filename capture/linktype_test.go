package capture

import "testing"

func TestLinkTypesAscend(t *testing.T) {
	for i := 1; i < len(linkTypes); i++ {
		if linkTypes[i-1].Value >= linkTypes[i].Value {
			t.Errorf("%v stands before %v", linkTypes[i-1], linkTypes[i])
		}
	}
}

func TestLinkNames(t *testing.T) {
	tests := []struct {
		value uint16
		name  string
	}{
		{0, "NULL"}, {1, "EN10MB"}, {101, "RAW"}, {113, "LINUX_SLL"}, {239, "NFLOG"}, {276, "LINUX_SLL2"},
	}
	for _, tt := range tests {
		if got := LinkName(tt.value); got != tt.name {
			t.Errorf("LinkName(%d) = %q, want %q", tt.value, got, tt.name)
		}
		if v, ok := LinkByName(tt.name); v != tt.value || !ok {
			t.Errorf("LinkByName(%q) = %d, %v, want %d", tt.name, v, ok, tt.value)
		}
	}
	if v, ok := LinkByName("dlt_linux_sll2"); v != 276 || !ok {
		t.Errorf("LinkByName takes no DLT_ prefix in lower case: %d, %v", v, ok)
	}
	if got := LinkName(60000); got != "60000" {
		t.Errorf("an unknown link type is named %q", got)
	}
	if _, ok := LinkByName("NOSUCH"); ok {
		t.Error("a name that does not exist was found")
	}
	if LinkDoc(1) != "Ethernet" || LinkDoc(60000) != "" {
		t.Errorf("LinkDoc: %q, %q", LinkDoc(1), LinkDoc(60000))
	}
}
