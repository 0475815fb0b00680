package spelling

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestJSON(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`{"Frame":{"Number":"one"}}`, "the field Frame.Number cannot be a string"},
		{`{"Frames":1}`, `unknown field "Frames"`},
		{`{"Frame"`, "it is cut off"},
		{"", "there is nothing in it"},
	} {
		var record struct{ Frame struct{ Number int } }
		d := json.NewDecoder(strings.NewReader(tt.in))
		d.DisallowUnknownFields()
		if err := d.Decode(&record); err == nil || JSON(err) != tt.want {
			t.Errorf("%s: %v, want %s", tt.in, err, tt.want)
		}
	}
}
